"""Groups: community social organisations (社区社会组织), from a circle of friends to a filed group.

A capable person starts a *circle* (幸福圈); when it is *filed* (备案) with the sub-district its leader may give points.
People *apply*, the leader approves, and they have a *membership*.

circles       start one
applications  apply, decide, join
scopes        a group as the scope of a role
"""
