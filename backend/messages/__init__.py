"""Messages: what we tell a person, without being asked.

A *message* is laid out in the outbox once per key, as topic and facts; its words are made when it is read or sent.
Who left a *credit* for its template gets it as a subscribe message (订阅消息); everybody else reads it when they next
open the program. What reached them first is written down: subscription, app, or a worker's printed list.

expiry_notices  points end in 30 or 7 days: who is told
subscriptions   the credits people left
sending         from the outbox to WeChat, each attempt at most once
templates       which of our words stands in which field
texts           what a message says; no database in it
"""
