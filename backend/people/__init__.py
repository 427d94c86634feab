"""People: who somebody is here, how we know it, and what they may do.

A *person* belongs to one office. They log in with a WeChat code and get an *access token* (short, signed) and a
*refresh token* (long, opaque, used once). Whoever has two phones may have several *WeChat accounts*. A *role* over
the office, an area, a group or a merchant is a *grant*.

persons      a person appears, by a WeChat account or a worker's hand, says their name, shows their code
log_in       WeChat code → person → tokens; refresh with rotation; log out
tokens       access tokens: signed claims, no database in them
identity     the bearer of a request → Caller
roles        granting and asking for roles
gifts        one's own points for the household's pot or the charity pool
cards        the paper card of somebody without a phone
permissions  who may do what: yes or no, without a database
"""
