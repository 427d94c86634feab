"""What the features say about their ledger entries: who names which entry, of what kind, amount and origin.

One function per feature, each from its own tables; `flask ledger verify` holds them against the ledger (check 9).
Every select names its office: it is read without one in force, beside a running server.
"""

from typing import Any

from sqlalchemy import case, literal, select

from backend.activities.models import Activity, BudgetChange, CheckIn, CheckInUndoing
from backend.funds.models import Allocation
from backend.ledger.accounts import CHARITY_POOL
from backend.ledger.verify_business import NOBODY, Evidence, claim, written
from backend.people.models import Gift
from backend.transparency.group_evidence import groups_awarded, lists_that_contradict, of_thanks
from backend.transparency.redemption_evidence import of_redemptions
from backend.transparency.settlement_evidence import of_settlement
from backend.transparency.transfer_evidence import of_transfers
from backend.volunteering.models import VolunteerLog

_activities: Any = Activity.__table__.c
_allocations: Any = Allocation.__table__.c
_changes: Any = BudgetChange.__table__.c
_gifts: Any = Gift.__table__.c
_logs: Any = VolunteerLog.__table__.c
_presences: Any = CheckIn.__table__.c
_undoings: Any = CheckInUndoing.__table__.c


def evidence_of(office_id: int) -> tuple[Evidence, ...]:
    """What every feature of an office says about the entries of its book."""
    return (
        _of_allocations(office_id),
        _of_budgets(office_id),
        _of_presences(office_id),
        of_redemptions(office_id),
        _of_gifts(office_id),
        of_transfers(office_id),
        of_thanks(office_id),
        of_settlement(office_id),
    )


def _of_allocations(office_id: int) -> Evidence:
    issued = claim(
        entry=_allocations.entry_id,
        kind="allocate",
        amount=_allocations.points,
        origin=written("allocation:", _allocations.id),
        key=written("allocate:", _allocations.id),
        accounts={"fund": written(_allocations.fund_id)},
    )
    return Evidence(
        "allocations",
        ("allocate",),
        (select(*issued).where(_allocations.office_id == office_id, _allocations.entry_id.is_not(None)),),
    )


def _of_budgets(office_id: int) -> Evidence:
    def changed(kind: str) -> Any:
        columns = claim(
            entry=_changes.entry_id,
            kind=kind,
            amount=_changes.points,
            origin=written("activity:", _changes.activity_id),
            accounts={
                "activity_budget": written(_changes.activity_id),
                "fund": written(_activities.fund_id),
            },
        )
        return (
            select(*columns)
            .select_from(_with_activity(BudgetChange))
            .where(_changes.office_id == office_id, _changes.kind == kind)
        )

    return Evidence("budget changes", ("reserve", "return"), (changed("reserve"), changed("return")))


def _of_presences(office_id: int) -> Evidence:
    origin = written("check_in:", _presences.id)
    themselves = written(_presences.person_id)
    awarded = claim(
        entry=_presences.award_id,
        kind="award",
        amount=_presences.points,
        origin=origin,
        key=written("award:", _presences.id, ":", _presences.times_undone),
        accounts={
            "person": themselves,  # or a household's pot: who lived there then is not recorded
            "group": NOBODY,
            "activity_budget": written(_presences.activity_id),
            "fund": written(_activities.fund_id),
        },
    )
    served = claim(
        entry=_presences.serve_id,
        kind="serve",
        amount=_presences.minutes,
        origin=origin,
        key=written("serve:", _presences.id, ":", _presences.times_undone),
        accounts={"person": themselves},
    )
    return Evidence(
        "check-ins and group awards",
        ("award", "serve", "reverse"),
        (
            groups_awarded(office_id),
            *_of_logs(office_id),
            select(*awarded)
            .select_from(_with_activity(CheckIn))
            .where(_presences.office_id == office_id, _presences.award_id.is_not(None)),
            select(*served).where(_presences.office_id == office_id, _presences.serve_id.is_not(None)),
            *_of_undoings(office_id),
        ),
        contradictions=lists_that_contradict(office_id),
    )


def _of_logs(office_id: int) -> tuple[Any, ...]:
    """Hours outside activities."""
    served = claim(
        entry=_logs.serve_id,
        kind="serve",
        amount=_logs.minutes,
        origin=written("volunteer_log:", _logs.id),
        key=written("serve:", _logs.id, ":", literal("0")),
    )
    awarded = claim(
        entry=_logs.award_id,
        kind="award",
        amount=_logs.points,
        origin=written("volunteer_log:", _logs.id),
        key=written("award:", _logs.id, ":", literal("0")),
        accounts={"group": NOBODY, "fund": written(_logs.fund_id)},
    )
    return (
        select(*served).where(_logs.office_id == office_id, _logs.serve_id.is_not(None)),
        select(*awarded).where(_logs.office_id == office_id, _logs.award_id.is_not(None)),
    )


def _of_undoings(office_id: int) -> tuple[Any, ...]:
    """What a presence had earned before it was undone, and what took it back from whom."""
    origin = written("check_in:", _undoings.check_in_id)
    from_pot = _undoings.household_id.is_not(None)
    pot, own = written(_undoings.household_id), written(_undoings.charged_id)
    charged = {
        "person": case((from_pot, NOBODY), else_=own),
        "household": case((from_pot, pot), else_=NOBODY),
        "group": NOBODY,
        "recoverable": case((from_pot, literal("household:") + pot), else_=literal("person:") + own),
    }
    payers = {"activity_budget": written(_presences.activity_id), "fund": written(_activities.fund_id)}

    def told(entry: Any, kind: str, amount: Any, **more: Any) -> Any:
        return (
            select(*claim(entry=entry, kind=kind, amount=amount, origin=origin, **more))
            .select_from(_undone_presences())
            .where(_undoings.office_id == office_id, entry.is_not(None))
        )

    return (
        told(
            _undoings.award_id,
            "award",
            _undoings.points,
            key=written("award:", _undoings.check_in_id, ":", _undoings.n),
            accounts={"group": NOBODY, "household": charged["household"], **payers},
        ),
        told(
            _undoings.serve_id,
            "serve",
            _undoings.minutes,
            key=written("serve:", _undoings.check_in_id, ":", _undoings.n),
            accounts={"person": written(_presences.person_id)},
        ),
        told(
            _undoings.reversal_id,
            "reverse",
            _undoings.points_taken,
            key=written("reverse:", _undoings.award_id),
            accounts=charged,
        ),
        # Minutes leave for the outside, which has no balance: check 6 holds their amount against what they undo.
        told(
            _undoings.minutes_reversal_id,
            "reverse",
            literal(0),
            key=written("reverse:", _undoings.serve_id),
            accounts={"person": written(_undoings.charged_id)},
        ),
    )


def _undone_presences() -> Any:
    its_presence = (_presences.office_id == _undoings.office_id) & (_presences.id == _undoings.check_in_id)
    of_activity = (_activities.office_id == _presences.office_id) & (_activities.id == _presences.activity_id)
    return CheckInUndoing.__table__.outerjoin(CheckIn.__table__, its_presence).outerjoin(
        Activity.__table__, of_activity
    )


def _with_activity(model: Any) -> Any:
    """Rows of an activity with the activity, which says whose points they are."""
    own = model.__table__.c
    its_own = (_activities.office_id == own.office_id) & (_activities.id == own.activity_id)
    return model.__table__.outerjoin(Activity.__table__, its_own)


def _of_gifts(office_id: int) -> Evidence:
    is_to_pool = _gifts.household_id.is_(None)
    columns = claim(
        entry=_gifts.entry_id,
        kind="gift",
        amount=_gifts.points,
        origin=written("gift:", _gifts.id),
        key=written("gift:", _gifts.person_id, ":", _gifts.request_key),
        accounts={
            "person": written(_gifts.person_id),
            "household": case((is_to_pool, NOBODY), else_=written(_gifts.household_id)),
            CHARITY_POOL.kind: case((is_to_pool, literal(CHARITY_POOL.owner)), else_=NOBODY),
        },
    )
    return Evidence("gifts", ("gift",), (select(*columns).where(_gifts.office_id == office_id),))
