"""People: who somebody is here, how we know it, and what they may do.

A *person* belongs to one office. They log in with a WeChat code on a *device* and get an *access token* (short, signed)
and a *refresh token* (long, opaque, used once). A *role* over the office, an area, a group or a merchant is a *grant*.
What a token says holds until the office's *access feed* names the person or the device.

persons         a person appears, says their name, shows their code
log_in          WeChat code → person → tokens; refresh with rotation; log out
devices         where somebody is logged in; ending that
blocking        keeping somebody out, and letting them in again
session_models  devices, refresh tokens, blocks, the access feed
facts           what a caller is made of, from the database
access_feed     whose access has changed, told in the same transaction
access_memory   what this process has heard of it
tokens          access tokens: signed facts, no database in them
identity        the bearer of a request → Caller
roles           granting and asking for roles
gifts           one's own points for the household's pot or the charity pool
cards           the paper card of somebody without a phone
permissions     who may do what: yes or no, without a database
"""
