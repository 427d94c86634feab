"""People: who somebody is here, how we know it, and what they may do.

A *person* belongs to one office. They log in with a WeChat code on a *device* and get an *access token* (short, signed)
and a *refresh token* (long, opaque, used once). Whoever has two phones may have several *WeChat accounts*. A *role*
over the office, an area, a group or a merchant is a *grant*; two officers *delegate* one to an *agency* (社工机构,
联合会), whose manager names the people. What a token says holds until the office's *access feed* names the person or
the device.

persons      a person appears, by a WeChat account or a worker's hand, says their name, shows their code
gifts        one's own points for the household's pot or the charity pool
registering  a worker enters somebody without a phone
home_areas   which area, and so which workers, somebody belongs to
cards        the paper card of somebody without a phone: issued, replaced, blocked
pins         its PIN: five tries, decided in the statement that counts them
pin_rules    which PINs are too easy
card_sheets  the page a card is printed from
statements   a card holder's month, and who acted for them; statement_sheets prints it
standing_in  who may act for whom: the desk, the head of the household
assisted     the decorator of routes that others may use for somebody
assisted_models, card_schemas, card_queries, statement_schemas  their tables, shapes and screens
permissions  who may do what, and who may let others do it: yes or no, without a database
ground       roles follow the area they hold over; who lives behind which door

purposes     for what we ask somebody's agreement, and what depends on it
policies     the words an office asks with; policy_texts has the first ones
consents     what somebody agreed to: given, or given by the act itself
withdrawing  taking it back, and what follows
consent_models, consent_queries, consent_schemas  their tables, screens and shapes

phones       one number verifies one person; whoever has somebody else's waits
phone_rules  how a number is written and masked
verifying    a worker or the head confirms the door: somebody is a resident
merge_cases  opening a case of two accounts that may be one person
merging      deciding it, and carrying over what is left
standing     what somebody counts as changes here and nowhere else
parting      somebody died or left us for good; parting_models its tables
merge_queries, verification_models, verification_schemas  their screens, tables and shapes

log_in          WeChat code → person → tokens; refresh with rotation; log out
devices         where somebody is logged in; ending that
blocking        keeping somebody out, and letting them in again
tokens          access tokens: signed facts, no database in them
identity        the bearer of a request → Caller
facts           what a caller is made of, from the database
access_feed     whose access has changed, told in the same transaction
access_memory   what this process has heard of it
session_models  devices, refresh tokens, blocks, the access feed

roles          the one place where roles come, go and are asked for
granting       giving and withdrawing: nobody above their own
role_requests  officers by two
delegations    agencies, and what is delegated to them
fitness        who is fit for which role
scopes         over what a role holds; groups and merchants bring theirs
role_models, role_schemas, role_queries, role_errors  their tables, shapes, screens and refusals
"""
