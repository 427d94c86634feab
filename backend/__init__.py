"""幸福积分: the backend a sub-district runs. Every floor may call the ones below it, never up and never sideways.

web             create_app(): the only file that knows every package             10
h5              pages for phone and desk, a client of our own API                 9
cli             flask ledger verify, roles grant, demo seed, worker               9
home            the first screen in one call                                      8
objections      我的积分不对: asked by a person, answered by a worker in time      8
privacy         what somebody may ask about what we know of them                  8
skills          what neighbours can do, and who is known for it (能力共享, 能人库)    8
transparency    what the public and the auditor may see                           8
watch           patterns that look odd, found once a day; calls back           8
group_points    队伍评定: a month's lively groups, by a rule; awards to them        7
settlement      merchants are paid back to the fen: close, confirm, pay           7
volunteering    hours outside activities; certificates of all hours              7
activities      publish → sign up → check in → minutes → points                   6
merchants       offers → redemption: hold, capture, void                          6
group_wallets   what a group has; its leaders thank and spend, two above a limit  5½
groups          community social organisations and their members                  5
households      claiming a door, dependants, the head, the pot                     4½
funds           where points come from; the two-person rule                       4
point_rules     caps on what activities give, by versions two officers agreed to  4½
flags           what looks odd, for people to judge                        4
messages        what we tell a person: notices laid out in the outbox             4
people          persons, login, verification, merges, roles, agencies, wallets   3
safety          texts and pictures others will see: WeChat judges, or a worker   2½
places          offices (the tenant), areas, households                           2
ledger          accounts, journal, postings: the only way a point moves           1
wechat          what we ask WeChat and what it pushes; the stub standing in for it 1
foundation      config, database, errors, HTTP manners; no word of the domain     0
"""
