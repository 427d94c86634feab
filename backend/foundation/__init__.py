"""Foundation: what every floor above stands on. No word of the domain is spoken here.

config    what the environment says, typed, refused at start by name
clock     the one way to ask what time it is; what a day is
ids       identifiers that sort by birth
tables    the declarative base, column types, `InOffice`: every row belongs to an office
tenancy   the office in force, and the session hook that adds it to every statement
sqlite    how SQLite is opened so that it loses nothing; one writing process
db        sessions, `find`, `insert_once`, `transactional`
append_only triggers that refuse to change what was written, on both databases
acting    who acts now and by which way, said at the edge
trail     who did what, for whom, why: added to, never changed
own_copy  what each feature tells somebody about themselves
outbox    what somebody is to be told, laid out once with its cause and sent later
errors    refusals: one class, one code, one status, one advice
problems  every error becomes the same body
admission  who is let in: identity before shape, permission after it, asked again before a refusal
api       blueprints: shapes, documented refusals, keys
pages     lists in pieces, by cursor
shapes    base schema and fields: strict, and in Chinese when they refuse
callers   who is asking, with which grants
crypto    sealing, blind indexes, signatures
keyring   a key for each person; destroyed, nothing about them opens any more
sealed    texts about a person, as columns
signing   what others can check without asking us
limits    how often somebody may ask
guesses   how often somebody may be wrong about a code, a PIN or a log-in
search    Chinese, pinyin and initials
sheets    tables to take away, CSV and XLSX, without formulas
logs      one JSON line per request, with its id and without personal data
health    alive, ready, metrics
"""
