"""A WSGI application behind a real socket, and who the mini-program of these tests is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import WSGIRequestHandler, make_server

APPID = "wx0123456789abcdef"
SECRET = "a-secret-nobody-may-read"


class WithoutAccessLog(WSGIRequestHandler):
    """The access log would quote the query; it is the stub's, and not what these tests are about."""

    def log_request(self, code="-", size="-"):
        pass


@contextmanager
def served(app) -> Iterator[str]:
    """The address of the application, listening on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=WithoutAccessLog)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
