"""Groups: community social organisations (社区社会组织), from a circle of friends to a filed group, and to its end.

A capable person starts a *circle* (幸福圈). It asks to be *filed* (备案) and is *forming* until a worker of the
community has reviewed that and an officer has filed it under a number of the year; then its leader may give points.
Each year is *confirmed*. A group may be *suspended* and resumed, and ends *dissolved*, its points disposed of. People
*apply*, or are *invited*, and have a *membership* until they leave or are removed, against which they may *appeal*.

circles               start one
applications          apply, decide, join
inviting              one by one, or by a code that lets so many in
members               leave, remove
appeals               against a removal; a worker answers in time
leading               who leads, who is too near to decide
handing_over          from one leader to the next, both agreeing
filing_rules          what a group needs, what is none of ours, working days; no database in it
charters              the templates, by version
policies              what an office demands
filings               a draft that keeps everything, handed in when nothing is missing
deciding_filings      review, file, return, reject: two persons
numbering             a number per office and year without gaps
confirmations         the annual confirmation
suspending            suspend and resume
registering           category and legal level
branding              which filed groups the office puts forward
dissolving            the end: two persons, and where the points go
history               what changed and when
leaving               whoever dies or is erased
scopes                a group as the scope of a role
member_models, filing_models, life_models    the tables of the above
filing_schemas        the shapes of filings and of later life
"""
