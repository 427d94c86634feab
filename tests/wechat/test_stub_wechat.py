"""The stub behaves as WeChat does where WeChat surprises people."""

import base64
from datetime import UTC, datetime

import pytest
import time_machine
from wechat_serving import APPID, SECRET
from werkzeug.test import Client

from backend.wechat.connecting import stub_wechat
from backend.wechat.errors import LoginCodeRefused
from backend.wechat.stub.application import StubWeChat
from backend.wechat.stub.memory import Seen

RIGHT = {"appid": APPID, "secret": SECRET, "js_code": "stub:demo-resident:1", "grant_type": "authorization_code"}


@pytest.fixture
def ask():
    """Ask a stub with the right parameters, but for those given; None leaves one out."""
    http = Client(StubWeChat(appid=APPID, secret=SECRET))

    def get(path="/sns/jscode2session", **instead):
        query = {name: value for name, value in (RIGHT | instead).items() if value is not None}
        return http.get(path, query_string=query)

    return get


def test_json_is_called_plain_text(ask):
    assert ask().mimetype == "text/plain"


def test_a_success_has_an_openid_a_session_key_of_16_bytes_and_no_errcode(ask):
    answer = ask().get_json(force=True)

    assert answer["openid"] == "demo-resident"
    assert len(base64.b64decode(answer["session_key"])) == 16
    assert "errcode" not in answer


@pytest.mark.parametrize(
    ("instead", "errcode"),
    [
        ({"appid": None}, 41002),
        ({"secret": None}, 41004),
        ({"js_code": None}, 41008),
        ({"grant_type": None}, 40002),
        ({"grant_type": "client_credential"}, 40002),
        ({"appid": "wxwrong"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"js_code": "wrong"}, 40029),
        ({"js_code": "stub:blocked:1"}, 40226),
        ({"js_code": "stub:flood:1"}, 45011),
        ({"js_code": "stub:busy:1"}, -1),
        ({"path": "/sns/nothing"}, 40066),
    ],
)
def test_every_failure_is_http_200_with_an_errcode_and_a_request_id(ask, instead, errcode):
    response = ask(**instead)

    answer = response.get_json(force=True)
    assert (response.status_code, answer["errcode"]) == (200, errcode)
    assert "rid: " in answer["errmsg"]


def test_a_used_code_has_an_errcode_of_its_own(ask):
    ask()

    assert ask().get_json(force=True)["errcode"] == 40163


def test_a_code_expires_300_seconds_after_its_issue(ask):
    issued = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    code = f"stub:demo-resident:at{issued.timestamp():.0f}"

    with time_machine.travel(datetime(2026, 11, 23, 10, 5, tzinfo=UTC), tick=False):
        assert ask(js_code=code).get_json(force=True)["errcode"] == 40029
    with time_machine.travel(datetime(2026, 11, 23, 10, 4, 59, tzinfo=UTC), tick=False):
        assert ask(js_code=code).get_json(force=True)["openid"] == "demo-resident"


def test_of_used_codes_the_oldest_are_forgotten():
    seen = Seen(at_most=2)

    assert [seen.is_first(code) for code in ("1", "2", "3")] == [True, True, True]
    assert not seen.is_first("3")
    assert seen.is_first("1")


def test_the_stub_client_logs_anybody_in_once_per_code():
    wechat = stub_wechat()

    assert wechat.openid_of("stub:demo-leader:1") == "demo-leader"
    with pytest.raises(LoginCodeRefused):
        wechat.openid_of("stub:demo-leader:1")
    wechat.close()
