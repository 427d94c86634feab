"""Households (庭户): who lives behind a door, who speaks for them, and the pot they share (家庭积分).

A person *claims* a door; a worker, or the *head* (庭户长) of that household, confirms. A *dependant* has no phone: the
head enters them and a worker confirms. For a child under 14 a *guardian* of the household consents first. The adults
elect the head by a majority of all of them, and a worker confirms. The pot is everybody's: any adult spends from it up
to the head's limit, and above it what the head approved. The door itself is a row of `places`, who lives behind it a
fact of `people`.

claims         claiming a door; deciding it, for whoever claims and for dependants
members        dependants, leaving, being taken out, a class of age that changed
guardians      consent for a child under 14: given, withdrawn, asked for wherever a child takes part
elections      nominated, voted on, confirmed
choices        the head's limit, and whether awards go to the pot
spending       who may spend how much of the pot, and what the head is asked to approve
merging        two households become one
pot_transfers  what a pot gets from a minor's wallet or a merged pot, and what the pot of nobody gives away
deaths         a worker records that somebody died
standing       in what capacity somebody asks about a household, and which household a door belongs to today
telling        what the members are told
claim_models, election_models, guardian_models, merge_models, transfer_models, pot_models  their tables
claim_schemas, election_schemas, pot_schemas  their shapes
claim_queries, pot_queries, election_queries  their screens
"""
