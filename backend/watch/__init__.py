"""Watchfulness: patterns that an honest day rarely makes, looked for once a day, raised as flags for people to judge.

Nothing is refused and nobody is punished here. Thresholds are in `watch_rules`.

watch_rules    from how many on something looks odd; no database in it
activities     two places at once, mutual confirming, one phone for many, more check-ins than heads
merchants      the same few, at night, many at once, a clerk and a leader who serve each other
calling_back   two per cent of redemptions are called back, with the outcome stored
looking        everything that looks odd now
"""
