"""What a phone scanned without a network: recorded once, whatever the clocks, phones and networks do.

A batch is taken in piece by piece, each in a transaction of its own that writes the scans, the presences and their
points together; a batch that broke off goes on where it stopped when it is sent again, and then answers the same
receipt. Every scan has a result: whoever was there is recorded, at most to be looked at, and never refused for want of
budget.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backend.activities.awarding import Payroll
from backend.activities.check_ins import Seen, arrive, came_earlier, leave
from backend.activities.errors import NotCheckedIn
from backend.activities.models import Activity, CheckIn, Session
from backend.activities.offline_models import OfflinePack, Scan, ScanBatch
from backend.activities.offline_rules import CLOCKS_AGREE, doubt, in_order, skew_of
from backend.activities.queries import may_check_in_others
from backend.activities.turns import in_line
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.crypto import fingerprint
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import AppError, Busy, Forbidden, NotFound, Replan
from backend.foundation.ids import uuid7
from backend.ledger.drafts import fingerprint_of
from backend.people.errors import CardUnknown, PersonCodeInvalid
from backend.people.models import Card, Person
from backend.people.persons import token_of_code, was_shown_at
from backend.people.queries import people_now

PIECE = 50  # scans in one transaction


@dataclass(frozen=True)
class Brought:
    """One scan as the phone tells it, with the instant by our clock."""

    n: int
    scan_id: str
    session_id: UUID
    direction: str
    method: str  # scan: a personal code; card
    code: str
    scanned_at: datetime
    happened_at: datetime


Take = Callable[[ScanBatch, Sequence[Brought]], None]


@dataclass(frozen=True)
class Recognised:
    """Whose code or card it was, and whether it was good at that moment."""

    person: Person
    is_of_then: bool


def begin(
    *, device_id: str, sent_at: datetime, items: Sequence[dict[str, Any]], done: Collection[UUID], recorder: Caller
) -> ScanBatch:
    """The batch of these scans, new or as it was begun before."""
    told = [[str(value) for _, value in sorted(item.items())] for item in items]
    content = fingerprint_of("scans", device=device_id, items=told, done=sorted(map(str, done)))
    received_at = now()
    begun = insert_once(
        ScanBatch,
        recorder_id=recorder.person_id,
        device_id=device_id,
        fingerprint=content,
        sent_at=sent_at,
        received_at=received_at,
        skew_seconds=int(skew_of(sent_at=sent_at, received_at=received_at).total_seconds()),
        scans=len(items),
    )
    if begun is not None:
        return begun
    before = select(ScanBatch).where(ScanBatch.recorder_id == recorder.person_id, ScanBatch.fingerprint == content)
    return session().scalars(before).one()


def brought(batch: ScanBatch, items: Iterable[dict[str, Any]]) -> list[Brought]:
    """The scans of a batch as they happened, first one first."""
    skew = timedelta(seconds=batch.skew_seconds)
    scans = [
        Brought(
            n=n,
            scan_id=item["scan_id"],
            session_id=item["session_id"],
            direction=item["direction"],
            method="card" if "card" in item else "scan",
            code=item["card"] if "card" in item else item["person_code"],
            scanned_at=item["scanned_at"],
            happened_at=item["scanned_at"] + skew,
        )
        for n, item in enumerate(items)
    ]
    return in_order(scans)


def take_in(batch: ScanBatch, scans: Sequence[Brought], *, recorder: Caller) -> None:
    """Record these scans of a batch, those that are not recorded yet, and pay what they earn in one posting."""
    fresh = _not_yet_recorded(batch, scans)
    if not fresh:
        return
    doors = _doors({scan.session_id for scan in fresh}, recorder)
    recognised = _recognise(fresh)
    payroll = Payroll(now())
    payroll.know({each.person.id: each.person for each in recognised.values()}.values())
    for scan in fresh:
        known = recognised.get(scan.code)
        try:
            presence, result = _applied(batch, scan, known, doors.get(scan.session_id), recorder, payroll)
        except AppError as refusal:
            if isinstance(refusal, Replan):
                raise
            _keep(batch, scan, known, doors, result="refused", refusal=refusal.code)
        else:
            _keep(batch, scan, known, doors, result=result, check_in_id=presence.id)
    payroll.post()


def report(batch: ScanBatch, *, done: Collection[UUID]) -> None:
    """The phone has nothing left of these activities, nor of those it brought scans of."""
    brought_of = (
        select(Session.activity_id)
        .join(Scan, (Scan.office_id == Session.office_id) & (Scan.session_id == Session.id))
        .where(Scan.batch_id == batch.id)
    )
    session().execute(
        update(OfflinePack)
        .where(
            OfflinePack.device_id == batch.device_id,
            OfflinePack.activity_id.in_(brought_of) | OfflinePack.activity_id.in_(done),
        )
        .values(reported_at=now())
        .execution_options(synchronize_session=False)
    )


def receipt(batch: ScanBatch, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What became of each scan, in the order of the phone; the same for the same batch."""
    wanted = select(Scan).where(
        Scan.device_id == batch.device_id, Scan.scan_id.in_([item["scan_id"] for item in items])
    )
    kept = {scan.scan_id: scan for scan in session().scalars(wanted)}
    ids = {scan.check_in_id for scan in kept.values() if scan.check_in_id}
    presences = {row.id: row for row in session().scalars(select(CheckIn).where(CheckIn.id.in_(ids)))}
    return {
        "receipt": batch.id,
        "received_at": batch.received_at,
        "clock_skew_seconds": batch.skew_seconds,
        "items": [_result(batch, kept[item["scan_id"]], presences) for item in items if item["scan_id"] in kept],
    }


def _result(batch: ScanBatch, scan: Scan, presences: dict[UUID, CheckIn]) -> dict[str, Any]:
    # A scan that an earlier batch brought is the same scan, and was counted then.
    is_of_before = scan.batch_id != batch.id and scan.result != "refused"
    presence = presences.get(scan.check_in_id) if scan.check_in_id else None
    return {
        "scan_id": scan.scan_id,
        "result": "duplicate" if is_of_before else scan.result,
        "refusal": scan.refusal,
        "happened_at": scan.happened_at,
        "check_in_id": scan.check_in_id,
        "points": presence.points if presence else 0,
        "unpaid": presence.unpaid if presence else None,
    }


def _not_yet_recorded(batch: ScanBatch, scans: Sequence[Brought]) -> list[Brought]:
    wanted = select(Scan.scan_id).where(
        Scan.device_id == batch.device_id, Scan.scan_id.in_([scan.scan_id for scan in scans])
    )
    there = set(session().scalars(wanted))
    return [scan for scan in scans if scan.scan_id not in there]


def _doors(session_ids: set[UUID], recorder: Caller) -> dict[UUID, Session]:
    """The sittings at whose doors the recorder may stand, each activity locked in one order."""
    sittings = session().scalars(select(Session).where(Session.id.in_(session_ids))).all()
    for activity_id in sorted({sitting.activity_id for sitting in sittings}):
        in_line(activity_id)
    return {sitting.id: sitting for sitting in sittings}


def _recognise(scans: Sequence[Brought]) -> dict[str, Recognised]:
    """Whose codes and cards these are, in two questions however many there are; unknown ones are missing."""
    found: dict[str, Recognised] = {}
    tokens = {scan.code: token for scan in scans if scan.method == "scan" and (token := _token(scan.code))}
    holders = {
        person.code_token: person
        for person in session().scalars(select(Person).where(Person.code_token.in_(tokens.values())))
    }
    today = people_now(person.id for person in holders.values())
    for scan in scans:
        holder = holders.get(tokens.get(scan.code, ""))
        if holder is not None and holder.parted_at is None:
            is_of_then = was_shown_at(holder, scan.code, scan.happened_at, within=CLOCKS_AGREE)
            found[scan.code] = Recognised(today[holder.id], is_of_then)
    prints = {fingerprint(scan.code): scan for scan in scans if scan.method == "card"}
    cards = session().scalars(select(Card).where(Card.fingerprint.in_(prints))).all()
    owners = people_now(card.person_id for card in cards)
    for card in cards:
        scan = prints[card.fingerprint]
        owner = owners[card.person_id]
        if owner.parted_at is None:
            is_good = card.blocked_at is None or card.blocked_at > scan.happened_at
            found[scan.code] = Recognised(owner, is_good)
    return found


def _token(code: str) -> str | None:
    try:
        return token_of_code(code)
    except AppError:
        return None


def _applied(
    batch: ScanBatch,
    scan: Brought,
    known: Recognised | None,
    sitting: Session | None,
    recorder: Caller,
    payroll: Payroll,
) -> tuple[CheckIn, str]:
    if sitting is None:
        raise NotFound()
    activity = find(Activity, sitting.activity_id)
    if not may_check_in_others(activity, by=recorder):
        raise NotFound() if not activity.is_announced else Forbidden()
    if known is None:
        raise CardUnknown() if scan.method == "card" else PersonCodeInvalid()
    seen = Seen(
        known.person,
        confidence=scan.method,
        is_in_doubt=doubt(
            happened_at=scan.happened_at,
            received_at=batch.received_at,
            opens_at=sitting.opens_at,
            ends_at=sitting.ends_at,
            direction=scan.direction,
            is_code_of_then=known.is_of_then,
        ),
        at=min(scan.happened_at, batch.received_at),
    )
    if scan.direction == "in":
        presence, is_new = arrive(sitting, seen, recorder=recorder, payroll=payroll)
        if not is_new:
            came_earlier(presence, sitting, seen)
    else:
        presence, is_new = _left(sitting, seen, recorder, payroll)
    if not is_new:
        return presence, "duplicate"
    return presence, "review" if presence.state == "review" else "created"


def _left(sitting: Session, seen: Seen, recorder: Caller, payroll: Payroll) -> tuple[CheckIn, bool]:
    """Somebody was seen to leave. Whom nobody saw come yet came at that moment at the latest, and somebody looks."""
    try:
        return leave(sitting, seen, recorder=recorder, payroll=payroll)
    except NotCheckedIn:
        unseen = Seen(seen.person, seen.confidence, is_in_doubt=True, at=seen.at)
        arrive(sitting, unseen, recorder=recorder, payroll=payroll)
        return leave(sitting, unseen, recorder=recorder, payroll=payroll)


def _keep(batch: ScanBatch, scan: Brought, known: Recognised | None, doors: dict[UUID, Session], **what: Any) -> None:
    kept = insert_once(
        Scan,
        id=uuid7(),
        batch_id=batch.id,
        n=scan.n,
        device_id=batch.device_id,
        scan_id=scan.scan_id,
        session_id=scan.session_id if scan.session_id in doors else None,
        person_id=known.person.id if known else None,
        direction=scan.direction,
        method=scan.method,
        scanned_at=scan.scanned_at,
        happened_at=scan.happened_at,
        **what,
    )
    if kept is None:  # The phone sent the batch twice at once, and the other one was faster.
        raise Replan()


def in_pieces(batch: ScanBatch, scans: Sequence[Brought], take: Take) -> None:
    """Take the scans in piece by piece; a piece that met too much traffic goes in scan by scan."""
    for first in range(0, len(scans), PIECE):
        piece = scans[first : first + PIECE]
        try:
            take(batch, piece)
        except Busy:
            for scan in piece:
                take(batch, [scan])
