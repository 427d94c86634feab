"""What somebody agrees to: asked in words that are kept, given, given by doing, taken back with effect, asked again."""

from functools import partial
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from backend.foundation import outbox
from backend.foundation.db import find, session
from backend.foundation.trail import TrailRow
from backend.messages import sending
from backend.messages.subscriptions import add_credit
from backend.messages.texts import EXPIRY
from backend.people.consent_models import Consent, PolicyVersion
from backend.people.verification_models import Phone
from backend.safety import addresses
from backend.safety.models import Picture
from tests.builders.photos import a_photo, form_of
from tests.builders.races import at_once
from tests.builders.street import phone_code

PAPER = {"purposes": ["service", "messages"], "paper": True}
WORDS = "我们在积分快到期时给您发微信提醒，您可以随时撤回。"


def at_the_desk(person):
    return {"X-On-Behalf-Of": str(person.id), "X-Channel": "desk", "X-Reason": quote("本人在服务台签字")}


def said(street, person, purpose):
    """What somebody said to a purpose, step by step."""
    wanted = select(Consent).where(Consent.person_id == person.id, Consent.purpose == purpose).order_by(Consent.n)
    return [(row.n, row.version, row.state, row.channel) for row in street.rows(wanted)]


def of(answer, purpose):
    return next(each for each in answer["items"] if each["purpose"] == purpose)


def publishes(street, purpose="messages"):
    answer = street.phone(street.officer()).post("/policies", {"purpose": purpose, "text": WORDS})
    assert answer.status == 201, answer.body
    return answer


def lay_out(person):
    facts = {"points": 20, "expires_on": "2026-12-31", "days": 30, "wallet": "own"}
    outbox.put(f"expiry:{person.id}", topic=EXPIRY, person_id=person.id, facts=facts)


def is_visible(street, picture_id):
    """To everybody who is given its address."""
    with street.inside():
        address = addresses.address_of(find(Picture, UUID(picture_id)))
    return street.phone().send("GET", address).status == 200


# what is asked


def test_everybody_can_read_what_an_office_asks_without_a_token(street):
    asked = street.phone().get("/policies", office_id=street.office_id)

    assert [(each["purpose"], each["version"]) for each in asked["items"]] == [
        ("service", 1),
        ("phone", 1),
        ("messages", 1),
        ("photos", 1),
    ]
    assert of(asked, "service")["is_required"]
    assert all(len(each["text"]) > 100 for each in asked["items"])
    assert street.phone().get("/policies", office_id=9999).code == "office_unknown"


def test_other_words_are_another_version_and_ask_again_whoever_agreed_before(street):
    agreed, silent = street.phone(street.resident()), street.phone(street.resident())
    agreed.post("/me/consents", {"purpose": "messages", "version": 1})

    assert publishes(street)["version"] == 2

    assert agreed.get("/me")["consent_needed"] == ["messages"]
    assert agreed.get("/home")["person"]["consent_needed"] == ["messages"]
    assert silent.get("/me")["consent_needed"] == []
    refused = agreed.post("/me/consents", {"purpose": "messages", "version": 1})
    assert (refused.status, refused.code) == (409, "policy_changed")
    assert agreed.post("/me/consents", {"purpose": "messages", "version": 2}).status == 201
    assert agreed.get("/me")["consent_needed"] == []


def test_two_officers_at_once_publish_two_versions(street):
    phones = [street.phone(street.officer()), street.phone(street.officer("陈主任"))]

    answers = at_once(*(partial(phone.post, "/policies", {"purpose": "photos", "text": WORDS}) for phone in phones))

    assert sorted(answer["version"] for answer in answers) == [2, 3]


@pytest.mark.parametrize("table", [Consent, PolicyVersion])
def test_what_was_said_is_not_edited(street, table):
    street.resident()

    for sql in (f"UPDATE {table.__tablename__} SET version = 9", f"DELETE FROM {table.__tablename__}"):
        with pytest.raises(DBAPIError, match="append-only"):
            street.does(lambda sql=sql: session().execute(text(sql)))


# given and taken back


def test_whoever_logs_in_takes_part_and_is_asked(street):
    newcomer = street.phone(street.wechat_user("openid-new"))

    assert newcomer.get("/me")["consent_needed"] == ["service"]
    first = newcomer.post("/me/consents", {"purpose": "service", "version": 1})
    again = newcomer.post("/me/consents", {"purpose": "service", "version": 1})

    assert (first.status, first["state"], first["channel"]) == (201, "given", "app")
    assert (again.status, again["id"]) == (200, first["id"])
    assert newcomer.get("/me")["consent_needed"] == []


def test_what_nobody_takes_part_without_is_not_taken_back_by_itself(street):
    refused = street.phone(street.resident()).delete("/me/consents/service")

    assert (refused.status, refused.code) == (409, "consent_stays")
    assert "注销" in refused["message"]
    assert street.phone(street.resident()).delete("/me/consents/tea").status == 404


def test_two_taps_at_once_are_one_step(street):
    person = street.resident()
    phones = [street.phone(person), street.phone(person)]

    answers = at_once(*(partial(phone.post, "/me/consents", {"purpose": "photos", "version": 1}) for phone in phones))

    assert sorted(answer.status for answer in answers) == [200, 201]
    assert said(street, person, "photos") == [(1, 1, "given", "app")]


def test_the_phone_button_agrees_and_withdrawing_removes_the_number(street):
    person = street.person(verified="none")
    phone = street.phone(person)
    assert street.proves_phone(person, "13800138001")["person"]["verified"] == "phone"
    assert said(street, person, "phone") == [(1, 1, "given", "app")]

    gone = phone.delete("/me/consents/phone")

    assert (gone.status, gone["state"]) == (200, "withdrawn")
    me = phone.get("/me")
    assert (me["phone"], me["verified"]) == (None, "none")
    assert street.rows(select(Phone).where(Phone.person_id == person.id)) == []
    refused = street.proves_phone(person, "13800138001")
    assert (refused.status, refused.code) == (409, "consent_withdrawn")
    named = phone.post("/me/phone", {"code": phone_code("13800138001"), "consent_version": 1})
    assert (named.status, named["person"]["verified"]) == (200, "phone")
    assert [step[2] for step in said(street, person, "phone")] == ["given", "withdrawn", "given"]


def test_a_confirmed_door_does_not_rest_on_the_number(street):
    person = street.resident()
    street.proves_phone(person, "13800138002")

    street.phone(person).delete("/me/consents/phone")

    assert street.phone(person).get("/me")["verified"] == "resident"


def test_whoever_wants_no_messages_is_sent_none_also_of_what_waits(street):
    person = street.resident()
    templates = street.app.extensions["config"].wechat_templates
    street.does(lambda: (add_credit(person.id, templates[EXPIRY].id), lay_out(person)))
    assert len(street.does(sending.to_be_sent, templates, 10)) == 1
    phone = street.phone(person)

    phone.delete("/me/consents/messages")

    assert street.does(sending.to_be_sent, templates, 10) == []
    answer = phone.post("/me/subscriptions", {"templates": {templates[EXPIRY].id: "accept"}})
    assert answer.code == "consent_withdrawn"
    assert len(phone.get("/me/notices")["items"]) == 1
    phone.post("/me/consents", {"purpose": "messages", "version": 1})
    assert len(phone.post("/me/subscriptions", {"templates": {templates[EXPIRY].id: "accept"}})["items"]) == 1


def test_pictures_are_hidden_and_shown_again_with_the_agreement(street):
    person = street.resident()
    phone = street.phone(person)
    sent = phone.send("POST", "/pictures", data=form_of(purpose="activity", file=a_photo()))
    street.does(lambda: session().execute(update(Picture).values(state="shown")))
    shown = select(Picture.hidden_at).where(Picture.uploader_id == person.id)
    assert said(street, person, "photos") == [(1, 1, "given", "app")]

    phone.delete("/me/consents/photos")

    assert street.rows(shown)[0] is not None
    assert not is_visible(street, sent["id"])
    again = phone.send("POST", "/pictures", data=form_of(purpose="activity", file=a_photo()))
    assert (again.status, again.code) == (409, "pictures_not_agreed")
    phone.post("/me/consents", {"purpose": "photos", "version": 1})
    assert is_visible(street, sent["id"])


# at the desk


def test_a_paper_is_noted_with_the_person_and_a_card_needs_it(street):
    worker = street.phone(street.worker())
    form = {"name": "冯秀珍", "age_class": "adult", "reason": "没有手机"}
    without, signed = worker.post("/people", form), worker.post("/people", form | {"consent": PAPER})

    refused = worker.post("/cards", {"person_id": without["id"], "pin": "2468"})
    assert (refused.status, refused.code, refused["facts"]) == (409, "consent_needed", {"purpose": "参加幸福积分"})
    assert worker.post("/cards", {"person_id": signed["id"], "pin": "2468"}).status == 201
    rows = street.rows(select(Consent).where(Consent.on_paper).order_by(Consent.id))
    assert [(str(row.person_id), row.purpose, row.channel) for row in rows] == [
        (signed["id"], "service", "desk"),
        (signed["id"], "messages", "desk"),
    ]
    unsigned = worker.post("/people", form | {"consent": PAPER | {"paper": False}})
    assert (unsigned.status, list(unsigned["errors"])) == (422, ["consent.paper"])


def test_the_desk_notes_what_somebody_says_and_the_household_does_not(street):
    worker, elder = street.worker(), street.resident("冯秀珍", agreed_to=())
    form = {"purpose": "service", "version": 1, "paper": True}

    given = street.phone(worker).post("/me/consents", form, headers=at_the_desk(elder))

    assert (given.status, given["channel"], given["on_paper"], given["by"]) == (201, "desk", True, "社**张")
    (act,) = street.rows(select(TrailRow).where(TrailRow.act == "assisted.consent"))
    assert (act.beneficiary_id, act.channel, str(act.subject_id)) == (elder.id, "desk", given["id"])
    by_oneself = street.phone(elder).post("/me/consents", form)
    assert (by_oneself.status, list(by_oneself["errors"])) == (422, ["paper"])

    home = street.household()
    head, mother = street.person(household=home, role="head"), street.person(household=home)
    headers = {"X-On-Behalf-Of": str(mother.id), "X-Channel": "household"}
    refused = street.phone(head).post("/me/consents", {"purpose": "photos", "version": 1}, headers=headers)
    assert (refused.status, refused.code) == (403, "acting_for_others_unavailable")
