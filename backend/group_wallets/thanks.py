"""Thanking a member with points of the group (集体积分致谢).

A leader or deputy gives up to the group's limit alone; above it the thanks wait for a second one, who must be of
another household. Nothing is set aside while they wait: who confirms may be told that the points are gone.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.crypto import same
from backend.foundation.db import insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.ids import uuid7
from backend.group_wallets.errors import (
    LeaderRequestDecided,
    LeaderRequestExpired,
    ThanksForMembersOnly,
    ThanksForOwnHousehold,
)
from backend.group_wallets.models import Thanks
from backend.group_wallets.standing import REQUEST_LASTS, open_group, refuse_as_second
from backend.groups.applications import is_member
from backend.groups.models import Group
from backend.ledger import drafts
from backend.ledger.accounts import Account, household_pot, person_wallet
from backend.ledger.errors import KeyReused
from backend.ledger.posting import post
from backend.messages.texts import THANKS
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.places.offices import the_book


def thank(
    group_id: UUID, *, person_id: UUID, points: int, by: Caller, key: str, limit: int, note: str | None = None
) -> tuple[Thanks, bool]:
    """Give points of the group to a member, or above `limit` ask for it; the thanks, and whether they are new.

    The same key answers the first ones; for something else it is `KeyReused`. Raises `NotFound`,
    `ThanksForOwnHousehold` (also for oneself), `GroupClosed`, `ThanksForMembersOnly` or `InsufficientPoints`.
    """
    figures = drafts.fingerprint_of("thank", group=str(group_id), person=str(person_id), points=points, note=note)
    first = _asked_before(by, key, figures)
    if first is not None:
        return first, False
    person = person_now(person_id)
    if is_close(by, person):
        raise ThanksForOwnHousehold()
    group = open_group(group_id)
    _refuse_strangers(group, person)
    at = now()
    is_alone = points <= limit
    thanks = insert_once(
        Thanks,
        group_id=group.id,
        person_id=person.id,
        household_id=_pot_of(person) if is_alone else None,
        giver_id=by.person_id,
        points=points,
        note=note or None,
        state="given" if is_alone else "waiting",
        request_key=key,
        request_fingerprint=figures,
        asked_at=at,
        expires_at=at + REQUEST_LASTS,
        entry_id=uuid7() if is_alone else None,
        given_at=at if is_alone else None,
    )
    if thanks is None:  # A twin request was faster.
        raise Replan()
    if is_alone:
        _post(thanks, group, by=by, at=at)
    trail.record(
        "thanks.give" if is_alone else "thanks.ask",
        thanks,
        beneficiary_id=person.id,
        after={"state": thanks.state, "group": group.id, "entry": thanks.entry_id},
    )
    return thanks, True


def decide(asked: Thanks, *, decider: Caller, approved: bool) -> tuple[Thanks, bool]:
    """Confirm (the points are given) or decline, and whether that is new: the same answer again is fine.

    Raises `SecondLeaderNeeded`, `ThanksForOwnHousehold`, `LeaderRequestExpired`, `LeaderRequestDecided`, and for a yes
    what `thank` raises.
    """
    refuse_as_second(decider, asked.giver_id)
    person = person_now(asked.person_id)
    if is_close(decider, person):
        raise ThanksForOwnHousehold()
    at = now()
    if asked.state_at(at) != "waiting":
        return _decided_before(asked, approved, at), False
    given = {}
    group = open_group(asked.group_id) if approved else None
    if group is not None:
        _refuse_strangers(group, person)
        given = {"person_id": person.id, "household_id": _pot_of(person), "entry_id": uuid7(), "given_at": at}
    state = "given" if approved else "declined"
    decided = session().scalar(
        update(Thanks)
        .where(Thanks.id == asked.id, Thanks.state == "waiting")
        .values(state=state, decider_id=decider.person_id, decided_at=at, **given)
        .returning(Thanks.id)
    )
    session().refresh(asked)
    if decided is None:
        return _decided_before(asked, approved, at), False
    if group is not None:
        _post(asked, group, by=decider, at=at)
    trail.record(
        "thanks.confirm" if approved else "thanks.decline",
        asked,
        beneficiary_id=person.id,
        before={"state": "waiting"},
        after={"state": state, "group": asked.group_id, "entry": asked.entry_id},
    )
    return asked, True


def _asked_before(by: Caller, key: str, figures: bytes) -> Thanks | None:
    first = session().scalar(select(Thanks).where(Thanks.giver_id == by.person_id, Thanks.request_key == key))
    if first is not None and not same(first.request_fingerprint, figures):
        raise KeyReused()
    return first


def _decided_before(asked: Thanks, approved: bool, at: datetime) -> Thanks:
    state = asked.state_at(at)
    if state == "expired":
        raise LeaderRequestExpired()
    if state != ("given" if approved else "declined"):
        raise LeaderRequestDecided(state=state)
    return asked


def _refuse_strangers(group: Group, person: Person) -> None:
    if person.parted_at is not None or not is_member(group.id, person.id):
        raise ThanksForMembersOnly()


def _pot_of(person: Person) -> UUID | None:
    """Minors earn into the pot of their household, if they have one (product: policies)."""
    return person.household_id if person.age_class != "adult" else None


def _post(thanks: Thanks, group: Group, *, by: Caller, at: datetime) -> None:
    assert thanks.entry_id is not None  # noqa: S101  # the table says so of what is given
    outbox.put(
        f"thanks:{thanks.id}",
        topic=THANKS,
        person_id=thanks.person_id,
        facts={"points": thanks.points, "name": group.name, "wallet": "household" if thanks.household_id else "own"},
    )
    post(
        the_book(),
        drafts.thank(
            group=str(group.id),
            to=_receiver(thanks),
            points=thanks.points,
            by=str(thanks.giver_id),
            key=thanks.request_key,
            fingerprint=thanks.request_fingerprint,
            told=drafts.Told(f"集体感谢：{group.name}", f"person:{by.person_id}", f"thanks:{thanks.id}", at),
            entry_id=thanks.entry_id,
        ),
    )


def _receiver(thanks: Thanks) -> Account:
    return household_pot(str(thanks.household_id)) if thanks.household_id else person_wallet(str(thanks.person_id))
