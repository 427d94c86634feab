"""What the client promises of the calls that need an access token, within the process and over a real socket."""

import logging
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from wechat_serving import APPID, SECRET

from backend.wechat.errors import PhoneCodeRefused, WeChatUnavailable
from backend.wechat.stub.application import StubWeChat
from backend.wechat.stub.limits import Limit
from backend.wechat.subscriptions import Delivery
from backend.wechat.text_safety import OVERLAP, PIECE_MAX, PIECES_MAX, TextScene, TextVerdict, cut

POINTS = {"thing1": "周六清洁活动", "number2": "30", "time3": "2026年11月23日 18:05"}


def errors(caplog, errcode):
    return [each for each in caplog.records if each.levelno == logging.ERROR and f"{errcode}" in each.getMessage()]


# --- phone numbers ---


def test_a_phone_code_tells_the_number(wechat):
    assert wechat.phone_number_of("stub:phone:13812345678:1") == "13812345678"


def test_a_number_from_abroad_says_its_country(wechat):
    assert wechat.phone_number_of("stub:phone:+852-61234567:1") == "+85261234567"


def test_a_phone_code_is_good_once(wechat):
    wechat.phone_number_of("stub:phone:13812345678:1")

    with pytest.raises(PhoneCodeRefused):
        wechat.phone_number_of("stub:phone:13812345678:1")


def test_of_twins_exchanging_one_phone_code_a_single_one_wins(wechat):
    def exchange(_):
        try:
            return wechat.phone_number_of("stub:phone:13812345678:1")
        except PhoneCodeRefused:
            return "refused"

    with ThreadPoolExecutor(8) as twins:
        assert sorted(twins.map(exchange, range(8))) == ["13812345678"] + ["refused"] * 7


@pytest.mark.parametrize(
    "code",
    ["", "stub:mei:1", "stub:phone:138-1234:1", "stub:phone:13812345678", "\n", "stub:phone:13812345678:" + "x" * 512],
)
def test_a_phone_code_wechat_did_not_issue_is_refused(wechat, code):
    with pytest.raises(PhoneCodeRefused):
        wechat.phone_number_of(code)


def test_a_phone_code_lives_five_minutes(wechat):
    assert wechat.phone_number_of(f"stub:phone:13812345678:at{int(time.time()) - 290}") == "13812345678"
    with pytest.raises(PhoneCodeRefused):
        wechat.phone_number_of(f"stub:phone:13812345678:at{int(time.time()) - 300}")


def test_a_busy_wechat_is_asked_again_with_the_same_phone_code(wechat):
    assert wechat.phone_number_of("stub:phone:13812345678:busy") == "13812345678"


def test_a_quota_that_is_used_up_is_our_error(wechat, caplog):
    with pytest.raises(WeChatUnavailable):
        wechat.phone_number_of("stub:phone:13812345678:quota")

    assert errors(caplog, 45009)


# --- mini codes ---


@pytest.mark.parametrize("width", [280, 430, 1280])
def test_a_mini_code_is_a_picture_of_the_width_asked_for(wechat, width):
    picture = wechat.mini_code("a=7&o=1", page="pages/door/index", width=width)

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (width, width)


def test_each_scene_and_page_has_a_picture_of_its_own(wechat):
    asked = [("a=1", "pages/door"), ("a=2", "pages/door"), ("a=1", "pages/shop"), ("a=1", "pages/door")]

    first, second, third, again = (wechat.mini_code(scene, page=page) for scene, page in asked)

    assert len({first, second, third}) == 3
    assert again == first


def test_a_scene_has_32_characters_at_most(wechat):
    assert wechat.mini_code("!#$&'()*+,/:;=?@-._~abcdefghijkl", page="pages/door")


@pytest.mark.parametrize("scene", ["", "x" * 33, "活动", "a b", "a%20b", "a\n", 'a"'])
def test_a_scene_that_wechat_would_not_take_costs_no_call(wechat, scene):
    with pytest.raises(ValueError, match="scene"):
        wechat.mini_code(scene, page="pages/door")


@pytest.mark.parametrize("page", ["", "/pages/door", "pages/door?a=1", "pages/门", "p" * 129])
def test_a_page_that_wechat_would_not_take_costs_no_call(wechat, page):
    with pytest.raises(ValueError, match="page"):
        wechat.mini_code("a=1", page=page)


@pytest.mark.parametrize("width", [279, 1281, -1])
def test_a_width_that_wechat_would_not_take_costs_no_call(wechat, width):
    with pytest.raises(ValueError, match="pixels"):
        wechat.mini_code("a=1", page="pages/door", width=width)


def test_a_page_that_is_not_published_is_our_error(wechat, caplog):
    with pytest.raises(WeChatUnavailable):
        wechat.mini_code("a=1", page="pages/missing")

    assert errors(caplog, 41030)


# --- subscribe messages ---


def test_one_agreement_is_one_message(wechat, stub):
    def send(openid="mei", template_id="stub-points"):
        return wechat.send_subscription(openid, template_id=template_id, page="pages/wallet?from=1", data=POINTS)

    assert send() is Delivery.REFUSED
    stub.agree("mei", "stub-points")
    stub.agree("mei", "stub-points")
    assert [send(), send(), send()] == [Delivery.SENT, Delivery.SENT, Delivery.REFUSED]


def test_an_agreement_is_one_persons_and_one_templates(wechat, stub):
    stub.agree("mei", "stub-points")
    decision = {"thing1": "入会申请", "phrase2": "已通过", "thing3": "欢迎"}

    sent = [
        wechat.send_subscription("wang", template_id="stub-points", page="pages/wallet", data=POINTS),
        wechat.send_subscription("mei", template_id="stub-decision", page="pages/wallet", data=decision),
        wechat.send_subscription("mei", template_id="stub-points", page="pages/wallet", data=POINTS),
    ]

    assert sent == [Delivery.REFUSED, Delivery.REFUSED, Delivery.SENT]


@pytest.mark.parametrize(
    ("errcode", "wrong"),
    [
        (40037, {"template_id": "unknown"}),
        (40003, {"openid": "王"}),
        (41030, {"page": "/pages/wallet"}),
        (47003, {"data": {}}),
        (47003, {"data": POINTS | {"thing4": "多余"}}),
        (47003, {"data": POINTS | {"thing1": ""}}),
        (47003, {"data": POINTS | {"thing1": "长" * 21}}),
        (47003, {"data": POINTS | {"thing1": "两\n行"}}),
        (47003, {"data": POINTS | {"number2": "三十"}}),
        (47003, {"data": POINTS | {"number2": "3" * 33}}),
        (47003, {"data": POINTS | {"time3": "明天"}}),
    ],
)
def test_a_message_that_is_wrong_is_our_error_and_uses_no_agreement(wechat, stub, caplog, errcode, wrong):
    stub.agree("mei", "stub-points")
    right = {"openid": "mei", "template_id": "stub-points", "page": "pages/wallet", "data": POINTS}

    with pytest.raises(WeChatUnavailable):
        wechat.send_subscription(**(right | wrong))

    assert errors(caplog, errcode)
    assert wechat.send_subscription(**right) is Delivery.SENT


def test_a_message_is_sent_when_wechat_was_busy_at_first(wechat, stub):
    stub.agree("busy", "stub-points")

    assert wechat.send_subscription("busy", template_id="stub-points", page="pages/a", data=POINTS) is Delivery.SENT


# --- texts ---


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("周六上午清洁楼道", TextVerdict.PASS),
        ("买卖违禁物品", TextVerdict.RISKY),
        ("疑似广告", TextVerdict.REVIEW),
        ("疑似违禁", TextVerdict.RISKY),
        ("半个字 \ud83d", TextVerdict.PASS),
        ("", TextVerdict.PASS),
        (" \n", TextVerdict.PASS),
    ],
)
def test_a_text_is_judged(wechat, stub, text, verdict):
    stub.visit("mei")

    assert wechat.judge_text(text, openid="mei", scene=TextScene.FORUM) is verdict


@pytest.mark.parametrize("scene", TextScene)
def test_every_scene_is_one_of_wechats(wechat, stub, scene):
    stub.visit("mei")

    assert wechat.judge_text("好", openid="mei", scene=scene) is TextVerdict.PASS
    assert wechat.judge_image("https://points.example.cn/1.jpg", openid="mei", scene=scene)


def test_who_has_not_used_the_mini_program_is_not_judged(wechat):
    assert wechat.judge_text("违禁", openid="never-here", scene=TextScene.FORUM) is TextVerdict.UNKNOWN_OPENID
    assert wechat.judge_image("https://a.cn/1.jpg", openid="never-here", scene=TextScene.FORUM) is None


def test_a_login_counts_for_two_hours(wechat):
    logged_in = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    with time_machine.travel(logged_in, tick=False):
        wechat.openid_of("stub:mei:1")
    with time_machine.travel(logged_in + timedelta(hours=2, seconds=-1), tick=False):
        assert wechat.judge_text("好", openid="mei", scene=TextScene.PROFILE) is TextVerdict.PASS
    with time_machine.travel(logged_in + timedelta(hours=2), tick=False):
        assert wechat.judge_text("好", openid="mei", scene=TextScene.PROFILE) is TextVerdict.UNKNOWN_OPENID


@pytest.mark.parametrize("length", [1, PIECE_MAX, PIECE_MAX + 1, 2 * PIECE_MAX - OVERLAP, 2 * PIECE_MAX, 20_000])
def test_pieces_cover_the_text_and_overlap(length):
    text = "".join(chr(0x4E00 + number % 20_000) for number in range(length))
    pieces = cut(text)

    assert all(0 < len(piece) <= PIECE_MAX for piece in pieces)
    assert pieces[0] + "".join(piece[OVERLAP:] for piece in pieces[1:]) == text
    assert all(later.startswith(piece[-OVERLAP:]) for piece, later in pairwise(pieces))


@pytest.mark.parametrize("at", [0, PIECE_MAX - 1, PIECE_MAX - OVERLAP, 12_000])
def test_of_a_long_text_the_worst_piece_counts(wechat, stub, at):
    stub.visit("mei")
    text = "好" * 12_000

    assert wechat.judge_text(text, openid="mei", scene=TextScene.FORUM) is TextVerdict.PASS
    assert wechat.judge_text(f"{text[:at]}违禁{text[at:]}", openid="mei", scene=TextScene.FORUM) is TextVerdict.RISKY


def test_what_is_too_long_to_be_judged_is_for_somebody_to_look_at(wechat, stub):
    stub.visit("mei")
    longest = PIECES_MAX * PIECE_MAX - (PIECES_MAX - 1) * OVERLAP

    assert wechat.judge_text("好" * longest, openid="mei", scene=TextScene.FORUM) is TextVerdict.PASS
    assert wechat.judge_text("好" * longest + "违禁", openid="mei", scene=TextScene.FORUM) is TextVerdict.REVIEW


def test_a_daily_quota_of_the_safety_check_is_our_error(reach, caplog):
    stub = StubWeChat(appid=APPID, secret=SECRET, limits={"/wxa/msg_sec_check": Limit(100, 2)})
    wechat = reach(stub)
    stub.visit("mei")
    for _ in range(2):
        wechat.judge_text("好", openid="mei", scene=TextScene.FORUM)

    with pytest.raises(WeChatUnavailable):
        wechat.judge_text("好", openid="mei", scene=TextScene.FORUM)
    assert errors(caplog, 45009)


# --- pictures ---


def test_each_picture_has_a_trace_id_of_its_own(wechat, stub):
    stub.visit("mei")

    traces = {wechat.judge_image("https://a.cn/1.jpg", openid="mei", scene=TextScene.FORUM) for _ in range(3)}

    assert len(traces) == 3
    assert None not in traces


def test_an_address_that_is_none_is_our_error(wechat, stub, caplog):
    stub.visit("mei")

    with pytest.raises(WeChatUnavailable):
        wechat.judge_image("ftp://a.cn/1.jpg", openid="mei", scene=TextScene.FORUM)
    assert errors(caplog, 47001)


@pytest.mark.parametrize("openid", ["quota", "王"])
def test_a_check_that_wechat_will_not_make_is_our_error(wechat, stub, openid):
    stub.visit("quota")

    with pytest.raises(WeChatUnavailable):
        wechat.judge_image("https://a.cn/1.jpg", openid=openid, scene=TextScene.FORUM)
    with pytest.raises(WeChatUnavailable):
        wechat.judge_text("好", openid=openid, scene=TextScene.FORUM)


# --- all of them ---


@pytest.mark.parametrize(
    ("ours", "errcode"),
    [({"appid": "wxwrong"}, 40013), ({"secret": "wrong-secret"}, 40125), ({"secret": ""}, 41004)],
)
def test_a_wrong_appid_or_secret_is_our_error(to_stub, caplog, ours, errcode):
    with pytest.raises(WeChatUnavailable):
        to_stub(**ours).phone_number_of("stub:phone:13812345678:1")

    assert errors(caplog, errcode)
