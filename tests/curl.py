"""A stand-in for curl with the four options the README's tour uses, for machines that have only Python."""

import sys

import httpx2

words = iter(sys.argv[1:])
method, url, headers, body = "", "", {}, None
for word in words:
    if word == "-X":
        method = next(words)
    elif word == "-H":
        name, _, value = next(words).partition(": ")
        headers[name] = value
    elif word == "-d":
        body = next(words)
    elif not word.startswith("-"):
        url = word
with httpx2.Client(trust_env=False, timeout=60) as client:
    answer = client.request(method or ("POST" if body else "GET"), url, headers=headers, content=body)
sys.stdout.write(answer.text)
