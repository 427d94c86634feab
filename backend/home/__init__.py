"""Home: what needs several features at once: the first screen in one call, and why an entry is as it is.

routes     my points, what is on near me, what waits for me; why
why        one entry of my wallet, explained from what was stored
witnesses  what the features know about an entry: a check-in, a redemption, a gift
why_rules  the rule behind an entry, in words; no database in it
"""
