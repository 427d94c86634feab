"""The stub as a process of its own: python -m backend.wechat.stub --port 9009

Our program finds it with WECHAT=real, WECHAT_API_URL=http://127.0.0.1:9009 and the appid and secret it prints.
"""

import argparse
import logging
import secrets

import httpx2
from werkzeug.serving import WSGIRequestHandler, make_server

from backend.wechat.pushes import Seal
from backend.wechat.stub.application import StubWeChat
from backend.wechat.stub.pushing import AFTER_SECONDS, Pusher

log = logging.getLogger("backend.wechat.stub")


class WithoutAccessLog(WSGIRequestHandler):
    """The stub logs each request itself, without the query: secrets and codes stand in it."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


def main(words: list[str] | None = None) -> None:
    """Serve until interrupted."""
    said = _read(words)
    logging.basicConfig(level="INFO", format="%(asctime)s %(message)s")
    logging.getLogger("httpx2").setLevel("WARNING")
    log.setLevel("DEBUG")  # each request, its path and its errcode
    pusher = None
    if said.push_url:
        seal = Seal(token=said.push_token, aes_key=said.push_aes_key, appid=said.appid)
        is_xml = said.push_format == "xml"
        pusher = Pusher(httpx2.Client(), said.push_url, seal, as_xml=is_xml, after_seconds=said.push_after)
    stub = StubWeChat(appid=said.appid, secret=said.secret, pusher=pusher)
    server = make_server(said.host, said.port, stub, threaded=True, request_handler=WithoutAccessLog)
    log.info("WECHAT=real WECHAT_API_URL=http://%s:%d", said.host, server.server_port)
    log.info("WECHAT_APPID=%s WECHAT_SECRET=%s", said.appid, said.secret)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        log.info("good bye")


def _read(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m backend.wechat.stub", description="A stub of api.weixin.qq.com")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9009)
    parser.add_argument("--appid", default="wx" + secrets.token_hex(8))
    parser.add_argument("--secret", default=secrets.token_hex(16))
    parser.add_argument("--push-url", help="where verdicts go, such as http://127.0.0.1:8000/wechat/push")
    parser.add_argument("--push-token", help="WECHAT_PUSH_TOKEN of the program")
    parser.add_argument("--push-aes-key", help="WECHAT_PUSH_AES_KEY of the program")
    parser.add_argument("--push-format", choices=("json", "xml"), default="json")
    parser.add_argument("--push-after", type=float, default=AFTER_SECONDS, help="seconds before a verdict comes")
    said = parser.parse_args(words)
    if said.push_url and not (said.push_token and len(said.push_aes_key or "") == 43):
        parser.error("--push-url needs --push-token and --push-aes-key (43 characters)")
    return said


if __name__ == "__main__":
    main()
