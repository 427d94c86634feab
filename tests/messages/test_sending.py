"""Subscribe messages: only to whoever left a credit, each attempt at most once, and the program shows the rest."""

from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from backend.cli.jobs import JOBS
from backend.foundation.clock import now
from backend.foundation.config import Config, ConfigRefused, Template
from backend.foundation.errors import Busy
from backend.foundation.outbox import OutboxMessage, put
from backend.messages.models import MessageCredit
from backend.messages.templates import check_templates, filled
from backend.wechat.stub.subscriptions import TEMPLATES, Subscriptions
from backend.wechat.subscriptions import Delivery
from tests.builders.races import at_once

FACTS = {"points": 20, "expires_on": "2027-12-31", "days": 30, "wallet": "own"}
TEMPLATE = "stub-expiry"


@pytest.fixture
def resident(street):
    return street.resident(openid=f"o-{uuid4().hex}")


def told(street, person, key="a"):
    """Something lies in the outbox for them."""
    street.does(put, key, topic="expiry", person_id=person.id, facts=FACTS)


def agreed(street, person, times=1, answer="accept"):
    for _ in range(times):
        said = street.phone(person).post("/me/subscriptions", {"templates": {TEMPLATE: answer}})
        assert said.status == 200, said.body
    return said["items"][0]["credits"]


def send(street):
    with street.inside():
        return sum(job.run() for job in JOBS if job.name == "send-messages")


def became(street):
    """What the outbox knows of each message: what reached them first, and how often it was tried."""
    rows = street.rows(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.channel, row.attempts) for row in rows]


def credits_left(street):
    return street.rows(select(MessageCredit.credits))


# what somebody agreed to


def test_each_accept_is_good_for_one_message(street, resident, wechat):
    phone = street.phone(resident)
    expected = {"topic": "expiry", "template_id": TEMPLATE, "credits": 0}
    assert phone.get("/me/subscriptions").body == {"items": [expected], "next": None}

    assert agreed(street, resident, times=3) == 3
    assert agreed(street, resident, answer="reject") == 3
    assert agreed(street, resident, answer="ban") == 0
    assert agreed(street, resident) == 1
    assert agreed(street, street.resident()) == 1  # each their own


def test_no_more_than_a_hundred_are_remembered(street, resident, wechat):
    agreed(street, resident, times=99)

    at_once(*[lambda: agreed(street, resident)] * 5)

    assert credits_left(street) == [100]


def test_accepts_at_the_same_moment_all_count(street, resident, wechat):
    at_once(*[lambda: agreed(street, resident)] * 8)

    assert credits_left(street) == [8]


@pytest.mark.parametrize(
    "templates",
    [{"unknown": "accept"}, {TEMPLATE: "yes"}, {TEMPLATE: None}, {}, [], None, {f"t{n}": "accept" for n in range(21)}],
    ids=str,
)
def test_an_answer_that_is_none_is_422(street, resident, templates):
    answer = street.phone(resident).post("/me/subscriptions", {"templates": templates})

    assert (answer.status, answer.code) == (422, "invalid")
    assert answer["errors"]
    assert credits_left(street) == []


# sending


def test_who_left_a_credit_is_sent_a_message_once(street, resident, wechat):
    told(street, resident)
    agreed(street, resident)

    assert (send(street), send(street)) == (1, 0)

    ((openid, said),) = wechat.sent
    assert openid.startswith("o-")
    assert said["template_id"] == TEMPLATE
    assert said["data"] == {"number1": "20", "date2": "2027年12月31日", "thing3": "请及时使用，过期后退回资金"}
    assert became(street) == [("subscription", 1)]
    assert credits_left(street) == [0]
    (sent_at,) = street.rows(select(OutboxMessage.sent_at))
    assert sent_at is not None


def test_who_left_none_is_sent_nothing_and_reads_it_in_the_program(street, resident, wechat):
    told(street, resident)

    assert send(street) == 0
    assert became(street) == [(None, 0)]

    assert len(street.phone(resident).get("/me/notices")["items"]) == 1
    assert became(street) == [("app", 0)]
    agreed(street, resident)
    assert send(street) == 0  # they know
    assert wechat.sent == []


def test_what_was_sent_and_then_read_keeps_what_reached_them_first(street, resident, wechat):
    told(street, resident)
    agreed(street, resident)
    send(street)

    street.phone(resident).get("/me/notices")
    (first,) = street.rows(select(OutboxMessage.seen_at))
    street.phone(resident).get("/me/notices")

    assert became(street) == [("subscription", 1)]
    assert street.rows(select(OutboxMessage.seen_at)) == [first]


def test_only_what_is_on_the_page_counts_as_seen_and_only_to_whom_it_is_for(street, resident, wechat):
    for key in ("a", "b"):
        told(street, resident, key)
    street.phone(street.resident()).get("/me/notices")
    assert became(street) == [(None, 0), (None, 0)]

    street.phone(resident).get("/me/notices", limit=1)
    assert became(street) == [(None, 0), ("app", 0)]


def test_messages_are_shown_also_when_it_cannot_be_noted(street, resident, wechat):
    told(street, resident)

    with patch("backend.messages.routes.transactional", side_effect=Busy()):
        assert len(street.phone(resident).get("/me/notices")["items"]) == 1


def test_one_credit_is_one_message(street, resident, wechat):
    for key in ("a", "b", "c"):
        told(street, resident, key)
    agreed(street, resident)

    assert send(street) == 1
    assert became(street) == [("subscription", 1), (None, 0), (None, 0)]


def test_also_when_workers_send_at_once(street, resident, wechat):
    for key in ("a", "b", "c"):
        told(street, resident, key)
    agreed(street, resident, times=2)
    other = street.resident(openid=f"o-{uuid4().hex}")
    told(street, other, "d")
    agreed(street, other)

    at_once(*[lambda: send(street)] * 6)

    assert len(wechat.sent) == 3
    assert sorted(credits_left(street)) == [0, 0]
    assert sorted(channel or "" for channel, _ in became(street)) == [
        "",
        "subscription",
        "subscription",
        "subscription",
    ]


def test_whom_wechat_refuses_has_no_credit_left_and_reads_it_in_the_program(street, resident, wechat):
    for key in ("a", "b"):
        told(street, resident, key)
    agreed(street, resident, times=5)
    wechat.will_deliver = Delivery.REFUSED

    send(street)

    assert len(wechat.sent) == 1
    assert credits_left(street) == [0]
    assert became(street) == [(None, 1), (None, 0)]
    agreed(street, resident)
    wechat.will_deliver = Delivery.SENT
    send(street)
    assert became(street) == [(None, 1), ("subscription", 1)]  # the refused one is read in the program


def test_without_an_openid_nothing_is_sent(street, wechat):
    person = street.resident()
    told(street, person)
    agreed(street, person)

    send(street)

    assert wechat.sent == []
    assert became(street) == [(None, 1)]


def test_while_wechat_is_away_it_is_tried_less_and_less_and_then_left_for_the_program(street, resident, wechat):
    told(street, resident)
    agreed(street, resident)
    wechat.is_away = True
    calls = []
    wechat.at_each_call = lambda: calls.append(now())
    at = now()

    for minutes in range(0, 60 * 24, 5):
        with time_machine.travel(at + timedelta(minutes=minutes, seconds=5), tick=True):
            send(street)

    gaps = [(later - earlier).total_seconds() / 60 for earlier, later in pairwise(calls)]
    assert len(calls) == 4
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 119
    assert became(street) == [(None, 4)]
    assert credits_left(street) == [1]  # nothing was sent, as far as we know


def test_when_wechat_is_back_the_message_is_sent(street, resident, wechat):
    told(street, resident)
    agreed(street, resident)
    wechat.is_away = True
    send(street)
    wechat.is_away = False

    assert send(street) == 0
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        assert send(street) == 1
    assert became(street) == [("subscription", 2)]


@pytest.mark.parametrize("after_wechat_took_it", [False, True])
def test_killed_in_between_it_is_never_sent_again(street, resident, wechat, after_wechat_took_it):
    told(street, resident)
    agreed(street, resident, times=2)

    def killed(*_):
        raise KeyboardInterrupt  # as a signal would end the process

    dies_at = (
        patch("backend.messages.sending.was_sent", killed)
        if after_wechat_took_it
        else patch.object(wechat, "at_each_call", killed)
    )
    with dies_at, pytest.raises(KeyboardInterrupt):
        send(street)

    for days in (0, 1, 2):
        with time_machine.travel(now() + timedelta(days=days), tick=True):
            assert send(street) == 0
    assert len(wechat.sent) == after_wechat_took_it
    assert len(street.phone(resident).get("/me/notices")["items"]) == 1  # they read it in the program


def test_what_is_old_is_not_sent_any_more(street, resident, wechat):
    told(street, resident)

    with time_machine.travel(now() + timedelta(days=6), tick=True):
        agreed(street, resident)
        assert send(street) == 0


def test_nobody_is_sent_another_offices_messages(street, other_street, resident, wechat):
    told(other_street, other_street.resident(openid=f"o-{uuid4().hex}"))
    agreed(street, resident)

    assert send(street) == 0


# templates


def test_the_default_template_is_one_of_the_stubs_and_fits(street):
    """So that the embedded default sends what the stub takes, as WeChat would."""
    template = Config.from_environment({}).wechat_templates["expiry"]
    subscriptions = Subscriptions(TEMPLATES)
    subscriptions.agree("o-1", template.id)
    for facts in (FACTS, FACTS | {"wallet": "household", "points": 10**12}):
        data = {name: {"value": value} for name, value in filled(template, "expiry", facts).items()}
        subscriptions.agree("o-1", template.id)
        assert subscriptions.answer({"touser": "o-1", "template_id": template.id, "data": data})["errcode"] == 0


def test_words_that_are_too_long_for_their_field_are_cut():
    template = Template(id="x", data={"phrase1": "wallet", "thing2": "advice", "name3": "advice"})

    assert filled(template, "expiry", FACTS) == {
        "phrase1": "我的积分",
        "thing2": "请及时使用，过期后退回资金",
        "name3": "请及时使用，过期后…",
    }


@pytest.mark.parametrize(
    "said",
    [
        *("x", "[]", '{"expiry": "id"}', '{"expiry": {"id": "a"}}', '{"expiry": {"id": "a", "data": {}}}'),
        *('{"expiry": {"id": "", "data": {"thing1": "day"}}}', '{"expiry": {"id": "a", "data": {"x": "day"}}}'),
    ],
)
def test_templates_that_cannot_be_right_stop_the_start(said):
    with pytest.raises(ConfigRefused, match="WECHAT_TEMPLATES"):
        Config.from_environment({"WECHAT_TEMPLATES": said})


@pytest.mark.parametrize(
    "said", [{"party": Template("a", {"thing1": "day"})}, {"expiry": Template("a", {"thing1": "x"})}]
)
def test_templates_for_what_we_do_not_say_stop_the_start(said):
    with pytest.raises(ConfigRefused, match="WECHAT_TEMPLATES"):
        check_templates(said)


def test_production_sends_nothing_before_it_is_told_its_templates():
    real = {"WECHAT": "real", "WECHAT_APPID": "wx1", "WECHAT_SECRET": "s"}

    assert Config.from_environment(real).wechat_templates == {}
