"""Point rules (积分规则): how much one person may earn in a day, a week, at an activity; what reported hours earn.

A rule is a *version* that two officers agreed to and nobody changes: another one takes its place from a day on. Before
it is approved it is tried on what happened (`activities`' dry run). Without a version there are no caps, and hours
outside activities earn minutes only.

versions   propose, approve, decline; which one holds
cap_rules  how much of what is due fits under the caps; no database in it
"""
