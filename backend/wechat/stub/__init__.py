"""A stub of WeChat: a real HTTP peer with its endpoints, limits and error codes. Never in production.

It is mounted within the process for the embedded default, and runs as a process of its own (`python -m
backend.wechat.stub --help`) for whoever wants to see the requests. Like WeChat it answers HTTP 200 whatever happened,
calls its JSON text/plain, and pushes verdicts. It is not our program and speaks to it over HTTP alone; the only thing
both use is the cipher of the pushes, which WeChat's own examples test. `python -m` runs its room __main__.

application    the addresses it answers, and who may ask
answering      successes and failures as WeChat writes them
tokens         stable_token: one token at a time, forced refreshes
logins         login codes, and who has used the mini-program lately
phones         phone codes
pictures       mini codes: a scene and a page become a PNG
subscriptions  templates, their fields, and the credits that people gave
safety         which words and pictures are risky
pushing        verdicts on their way, signed and sealed, three times if need be
limits         how often a minute and a day each address may be asked
memory         what was seen before, the oldest forgotten
"""
