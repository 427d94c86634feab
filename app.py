"""Run me: `python app.py` serves the street of the environment, by default an embedded one with a demo.

`app` is for any WSGI server.
"""
