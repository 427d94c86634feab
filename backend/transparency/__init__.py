"""Transparency: what the auditor, the district and the public may see, gathered from every floor below.

evidence          what the features say about each ledger entry, for verify to hold against the ledger
transfer_evidence  the same of what goes from one wallet or pot to another without being spent
group_evidence    the same of what groups were awarded, gave and spent
redemption_evidence  what redemptions say, and what they are worth
settlement_evidence  what statements say, and that their lines are what was captured and voided
across            the one place from which figures of several offices are read
district_figures  how the sub-districts of a district are doing, without anybody in it
months            a month of figures
figure_definitions  what each figure of a community counts, against which target, by which version of the rule
figures           the figures of an office by community and month, taken down when a month is over
figure_models, figure_schemas  their table and shapes
register          filed groups, for everybody and as a table for the office
trail_queries     who did what, for whom and why: everything for the auditor, what concerns them for everybody
trail_words       what an act is called in Chinese
helper_patterns   who acts for whom and how much; helper_schemas  its shapes
"""
