"""Deciding that two accounts are one person, and carrying over what the account that ends still has or gets.

Wallets are added once: a ledger `transfer` under the key of the case, with every live lot. Minutes, and whatever comes
later into the wallet that ended (a hold released, a purchase taken back), follow under the next number of that case.
What the merged account did keeps its id; `person_now` and `selves_of` find the person behind it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import add, find, session
from backend.foundation.errors import NotFound, Replan
from backend.foundation.ids import uuid7
from backend.ledger import drafts, sweeps
from backend.ledger.accounts import person_wallet
from backend.ledger.errors import InsufficientPoints
from backend.ledger.posting import post
from backend.ledger.reading import moves_of, wallet_of
from backend.people.devices import end_devices_of
from backend.people.errors import (
    BothOwe,
    DebtorIsKept,
    HeadStays,
    MergeDecided,
    MergeNeedsSecondPerson,
    OwnCase,
    RolesFirst,
)
from backend.people.models import Card, Person, WeChatAccount
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.people.phones import hand_over_phone
from backend.people.queries import members_of
from backend.people.roles import roles_of
from backend.people.standing import LEVELS, become_one, move_in, rise_to
from backend.people.verification_models import CarryOver, PersonMerge
from backend.places.offices import the_book

REASONS = {"points": "合并账号转入", "minutes": "合并账号转入服务时长"}


def decide(
    case: PersonMerge, *, decider: Caller, merge: bool, keep_id: UUID | None = None, reason: str
) -> tuple[PersonMerge, bool]:
    """Make one person of the two, who goes on as `keep_id`, or leave them separate; and whether that is new.

    The same decision again is fine. Raises `OwnCase` for those concerned and their households,
    `MergeNeedsSecondPerson` for whoever opened the case, `NotFound` for a third one to keep, `MergeDecided`, and of a
    merge `RolesFirst`, `DebtorIsKept`, `BothOwe`, `HeadStays`.
    """
    one, other = _both_locked(case)
    session().refresh(case)
    if is_close(decider, one) or is_close(decider, other):
        raise OwnCase()
    if not case.is_by_phone and is_close(decider, person_now(case.opener_id)):
        raise MergeNeedsSecondPerson()
    if merge and keep_id not in ({one.id, other.id} if case.state == "waiting" else {case.person_id, case.other_id}):
        raise NotFound()
    if case.state != "waiting":
        if (case.state == "merged") != merge or (merge and case.kept_id != keep_id):
            raise MergeDecided(state=case.state)
        return case, False
    kept, merged = (one, other) if one.id == keep_id else (other, one)
    is_one_already = one.id == other.id
    if merge and not is_one_already:
        _refuse_what_would_be_lost(merged, kept)
    at = now()
    decided = session().scalar(
        update(PersonMerge)
        .where(PersonMerge.id == case.id, PersonMerge.state == "waiting")
        .values(
            state="merged" if merge else "separate",
            decider_id=decider.person_id,
            decided_at=at,
            **PersonMerge.decision_reason.at_rest(case, reason),
            kept_id=keep_id if merge else None,
            merged_id=merged.id if merge and not is_one_already else None,
        )
        .returning(PersonMerge.id)
    )
    if decided is None:
        raise Replan()
    session().refresh(case)
    if merge and not is_one_already:
        _make_one(merged, kept, at=at)
        _carry(case, "points", actor=f"person:{decider.person_id}")
    trail.record(
        "merges.merge" if merge else "merges.separate",
        case,
        beneficiary_id=keep_id if merge else case.person_id,
        reason=reason,
        before={"state": "waiting"},
        after={"state": case.state, "kept": case.kept_id, "merged": case.merged_id},
    )
    return case, True


def left_behind(limit: int) -> list[UUID]:
    """Accounts of the office in force that were merged away and have points or minutes all the same."""
    ended = select(PersonMerge.merged_id).where(PersonMerge.state == "merged", PersonMerge.merged_id.is_not(None))
    merged = list(session().scalars(ended))
    found: list[UUID] = []
    for first in range(0, len(merged), 500):
        wallets = [person_wallet(str(person_id)) for person_id in merged[first : first + 500]]
        left = sweeps.not_empty(the_book(), wallets, today=shanghai_day(now()))
        found += [UUID(wallet.owner) for wallet in left]
    return found[:limit]


def carry_over(merged_id: UUID, *, unit: str | None = None, actor: str = "system:clock") -> bool:
    """Carry what a merged account has to the person it was merged into; whether there was anything.

    Points and minutes go by themselves, one in each transaction: `unit` says which, else the first that is there.
    """
    case = session().scalar(select(PersonMerge).where(PersonMerge.merged_id == merged_id))
    if case is None:
        return False
    return any(_carry(case, each, actor=actor) for each in ([unit] if unit else REASONS))


def _both_locked(case: PersonMerge) -> tuple[Person, Person]:
    """Who the two are today, kept from being merged, verified or given another number until this is decided."""
    ids = [person_now(person_id).id for person_id in (case.person_id, case.other_id)]
    locked = select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
    people = {person.id: person for person in session().scalars(locked.execution_options(populate_existing=True))}
    if any(person.merged_into_id for person in people.values()):  # another case was decided meanwhile
        raise Replan()
    return people[ids[0]], people[ids[1]]


def _refuse_what_would_be_lost(merged: Person, kept: Person) -> None:
    if roles := roles_of(merged.id):
        raise RolesFirst(roles="、".join(sorted({role.scope_name for role in roles})))
    today = shanghai_day(now())
    owed = [wallet_of(the_book(), person_wallet(str(each.id)), today=today).recoverable for each in (merged, kept)]
    if owed[0] and owed[1]:
        raise BothOwe()
    if owed[0]:
        raise DebtorIsKept(recoverable=owed[0])
    leaves_a_household = kept.household_id not in (None, merged.household_id)
    if leaves_a_household and merged.household_role == "head" and len(members_of(merged.household_id)) > 1:
        raise HeadStays()


def _make_one(merged: Person, kept: Person, *, at: datetime) -> None:
    if LEVELS.index(merged.verified) > LEVELS.index(kept.verified):
        kept.age_class = merged.age_class  # recorded by whoever verified them; the other one is a guess
    rise_to(kept, merged.verified)
    hand_over_phone(merged_id=merged.id, kept_id=kept.id)
    home, role, since = merged.household_id, merged.household_role, merged.household_since
    become_one(merged, kept, at=at)
    if home is not None and role is not None and kept.household_id is None:
        move_in(kept, home, role=role, at=since)
    elif home is not None and kept.household_id == home and role == "head":
        move_in(kept, home, role="head", at=kept.household_since)
    end_devices_of(merged.id, reason="merged")
    # One card is enough: where both have one, the card of the account that ended is blocked.
    session().execute(
        update(Card)
        .where(
            Card.person_id == merged.id,
            Card.blocked_at.is_(None),
            select(Card.id).where(Card.person_id == kept.id, Card.blocked_at.is_(None)).exists(),
        )
        .values(blocked_at=at)
        .execution_options(synchronize_session=False)
    )
    for model in (WeChatAccount, Card):
        session().execute(update(model).where(model.person_id == merged.id).values(person_id=kept.id))


def _carry(case: PersonMerge, unit: str, *, actor: str) -> bool:
    """Post one transfer of all that is there; nothing if there is nothing."""
    assert case.merged_id is not None  # noqa: S101  # of a decided case of two
    merged = find(Person, case.merged_id)
    at = now()
    wallet = person_wallet(str(merged.id))
    there = wallet_of(the_book(), wallet, today=shanghai_day(at))
    if not (there.available if unit == "points" else there.minutes):
        return False
    n = session().scalars(select(func.count()).where(CarryOver.merge_id == case.id)).one()
    told = drafts.Told(REASONS[unit], actor, f"person_merge:{case.id}", at)
    draft = _transfer(merged, told, request=f"{case.id}:{n}", minutes=there.minutes if unit == "minutes" else None)
    try:
        posted = post(the_book(), draft)
    except InsufficientPoints:  # All was spent between the look and the lock.
        raise Replan() from None
    if posted.is_replay:  # Another worker was faster; there may be more by now.
        raise Replan()
    add(
        CarryOver(
            merge_id=case.id,
            n=n,
            source_id=merged.id,
            destination_id=merged.merged_into_id,
            unit=unit,
            amount=sum(move.amount for move in moves_of(the_book(), posted.id) if move.source == wallet),
            entry_id=posted.id,
            carried_at=at,
        )
    )
    return True


def _transfer(merged: Person, told: drafts.Told, *, request: str, minutes: int | None) -> drafts.Draft:
    """These minutes, or all points that are live once the wallet is locked."""
    source, destination = str(merged.id), str(merged.merged_into_id)
    if minutes is not None:
        return drafts.transfer_minutes(
            source=source, destination=destination, minutes=minutes, request=request, told=told, entry_id=uuid7()
        )
    return drafts.transfer(
        source=person_wallet(source),
        destination=person_wallet(destination),
        points=None,
        request=request,
        told=told,
        entry_id=uuid7(),
    )
