"""Group wallets (集体积分): what a group has, who sees it, and how its leaders thank members with it.

A group is awarded points as a whole. Its leaders and deputies *thank* members, or spend at merchants. Above the group's
*limit* one of them asks and a second one *confirms*; what nobody confirms within seven days is over.

limits    how much one leader may give or spend alone: set by a worker, else the office's default
standing  who sees a wallet, and whether the group may use it now
thanks    thank a member; confirm what a leader asked for
about_person  how somebody was thanked, for their own copy
"""
