"""Transparency: what the auditor and the public may see, gathered from every floor below.

evidence         what the features say about each ledger entry, for verify to hold against the ledger
helper_patterns  who acts for whom and how much; helper_schemas  its shapes
"""
