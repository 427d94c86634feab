"""WeChat judges pictures after they are kept; its verdict comes later, perhaps twice, perhaps never."""

import time
from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select, update

from backend.cli.jobs import JOBS
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.safety.models import ContentReview, Picture
from backend.wechat.pushes import ImageVerdict
from tests.builders.photos import a_photo, form_of
from tests.builders.races import at_once


def a_verdict(trace_id, suggest="pass", label=100, errcode=0):
    return ImageVerdict(trace_id, "wx", suggest, label, errcode)


@pytest.fixture
def uploader(street):
    return street.resident(openid=f"o-{uuid4().hex}")


def sent(street, person):
    answer = street.phone(person).send("POST", "/pictures", data=form_of(file=a_photo(), purpose="activity"))
    assert answer.status == 201, answer.body
    return UUID(answer["id"])


def judge(street):
    with street.inside():
        return sum(job.run() for job in JOBS if job.name == "judge-pictures")


def pushed(street, verdict):
    with street.app.app_context():
        return street.app.extensions["on_image_verdict"](verdict)


def state(street, picture_id):
    (found,) = street.rows(select(Picture.state).where(Picture.id == picture_id))
    return found


def trace(street, picture_id):
    (found,) = street.rows(select(Picture.trace_id).where(Picture.id == picture_id))
    return found


def waits(street):
    return street.rows(select(ContentReview.why).where(ContentReview.state == "waiting"))


def test_wechat_is_asked_once_and_can_fetch_the_picture(street, uploader, wechat):
    picture_id = sent(street, uploader)
    assert wechat.pictures == []  # not in the request

    assert (judge(street), judge(street)) == (1, 0)

    ((url, openid),) = wechat.pictures
    assert openid.startswith("o-")
    assert url.startswith("http://127.0.0.1:8000/api/v1/pictures/")
    with street.app.test_client() as client:
        fetched = client.get(urlsplit(url).path, query_string=urlsplit(url).query)
    assert (fetched.status_code, fetched.data[:3]) == (200, b"\xff\xd8\xff")
    assert state(street, picture_id) == "checking"


@pytest.mark.parametrize(
    ("verdict", "becomes", "why"),
    [
        ({"suggest": "pass"}, "shown", []),
        ({"suggest": "risky", "label": 20002}, "refused", []),
        ({"suggest": "review"}, "waiting", ["suspicious"]),
        ({"suggest": "", "errcode": -1008}, "waiting", ["unavailable"]),
        ({"suggest": "something new"}, "waiting", ["suspicious"]),
    ],
    ids=str,
)
def test_the_verdict_decides_once(street, uploader, wechat, verdict, becomes, why):
    picture_id = sent(street, uploader)
    judge(street)
    push = a_verdict(trace(street, picture_id), **verdict)

    assert (pushed(street, push), pushed(street, push)) == (True, False)
    pushed(street, a_verdict(push.trace_id, "risky" if becomes == "shown" else "pass"))

    assert state(street, picture_id) == becomes
    assert waits(street) == why


def test_of_verdicts_that_come_at_once_one_counts(street, uploader, wechat):
    picture_id = sent(street, uploader)
    judge(street)
    trace_id = trace(street, picture_id)
    pushes = [a_verdict(trace_id, said) for said in ("pass", "risky", "review") * 3]

    counted = at_once(*[lambda push=push: pushed(street, push) for push in pushes])

    assert sum(counted) == 1
    (winner,) = [push for push, did in zip(pushes, counted, strict=True) if did]
    assert state(street, picture_id) == {"pass": "shown", "risky": "refused", "review": "waiting"}[winner.suggest]
    assert len(waits(street)) == (winner.suggest == "review")


def test_a_verdict_for_nothing_we_know_changes_nothing_and_is_logged(street, uploader, wechat, monkeypatch, caplog):
    monkeypatch.setattr("backend.safety.verdicts.LOOKS", (0.0,))
    picture_id = sent(street, uploader)
    judge(street)

    assert pushed(street, a_verdict("somebody else's")) is False

    assert state(street, picture_id) == "checking"
    assert "a verdict for a picture we do not know" in caplog.text


def test_a_verdict_that_is_faster_than_we_write_is_waited_for(street, uploader, wechat):
    picture_id = sent(street, uploader)
    trace_id = f"early-{uuid4()}"

    def written_late():
        judge(street)
        values = {"trace_id": trace_id, "state": "checking"}
        street.does(lambda: session().execute(update(Picture).where(Picture.id == picture_id).values(**values)))

    did = at_once(lambda: pushed(street, a_verdict(trace_id)), written_late)

    assert did[0] is True
    assert state(street, picture_id) == "shown"


@pytest.mark.parametrize(("has_openid", "why"), [(False, "no_openid"), (True, "inactive")])
def test_whom_wechat_does_not_judge_for_a_worker_judges(street, wechat, has_openid, why):
    wechat.knows = False
    picture_id = sent(street, street.resident(openid=f"o-{uuid4().hex}" if has_openid else None))

    judge(street)

    assert state(street, picture_id) == "waiting"
    assert waits(street) == [why]


def test_while_wechat_is_away_it_is_asked_again_now_and_then_and_then_a_worker(street, uploader, wechat):
    wechat.is_away = True
    calls = []
    wechat.at_each_call = lambda: calls.append(now())
    picture_id = sent(street, uploader)
    at = now()

    for minutes in range(0, 30):
        with time_machine.travel(at + timedelta(minutes=minutes, seconds=1), tick=True):
            judge(street)

    assert state(street, picture_id) == "waiting"
    assert waits(street) == ["unavailable"]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(calls)]
    assert len(calls) == 4
    assert all(gap >= 119 for gap in gaps)


def test_wechat_that_comes_back_is_asked_and_judges(street, uploader, wechat):
    wechat.is_away = True
    picture_id = sent(street, uploader)
    judge(street)
    wechat.is_away = False

    assert judge(street) == 0  # not at once again
    with time_machine.travel(now() + timedelta(minutes=3), tick=True):
        assert judge(street) == 1

    pushed(street, a_verdict(trace(street, picture_id)))
    assert state(street, picture_id) == "shown"


def test_one_call_in_vain_is_enough_for_a_round(street, uploader, wechat):
    wechat.is_away = True
    calls = []
    wechat.at_each_call = lambda: calls.append(1)
    for _ in range(3):
        sent(street, uploader)

    judge(street)

    assert len(calls) == 1


def test_one_broken_picture_keeps_no_other_waiting(street, uploader, wechat):
    first, second = sent(street, uploader), sent(street, uploader)
    calls = []

    def breaks_once():
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError

    wechat.at_each_call = breaks_once
    judge(street)

    assert (trace(street, first), trace(street, second) is not None) == (None, True)


def test_a_verdict_that_does_not_come_within_an_hour_is_a_workers(street, uploader, wechat):
    picture_id = sent(street, uploader)
    judge(street)
    at = now()

    with time_machine.travel(at + timedelta(minutes=59), tick=True):
        assert (judge(street), state(street, picture_id)) == (0, "checking")
    with time_machine.travel(at + timedelta(minutes=61), tick=True):
        assert (judge(street), judge(street), state(street, picture_id)) == (1, 0, "waiting")
    assert waits(street) == ["no_verdict"]

    pushed(street, a_verdict(trace(street, picture_id), "risky", 20002))  # late: it decides no more, but it is told
    (item,) = street.phone(street.worker()).get("/content-reviews")["items"]
    assert (item["said"], state(street, picture_id)) == ("risky:20002", "waiting")


def test_killed_after_asking_it_is_not_asked_again_and_a_worker_looks(street, uploader, wechat):
    picture_id = sent(street, uploader)

    def killed():
        raise KeyboardInterrupt

    wechat.at_each_call = killed
    with pytest.raises(KeyboardInterrupt):
        judge(street)
    wechat.at_each_call = lambda: None

    assert judge(street) == 0
    assert wechat.pictures == []
    with time_machine.travel(now() + timedelta(minutes=61), tick=True):
        judge(street)
    assert state(street, picture_id) == "waiting"


def test_several_workers_at_once_ask_once(street, uploader, wechat):
    pictures = [sent(street, uploader) for _ in range(4)]

    at_once(*[lambda: judge(street)] * 5)

    assert len(wechat.pictures) == len(pictures)
    assert len({url for url, _ in wechat.pictures}) == len(pictures)


@pytest.mark.parametrize(("decision", "becomes"), [("passed", "shown"), ("removed", "refused")])
def test_a_worker_looks_and_decides(street, wechat, decision, becomes):
    picture_id = sent(street, street.resident())
    judge(street)
    worker = street.phone(street.worker())
    (item,) = worker.get("/content-reviews")["items"]
    assert (item["subject"], item["text"], item["why"]) == ("pictures", None, "no_openid")
    with street.app.test_client() as client:
        assert client.get(item["picture_url"]).data[:3] == b"\xff\xd8\xff"

    assert worker.put(f"/content-reviews/{item['id']}", {"decision": decision}).status == 200

    assert state(street, picture_id) == becomes


def test_through_the_stub_a_picture_is_judged_and_the_verdict_is_pushed_back(street):
    """The real client, the stub's push, signed and sealed, and our own door for it."""
    code = f"stub:o-{uuid4().hex}:1"
    person = street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": code})["person"]
    phone = street.phone_of(person["id"])
    picture = phone.send("POST", "/pictures", data=form_of(file=a_photo(), purpose="offer"))

    assert judge(street) == 1

    for _ in range(100):
        (mine,) = phone.get("/me/pictures")["items"]
        if mine["state"] != "checking":
            break
        time.sleep(0.1)
    assert (mine["id"], mine["state"]) == (picture["id"], "shown")
