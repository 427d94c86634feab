"""A sub-district of a real size in an office of its own: `flask demo seed --size pilot|shengli`.

It is built in pieces, each in one transaction and with dice of its own, and each is recognised by what it makes; so
whoever is interrupted runs the command again, and it goes on where it was. Rows without points are inserted in bulk;
points move through the ledger as everywhere else.

sizes        how many of what
names        people, groups, shops and activities with plausible names
pieces       the pieces in their order, and the bar that shows them
beginning    the office, its staff and its funds
ground       a community: buildings, units, doors and who lives behind them
circles      the groups of a community and their members
year         what a group did in twelve months, with points and hours
shops        a merchant, its offers and what was redeemed
giving       gifts to households and to the charity pool
sharing      what people list, and capable people
"""
