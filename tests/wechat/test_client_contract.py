"""What the client promises of WeChat, asked of the stub within the process and over a real socket."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.wechat.errors import LoginBlocked, LoginCodeRefused, TooManyLogins, WeChatUnavailable
from backend.wechat.login_codes import CODE_MAX


def test_a_login_code_tells_who_somebody_is(wechat):
    assert wechat.openid_of("stub:demo-resident:1") == "demo-resident"


def test_the_same_person_keeps_one_openid_over_many_codes(wechat):
    assert {wechat.openid_of(f"stub:demo-resident:{n}") for n in range(3)} == {"demo-resident"}


def test_a_nonce_may_be_anything_a_person_can_read(wechat):
    assert wechat.openid_of("stub:demo-resident:早上 好&x=1#:/?") == "demo-resident"


def test_a_code_is_exchanged_once(wechat):
    wechat.openid_of("stub:demo-resident:1")

    with pytest.raises(LoginCodeRefused):
        wechat.openid_of("stub:demo-resident:1")


def test_of_twins_exchanging_one_code_a_single_one_wins(wechat):
    def exchange(_):
        try:
            return wechat.openid_of("stub:demo-resident:1")
        except LoginCodeRefused:
            return "refused"

    with ThreadPoolExecutor(8) as twins:
        answers = sorted(twins.map(exchange, range(8)))

    assert answers == ["demo-resident"] + ["refused"] * 7


@pytest.mark.parametrize(
    "code",
    [
        "",
        "0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p",
        "stub:demo-resident",
        "stub:demo-resident:",
        "stub::1",
        "stub:王英:1",
        f"stub:{'x' * 65}:1",
        "stub:demo-resident:\n",
        "stub:demo-resident:\ud800",
        "stub:demo-resident:" + "x" * CODE_MAX,
    ],
)
def test_a_code_wechat_did_not_issue_is_refused(wechat, code):
    with pytest.raises(LoginCodeRefused):
        wechat.openid_of(code)


def test_a_code_lives_almost_five_minutes(wechat):
    issued = int(time.time()) - 290

    assert wechat.openid_of(f"stub:demo-resident:at{issued}") == "demo-resident"


def test_a_code_is_refused_after_five_minutes(wechat):
    issued = int(time.time()) - 300

    with pytest.raises(LoginCodeRefused):
        wechat.openid_of(f"stub:demo-resident:at{issued}")


def test_a_busy_wechat_is_asked_again_with_the_same_code(wechat):
    assert wechat.openid_of("stub:busy:1") == "busy"


def test_a_person_held_back_by_wechat_is_told_so(wechat):
    with pytest.raises(LoginBlocked):
        wechat.openid_of("stub:blocked:1")


def test_who_logs_in_too_often_is_told_to_wait_a_minute(wechat):
    with pytest.raises(TooManyLogins) as refusal:
        wechat.openid_of("stub:flood:1")

    assert refusal.value.retry_after == 60


@pytest.mark.parametrize(
    ("ours", "errcode"),
    [({"appid": "wxwrong"}, "40013"), ({"secret": "wrong-secret"}, "40125"), ({"secret": ""}, "41004")],
)
def test_a_wrong_appid_or_secret_is_our_error_and_not_the_persons(to_stub, caplog, ours, errcode):
    misconfigured = to_stub(**ours)

    with pytest.raises(WeChatUnavailable):
        misconfigured.openid_of("stub:demo-resident:1")

    assert [record for record in caplog.records if record.levelno == logging.ERROR and errcode in record.getMessage()]
