"""Leaving for good: nothing of the person is left that opens or is found, and the ledger is what it was."""

import logging
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.cli.jobs import JOBS
from backend.foundation.acting import acted_by, by_clock
from backend.foundation.clock import as_of, now, shanghai_day
from backend.foundation.crypto import blind_index, seal
from backend.foundation.db import db, find, session
from backend.foundation.keyring import KEPT, SubjectKey
from backend.foundation.sealed import GONE
from backend.foundation.trail import TrailRow
from backend.ledger.accounts import CHARITY_POOL
from backend.ledger.reading import wallet_of
from backend.merchants.models import Redemption
from backend.people.models import ERASED, Card, Person
from backend.people.verification_models import Phone
from backend.places.offices import the_book
from backend.privacy import resealing
from backend.privacy.erasing import forget_again
from backend.privacy.erasure_models import ErasureRequest, KeptRecord
from tests.builders.canaries import bytes_of, found_in, in_database

CONFIRMED = {"confirmation": "注销账号"}

NAME, NUMBER, OPENID = "欧阳金凤", "13812345678", "openid-of-ouyang-jinfeng"
WORDS = (NAME, NUMBER, OPENID, "送给大家的饺子", "我的积分少了两分", "膝盖不好", "凤姐的手机")


def runs(street, name, *, after=timedelta()):
    """A job, in this office, so much later."""
    (job,) = (job for job in JOBS if job.name == name)
    with as_of(now() + after), street.app.app_context(), street.inside(), acted_by(by_clock()):
        return job.run()


def erased(street, person):
    """Somebody asks, and seven days go by."""
    answer = street.phone(person).post("/me/erasure", CONFIRMED)
    assert answer.status == 201, answer.body
    assert runs(street, "erase-people", after=timedelta(days=7)) == 1
    return answer


def lived_a_life(street):
    """Somebody with a name, a phone, a card, minutes, points, a hold, a line in a shop's books, and much said."""
    person = street.wechat_user(OPENID)
    phone = street.phone(person)
    assert phone.put("/me", {"display_name": NAME})["display_name"] == NAME
    assert street.proves_phone(person, NUMBER)["state"] == "verified"
    street.served(person, 90)
    street.earned(person, 100)
    shop = street.merchant()
    offer = street.offer(shop, price_points=20)
    sold = street.held(person, offer)
    assert street.phone(street.clerk(shop)).post("/redemptions/capture", {"code": sold["code"]}).status == 200
    held = street.held(person, offer)
    assert street.gives_points(person, 5, to="charity_pool", note="送给大家的饺子").status == 201
    filed = phone.post("/objections", {"subject": {"type": "other"}, "text": "我的积分少了两分"})
    assert filed.status == 201, filed.body
    card = street.card(person)
    for_them = {"X-On-Behalf-Of": str(person.id), "X-Channel": "desk", "X-Reason": quote("膝盖不好")}
    assert street.phone(street.officer()).send("GET", "/me/wallet", headers=for_them).status == 200
    return person, held["id"], card


@pytest.fixture
def erased_life(street):
    person, held, card = lived_a_life(street)
    with street.inside():
        before = {
            "phone index": session().scalars(select(Phone.number_index).where(Phone.person_id == person.id)).one(),
            "openid index": blind_index(OPENID, purpose=f"openid:{street.office_id}"),
            "card": session().scalars(select(Card.fingerprint).where(Card.person_id == person.id)).one(),
            "key": session().scalars(select(SubjectKey.wrapped).where(SubjectKey.subject_id == person.id)).one(),
        }
    return person, held, card, before


def test_an_erased_person_is_in_no_byte_opens_nowhere_is_found_by_nothing_and_the_ledger_is_verified(
    street, erased_life, caplog
):
    person, held, _, before = erased_life
    caplog.set_level(logging.DEBUG)
    in_wallet = street.wallet(person)
    assert (in_wallet.available, in_wallet.held) == (55, 20)

    with street.app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    assert [name for name, value in before.items() if not holds(url, value)] == []

    answer = erased(street, person)

    assert in_database(url, WORDS) == {}
    assert found_in(caplog.text.encode(), WORDS) == set()
    assert [name for name, value in before.items() if holds(url, value)] == []
    assert street.findings() == set()
    assert street.rows(select(Redemption.state).where(Redemption.id == UUID(held))) == ["released"]
    with street.inside():
        gone = find(Person, person.id)
        assert (gone.name, gone.masked_name) == (ERASED, ERASED)
        assert wallet_of(the_book(), CHARITY_POOL, today=shanghai_day(now())).available == 5 + 75
        assert still_readable(person) == []
    assert answer["points_to_the_pool"] == 75
    assert [stays["until"] is not None for stays in answer["stays"]] == [True, True, False]


def holds(url, value):
    """Do the bytes stand anywhere in the database?"""
    return any(value in content for content in bytes_of(url))


def still_readable(person):
    """Texts of rows that name the person and that still say something."""
    found = []
    for model, name in [*resealing.places(), (TrailRow, "reason")]:
        for row in session().scalars(select(model)):
            about = getattr(model, name)._whom(row)
            text = getattr(row, name)
            if about == person.id and text not in (None, GONE, ERASED) and model is not KeptRecord:
                found.append((model.__tablename__, name, text))
    return [each for each in found if each[2] != "erasure"]


def test_whoever_logs_in_with_the_same_wechat_is_somebody_new_and_the_number_is_free(street, erased_life):
    person, _, card, _ = erased_life
    erased(street, person)

    fresh = street.wechat_user(OPENID)
    assert fresh.id != person.id
    assert street.proves_phone(fresh, NUMBER)["state"] == "verified"
    assert street.phone(street.worker()).post("/cards/lookup", {"token": card}).status in (404, 422)


def test_the_name_beside_the_minutes_is_read_by_an_officer_who_says_why_until_its_day(street, erased_life):
    person, *_ = erased_life
    erased(street, person)
    officer = street.phone(street.officer())

    kept = officer.post(f"/people/{person.id}/kept-record", {"reason": "本人申请服务证明"})

    assert (kept["name"], kept["minutes"]) == (NAME, 90)
    (row,) = street.rows(select(TrailRow).where(TrailRow.act == "kept_records.read"))
    assert row.beneficiary_id == person.id
    assert runs(street, "destroy-kept", after=timedelta(days=3640)) == 0
    assert runs(street, "destroy-kept", after=timedelta(days=3660)) == 1
    assert officer.post(f"/people/{person.id}/kept-record", {"reason": "再看一次"}).code == "nothing_kept"
    (key,) = street.rows(select(SubjectKey.wrapped).where(SubjectKey.purpose == KEPT))
    assert key is None


def test_within_seven_days_one_may_think_better_of_it(street):
    person = street.resident()
    phone = street.phone(person)
    assert phone.post("/me/erasure", CONFIRMED).status == 201
    assert phone.post("/me/erasure", CONFIRMED).status == 200
    assert runs(street, "erase-people", after=timedelta(days=6, hours=23)) == 0

    assert phone.delete("/me/erasure")["is_waiting"] is False

    assert runs(street, "erase-people", after=timedelta(days=8)) == 0
    assert phone.get("/me")["display_name"] == "王小英"


def test_who_has_others_depending_on_them_hands_over_first(street):
    home = street.household()
    head = street.person("庭户长", household=home, role="head")
    street.person("老伴", household=home)
    clerk = street.clerk(street.merchant())

    assert street.phone(head).post("/me/erasure", CONFIRMED).code == "hand_over_first"
    refused = street.phone(clerk).post("/me/erasure", CONFIRMED)
    assert (refused.status, refused.code) == (409, "hand_over_first")
    assert "店员" in refused["message"]
    assert street.rows(select(ErasureRequest)) == []


def test_whoever_gets_something_to_hand_over_meanwhile_stays_until_then(street):
    person = street.resident()
    assert street.phone(person).post("/me/erasure", CONFIRMED).status == 201
    street.group(leader=person)

    assert runs(street, "erase-people", after=timedelta(days=8)) == 0
    with street.inside():
        assert find(Person, person.id).name == "王小英"


def test_a_worker_enters_it_at_the_desk_and_the_head_of_the_household_cannot(street):
    home = street.household()
    head = street.person("庭户长", household=home, role="head")
    elder = street.person("奶奶", household=home)
    by_head = {"X-On-Behalf-Of": str(elder.id), "X-Channel": "household"}
    at_desk = {"X-On-Behalf-Of": str(elder.id), "X-Channel": "desk", "X-Reason": quote("搬去外地")}

    assert street.phone(head).post("/me/erasure", CONFIRMED, headers=by_head).code == "only_oneself"
    assert street.phone(street.worker()).post("/me/erasure", CONFIRMED, headers=at_desk).status == 201
    assert [request.person_id for request in street.rows(select(ErasureRequest))] == [elder.id]


def test_who_came_back_with_an_old_backup_is_erased_again(street):
    """As if restored: the key is there, and the list beside the backup says that it must not be."""
    person = street.person("老名字")

    assert street.does(forget_again, person.id) is True

    with street.inside():
        assert find(Person, person.id).name == ERASED
    assert street.does(forget_again, UUID(int=1)) is False


def test_what_was_sealed_before_people_had_keys_is_put_under_them(street):
    person = street.resident("旧名字")
    with street.inside():
        before = find(Person, person.id).name_sealed
        old = seal("旧名字", place=f"people.name:{street.office_id}:{person.id}")
    street.does(lambda: setattr(find(Person, person.id), "name_sealed", old))
    with street.inside():
        assert find(Person, person.id).name == "旧名字"

    (place,) = (place for place in resealing.places() if place == (Person, "name"))
    assert street.does(resealing.reseal, place, after=None) == (1, None)

    with street.inside():
        fresh = find(Person, person.id)
        assert fresh.name == "旧名字"
        assert fresh.name_sealed[:17] == before[:17]
    assert street.does(resealing.reseal, place, after=None) == (0, None)
