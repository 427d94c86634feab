"""The paper card: issued at the desk, blocked at once, replaced; five tries for the PIN that only its holder knows."""

import re

import pytest
from sqlalchemy import select

from backend.people.assisted_models import CardChange
from backend.people.models import Card
from backend.people.pin_rules import is_easy
from tests.builders.races import at_once, codes, deadlocks_counted, statuses


@pytest.fixture
def worker(street):
    return street.worker()


@pytest.fixture
def elder(street):
    return street.resident("冯秀珍")


def issue(street, worker, person, pin="2468"):
    return street.phone(worker).post("/cards", {"person_id": str(person.id), "pin": pin})


def look_up(street, by, token):
    return street.phone(by).post("/cards/lookup", {"token": token})


def replace(street, by, card, **more):
    return street.phone(by).post(f"/cards/{card['id']}/replace", {"pin": "1357", "reason": "卡丢了"} | more)


def block(street, by, card):
    return street.phone(by).post(f"/cards/{card['id']}/block", {"reason": "卡丢了"})


def cards(street, by, person):
    return street.phone(by).get("/cards", person_id=str(person.id))


# issuing


def test_a_worker_issues_a_card_whose_token_is_told_once(street, worker, elder):
    issued = issue(street, worker, elder)

    assert (issued.status, issued["is_locked"], issued["blocked_at"]) == (201, False, None)
    assert issued["token"].startswith(f"{street.office_id}.")
    assert re.fullmatch("[0-9]{8}", issued["number"])
    listed = cards(street, worker, elder)
    assert issued["token"] not in str(listed.body)
    assert [change["change"] for change in listed["items"][0]["history"]] == ["issued"]
    stored = street.rows(select(Card))[0]
    assert issued["token"].encode() not in stored.fingerprint
    assert "2468" not in stored.pin_hash
    assert stored.pin_hash.startswith("scrypt:")


@pytest.mark.parametrize("pin", ["0000", "1234", "9876", "8888", "1212", "121212", "456789", "7890", "3210"])
def test_a_pin_that_everybody_tries_first_is_refused(street, worker, elder, pin):
    refused = issue(street, worker, elder, pin)

    assert (refused.status, list(refused["errors"])) == (422, ["pin"])
    assert is_easy(pin)


@pytest.mark.parametrize("pin", ["246", "1234567", "12a4", "１３５７", "", " 2468x", "２468"])
def test_a_pin_is_four_to_six_digits(street, worker, elder, pin):
    assert (issue(street, worker, elder, pin).status, issue(street, worker, elder, pin)["code"]) == (422, "invalid")


@pytest.mark.parametrize("pin", ["2468", "135790", "20471", "5081"])
def test_any_other_pin_will_do(pin):
    assert not is_easy(pin)


def test_somebody_has_one_card_at_a_time(street, worker, elder):
    issue(street, worker, elder)

    again = issue(street, worker, elder)

    assert (again.status, again.code) == (409, "card_exists")
    assert len(street.rows(select(Card))) == 1


def test_two_workers_at_once_issue_one_card(street, worker, elder):
    other = street.worker()

    answers = at_once(*[lambda by=by: issue(street, by, elder) for by in (worker, other, worker, other)])

    assert (statuses(answers), codes(answers)) == ({201: 1, 409: 3}, {"card_exists": 3})


def test_a_card_is_for_residents(street, elder):
    newcomer = street.person(verified="phone")

    assert (issue(street, street.officer(), newcomer).code) == "resident_needed"


def test_a_worker_serves_their_own_area(street, elder):
    elsewhere = street.worker(street.area())

    assert (issue(street, elsewhere, elder).status, cards(street, elsewhere, elder).status) == (404, 404)


def test_nobody_issues_a_card_at_home(street, worker):
    home = street.household()
    street.moves(worker, home)
    mother = street.person(household=home)

    for person in (worker, mother):
        refused = issue(street, worker, person)
        assert (refused.status, refused.code) == (403, "own_desk")


# the sheet


def test_the_sheet_has_the_code_and_the_number_and_nothing_else(street, worker, elder):
    issued = issue(street, worker, elder)

    with street.app.test_client() as client:
        page = client.post(
            "/api/v1/cards/sheet", json={"token": issued["token"]}, headers=street.phone(worker)._headers()
        )

    text = page.get_data(as_text=True)
    assert (page.status_code, page.mimetype, page.headers["Cache-Control"]) == (200, "text/html", "no-store")
    assert "<svg" in text
    assert issued["number"] in text
    for secret in ("冯秀珍", "冯*珍", "2468", "1号楼", issued["token"]):
        assert secret not in text


def test_the_sheet_of_another_area_or_of_a_blocked_card_is_not_printed(street, worker, elder):
    issued = issue(street, worker, elder)
    sheet = {"token": issued["token"]}

    assert street.phone(street.worker(street.area())).post("/cards/sheet", sheet).status == 404
    block(street, worker, issued)
    assert street.phone(worker).post("/cards/sheet", sheet).code == "card_blocked"


# looking up


def test_a_card_is_looked_up_by_those_who_are_shown_it(street, worker, elder):
    token = issue(street, worker, elder)["token"]
    clerk, helper = street.clerk(street.merchant()), street.helper(street.group())

    for by in (worker, clerk, helper):
        found = look_up(street, by, token)
        assert (found.status, found["person"]["name"], found["is_blocked"]) == (200, "冯*珍", False)
    assert look_up(street, elder, token).status == 403
    assert look_up(street, clerk, f"{street.office_id}.nothing").code == "card_unknown"


def test_guessing_at_cards_is_counted(street):
    clerk = street.clerk(street.merchant())

    answers = [look_up(street, clerk, f"{street.office_id}.guess{n}").status for n in range(61)]

    assert answers == [404] * 60 + [429]


# blocking


def test_the_holder_the_head_and_a_worker_block_it_at_once(street, worker):
    home = street.household()
    head = street.person("郑文华", household=home, role="head")
    for blocker in ("worker", "head", "holder"):
        holder = street.person("冯秀珍", household=home)
        issued = issue(street, worker, holder)
        by = {"worker": worker, "head": head, "holder": holder}[blocker]

        blocked = block(street, by, issued)

        assert (blocked.status, blocked["blocked_at"] is not None) == (200, True), blocker
        assert look_up(street, worker, issued["token"])["is_blocked"]
        again = block(street, by, issued)
        assert (again.status, again["blocked_at"]) == (200, blocked["blocked_at"])


def test_nobody_else_blocks_it(street, worker):
    home = street.household()
    street.person("郑文华", household=home, role="head")
    holder, sister = street.person("冯秀珍", household=home), street.person("冯秀英", household=home)
    issued = issue(street, worker, holder)

    for by in (sister, street.resident(), street.worker(street.area()), street.auditor()):
        assert block(street, by, issued).status == 404
    assert not look_up(street, worker, issued["token"])["is_blocked"]


def test_a_blocked_card_checks_nobody_in(street, worker, elder):
    issued = issue(street, worker, elder)
    activity = street.activity()
    block(street, worker, issued)

    refused = street.leader_of(activity).post("/check-ins", {"activity_id": str(activity.id), "card": issued["token"]})

    assert (refused.status, refused.code) == (409, "card_blocked")


# replacing


def test_a_lost_card_is_replaced_and_stays_on_record(street, worker, elder):
    old = issue(street, worker, elder)

    new = replace(street, worker, old)

    assert (new.status, new["replaces_id"], new["token"] != old["token"]) == (201, old["id"], True)
    assert look_up(street, worker, old["token"])["is_blocked"]
    assert not look_up(street, worker, new["token"])["is_blocked"]
    listed = cards(street, worker, elder)["items"]
    assert [card["id"] for card in listed] == [new["id"], old["id"]]
    assert [(change["change"], change["reason"]) for change in listed[1]["history"]] == [
        ("replaced", "卡丢了"),
        ("issued", None),
    ]


def test_a_card_that_was_blocked_before_is_replaced_too(street, worker, elder):
    old = issue(street, worker, elder)
    block(street, elder, old)

    assert replace(street, worker, old).status == 201


def test_two_workers_at_once_replace_it_once(street, worker, elder):
    old, other = issue(street, worker, elder), street.worker()

    with deadlocks_counted(street.app) as deadlocks:
        answers = at_once(*[lambda by=by: replace(street, by, old) for by in (worker, other) * 3])

    assert (statuses(answers), codes(answers), deadlocks) == ({201: 1, 409: 5}, {"card_exists": 5}, [])
    assert len(street.rows(select(Card).where(Card.blocked_at.is_(None)))) == 1


def test_reasons_are_sealed(street, worker, elder):
    block(street, worker, issue(street, worker, elder))

    (change,) = street.rows(select(CardChange).where(CardChange.change == "blocked"))
    assert "卡丢了".encode() not in change.reason_sealed
    assert change.changer_id == worker.id


# the PIN


def test_the_desk_sets_another_pin_and_says_why(street, worker, elder):
    issued = issue(street, worker, elder)
    path = f"/cards/{issued['id']}/pin"

    assert street.phone(worker).post(path, {"pin": "2580"}).status == 422
    assert street.phone(worker).post(path, {"pin": "1111", "reason": "忘了"}).status == 422
    assert street.phone(worker).post(path, {"pin": "2580", "reason": "忘了"}).status == 200
    assert street.phone(elder).post(path, {"pin": "2580", "reason": "忘了"}).status == 403
    block(street, worker, issued)
    assert street.phone(worker).post(path, {"pin": "2580", "reason": "忘了"}).code == "card_blocked"


def test_accounts_made_one_keep_one_card(street, worker):
    one, other = street.resident(), street.resident()
    tokens = [issue(street, worker, person)["token"] for person in (one, other)]

    street.merged(one, other)

    found = [look_up(street, worker, token) for token in tokens]
    assert [each["is_blocked"] for each in found] == [True, False]
    assert {each["person"]["id"] for each in found} == {str(other.id)}
