"""Merchants: residents redeem points for what shops offer, and shops are paid back.

A resident *redeems* an *offer*: the points go on hold and a *code* appears. The clerk scans it, sees what to hand
over, and *captures*: goods leave once. Cancelled or timed out, the hold is released; a mistake at the counter is
*voided* and the points come back to the wallet they left.

onboarding        merchants and their offers
redeeming         offer → hold and code
counter           look a code up, capture it
selling           sell at the counter for a card and its PIN, or for a personal code: hold and capture at once
request_keys      once per key, for oneself or for somebody else
assisted_caps     how much others may spend for somebody
undoing           release by the resident or the clock; void by the shop
scopes            a merchant as the scope of a role
settlement_rules  what points are worth in fen; no database in it
"""
