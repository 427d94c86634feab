"""The ledger: the only way a point moves. It knows nothing of volunteering, Flask or HTTP.

A *book* belongs to one office. Points live in *accounts*, divided into *lots* by who paid for them and their last day.
An *entry* is one thing that happened, under a key that can happen once; its *postings* each move an amount of one lot
from a source to a destination. Lots, accounts, entries and postings are only ever inserted. See README.md.

accounts   what an account and a lot are, and which accounts may not go below zero
kinds      what each kind of entry may move
drafts     entries waiting to be posted: allocate, reserve, award, serve, hold, gift …
plans      what an entry takes from an account that has to be locked first; no database in it
holds      what resolves or undoes a hold: capture, release, refund
reversals  what undoes an award;  closing: paying merchants back
spending   which lots a payment takes, in which order; no database in it
posting    post_many: the one way, in one order: claiming, turns, planning, balancing, and the postings
claiming   a key is taken once; who comes second learns who was first
turns      whoever needs several rows of wallets waits for whoever has them, before the rows
planning   plans are spelt out while the wallets are locked; who owes repays
balancing  balances change in lock order, each read in the statement that changes it
refusing   after a refusal the transaction can only be rolled back
reading    what a wallet has, and a person's entries;  recorded: one entry, and what answers it
flows           what became of one fund's points
expiring   what ends soon, of whom
sweeps     what the worker looks for: expired points, and debts that can be repaid
verify     recompute everything and say what does not fit; findings is what it hands back
verify_ids, verify_balances, verify_movements, verify_entries, verify_resolutions, verify_reversals, verify_database
           its checks
verify_business  what the features say about their entries, held against the ledger
book       whose ledger, in whose transaction;  known: which accounts and lots need not be made again
models     the five tables;  triggers: nothing in them is edited
"""
