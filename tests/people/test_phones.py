"""One phone verifies one person of an office; whoever has somebody else's number waits and learns nothing."""

import sqlite3
from contextlib import closing
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from backend.foundation.db import db, session
from backend.people.models import Person
from backend.people.verification_models import PersonMerge, Phone
from backend.wechat.errors import WeChatUnavailable
from tests.builders.races import at_once, statuses
from tests.builders.street import phone_code

NUMBER = "13812341234"


def verified(street, person):
    return street.phone(person).get("/me")["verified"]


def shown(street, person):
    return street.phone(person).get("/me")["phone"]


def test_a_number_of_ones_own_verifies(street):
    person = street.person(verified="none")

    answer = street.proves_phone(person, NUMBER)

    assert (answer.status, answer["state"]) == (200, "verified")
    assert answer["person"] == street.phone(person).get("/me").body
    assert (answer["person"]["verified"], answer["person"]["phone"]) == ("phone", "138****1234")


def test_nobody_needs_a_number_to_log_in(street):
    assert shown(street, street.person(verified="none")) is None


def test_a_resident_who_adds_a_number_stays_a_resident(street):
    resident = street.resident()

    assert street.proves_phone(resident, NUMBER)["person"]["verified"] == "resident"


def test_the_same_number_again_is_the_same_answer(street):
    person = street.person(verified="none")
    first = street.proves_phone(person, NUMBER)

    assert street.proves_phone(person, NUMBER).body == first.body
    assert len(street.rows(select(Phone))) == 1


def test_the_number_of_somebody_else_waits_for_a_worker(street):
    holder, asker = street.person("王小英", verified="none"), street.person("李雷", verified="none")
    street.proves_phone(holder, NUMBER)

    answer = street.proves_phone(asker, NUMBER)

    assert (answer.status, answer["state"]) == (200, "waiting")
    assert (answer["person"]["verified"], answer["person"]["phone"]) == ("none", None)
    (case,) = street.rows(select(PersonMerge))
    assert (case.person_id, case.other_id, case.state, case.is_by_phone) == (asker.id, holder.id, "waiting", True)


def test_waiting_and_verified_look_alike_and_tell_nothing_of_the_other_one(street):
    holder, asker = street.person("王小英", verified="none"), street.person("李雷", verified="none")
    first, second = street.proves_phone(holder, NUMBER), street.proves_phone(asker, NUMBER)

    assert first.status == second.status
    assert set(first.body) == set(second.body)
    assert set(first["person"]) == set(second["person"])
    assert str(holder.id) not in str(second.body)
    assert "王" not in str(second.body)


def test_a_resident_whose_number_is_somebody_elses_stays_a_resident_and_waits(street):
    street.proves_phone(street.person(verified="none"), NUMBER)

    answer = street.proves_phone(street.resident(), NUMBER)

    assert (answer["state"], answer["person"]["verified"]) == ("waiting", "resident")


def test_asking_again_opens_no_second_case(street):
    holder, asker = street.person(verified="none"), street.person(verified="none")
    street.proves_phone(holder, NUMBER)
    for _ in range(3):
        assert street.proves_phone(asker, NUMBER)["state"] == "waiting"

    assert len(street.rows(select(PersonMerge))) == 1


def test_a_new_number_frees_the_old_one(street):
    mover, next_one = street.person(verified="none"), street.person(verified="none")
    street.proves_phone(mover, NUMBER)

    assert street.proves_phone(mover, "13900139000")["person"]["phone"] == "139****9000"

    assert street.proves_phone(next_one, NUMBER)["state"] == "verified"
    assert len(street.rows(select(Phone))) == 2


def test_who_wants_a_number_of_somebody_else_keeps_their_own(street):
    holder, asker = street.person(verified="none"), street.person(verified="none")
    street.proves_phone(holder, NUMBER)
    street.proves_phone(asker, "13900139000")

    answer = street.proves_phone(asker, NUMBER)

    assert (answer["state"], answer["person"]["phone"]) == ("waiting", "139****9000")


def test_one_number_verifies_one_person_in_each_office(street, other_street):
    answers = [place.proves_phone(place.person(verified="none"), NUMBER) for place in (street, other_street)]

    assert [answer["state"] for answer in answers] == ["verified", "verified"]


def test_of_ten_accounts_with_one_number_at_once_one_is_verified_and_nine_wait(street):
    people = [street.person(verified="none") for _ in range(10)]

    answers = at_once(*[lambda person=person: street.proves_phone(person, NUMBER) for person in people])

    assert statuses(answers) == {200: 10}
    assert sorted(answer["state"] for answer in answers) == ["verified"] + ["waiting"] * 9
    assert sorted(verified(street, person) for person in people) == ["none"] * 9 + ["phone"]
    winner = next(person for person in people if verified(street, person) == "phone")
    cases = street.rows(select(PersonMerge))
    assert {case.other_id for case in cases} == {winner.id}
    assert {case.person_id for case in cases} == {person.id for person in people} - {winner.id}


def test_two_who_swap_their_numbers_at_once_do_not_wait_for_each_other(street):
    """Each keeps their own: neither number is free at the moment at which the other one asks."""
    one, other = street.person(verified="none"), street.person(verified="none")
    street.proves_phone(one, "13800000001")
    street.proves_phone(other, "13800000002")

    answers = at_once(
        lambda: street.proves_phone(one, "13800000002"), lambda: street.proves_phone(other, "13800000001")
    )

    assert [answer["state"] for answer in answers] == ["waiting", "waiting"]
    assert len(street.rows(select(PersonMerge))) == 1  # of one pair


def test_many_numbers_of_one_person_at_once_leave_one(street):
    person = street.person(verified="none")

    answers = at_once(*[lambda n=n: street.proves_phone(person, f"1380000000{n}") for n in range(10)])

    assert {answer["state"] for answer in answers} == {"verified"}
    assert len(street.rows(select(Phone))) == 1


def test_a_code_is_good_once(street):
    code = phone_code(NUMBER)
    phone = street.phone(street.person(verified="none"))
    assert phone.post("/me/phone", {"code": code}).status == 200

    refused = phone.post("/me/phone", {"code": code})

    assert (refused.status, refused.code) == (409, "phone_code_refused")


def test_a_code_that_wechat_does_not_know_verifies_nobody(street):
    person = street.person(verified="none")

    assert street.phone(person).post("/me/phone", {"code": "nonsense"}).code == "phone_code_refused"
    assert (verified(street, person), street.rows(select(Phone))) == ("none", [])


@pytest.mark.parametrize("number", ["1234", "000000"])
def test_what_is_no_number_is_refused(street, number):
    assert street.proves_phone(street.person(), number).code == "phone_code_refused"


def test_wechat_is_asked_outside_the_transaction_and_its_silence_changes_nothing(street, monkeypatch):
    person = street.person(verified="none")
    seen = []

    class Silent:
        def phone_number_of(self, code):
            seen.append((code, session().in_transaction()))
            raise WeChatUnavailable()

    monkeypatch.setitem(street.app.extensions, "wechat", Silent())

    refused = street.phone(person).post("/me/phone", {"code": "c"})

    assert (refused.status, refused.code) == (503, "wechat_unavailable")
    assert seen == [("c", False)]
    assert verified(street, person) == "none"


def test_a_sealed_number_does_not_open_in_another_row(street):
    mine, theirs = street.person(verified="none"), street.person(verified="none")
    street.proves_phone(mine, NUMBER)
    street.proves_phone(theirs, "13900139000")
    sealed = street.rows(select(Phone.number_sealed).where(Phone.person_id == mine.id))[0]

    def put_in_the_wrong_row():
        row = session().scalars(select(Phone).where(Phone.person_id == theirs.id)).one()
        row.number_sealed = sealed
        session().flush()

    street.does(put_in_the_wrong_row)

    assert street.phone(theirs).get("/me").status == 500
    assert shown(street, mine) == "138****1234"


def test_no_number_and_no_openid_can_be_read_in_the_database_or_the_logs(street, caplog):
    """After a login, a phone and a merge; what is not sealed would be found."""
    caplog.set_level("DEBUG")
    openids = ("canary-openid-of-the-old-account", "canary-openid-of-the-new-account")
    people = []
    for openid in openids:
        code = f"stub:{openid}:{uuid4()}"
        login = street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": code})
        people.append(street.rows(select(Person).where(Person.id == UUID(login["person"]["id"])))[0])
    number = "13577799311"
    case = street.case_of(*people, number)
    decided = street.phone(street.officer()).put(
        f"/person-merges/{case}", {"decision": "merge", "keep_id": str(people[0].id), "reason": "换了手机"}
    )
    assert decided.status == 200

    stored = everything_stored(street)

    assert str(street.office.name).encode() in stored
    for secret in (*openids, number):
        assert secret.encode() not in stored, secret
        assert secret.encode().hex().encode() not in stored, secret  # as PostgreSQL writes bytes
        assert secret not in caplog.text, secret


def everything_stored(street) -> bytes:
    """The bytes of the SQLite file, or every row of every table of PostgreSQL."""
    with street.app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            with closing(sqlite3.connect(engine.url.database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(FULL)")
            stored = b""
            for ending in ("", "-wal"):
                with open(f"{engine.url.database}{ending}", "rb") as file:
                    stored += file.read()
            return stored
        with engine.connect() as connection:
            tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
            rows = (connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars() for table in tables)
            return "\n".join(row for found in rows for row in found).encode()
