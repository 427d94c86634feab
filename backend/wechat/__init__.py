"""WeChat: what we ask the WeChat server API, and the stub that stands in for it.

A phone asks WeChat for a *login code* and sends it to us; we *exchange* it, once, for the *openid*: who this person is
within our mini-program. With an *access token* the mini-program asks for the rest: phone numbers, mini codes, messages
to people who agreed to them, and whether a text or a picture may be shown.

client          the one object the rest of the program asks
asking          one request: time limits, what is worth another try, errcodes into refusals
access_tokens   fetched by one thread for all, renewed once when refused
login_codes     the code of a login for an openid
phone_numbers   the code of the phone button for a number
mini_codes      the picture on a poster
subscriptions   a message to somebody who agreed to that template
text_safety     the verdict on a text, at once
image_safety    the verdict on a picture, which comes later
pushes          what WeChat tells us unasked: signature, seal, verdicts; no request in it
push_xml        the XML of pushes, without anything that could be expanded
receiving       each push once, and answered in time
connecting      the two ways there are: to WeChat itself, or to the stub
stub            a WSGI application with WeChat's quirks, for tests and the embedded default; never in production
errors          what we tell the person when WeChat will not or cannot answer
"""
