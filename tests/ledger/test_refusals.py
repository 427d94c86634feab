"""The list of refusals and their order are a public contract: one code, one status, one advice in Chinese.

identity 401, shape 422, replay 200, key_reused 422, references 404, permission 403, what is resolved, reversed or
expired 409, points 409, busy 503, integrity 503. Where two of them apply, the earlier one is said. A refusal changes
no row of the ledger.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from backend.foundation.clock import now
from backend.foundation.db import db, find
from backend.foundation.errors import AppError, Busy, Replan
from backend.foundation.ids import uuid7
from backend.ledger import errors as ledger_errors
from backend.ledger import holds
from backend.ledger.accounts import MOST, budget_account
from backend.ledger.drafts import Draft
from backend.ledger.errors import (
    AlreadyResolved,
    AlreadyReversed,
    AwardExpired,
    BalanceTooLarge,
    BookBroken,
    BudgetExhausted,
    HoldExpired,
    InsufficientPoints,
    KeyReused,
)
from backend.ledger.plans import TakingBack
from backend.ledger.posting import post_many
from backend.merchants import counter, redeeming
from backend.merchants.models import Offer
from tests.builders.phone import a_key
from tests.ledger.bookkeeping import BAKERY, POT, WANG, dated, in_shanghai, told

AT = in_shanghai(2026, 5, 4, 10)
LATER, EXPIRED = in_shanghai(2026, 5, 4, 12), in_shanghai(2028, 1, 1, 9)

STATUSES = {
    KeyReused: (422, "key_reused"),
    AlreadyResolved: (409, "already_resolved"),
    AlreadyReversed: (409, "already_reversed"),
    AwardExpired: (409, "award_expired"),
    HoldExpired: (409, "hold_expired"),
    InsufficientPoints: (409, "insufficient_points"),
    BudgetExhausted: (409, "budget_exhausted"),
    BalanceTooLarge: (409, "balance_too_large"),
    Busy: (503, "busy"),
    BookBroken: (503, "integrity"),
}


def is_chinese(advice: str) -> bool:
    return bool(re.search(r"[一-鿿]", advice)) and "{" not in advice


def refused(book: Any, refusal: type[AppError], deed: Any, **facts: Any) -> None:
    """The deed is refused with that code, its status, its advice and these facts, and leaves every row as it was."""
    before = book.everything()
    with pytest.raises(AppError) as caught:
        deed()
    said = caught.value
    assert type(said) is refusal
    assert (said.status, said.code) == STATUSES[refusal]
    assert said.facts == facts
    assert is_chinese(said.text)
    assert book.everything() == before


# The codes of the ledger


def test_every_code_of_the_ledger_is_in_this_list_once():
    named = {
        thing
        for thing in vars(ledger_errors).values()
        if isinstance(thing, type) and issubclass(thing, AppError) and thing.__module__ == ledger_errors.__name__
    }

    assert named | {Busy} == set(STATUSES)
    assert len({code for _, code in STATUSES.values()}) == len(STATUSES)
    assert [(refusal.status, refusal.code) for refusal in STATUSES] == list(STATUSES.values())


@pytest.mark.parametrize("refusal", STATUSES, ids=lambda refusal: refusal.code)
def test_every_code_has_advice_in_chinese_and_what_is_to_be_repeated_says_when(refusal):
    assert is_chinese(refusal.message.format(**refusal.advice_facts))
    assert (refusal.retry_after is not None) == (refusal.status == 503)


@pytest.fixture
def rich(book):
    """Wang has 20 points."""
    book.gives(20, at=AT)
    return book


def test_key_reused_is_said_to_a_client_who_wants_something_else_under_the_same_key(rich):
    rich.holds(5, key="tap", at=AT)

    refused(rich, KeyReused, lambda: rich.holds(6, key="tap", at=AT))


def test_already_resolved_names_who_was_first_and_when(rich):
    hold_id = rich.holds(5, at=AT)
    rich.releases(hold_id, at=AT)

    refused(rich, AlreadyResolved, lambda: rich.captures(hold_id, at=AT), kind="release", at=AT)


def test_already_reversed_names_who_was_first_and_when(rich):
    capture = rich.captures(rich.holds(5, at=AT), at=AT).id
    back = rich.refunds(capture, at=AT).id
    another = Draft("refund", "refund:another", told(LATER), tuple(rich.moves(back)), reverses_id=capture)

    refused(rich, AlreadyReversed, lambda: rich.posts(another, at=LATER), kind="refund", at=AT)


def test_award_expired_is_said_when_nothing_is_left_and_its_last_day_has_passed(book):
    book.posts(book.allocation(20, at=AT), book.reservation(20, at=AT), at=AT)
    award = book.posts(book.award(20, at=AT), at=AT)[0].id
    book.captures(book.holds(20, at=AT), at=AT)

    refused(book, AwardExpired, lambda: book.reverses(award, at=EXPIRED), last_day=dated(AT).last_day)


def test_hold_expired_says_when(rich):
    hold_id = rich.holds(5, at=AT)
    until = AT + timedelta(minutes=15)

    refused(rich, HoldExpired, lambda: rich.captures(hold_id, at=until), expired_at=until)


@pytest.mark.parametrize("wish", ["hold", "gift", "transfer"])
def test_insufficient_points_says_what_is_needed_and_what_is_there(rich, wish):
    made = {
        "hold": rich.hold(21, at=AT),
        "gift": rich.gift(21, POT, at=AT),
        "transfer": rich.transfer(21, WANG, POT, at=AT),
    }[wish]

    refused(rich, InsufficientPoints, lambda: rich.posts(made, at=AT), required=21, available=20)


def test_balance_too_large_is_said_above_what_every_reader_keeps_exactly(book):
    book.posts(book.allocation(MOST))

    refused(book, BalanceTooLarge, lambda: book.posts(book.allocation(1)))


def test_busy_is_said_when_somebody_else_was_faster_four_times(rich):
    attempts = []

    def never_in_time(b: Any) -> None:
        attempts.append(1)
        post_many(b, [rich.hold(5, at=AT)])
        raise Replan()

    refused(rich, Busy, lambda: rich.does(never_in_time, at=AT))
    assert len(attempts) == 4


def test_integrity_is_said_when_a_named_entry_is_not_in_the_book(rich):
    nobodys = uuid4()

    refused(rich, BookBroken, lambda: rich.captures(nobodys, at=AT), hold=str(nobodys))
    refused(rich, BookBroken, lambda: rich.refunds(nobodys, at=AT), capture=str(nobodys))
    refused(rich, BookBroken, lambda: rich.reverses(nobodys, at=AT), award=str(nobodys))


# Their order in the ledger


def test_a_replay_is_answered_although_the_points_are_gone(rich):
    first = rich.holds(20, key="tap", at=AT)

    again = rich.posts(rich.hold(20, key="tap", at=AT), at=AT)[0]

    assert (again.id, again.is_replay) == (first, True)


def test_a_replay_is_answered_although_the_hold_would_have_expired_by_now(rich):
    hold_id = rich.holds(5, at=AT)
    first = rich.captures(hold_id, at=AT)

    assert rich.captures(hold_id, at=LATER) == type(first)(first.id, True)


def test_a_replay_is_answered_although_the_award_has_expired_by_now(book):
    book.posts(book.allocation(20, at=AT), book.reservation(20, at=AT), at=AT)
    award = book.posts(book.award(20, at=AT), at=AT)[0].id
    book.captures(book.holds(20, at=AT), at=AT)
    first = book.reverses(award, at=AT)

    assert book.reverses(award, at=EXPIRED) == type(first)(first.id, True)


def test_key_reused_comes_before_insufficient_points(rich):
    rich.holds(20, key="tap", at=AT)

    refused(rich, KeyReused, lambda: rich.holds(999, key="tap", at=AT))


def test_key_reused_comes_before_already_resolved_in_one_batch(rich):
    hold_id = rich.holds(5, key="tap", at=AT)
    rich.releases(hold_id, at=AT)
    other = Draft(
        "capture",
        "capture:other",
        told(AT),
        tuple(rich.moves(rich.captures(rich.holds(5, at=AT), at=AT).id)),
        resolves_id=hold_id,
    )

    refused(rich, KeyReused, lambda: rich.posts(rich.hold(6, key="tap", at=AT), other, at=AT))


def test_already_resolved_comes_before_hold_expired_and_names_the_capture(rich):
    """Captured in time, and long expired when its owner cancels: they are told that the goods were fetched."""
    hold_id = rich.holds(5, at=AT)
    rich.captures(hold_id, at=AT)

    refused(rich, AlreadyResolved, lambda: rich.releases(hold_id, at=LATER), kind="capture", at=AT)


def test_already_resolved_comes_before_hold_expired_and_names_the_release(rich):
    hold_id = rich.holds(5, at=AT)
    rich.releases(hold_id, at=AT)

    refused(rich, AlreadyResolved, lambda: rich.captures(hold_id, at=LATER), kind="release", at=AT)


def test_already_resolved_comes_before_insufficient_points(rich):
    hold_id = rich.holds(5, at=AT)
    moves = tuple(rich.moves(rich.releases(hold_id, at=AT).id))
    other = Draft("release", "release:other", told(AT), moves, resolves_id=hold_id)

    refused(rich, AlreadyResolved, lambda: rich.posts(rich.hold(999, at=AT), other, at=AT), kind="release", at=AT)


def test_already_reversed_comes_before_award_expired(book):
    book.posts(book.allocation(20, at=AT), book.reservation(20, at=AT), at=AT)
    award = book.posts(book.award(20, at=AT), at=AT)[0].id
    book.reverses(award, at=AT)
    back = TakingBack(WANG, dated(AT), 20, budget_account("a1"))
    another = Draft("reverse", "reverse:another", told(EXPIRED), plan=back, reverses_id=award)

    refused(book, AlreadyReversed, lambda: book.posts(another, at=EXPIRED), kind="reverse", at=AT)


def test_hold_expired_comes_before_insufficient_points(rich):
    """A capture that came too late is not planned any more."""
    hold_id = rich.holds(20, at=AT)

    def both(b: Any) -> None:
        capture = holds.capture(b, hold_id=hold_id, merchant=BAKERY, told=told(LATER), entry_id=uuid7())
        post_many(b, [rich.hold(999, at=LATER), capture])

    refused(rich, HoldExpired, lambda: rich.does(both, at=LATER), expired_at=AT + timedelta(minutes=15))


def test_insufficient_points_comes_before_balance_too_large(rich):
    made = [rich.allocation(MOST, at=AT), rich.hold(21, at=AT)]

    refused(rich, InsufficientPoints, lambda: rich.posts(*made, at=AT), required=21, available=20)


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
def test_what_the_database_could_not_serialise_is_busy_and_never_a_lack_of_points(rich, state):
    """A deadlock, a lock that did not come, a serialisation failure: even where the points would not do either."""
    with nothing_serialises(rich, state) as attempts:
        refused(rich, Busy, lambda: rich.posts(rich.hold(999, at=AT), at=AT))

    assert len(attempts) == 4
    refused(rich, InsufficientPoints, lambda: rich.posts(rich.hold(999, at=AT), at=AT), required=999, available=20)


@contextmanager
def nothing_serialises(book: Any, state: str) -> Iterator[list[str]]:
    """Whatever claims an entry fails as PostgreSQL says it; the attempts."""
    attempts: list[str] = []

    def fail(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith("INSERT INTO ledger_entries"):
            attempts.append(sql)
            original = Exception(state)
            original.sqlstate = state  # type: ignore[attr-defined]
            raise OperationalError(sql, {}, original)

    with book.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield attempts
    finally:
        event.remove(engine, "before_cursor_execute", fail)


def test_what_a_budget_or_fund_lacks_is_busy_to_the_ledger_for_the_deed_looks_first(book):
    """`budget_exhausted` is said by whoever read the budget before; the ledger only knows that it has changed."""
    book.posts(book.allocation(10))

    refused(book, Busy, lambda: book.posts(book.reservation(11)))


# Over HTTP


@pytest.fixture
def shop(street):
    return street.merchant()


@pytest.fixture
def offer(street, shop):
    return street.offer(shop, price_points=10, stock=100)


@pytest.fixture
def clerk(street, shop):
    return street.clerk(shop)


@pytest.fixture
def resident(street):
    return street.earned(street.resident(), 100)


def says(answer: Any, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.body
    assert is_chinese(answer["message"])
    assert ("Retry-After" in answer.headers) == (status == 503)


def is_replay(answer: Any) -> bool:
    return answer.status == 200 and answer.headers.get("Idempotency-Replayed") == "true"


def redeem(street, person, key=None, **body):
    return street.phone(person).post("/redemptions", body, key=key or a_key())


def capture(street, by, code):
    return street.phone(by).post("/redemptions/capture", {"code": code})


def void(street, by, redemption_id, **body):
    return street.phone(by).post(f"/redemptions/{redemption_id}/void", body)


def withdrawn(street, offer):
    street.does(lambda: setattr(find(Offer, offer.id), "state", "withdrawn"))


def test_redeeming_asks_who_before_what_and_what_before_whether_it_was_asked_before(street, offer, resident):
    good, bad = {"offer_id": str(offer.id)}, {"offer_id": "bread", "quantity": 0}
    assert redeem(street, resident, "used", **good).status == 201

    says(redeem(street, None, "used", **bad), 401, "login_required")
    says(redeem(street, resident, "used", **bad), 422, "invalid")
    says(redeem(street, resident, "used", **good, quantity=2), 422, "key_reused")


def test_redeeming_again_is_answered_whatever_has_changed_since(street, shop, resident):
    """The offer is gone and the points are spent: the first redemption is still the answer."""
    offer = street.offer(shop, price_points=100, stock=1)
    first = redeem(street, resident, "tap", offer_id=str(offer.id))
    withdrawn(street, offer)

    again = redeem(street, resident, "tap", offer_id=str(offer.id))

    assert is_replay(again)
    assert again["id"] == first["id"]


def test_redeeming_something_else_under_a_used_key_is_said_before_it_is_looked_for(street, offer, resident):
    redeem(street, resident, "tap", offer_id=str(offer.id))

    says(redeem(street, resident, "tap", offer_id=str(uuid4())), 422, "key_reused")
    says(redeem(street, resident, "tap", offer_id=str(offer.id), quantity=100), 422, "key_reused")


def test_redeeming_looks_for_the_offer_before_it_asks_whether_one_may(street, offer):
    stranger = street.person(verified="none")

    says(redeem(street, stranger, offer_id=str(uuid4())), 404, "not_found")
    withdrawn(street, offer)
    says(redeem(street, stranger, offer_id=str(offer.id)), 403, "phone_needed")


def test_redeeming_asks_for_the_state_of_things_before_it_asks_for_points(street, shop, resident):
    poor = street.resident()
    closed, scarce = street.offer(shop), street.offer(shop, stock=1)
    limited = street.offer(shop, per_person=1)
    withdrawn(street, closed)

    says(redeem(street, poor, offer_id=str(closed.id)), 409, "offer_closed")
    says(redeem(street, poor, offer_id=str(scarce.id), quantity=2), 409, "sold_out")
    says(redeem(street, poor, offer_id=str(limited.id), quantity=2), 409, "limit_reached")
    lacking = redeem(street, poor, offer_id=str(limited.id))
    says(lacking, 409, "insufficient_points")
    assert lacking["facts"] == {"required": 10, "available": 0}


def test_redeeming_while_many_do_is_busy_and_the_same_key_may_be_sent_again(street, offer, resident, monkeypatch):
    def replan(*_: Any) -> None:
        raise Replan()

    with monkeypatch.context() as crowded:
        crowded.setattr(redeeming, "post", replan)
        says(redeem(street, resident, "tap", offer_id=str(offer.id)), 503, "busy")

    assert redeem(street, resident, "tap", offer_id=str(offer.id)).status == 201


def test_capturing_asks_who_before_what_and_what_before_whether_one_may(street, offer, clerk, resident):
    code = street.held(resident, offer)["code"]

    says(capture(street, None, 5), 401, "login_required")
    says(capture(street, resident, 5), 422, "invalid")
    says(capture(street, clerk, ""), 422, "invalid")
    for asked in (code, "AAAAAAAAAA"):  # who serves in no shop does not learn which codes exist
        says(capture(street, resident, asked), 403, "forbidden")
    says(capture(street, clerk, "AAAAAAAAAA"), 404, "not_found")


def test_capturing_again_is_answered_although_one_might_not_any_more(street, offer, clerk, resident):
    """The clerk has moved in with the customer since, and the code's time is up."""
    held = street.held(resident, offer)
    assert capture(street, clerk, held["code"]).status == 200
    home = street.household()
    street.moves(clerk, home)
    street.moves(resident, home)

    with time_machine.travel(datetime.fromisoformat(held["expires_at"]), tick=False):
        assert is_replay(capture(street, clerk, held["code"]))


def test_capturing_at_another_shop_is_404_before_it_is_anything_else(street, offer, clerk, resident):
    elsewhere = street.clerk(street.merchant())
    held = street.held(resident, offer)
    capture(street, clerk, held["code"])

    says(capture(street, elsewhere, held["code"]), 404, "not_found")


def test_capturing_for_the_own_household_is_403_although_the_time_is_up(street, offer, clerk, resident):
    home = street.household()
    street.moves(clerk, home)
    street.moves(resident, home)
    held = street.held(resident, offer)

    with time_machine.travel(datetime.fromisoformat(held["expires_at"]), tick=False):
        says(capture(street, clerk, held["code"]), 403, "own_household")


def test_capturing_what_is_resolved_names_the_winner_although_the_time_is_up(street, shop, offer, clerk, resident):
    captured, cancelled, late = (street.held(resident, offer) for _ in range(3))
    first = capture(street, clerk, captured["code"])
    street.phone(resident).delete(f"/redemptions/{cancelled['id']}")
    other = street.clerk(shop)

    with time_machine.travel(datetime.fromisoformat(late["expires_at"]), tick=False):
        by_another, undone = (capture(street, other, one["code"]) for one in (captured, cancelled))
        says(by_another, 409, "already_captured")
        says(undone, 409, "already_resolved")
        says(capture(street, other, late["code"]), 409, "hold_expired")
    assert by_another["facts"]["captured_at"] == first["captured_at"]
    assert undone["facts"] == {"state": "released"}


def test_capturing_in_a_book_that_does_not_fit_together_is_for_humans(street, offer, clerk, resident, monkeypatch):
    held = street.held(resident, offer)

    def broken(*_: Any, **__: Any) -> None:
        raise BookBroken(hold="…")

    monkeypatch.setattr(counter.holds, "capture", broken)
    says(capture(street, clerk, held["code"]), 503, "integrity")


def test_cancelling_asks_who_then_whose_then_what_became_of_it(street, offer, clerk, resident):
    held, captured = street.held(resident, offer), street.held(resident, offer)
    capture(street, clerk, captured["code"])

    def cancel(by: Any, redemption_id: Any) -> Any:
        return street.phone(by).delete(f"/redemptions/{redemption_id}")

    says(cancel(None, held["id"]), 401, "login_required")
    says(cancel(resident, uuid4()), 404, "not_found")
    for one in (held, captured):  # what is not theirs does not exist for them, resolved or not
        says(cancel(street.resident(), one["id"]), 404, "not_found")
    with time_machine.travel(datetime.fromisoformat(held["expires_at"]), tick=False):
        too_late = cancel(resident, captured["id"])
        says(too_late, 409, "already_resolved")
        assert too_late["facts"]["state"] == "captured"
        assert cancel(resident, held["id"]).status == 200  # what is free again is free again, late or not
        assert is_replay(cancel(resident, held["id"]))


def test_voiding_asks_who_then_what_then_whether_it_was_done_then_whose_then_whether(street, shop, offer, clerk):
    resident = street.earned(street.resident(), 100)
    held, captured, cancelled, voided = (street.held(resident, offer) for _ in range(4))
    for one in (captured, voided):
        capture(street, clerk, one["code"])
    street.phone(resident).delete(f"/redemptions/{cancelled['id']}")
    assert void(street, clerk, voided["id"]).status == 200

    says(void(street, None, uuid4(), reason=5), 401, "login_required")
    says(void(street, clerk, uuid4(), reason=5), 422, "invalid")
    says(void(street, clerk, uuid4()), 404, "not_found")
    says(void(street, street.clerk(street.merchant()), voided["id"]), 404, "not_found")
    says(void(street, resident, captured["id"]), 403, "forbidden")
    home = street.household()
    street.moves(clerk, home)
    street.moves(resident, home)
    assert is_replay(void(street, clerk, voided["id"]))
    for one in (held, cancelled, captured):  # may they? before: can it be done?
        says(void(street, clerk, one["id"]), 403, "own_household")
    with time_machine.travel(now() + timedelta(days=30), tick=False):
        colleague = street.clerk(shop)
        says(void(street, colleague, held["id"]), 409, "not_captured")
        says(void(street, colleague, cancelled["id"]), 409, "already_resolved")
        says(void(street, colleague, captured["id"]), 409, "void_window_passed")
        assert is_replay(void(street, colleague, voided["id"]))


def test_a_budget_that_the_fund_cannot_pay_is_said_with_what_it_has(street):
    leader, fund = street.resident(), street.fund(50)
    activity = street.draft(by=leader, group=street.group(leader=leader), fund=fund, budget_points=60)

    lacking = street.phone(leader).post(f"/activities/{activity.id}/publish")

    says(lacking, 409, "budget_exhausted")
    assert lacking["facts"] == {"required": 60, "available": 50}
