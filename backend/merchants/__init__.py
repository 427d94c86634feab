"""Merchants: residents redeem points for what shops offer, and shops are paid back.

A resident *redeems* an *offer*: the points go on hold and a *code* appears. The clerk scans it, sees what to hand
over, and *captures*: goods leave once. Cancelled or timed out, the hold is released; a mistake at the counter is
*voided* and the points come back to the wallet they left. A leader may spend for the group, from its wallet; above the
group's limit a second leader confirms first.

onboarding        a shop applies, is approved, suspended
offering          what it offers: versions, review; offer_rules says when it can be had
shop_caps         how much may be redeemed at one shop in a day, in a month
days              the shop's day, for the counter and the evening
shop_routes, shop_schemas  the shop's own endpoints and shapes
redeeming         offer → hold and code
counter           look a code up, capture it
confirming        the customer says yes on their phone, above a limit
selling           sell at the counter for a card and its PIN, or for a personal code: hold and capture at once
vouchers          signed, for a shop without a network; uploaded later
group_spending    spending for a group: ask, confirm, use what was confirmed
nearness          who is too near to a redemption to serve it
request_keys      once per key, for oneself or for somebody else
assisted_caps     how much others may spend for somebody
undoing           release by the resident or the clock; void by the shop
late_voids        void by two officers, later
scopes            a merchant as the scope of a role
group_models      what leaders asked to spend for their group
group_schemas     its shapes
worth             what a redemption is worth to the shop, fixed with the hold
settlement_rules  what points are worth in fen; no database in it
"""
