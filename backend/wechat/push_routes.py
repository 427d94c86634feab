"""The address WeChat pushes to: no part of the API, and no phone's business.

It is written into the mini-program's settings (开发管理 · 消息推送配置) as PUBLIC_URL/wechat/push.
"""

import logging
import re

from flask import Blueprint, Flask, Response, abort, current_app, request
from gunicorn.http.errors import ParseException

from backend.foundation.clock import now
from backend.wechat.pushes import PUSH_PATH, ImageVerdict, PushRefused, Seal
from backend.wechat.receiving import Inbox

log = logging.getLogger(__name__)

pushes = Blueprint("wechat_pushes", __name__)

BODY_MAX = 64 * 1024  # bytes; a verdict has one
ECHO = re.compile(r"[0-9A-Za-z_-]{1,128}")


def receive_pushes(app: Flask, seal: Seal | None) -> None:
    """Answer at /wechat/push and hand verdicts to `app.extensions["on_image_verdict"]`; without a seal it is 404."""
    if seal is None:
        return

    def handle(verdict: ImageVerdict) -> None:
        with app.app_context():
            app.extensions["on_image_verdict"](verdict)

    app.extensions |= {"push_seal": seal, "push_inbox": Inbox(handle)}
    app.register_blueprint(pushes)


@pushes.get(PUSH_PATH)
def prove() -> Response:
    """Answer `echostr`, once, when the address is saved in WeChat's settings."""
    asked = request.args
    echo = asked.get("echostr", "")
    try:
        _seal().check(asked.get("signature", ""), timestamp=_said("timestamp"), nonce=_said("nonce"), at=now())
    except PushRefused as refusal:
        return _refused(refusal)
    if not ECHO.fullmatch(echo):
        return _refused(PushRefused("nothing to echo"))
    return _plain(echo, 200)


@pushes.post(PUSH_PATH)
def receive() -> Response:
    """Take a push: `success` when it has been handled, now or before; 503 when WeChat should send it again."""
    request.max_content_length = BODY_MAX
    try:
        body = request.get_data()
    except (OSError, ParseException):  # pieces whose lengths are none, or a sender that left
        abort(400)
    try:
        push = _seal().read(
            body, signature=_said("msg_signature"), timestamp=_said("timestamp"), nonce=_said("nonce"), at=now()
        )
    except PushRefused as refusal:
        return _refused(refusal)
    inbox: Inbox = current_app.extensions["push_inbox"]
    return _plain("success", 200) if inbox.take(push) else _plain("later", 503)


def _seal() -> Seal:
    seal: Seal = current_app.extensions["push_seal"]
    return seal


def _said(name: str) -> str:
    return request.args.get(name, "")


def _refused(refusal: PushRefused) -> Response:
    log.warning("a push was refused: %s", refusal)
    return _plain("refused", 403)


def _plain(text: str, status: int) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
