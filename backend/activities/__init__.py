"""Activities: from an announcement to points in somebody's account.

A group (or a community) *publishes* an activity and its points are set aside; residents *sign up*, *check in* at the
door and *check out*; the minutes are recorded and the points arrive. Who is there is always recorded: when the budget
is used up the points wait as *unpaid*, and a top-up pays them in order of arrival.

drafting      write and edit
hosts         several groups hold it together; host_rules shares points out
series        the same again and again; pictures: covers, and photos of reports
copying       the same again at another time
publishing    publish (reserve the points), raise the budget, cancel, settle (return what is left)
telling       who is told of it
sign_ups      take and give up a place, alone or as a household; sign_up_queries shows them
waiting       who gets a place that is free again; waiting_rules says how long it is kept
door_codes    the rotating signed code on the leader's screen
posters       what the 小程序码 of a poster says
check_ins     arrive and leave: own phone, the leader's scan, a card, a ticked name
offline_packs    what a phone takes along to a door without a network
offline_batches  what it brings back; offline_rules says when a scan is believed
offline_models, offline_schemas  their tables and shapes
awarding      what a presence earns, paid or waiting
capping       what of it fits under the office's caps; dry_running: a dry run of other ones
of_groups     what a group has going on, and that a closed one begins nothing
turns         who waits for whom at one activity
forgotten     check-outs that nobody saw
live          what the leader's screen shows while people arrive
reviews       presences that wait for somebody of another household
undoing       taking a presence back, or part of its time, with what it earned
making_good   recording afterwards whom nobody recorded
points_rules  what minutes are worth; no database in it
"""
