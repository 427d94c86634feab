"""The addresses the stub answers, and who may ask: a WSGI application for one mini-program.

Two things are not WeChat's: POST /stub/visits {openid} and POST /stub/agreements {openid, template_id} do what a phone
does when somebody opens the mini-program, or taps 允许 for a template.

Some names stand for moods: `busy` (an openid, a scene, or the nonce of a phone code) gets -1 the first time and an
answer the second, `quota` gets 45009; a login code of `blocked` gets 40226, of `flood` 45011.
"""

import json
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from backend.foundation.clock import now
from backend.wechat.stub.answering import Body, Failure, ok, text_of
from backend.wechat.stub.limits import LIMITS, PER_DAY, Counted, Limit
from backend.wechat.stub.logins import Logins
from backend.wechat.stub.memory import Seen
from backend.wechat.stub.phones import Phones
from backend.wechat.stub.pictures import mini_code
from backend.wechat.stub.pushing import Pusher
from backend.wechat.stub.safety import accept_picture, judge_text, verdict_on
from backend.wechat.stub.subscriptions import TEMPLATES, Subscriptions
from backend.wechat.stub.tokens import LIVES_SECONDS, Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("backend.wechat.stub")

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105  # an address


class Asked(Request):
    """A request no larger than anything WeChat takes."""

    max_content_length = 1024 * 1024


class StubWeChat:
    """Stands in for api.weixin.qq.com, for one mini-program; safe to share between threads."""

    def __init__(
        self,
        *,
        appid: str,
        secret: str,
        pusher: Pusher | None = None,
        templates: Mapping[str, tuple[str, ...]] = TEMPLATES,
        limits: Mapping[str, Limit] = LIMITS,
        token_lives_seconds: int = LIVES_SECONDS,
    ) -> None:
        self._appid = appid
        self._username = f"gh_{secrets.token_hex(6)}"
        self._pusher = pusher
        self._logins = Logins(appid=appid, secret=secret)
        self._tokens = Tokens(appid=appid, secret=secret, live_seconds=token_lives_seconds)
        self._subscriptions = Subscriptions(templates)
        self._counted = Counted(limits)
        self._put_off = Seen()
        self._with_token: dict[str, Callable[[Body], Body | bytes]] = {
            "/wxa/business/getuserphonenumber": Phones(appid=appid).answer,
            "/wxa/getwxacodeunlimit": mini_code,
            "/cgi-bin/message/subscribe/send": self._subscriptions.answer,
            "/wxa/msg_sec_check": self._judge_text,
            "/wxa/media_check_async": self._judge_picture,
        }

    def visit(self, openid: str) -> None:
        """They use the mini-program now, so their texts and pictures are judged for two hours."""
        self._logins.visit(openid)

    def agree(self, openid: str, template_id: str) -> None:
        """They tap 允许: one more message of this template may be sent to them."""
        self._subscriptions.agree(openid, template_id)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Asked(environ)
        try:
            answer = self._answer(request)
        except Failure as failure:
            answer = failure.said()
        errcode = 0 if isinstance(answer, bytes) else answer.get("errcode", 0)
        log.debug("%s %s: %d", request.method, request.path, errcode)
        if isinstance(answer, bytes):
            return Response(answer, content_type="image/png")(environ, start_response)
        return Response(json.dumps(answer), content_type="text/plain")(environ, start_response)

    def _answer(self, request: Request) -> Body | bytes:
        path = request.path
        if path == "/sns/jscode2session":
            return self._logins.answer(request.args.to_dict())
        if path == STABLE_TOKEN:
            self._counted.count(path)
            return self._tokens.answer(_body(request))
        if path == "/stub/visits":
            self.visit(text_of(_body(request), "openid"))
            return ok()
        if path == "/stub/agreements":
            body = _body(request)
            self.agree(text_of(body, "openid"), text_of(body, "template_id"))
            return ok()
        if path not in self._with_token:
            raise Failure(40066, "invalid url")
        self._tokens.check(request.args.get("access_token", ""))
        self._counted.count(path)
        body = _body(request)
        self._check_mood(path, body)
        return self._with_token[path](body)

    def _check_mood(self, path: str, body: Body) -> None:
        names = {text_of(body, name) for name in ("openid", "touser", "scene")}
        names.add(text_of(body, "code").rpartition(":")[2])
        if "quota" in names:
            raise Failure(*PER_DAY)
        if "busy" in names and self._put_off.is_first(f"{path} {json.dumps(body, sort_keys=True)}"):
            raise Failure(-1, "system error")

    def _judge_text(self, body: Body) -> Body:
        self._logins.check(text_of(body, "openid"))
        return judge_text(body)

    def _judge_picture(self, body: Body) -> Body:
        self._logins.check(text_of(body, "openid"))
        answer = accept_picture(body)
        if self._pusher is not None:
            self._pusher.push(
                {
                    "ToUserName": self._username,
                    "FromUserName": body["openid"],
                    "CreateTime": int(now().timestamp()),
                    "MsgType": "event",
                    "Event": "wxa_media_check",
                    "appid": self._appid,
                    "trace_id": answer["trace_id"],
                    "version": 2,
                    **verdict_on(body["media_url"]),
                }
            )
        return answer


def _body(request: Request) -> Body:
    """The JSON object that was posted."""
    if request.method != "POST":
        raise Failure(43002, "require POST method")
    sent = request.get_data()
    if not sent:
        raise Failure(44002, "empty post data")
    try:
        body = json.loads(sent)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Failure(47001, "data format error")
    return body
