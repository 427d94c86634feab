"""Name, elder mode, personal code, roles: what somebody is and shows here."""

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.roles import grant_role
from backend.people.scopes import over_area, over_office


def digits_by_rfc_6238(secret: str, at: float) -> str:
    """The eight digits, from the secret and the clock alone: HMAC-SHA256, steps of 30 s, RFC 4226 truncation."""
    key = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    counter = int(at // 30)
    digest = hmac.new(key, counter.to_bytes(8, byteorder="big"), hashlib.sha256).digest()
    offset = digest[31] % 16
    number = (digest[offset] % 128) << 24 | digest[offset + 1] << 16 | digest[offset + 2] << 8 | digest[offset + 3]
    return str(number)[-8:].rjust(8, "0")


def scan(street, activity, code):
    return street.leader_of(activity).post("/check-ins", {"activity_id": str(activity.id), "person_code": code})


def test_a_name_and_the_elder_mode_can_be_changed_one_by_one(street):
    phone = street.phone(street.resident("王小英"))

    assert phone.put("/me", {"display_name": " 王英 "})["display_name"] == "王英"
    assert phone.put("/me", {"elder_mode": True})["display_name"] == "王英"
    assert phone.get("/me")["elder_mode"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": ""},
        {"display_name": "   "},
        {"display_name": "长" * 21},
        {"display_name": "a\u0000b"},
        {"display_name": None},
        {"elder_mode": "true"},
        {"verified": "resident"},
        {"id": "67a76b86-c1e8-43e7-898a-c20b3aa9e760"},
    ],
    ids=str,
)
def test_nobody_becomes_what_they_are_not_by_editing_themselves(street, body):
    person = street.person("王小英", verified="none")
    phone = street.phone(person)

    refused = phone.put("/me", body)

    assert (refused.status, set(refused["errors"])) == (422, set(body))
    assert (phone.get("/me")["display_name"], phone.get("/me")["verified"]) == ("王小英", "none")


def test_a_household_is_shown_by_its_door(street):
    household = street.household("3号楼1单元102")

    mine = street.phone(street.person(household=household)).get("/me")["household"]

    assert mine == {"id": str(household.id), "name": "3号楼1单元102", "role": "member"}


@pytest.mark.parametrize("office_clock", ["2026-11-23T10:00:00Z", "2027-02-28T15:59:59.999Z", "2099-01-01T00:00:29Z"])
def test_the_phone_computes_the_digits_of_its_code_from_the_secret_alone(street, office_clock):
    at = datetime.fromisoformat(office_clock)
    phone = street.phone(street.resident())
    with time_machine.travel(at, tick=False):
        shown = phone.get("/me/code")
        begins = at.timestamp() // 30 * 30

    office, token, digits = shown["code"].split("-")
    assert int(office) == street.office_id
    assert re.fullmatch("[A-Za-z0-9]{12}", token)
    assert digits == digits_by_rfc_6238(shown["secret"], at.timestamp())
    assert datetime.fromisoformat(shown["valid_until"]).timestamp() == begins + 30


def test_a_code_computed_without_a_network_is_as_good_as_a_fetched_one(street):
    activity = street.activity()
    person = street.resident()
    shown = street.phone(person).get("/me/code")
    with time_machine.travel(now() + timedelta(minutes=40), tick=False):
        offline = shown["code"][:-8] + digits_by_rfc_6238(shown["secret"], now().timestamp())

        seen = scan(street, activity, offline)

    assert (seen.status, seen["check_in"]["person_id"]) == (201, str(person.id))


@pytest.mark.parametrize(
    ("steps_away", "refused_as"),
    [(-1, None), (0, None), (1, None), (-2, "code_expired"), (-119, "code_expired"), (2, "code_invalid")],
)
def test_a_personal_code_is_good_for_one_step_before_and_after_its_own(street, steps_away, refused_as):
    activity = street.activity()
    shown = street.phone(street.resident()).get("/me/code")
    with time_machine.travel(now(), tick=False):
        there = now().timestamp() + 30 * steps_away

        seen = scan(street, activity, shown["code"][:-8] + digits_by_rfc_6238(shown["secret"], there))

    assert (seen.status < 300) == (refused_as is None)
    if refused_as:
        assert (seen.status, seen.code) == ({"code_expired": 409, "code_invalid": 422}[refused_as], refused_as)


def test_an_edited_personal_code_is_invalid(street):
    activity = street.activity()
    code = street.phone(street.resident()).get("/me/code")["code"]
    office, token, digits = code.split("-")
    other_digits = f"{(int(digits) + 1) % 10**8:08d}"

    for edited in (
        f"{office}-{token}-{other_digits}",
        f"{office}-{'a' * 12}-{digits}",
        f"{office}-{token}",
        code + "0",
        " ",
        "٣" * 24,
    ):
        refused = scan(street, activity, edited)
        assert refused.status == 422, edited
        if edited != " ":
            assert refused.code == "code_invalid", edited


def test_one_persons_digits_do_not_fit_another_persons_token(street):
    activity = street.activity()
    mine, theirs = (street.phone(street.resident()).get("/me/code")["code"] for _ in range(2))

    assert scan(street, activity, theirs[:-8] + mine[-8:]).code == "code_invalid"


def test_a_code_of_another_office_is_refused_with_that_offices_name(street, other_street):
    activity = street.activity()
    foreign = other_street.phone(other_street.resident()).get("/me/code")["code"]

    refused = scan(street, activity, foreign)

    assert (refused.status, refused.code) == (409, "code_other_office")
    assert refused["facts"] == {"office": other_street.office.name}
    assert other_street.office.name in refused["message"]


def test_a_code_of_an_office_that_does_not_exist_is_invalid(street):
    activity = street.activity()
    code = street.phone(street.resident()).get("/me/code")["code"]

    assert scan(street, activity, "9998" + code[code.index("-") :]).code == "code_invalid"


def test_no_name_and_no_door_can_be_read_in_the_database(street):
    canary, door = "鹪鹩小雀儿", "蔷薇里77号楼9单元"
    person = street.person(canary, household=street.household(door))
    assert street.phone(person).get("/me")["display_name"] == canary

    with street.inside():
        engine = session().get_bind()
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(FULL)")
            with open(engine.url.database, "rb") as file:
                stored = file.read()
            with open(f"{engine.url.database}-wal", "rb") as file:
                stored += file.read()
        else:
            rows = session().execute(select(Person.__table__).where(Person.__table__.c.office_id == street.office_id))
            stored = repr(rows.all()).encode()
    assert person.code_token.encode() in stored  # what is not sealed would be found
    for secret in (canary, door):
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            assert secret.encode(encoding) not in stored


def test_a_sealed_name_does_not_open_in_another_persons_row(street):
    mine, theirs = street.resident("王小英"), street.resident("李雷")

    street.does(
        lambda: session().execute(update(Person).where(Person.id == theirs.id).values(name_sealed=mine.name_sealed))
    )

    assert street.phone(theirs).get("/me").status == 500
    assert street.phone(mine).get("/me").status == 200


def test_a_role_ends_on_its_day(street):
    officer = street.resident()
    with time_machine.travel(now(), tick=False) as clock:
        street.does(
            grant_role,
            officer.id,
            "officer",
            over_office(street.office),
            granted_by_id=None,
            ends_at=now() + timedelta(days=1),
        )
        phone = street.phone(officer)
        assert phone.get("/allocations").status == 200
        (shown,) = phone.get("/me")["roles"]
        assert (shown["role"], shown["agency"], shown["starts_at"]) == ("officer", None, None)
        assert shown["scope"] == {"type": "office", "id": None, "name": street.office.name}
        assert datetime.fromisoformat(shown["ends_at"]) == now() + timedelta(days=1)
        clock.shift(timedelta(days=1))
        assert phone.get("/allocations").status == 403
        assert phone.get("/me")["roles"] == []


def test_a_withdrawn_role_ends_at_once_whatever_the_token_says(street):
    phone = street.phone(street.officer())
    token = {"Authorization": phone._headers()["Authorization"]}
    assert street.phone().send("GET", "/allocations", headers=token).status == 200

    street.does(lambda: session().execute(update(Role).values(withdrawn_at=now())))

    refused = street.phone().send("GET", "/allocations", headers=token)
    assert (refused.status, refused.code) == (403, "forbidden")


def test_a_worker_of_one_community_is_nobody_special_in_the_next(street):
    group = street.group()
    there = street.gives(street.resident(), "worker", over_area(street.area("安宁社区")))

    assert street.phone(there).get(f"/groups/{group.id}/applications").status == 403
    assert street.phone(street.worker()).get(f"/groups/{group.id}/applications").status == 200


def test_nobody_is_granted_a_role_by_themselves(street):
    person = street.resident()

    with pytest.raises(IntegrityError, match="nobody_grants_to_themselves"):
        street.does(grant_role, person.id, "officer", over_office(street.office), granted_by_id=person.id)
