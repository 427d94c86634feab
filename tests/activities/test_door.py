"""At the door: the rotating code, the leader's scan, the card, the ticked name; who may, when, and how often."""

import base64
import struct
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from backend.activities.models import Activity, CheckIn, SignUp
from backend.foundation.clock import now
from backend.foundation.db import find, session, transactional
from backend.people.models import Card
from backend.people.scopes import over_group
from tests.builders.races import at_once, codes, deadlocks_counted, statuses

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def fund(street):
    return street.fund(10_000)


@pytest.fixture
def activity(street, fund):
    return street.activity(fund=fund)


def come(street, person, code, **more):
    return street.phone(person).post("/check-ins", {"code": code} | more)


def scan(street, activity, person, *, by=None, **more):
    """The leader's phone, or another one, scans somebody's personal code."""
    phone = street.phone(by) if by else street.leader_of(activity)
    code = street.phone(person).get("/me/code")["code"]
    return phone.post("/check-ins", {"activity_id": str(activity.id), "person_code": code} | more)


def tick(street, activity, person, *, by=None, **more):
    phone = street.phone(by) if by else street.leader_of(activity)
    body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "忘带手机"} | more
    return phone.post("/check-ins", body)


def shown_to(street, activity, person):
    return street.phone(person).get(f"/activities/{activity.id}/code")


# the rotating code


def test_who_scans_the_code_at_the_door_is_there_and_paid(street, activity):
    resident = street.resident()

    came = come(street, resident, street.door_code(activity))

    assert (came.status, came["points"], came["minutes"], came["balance"]) == (201, 20, 0, 20)
    assert "unpaid" not in came.body
    assert "expected" not in came.body
    presence = came["check_in"]
    assert (presence["confidence"], presence["state"], presence["checked_out_at"]) == ("self", "recorded", None)
    assert (presence["person_id"], presence["activity_id"]) == (str(resident.id), str(activity.id))
    assert street.phone(resident).get(f"/activities/{activity.id}")["my"]["check_in"] == presence
    assert street.wallet(resident).available == 20


def test_scanning_it_again_changes_nothing(street, activity):
    resident, code = street.resident(), street.door_code(activity)
    first = come(street, resident, code)

    again = come(street, resident, code)

    assert (again.status, again.body) == (200, first.body)
    assert street.budget_points(activity) == 30 * 20 - 20


def test_the_screen_shows_a_plain_link_that_is_good_for_its_thirty_seconds_and_fifteen_more(street, activity):
    at = now().replace(microsecond=0)
    with time_machine.travel(at.timestamp() // 30 * 30 + 10, tick=False) as clock:
        shown = street.leader_of(activity).get(f"/activities/{activity.id}/code")
        assert shown["url"] == f"{street.app.extensions['config'].public_url}/q/{shown['code']}"
        assert shown["next_in"] == 20
        clock.shift(34)  # second 44 since its step began
        assert come(street, street.resident(), shown["code"]).status == 201
        clock.shift(1)
        refused = come(street, street.resident(), shown["code"])
        assert (refused.status, refused.code) == (409, "code_expired")
        assert shown["valid_until"] == now().isoformat().replace("+00:00", "Z")
        assert street.door_code(activity) != shown["code"]


def test_who_is_already_there_is_told_so_even_by_a_fresh_code_only(street, activity):
    with time_machine.travel(now(), tick=False) as clock:
        resident, code = street.resident(), street.door_code(activity)
        come(street, resident, code)
        clock.shift(60)
        assert come(street, resident, code).code == "code_expired"
        assert come(street, resident, street.door_code(activity)).status == 200


def test_every_edited_letter_makes_the_code_invalid(street, activity):
    code, resident = street.door_code(activity), street.resident()
    raw = bytearray(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)))

    refusals = []
    for place in range(len(raw)):
        edited = bytes(raw[:place]) + bytes([raw[place] ^ 1]) + bytes(raw[place + 1 :])
        refusals.append(come(street, resident, base64.urlsafe_b64encode(edited).decode().rstrip("=")))

    # Another office's number in it may be that of an office we serve, whose name is then said.
    assert all(refused.status == 422 or refused.code == "code_other_office" for refused in refusals)
    assert codes(refusals)["code_invalid"] >= len(raw) - 2
    assert street.rows(select(CheckIn)) == []


@pytest.mark.parametrize("edited", ["unsigned", "empty signature", "padded", "nonsense", "unicode", "long", "link"])
def test_an_unsigned_or_unknown_code_is_invalid(street, activity, edited):
    code = street.door_code(activity)
    raw = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    wrong = {
        "unsigned": base64.urlsafe_b64encode(raw[:-12]).decode().rstrip("="),
        "empty signature": base64.urlsafe_b64encode(raw[:-12] + bytes(12)).decode().rstrip("="),
        "padded": code + "=",
        "nonsense": "hello",
        "unicode": "活动签到",
        "long": "A" * 200,
        "link": f"http://127.0.0.1:8000/q/{code}",
    }[edited]

    refused = come(street, street.resident(), wrong)

    assert (refused.status, refused.code) == (422, "code_invalid")


def test_a_code_stretched_into_the_future_is_invalid(street, activity):
    code = street.door_code(activity)
    raw = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    step = int.from_bytes(raw[19:23], "big")
    stretched = raw[:19] + (step + 2).to_bytes(4, "big") + raw[23:]
    assert raw[19:23] == (int(now().timestamp()) // 30).to_bytes(4, "big") or step > 0

    assert come(street, street.resident(), base64.urlsafe_b64encode(stretched).decode().rstrip("=")).code == (
        "code_invalid"
    )


def test_another_offices_code_is_refused_with_its_name(street, other_street):
    foreign = other_street.door_code(other_street.activity())

    refused = come(street, street.resident(), foreign)

    assert (refused.status, refused.code, refused["facts"]) == (
        409,
        "code_other_office",
        {"office": other_street.office.name},
    )


def test_a_code_of_another_activity_than_the_named_one_is_refused(street, activity):
    other = street.activity()
    resident = street.resident()

    refused = come(street, resident, street.door_code(activity), activity_id=str(other.id))

    assert (refused.status, refused.code) == (409, "code_wrong_activity")
    assert come(street, resident, street.door_code(activity), activity_id=str(activity.id)).status == 201


def test_the_code_of_one_session_is_for_that_session(street, fund):
    starts = now() - timedelta(minutes=10)
    spans = [{"starts_at": starts + n * HALF_AN_HOUR, "ends_at": starts + (n + 1) * HALF_AN_HOUR} for n in range(2)]
    activity = street.activity(fund=fund, sessions=spans)
    path, leader, resident = f"/activities/{activity.id}/code", street.leader_of(activity), street.resident()
    sessions = [one["id"] for one in leader.get(f"/activities/{activity.id}")["sessions"]]

    refused = leader.get(path)
    assert (refused.status, refused.code) == (422, "session_needed")
    came = [come(street, resident, leader.get(path, session=one)["code"]) for one in sessions]

    assert [answer["check_in"]["session_id"] for answer in came] == sessions
    assert street.wallet(resident).available == 40
    assert left(street, activity) == 29  # one place for all sessions
    other = street.activity()
    assert street.leader_of(other).get(f"/activities/{other.id}/code", session=sessions[0]).status == 404
    assert tick(street, activity, street.resident()).code == "session_needed"
    assert tick(street, activity, street.resident(), session_id=sessions[1]).status == 201


def left(street, activity):
    return street.leader_of(activity).get(f"/activities/{activity.id}")["places_left"]


def test_only_those_at_the_door_show_the_code(street, activity):
    (group,) = street.rows(select(Activity.group_id))
    helper = street.gives(street.resident(), "helper", over_group(group, "清晨志愿队"))

    assert shown_to(street, activity, helper).status == 200
    assert shown_to(street, activity, street.worker()).status == 200
    assert shown_to(street, activity, street.resident()).status == 403
    assert shown_to(street, activity, street.helper(street.group(name="别的队"))).status == 403


def test_where_a_scan_is_required_there_is_no_code_and_ones_own_phone_does_not_do(street):
    activity = street.activity(capacity=3)
    code = street.door_code(activity)
    street.does(lambda: setattr(find(Activity, activity.id), "check_in", "scan"))

    shown = street.leader_of(activity).get(f"/activities/{activity.id}/code")
    own = come(street, street.resident(), code)

    assert (shown.status, shown.code) == (own.status, own.code) == (409, "scan_required")
    assert scan(street, activity, street.resident()).status == 201


# when


@pytest.mark.parametrize(
    ("seconds_from_start", "refused_as"),
    [(-1801, "check_in_not_open"), (-1800, None), (0, None), (3599, None), (3600, "check_in_closed")],
)
def test_the_door_opens_half_an_hour_before_and_closes_with_the_end(street, seconds_from_start, refused_as):
    starts = now() + timedelta(hours=1)
    activity = street.activity(starts_at=starts, hours=1)
    with time_machine.travel(starts + timedelta(seconds=seconds_from_start), tick=False):
        for came in (
            come(street, street.resident(), street.door_code(activity)),
            scan(street, activity, street.resident()),
        ):
            assert came.status == (409 if refused_as else 201)
            if refused_as:
                assert came.code == refused_as
    assert len(street.rows(select(CheckIn))) == (0 if refused_as else 2)


def test_who_is_too_early_is_told_when_the_door_opens(street):
    with time_machine.travel("2026-11-23T00:00:00Z", tick=False):
        activity = street.activity(starts_at=now() + timedelta(hours=2))
        refused = come(street, street.resident(), street.door_code(activity))
    assert refused["message"] == "还没到签到时间，11月23日 09:30 开始签到"
    assert refused["facts"]["opens_at"] == "2026-11-23T01:30:00Z"


def test_nobody_arrives_at_what_is_settled_or_cancelled(street, activity):
    code = street.door_code(activity)
    street.leader_of(activity).post(f"/activities/{activity.id}/settle")

    assert come(street, street.resident(), code).code == "check_in_closed"
    assert tick(street, activity, street.resident()).code == "check_in_closed"


def test_a_scan_is_judged_by_the_instant_it_was_made_if_that_was_a_moment_ago(street, activity):
    resident = street.resident()
    with time_machine.travel(now(), tick=False) as clock:
        code = street.phone(resident).get("/me/code")["code"]
        scanned_at = now().isoformat()
        body = {"activity_id": str(activity.id), "person_code": code}
        clock.shift(timedelta(minutes=5))
        assert street.leader_of(activity).post("/check-ins", body).code == "code_expired"
        assert street.leader_of(activity).post("/check-ins", body | {"scanned_at": scanned_at}).status == 201


def test_a_scan_from_the_future_waits_for_somebody(street, activity):
    ahead = (now() + timedelta(minutes=5)).isoformat()

    seen = scan(street, activity, street.resident(), scanned_at=ahead)

    assert (seen.status, seen["check_in"]["state"], seen["points"], seen["unpaid"]) == (201, "review", 0, "review")


# walking in


def test_who_did_not_sign_up_takes_a_place_while_one_is_left(street, fund):
    activity = street.activity(fund=fund, capacity=2)

    assert come(street, street.resident(), street.door_code(activity))["points"] == 20
    assert left(street, activity) == 1
    assert street.rows(select(SignUp.state)) == ["placed"]


def test_without_a_place_ones_own_phone_is_refused_and_the_leaders_scan_is_recorded_unpaid(street, fund):
    activity = street.activity(fund=fund, capacity=1)
    street.phone(street.resident()).post(f"/activities/{activity.id}/sign-ups")
    walker = street.resident()

    refused = come(street, walker, street.door_code(activity))
    assert (refused.status, refused.code, refused["facts"]) == (409, "activity_full", {"capacity": 1})
    assert street.rows(select(CheckIn)) == []

    seen = scan(street, activity, walker)
    assert (seen.status, seen["points"], seen["unpaid"], seen["balance"]) == (201, 0, "activity_full", 0)
    assert come(street, walker, street.door_code(activity)).status == 200
    assert left(street, activity) == 0

    raised = street.leader_of(activity).put(f"/activities/{activity.id}", {"budget_points": 40})
    assert (raised["points_left"], street.wallet(walker).available) == (20, 20)


def test_a_place_is_kept_for_who_signed_up(street, fund):
    activity = street.activity(fund=fund, capacity=1)
    placed = street.resident()
    street.phone(placed).post(f"/activities/{activity.id}/sign-ups")

    assert come(street, street.resident(), street.door_code(activity)).code == "activity_full"
    assert come(street, placed, street.door_code(activity))["points"] == 20


def test_twenty_walk_ins_at_once_fill_the_places_and_no_more(street, fund):
    activity = street.activity(fund=fund, capacity=7)
    code, people = street.door_code(activity), [street.resident() for _ in range(20)]

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda person=person: come(street, person, code) for person in people])

    assert (statuses(answers), codes(answers), deadlocks) == ({201: 7, 409: 13}, {"activity_full": 13}, [])
    assert (left(street, activity), len(street.rows(select(CheckIn)))) == (0, 7)


def test_signing_up_and_walking_in_at_once_takes_one_place(street, fund):
    activity = street.activity(fund=fund)
    code = street.door_code(activity)
    for taken in range(1, 6):
        person = street.resident()
        both = at_once(
            lambda person=person: come(street, person, code),
            lambda person=person: street.phone(person).post(f"/activities/{activity.id}/sign-ups"),
        )
        assert both[0].status == 201
        assert both[1].status in (200, 201)
        assert left(street, activity) == 30 - taken


# who, and how somebody is recognised


def test_a_scanned_person_is_recognised_best(street, activity):
    resident = street.resident()

    seen = scan(street, activity, resident)

    assert (seen.status, seen["check_in"]["confidence"], seen["balance"]) == (201, "scan", 20)


def test_a_card_is_good_enough_to_be_checked_in(street, activity):
    elder = street.resident()
    token = street.card(elder)
    body = {"activity_id": str(activity.id), "card": token}

    seen = street.leader_of(activity).post("/check-ins", body)

    assert (seen.status, seen["check_in"]["confidence"], seen["points"]) == (201, "card", 20)
    assert seen["check_in"]["person_id"] == str(elder.id)


def test_an_unknown_or_blocked_card_is_refused(street, activity, other_street):
    elder = street.resident()
    token = street.card(elder)
    foreign = other_street.card(other_street.resident())

    def with_card(card):
        refused = street.leader_of(activity).post("/check-ins", {"activity_id": str(activity.id), "card": card})
        return refused.status, refused.code

    assert with_card(token + "x") == with_card(foreign) == (404, "card_unknown")
    street.does(lambda: setattr(session().scalars(select(Card)).one(), "blocked_at", now()))
    assert with_card(token) == (409, "card_blocked")


def test_a_ticked_name_needs_a_reason_and_keeps_it(street, activity):
    body = {"activity_id": str(activity.id), "person_id": str(street.resident().id)}

    refused = street.leader_of(activity).post("/check-ins", body)
    assert (refused.status, set(refused["errors"])) == (422, {"reason"})

    seen = street.leader_of(activity).post("/check-ins", body | {"reason": "手机没电"})
    assert (seen.status, seen["check_in"]["confidence"]) == (201, "listed")
    listed = street.leader_of(activity).get(f"/activities/{activity.id}/check-ins")["items"]
    assert [item["reason"] for item in listed] == ["手机没电"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"activity_id": "here"},
        {"code": "x", "card": "y"},
        {"activity_id": "here", "card": "x", "person_code": "y"},
        {"person_code": "1-abcdefghjkmn-12345678"},
        {"code": "x", "direction": "sideways"},
        {"code": "x", "points": 100},
        {"code": "x" * 201},
        {"code": 5},
    ],
    ids=str,
)
def test_somebody_is_seen_in_exactly_one_way(street, activity, body):
    body = body | ({"activity_id": str(activity.id)} if "activity_id" in body else {})

    assert street.leader_of(activity).post("/check-ins", body).status == 422
    assert street.rows(select(CheckIn)) == []


def test_a_helper_scans_and_a_stranger_does_not(street, activity):
    (group,) = street.rows(select(Activity.group_id))
    helper = street.gives(street.resident(), "helper", over_group(group, "清晨志愿队"))
    stranger, resident = street.resident(), street.resident()

    for refused in (
        scan(street, activity, resident, by=stranger),
        tick(street, activity, resident, by=stranger),
        tick(street, activity, stranger, by=stranger),
        scan(street, activity, resident, by=street.helper(street.group(name="别的队"))),
    ):
        assert (refused.status, refused.code) == (403, "forbidden")
    assert street.rows(select(CheckIn)) == []
    assert scan(street, activity, resident, by=helper).status == 201
    assert scan(street, activity, street.resident(), by=street.worker()).status == 201


def test_an_unknown_person_activity_or_session_is_404(street, activity):
    leader, resident = street.leader_of(activity), street.resident()
    body = {"activity_id": str(activity.id), "person_id": str(resident.id), "reason": "忘带手机"}

    for wrong in ("activity_id", "person_id", "session_id"):
        assert leader.post("/check-ins", body | {wrong: str(uuid4())}).status == 404
    assert leader.post("/check-ins", body).status == 201


def test_another_offices_person_is_404(street, other_street, activity):
    assert tick(street, activity, other_street.resident()).status == 404


def test_those_at_the_door_see_who_was_there_latest_first(street, activity):
    people = [street.resident(name) for name in ("王小英", "李雷", "韩梅梅")]
    for person in people:
        tick(street, activity, person)
    leader, path = street.leader_of(activity), f"/activities/{activity.id}/check-ins"

    first = leader.get(path, limit=2)
    rest = leader.get(path, cursor=first["next"])

    assert [item["name"] for item in first["items"] + rest["items"]] == ["韩*梅", "李*", "王*英"]
    assert rest["next"] is None
    assert street.phone(people[0]).get(path).status == 403


# the same person many times


def test_thirty_times_by_oneself_and_the_leader_is_one_presence_and_one_award(street, activity):
    resident = street.resident()
    code = street.door_code(activity)

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda: come(street, resident, code), lambda: scan(street, activity, resident)] * 15)

    assert (statuses(answers), deadlocks) == ({201: 1, 200: 29}, [])
    assert len({answer["check_in"]["id"] for answer in answers}) == 1
    assert {answer["points"] for answer in answers} == {20}
    assert (street.wallet(resident).available, street.budget_points(activity)) == (20, 580)


def test_two_people_with_one_code_are_two_presences(street, activity):
    code = street.door_code(activity)

    assert statuses([come(street, street.resident(), code) for _ in range(2)]) == {201: 2}


def test_nothing_half_written_is_left_by_a_refusal(street, fund):
    activity = street.activity(fund=fund, capacity=1)
    come(street, street.resident(), street.door_code(activity))

    for _ in range(3):
        assert come(street, street.resident(), street.door_code(activity)).code == "activity_full"

    with street.inside():
        assert transactional(lambda: len(session().scalars(select(SignUp)).all()))() == 1
    assert street.budget_points(activity) == 0


@pytest.mark.parametrize("number", [0, 9999, 32768, 65535])
def test_a_code_of_an_office_that_is_none_is_invalid(street, number):
    head = struct.pack(">BH16sI", 1, number, uuid4().bytes, 1)
    code = base64.urlsafe_b64encode(head + b"x" * 12).decode().rstrip("=")

    refused = street.phone(street.resident()).post("/check-ins", {"code": code})

    assert (refused.status, refused.code) == (422, "code_invalid")
