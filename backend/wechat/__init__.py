"""WeChat: what we ask the WeChat server API, and the stub that stands in for it.

A phone asks WeChat for a *login code* and sends it to us; we *exchange* it, once, for the *openid*: who this person is
within our mini-program. WeChat answers HTTP 200 whatever happened and says the rest in `errcode`.

client      asks WeChat: timeouts, the few things worth another try, errcodes into refusals
connecting  the two clients there are: one of WeChat itself, one of the stub
stub        a WSGI application with WeChat's quirks, for tests and the embedded default; never in production
errors      what we tell the person when WeChat will not or cannot answer
"""
