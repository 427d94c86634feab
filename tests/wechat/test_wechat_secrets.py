"""Neither a log nor an error may quote the secret, the session key or a login code."""

import logging
import traceback

import httpx2
import pytest
from wechat_serving import SECRET

from backend.foundation.errors import AppError
from backend.wechat.connecting import real_wechat

SESSION_KEY = "c2Vzc2lvbi1rZXktMTIzNA=="
CODE = "stub:demo-resident:nonce-nobody-may-read"
LOGGERS = ("backend", "httpx2", "httpcore2")


@pytest.fixture
def everything_logged(caplog):
    """All log records from DEBUG up, with their arguments, as text."""
    for name in ("", *LOGGERS):
        caplog.set_level(logging.DEBUG, logger=name)
    return lambda: "\n".join(f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records)


def assert_nothing_leaks(text):
    assert text.strip()
    for private in (SECRET, SESSION_KEY, CODE, "nonce-nobody-may-read"):
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


def test_a_client_does_not_show_its_secret():
    wechat = real_wechat(appid="wx0123456789abcdef", secret=SECRET)
    wechat.close()

    assert SECRET not in repr(wechat)
