"""Names, numbers and doors are masked; in full only by a reveal: for a reason, so many a day, told to the person."""

import json
from datetime import timedelta
from functools import cache, partial

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.db import find
from backend.foundation.trail import TrailRow
from backend.people.models import Person
from backend.privacy.reveal_models import REVEALS_A_DAY, Reveal
from tests.builders.races import at_once
from tests.builders.street import Street
from tests.test_access import ROWS, Stage, asked, braces

WHY = "上门送生日慰问品"


def look(street, viewer, person, *fields, reason=WHY):
    return street.phone(viewer).post(f"/people/{person.id}/reveals", {"fields": fields or ("name",), "reason": reason})


def test_a_worker_sees_what_was_asked_for_and_nothing_else_is_told(street):
    worker, elder = street.worker(), street.resident("冯秀珍")
    street.proves_phone(elder, "13800138003")

    seen = look(street, worker, elder, "phone", "name")

    assert (seen.status, seen["name"], seen["phone"], "door" in seen.body) == (201, "冯秀珍", "+8613800138003", False)
    assert (seen["left_today"], seen.headers["Cache-Control"]) == (19, "no-store")
    assert look(street, worker, elder, "door")["door"].startswith("1号楼2单元")
    assert look(street, worker, street.resident(), "phone")["phone"] is None


def test_the_person_sees_who_looked_and_why_and_the_trail_does_not_say_what_was_seen(street):
    worker, elder = street.worker(), street.resident("冯秀珍")
    look(street, worker, elder, "name", "door")

    (told,) = street.phone(elder).get("/me/reveals")["items"]

    assert (told["by"], told["fields"], told["reason"]) == ("社**张", ["name", "door"], WHY)
    (row,) = street.rows(select(TrailRow).where(TrailRow.act == "people.reveal"))
    assert (row.actor_id, row.beneficiary_id) == (worker.id, elder.id)
    assert row.after == {"name": "shown", "door": "shown"}
    (stored,) = street.rows(select(Reveal))
    assert WHY.encode() not in stored.reason_sealed


def test_nobody_reveals_their_own_household_or_people_of_other_areas(street):
    worker, home = street.worker(), street.household()
    street.moves(worker, home)
    mother = street.person(household=home)

    assert look(street, worker, mother).code == "own_desk"
    assert look(street, worker, worker).code == "own_desk"
    assert look(street, street.worker(street.area()), mother).status == 404
    assert look(street, worker, street.resident(), reason="看").status == 422


def test_so_many_a_day_and_also_of_two_at_once_only_one_is_the_last(street):
    worker, elder = street.worker(), street.resident()
    for _ in range(REVEALS_A_DAY - 1):
        assert look(street, worker, elder).status == 201

    answers = at_once(*[partial(look, street, worker, elder)] * 3)

    assert sorted(answer.status for answer in answers) == [201, 429, 429]
    refused = look(street, worker, elder)
    assert (refused.code, 0 < int(refused.headers["Retry-After"]) <= 24 * 3600) == ("reveals_used_up", True)
    assert look(street, street.officer(), elder).status == 201
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        assert look(street, worker, elder).status == 201


# Where a full name of somebody else is what the screen is for.
NEEDS_NAMES = {
    "GET /groups/{group}/members": "a leader calls the members of the own group by name",
    "GET /groups/{group}/applications": "a leader decides about somebody, and not about a masked name",
    "GET /activities/{activity}/sign-ups": "the roster at the door",
    "GET /activities/{activity}/check-ins": "the roster at the door",
    "GET /reviews": "whoever confirms a presence has to know whose",
    "GET /content-reviews": "a worker judges the very words that somebody wrote",
    "GET /group-charters": "nobody's name: a charter has deputy leaders (副队长), and so has the stage",
    "GET /groups/{group}/entries/{group_entry}/why": "nobody's name: two leaders, or a 副队长, decide together",
    "GET /delegations": "officers agree to a manager by name",
    "GET /roles": "who holds an office over residents is no secret in the office",
}


@pytest.fixture(scope="module")
def stage(app):
    return Stage(Street.opened_in(app))


@pytest.mark.parametrize("caller", ["worker", "officer", "auditor", "leader", "clerk"])
def test_no_list_says_the_full_name_or_number_of_others(caller, stage):
    street = stage.street
    street.proves_phone(stage.people["resident"], "13800138004")
    with street.inside():
        me = stage.people[caller].id
        everybody = {person.name for person in street.rows(select(Person)) if person.id != me}
        mine = find(Person, me).name
    # Of two letters the masked name is one letter, and two letters are words of other things.
    names = {name for name in everybody - {mine} if len(name) > 2}
    telling = {}
    for row in ROWS:
        case = next((case for case in ("own", "any") if case in ROWS[row]), None)
        may = case and (ROWS[row][case].statuses[caller] or 999) < 300
        if not row.startswith("GET") or not may or row in NEEDS_NAMES:
            continue
        filled = cache(stage.filler(case, caller))
        for brace in braces(row):
            filled(brace)
        answer = asked(row, stage.phones[caller], filled)
        text = json.dumps(answer.body, ensure_ascii=False)
        found = {name for name in names if name in text}
        if found or "13800138004" in text:
            telling[row] = found

    assert telling == {}
