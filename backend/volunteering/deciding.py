"""Deciding a report: by somebody who leads the group or works over the area, of another household; two for old ones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from backend.activities.awarding import wallets_for
from backend.activities.making_good import make_good
from backend.activities.models import Session
from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.foundation.errors import SecondPersonNeeded
from backend.foundation.ids import uuid7
from backend.ledger.accounts import Lot, fund_account
from backend.ledger.drafts import Draft, Told, award, serve
from backend.ledger.posting import post_many
from backend.ledger.reading import balance_of
from backend.messages.texts import VOLUNTEERING
from backend.people.models import Person
from backend.people.permissions import is_close, leads, works_over
from backend.people.persons import person_now
from backend.places.models import Area
from backend.places.offices import the_book
from backend.point_rules.versions import rule_on
from backend.volunteering.errors import LogDecided, OwnLog
from backend.volunteering.models import VolunteerLog

REASON = "本人补签，核实后补录"


def may_decide(log: VolunteerLog, *, by: Caller) -> bool:
    """The leaders of the group, a worker of the area, an officer."""
    return leads(by, log.group_id) or works_over(by, find(Area, log.area_id).path)


def decide(log: VolunteerLog, *, by: Caller, approved: bool, answer: str | None = None) -> tuple[VolunteerLog, bool]:
    """Approve (the minutes count) or decline; and whether this call decided: the same answer again is fine.

    What was long ago is first seen by one and approved by a second person. Points follow only where the office's rule
    says so; a missed check-in (补签) is paid as any presence at that session is. Raises `OwnLog`, `LogDecided`,
    `SecondPersonNeeded` for the first one again and their household, and what `make_good` raises.
    """
    log = find(VolunteerLog, log.id, locked=True)
    person = person_now(log.person_id)
    if is_close(by, person):
        raise OwnLog()
    state = "approved" if approved else "declined"
    if log.state not in ("open", "seen"):
        if log.state != state:
            raise LogDecided()
        return log, False
    at = now()
    if approved and log.needs_two and log.first_decider_id is None:
        log.state, log.first_decider_id, log.first_decided_at = "seen", by.person_id, at
        session().flush()
        trail.record("volunteer_logs.see", log, beneficiary_id=person.id, reason=answer, after={"state": "seen"})
        return log, False
    if log.first_decider_id is not None and is_close(by, person_now(log.first_decider_id)):
        raise SecondPersonNeeded()
    if not approved:
        _decided(log, state, by)
    elif log.session_id is not None:
        presence = make_good(find(Session, log.session_id), person, minutes=log.minutes, recorder=by, reason=REASON)
        _decided(log, state, by, check_in_id=presence.id)
    else:
        serve_id = uuid7()
        _decided(log, state, by, serve_id=serve_id)
        told = Told("服务时长：补录", f"person:{by.person_id}", f"volunteer_log:{log.id}", at)
        draft = serve(
            person=str(person.id), minutes=log.minutes, origin=str(log.id), undone=0, told=told, entry_id=serve_id
        )
        paid = _paid(log, person, by, at)
        post_many(the_book(), [draft] if paid is None else [draft, paid])
    if answer is not None:
        log.answer = answer
        session().flush()
    _tell(log, person, state, answer)
    return log, True


def _paid(log: VolunteerLog, person: Person, by: Caller, at: datetime) -> Draft | None:
    """Points for reported hours, where the rule of that day pays for them and its fund has them; else minutes only."""
    rule = rule_on(log.day)
    if rule is None or not rule.log_points_per_hour or rule.log_fund_id is None:
        return None
    fund = str(rule.log_fund_id)
    points = log.minutes // 30 * rule.log_points_per_hour // 2  # in full half hours
    if not 0 < points <= balance_of(the_book(), fund_account(fund), Lot.undated(fund))[0]:
        return None
    log.points, log.rule_version, log.fund_id, log.award_id = points, rule.version, rule.log_fund_id, uuid7()
    session().flush()
    return award(
        fund=fund,
        payer=fund_account(fund),
        wallet=wallets_for([person])[person.id],
        points=points,
        origin=str(log.id),
        undone=0,
        told=Told("补录服务", f"person:{by.person_id}", f"volunteer_log:{log.id}", at),
        entry_id=log.award_id,
    )


def _decided(log: VolunteerLog, state: str, by: Caller, **made: UUID) -> None:
    session().execute(
        update(VolunteerLog)
        .where(VolunteerLog.id == log.id)
        .values(state=state, decider_id=by.person_id, decided_at=now(), **made)
    )
    session().refresh(log)


def _tell(log: VolunteerLog, person: Person, state: str, answer: str | None) -> None:
    outbox.put(
        f"volunteer_log:{log.id}",
        topic=VOLUNTEERING,
        person_id=person.id,
        facts={"what": state, "minutes": log.minutes, "day": log.day.isoformat(), "log": log.id},
    )
    trail.record(
        "volunteer_logs.approve" if state == "approved" else "volunteer_logs.decline",
        log,
        beneficiary_id=person.id,
        reason=answer,
        before={"state": "open"},
        after={"state": state, "entry": log.serve_id, "check_in": log.check_in_id},
    )
