"""Group points (队伍积分): once a month an office awards its lively groups.

What a lively group is says a *rule* (评定规则), a version that two officers agreed to. A *run* (评定) applies it to a
month that is over: a *list* of every group that settled an activity, with its figures and why it is in or out. A second
officer approves the run; then the fund pays, and a group is awarded once for a month, whatever is run again.

lively_rules  what counts, and why a group is in or out; no database in it
rules         propose a version, agree to it; which one holds for a month
measuring     what the month's activities and check-ins say, as the list of a run
runs          ask for a run, decide it
awarding      pay the groups of an approved run
"""
