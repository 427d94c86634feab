"""Neither a log nor an error may quote the secret, the session key or a login code."""

import logging
import traceback

import httpx2
import pytest
from wechat_serving import SECRET

from backend.foundation.errors import AppError
from backend.wechat.connecting import real_wechat
from backend.wechat.text_safety import TextScene

SESSION_KEY = "c2Vzc2lvbi1rZXktMTIzNA=="
CODE = "stub:demo-resident:nonce-nobody-may-read"
LOGGERS = ("backend", "httpx2", "httpcore2")
OPENID = "openid-of-somebody-real"
NUMBER = "13812345678"
TOKEN = "70_access-token-nobody-may-read"
ADDRESS = "https://points.example.cn/pictures/1.jpg?key=nobody-may-read"
SAID = "王英住在三单元"
PUSH = {"push_token": "tokenNobodyMayRead", "push_aes_key": "aesKeyNobodyMayRead" + "0" * 24}
PRIVATE = (SECRET, SESSION_KEY, CODE, "nobody-may-read", "NobodyMayRead", OPENID, NUMBER, TOKEN, ADDRESS, SAID)

PHONE_CODE = f"stub:phone:{NUMBER}:nobody-may-read"
SCENE = "a=nobody-may-read"

# A trace quotes these lines, so nothing private stands in them.
AS_OURSELVES = {
    "a phone number": lambda wechat: wechat.phone_number_of(PHONE_CODE),
    "a mini code": lambda wechat: wechat.mini_code(SCENE, page="pages/door"),
    "a message": lambda wechat: wechat.send_subscription(
        OPENID, template_id="stub-decision", page="pages/a", data={"thing1": SAID, "phrase2": "通过", "thing3": "好"}
    ),
    "a text": lambda wechat: wechat.judge_text(SAID, openid=OPENID, scene=TextScene.FORUM),
    "a picture": lambda wechat: wechat.judge_image(ADDRESS, openid=OPENID, scene=TextScene.FORUM),
}


@pytest.fixture
def everything_logged(caplog):
    """All log records from DEBUG up, with their arguments, as text."""
    for name in ("", *LOGGERS):
        caplog.set_level(logging.DEBUG, logger=name)
    return lambda: "\n".join(f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records)


def assert_nothing_leaks(text):
    assert text.strip()
    for private in PRIVATE:
        assert private not in text


def test_a_login_leaves_no_secret_in_the_logs(wechat, everything_logged):
    wechat.openid_of(CODE)

    assert "/sns/jscode2session" in everything_logged()
    assert_nothing_leaks(everything_logged())


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("late"),
        httpx2.Response(500, text=f"{SECRET} {SESSION_KEY}"),
        httpx2.Response(200, text=f'{{"session_key": "{SESSION_KEY}", "openid": "cut o'),
        httpx2.Response(200, content=b"\xff" + SESSION_KEY.encode()),
        httpx2.Response(200, json={"session_key": SESSION_KEY}),
        httpx2.Response(200, json={"errcode": 40125, "errmsg": f"invalid appsecret {SECRET}"}),
        httpx2.Response(200, json={"errcode": SECRET}),
        httpx2.Response(200, json={"errcode": 40029, "errmsg": f"invalid code {CODE}"}),
    ],
)
def test_a_failure_leaves_no_secret_in_logs_or_errors(connect, everything_logged, answer):
    def peer(request):
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(AppError) as refusal:
        connect(transport=httpx2.MockTransport(peer)).openid_of(CODE)

    told = refusal.value
    assert_nothing_leaks(f"{told.text} {told!r} {told.facts}")
    assert_nothing_leaks("".join(traceback.format_exception(told)))
    assert_nothing_leaks(everything_logged())


@pytest.mark.parametrize("call", AS_OURSELVES)
def test_a_call_leaves_nothing_private_in_the_logs(wechat, stub, everything_logged, call):
    stub.visit(OPENID)
    stub.agree(OPENID, "stub-decision")

    AS_OURSELVES[call](wechat)

    assert "/cgi-bin/stable_token" in everything_logged()
    assert_nothing_leaks(everything_logged())


@pytest.mark.parametrize("call", AS_OURSELVES)
@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("late"),
        httpx2.Response(500, text=f"{TOKEN} {OPENID} {NUMBER}"),
        httpx2.Response(200, text=f'{{"phone_info": {{"purePhoneNumber": "{NUMBER}"'),
        httpx2.Response(200, json={"phone_info": {"purePhoneNumber": NUMBER}}),
        httpx2.Response(200, json={"errcode": 0, "trace_id": "", "openid": OPENID}),
        httpx2.Response(200, json={"errcode": 40001, "errmsg": f"invalid credential {TOKEN}"}),
        httpx2.Response(200, json={"errcode": 40003, "errmsg": f"invalid openid {OPENID}"}),
        httpx2.Response(200, json={"errcode": 47003, "errmsg": f"argument invalid! {SAID}"}),
        httpx2.Response(200, json={"errcode": 40029, "errmsg": f"invalid code {NUMBER}"}),
        httpx2.Response(200, json={"errcode": TOKEN}),
    ],
    ids=str,
)
def test_a_call_that_fails_leaves_nothing_private_in_logs_or_errors(connect, everything_logged, call, answer):
    def peer(request):
        if request.url.path == "/cgi-bin/stable_token":
            return httpx2.Response(200, json={"access_token": TOKEN, "expires_in": 7200})
        if isinstance(answer, Exception):
            raise answer
        return answer

    try:
        AS_OURSELVES[call](connect(transport=httpx2.MockTransport(peer)))
    except AppError as told:
        assert_nothing_leaks(f"{told.text} {told!r} {told.facts}")
        assert_nothing_leaks("".join(traceback.format_exception(told)))
    assert_nothing_leaks(everything_logged())


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ReadTimeout("late"),
        httpx2.Response(200, text=f'{{"access_token": "{TOKEN}"'),
        httpx2.Response(200, json={"access_token": TOKEN, "expires_in": TOKEN}),
        httpx2.Response(200, json={"errcode": 40125, "errmsg": f"invalid appsecret {SECRET}"}),
    ],
    ids=str,
)
def test_a_token_that_does_not_come_leaves_no_secret_in_logs_or_errors(connect, everything_logged, answer):
    def peer(request):
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(AppError) as refusal:
        AS_OURSELVES["a text"](connect(transport=httpx2.MockTransport(peer)))

    assert_nothing_leaks("".join(traceback.format_exception(refusal.value)))
    assert_nothing_leaks(everything_logged())


def test_a_client_does_not_show_its_secret():
    connection = real_wechat(appid="wx0123456789abcdef", secret=SECRET, api_url="http://wechat", **PUSH)
    connection.wechat.close()

    for private in (SECRET, *PUSH.values()):
        assert private not in repr(connection)
