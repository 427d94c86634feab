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
phones       one number verifies one person; whoever has somebody else's waits
verifying    a worker or the head confirms the door: somebody is a resident
merging      two accounts are one person: deciding it, and carrying over what is left
standing     what somebody counts as changes here and nowhere else
cards        the paper card of somebody without a phone
permissions  who may do what: yes or no, without a database

verification_models, verification_schemas   tables and shapes of phones, verifying and merging
merge_cases, merge_queries                  opening a case of two accounts, and what those who decide see of it
phone_rules                                 how a number is written and masked
"""
