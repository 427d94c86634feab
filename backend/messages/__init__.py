"""Messages: what we tell a person, without being asked.

A *message* is laid out in the outbox once per key, as topic and facts; its words are made when it is read or sent.
Whoever has no subscription reads it when they next open the program.

expiry_notices  points end in 30 or 7 days: who is told
texts           what a message says; no database in it
"""
