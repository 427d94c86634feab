"""What groups' awards, thanks and spendings say about their ledger entries; gathered in `evidence`.

A list is held against itself, its rule and what cannot have become less since: whoever was recorded at an activity has
a row, even if it was taken back later. Where people live changes, so households are not counted again.
"""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, or_, select

from backend.activities.models import Activity, CheckIn
from backend.group_points.models import (
    GroupAward,
    GroupAwardLine,
    GroupAwardRun,
    GroupAwardTurnout,
    GroupPointRule,
)
from backend.group_wallets.models import Thanks
from backend.ledger.verify_business import NOBODY, Evidence, claim, written
from backend.merchants.group_models import GroupSpending
from backend.merchants.models import Redemption

_activities: Any = Activity.__table__.c
_awards: Any = GroupAward.__table__.c
_lines: Any = GroupAwardLine.__table__.c
_presences: Any = CheckIn.__table__.c
_redemptions: Any = Redemption.__table__.c
_rules: Any = GroupPointRule.__table__.c
_runs: Any = GroupAwardRun.__table__.c
_spendings: Any = GroupSpending.__table__.c
_thanks: Any = Thanks.__table__.c
_turnouts: Any = GroupAwardTurnout.__table__.c


def groups_awarded(office_id: int) -> Any:
    """The entries that awards of groups claim: from the fund of their run, into the wallet of the group."""
    of_run = (_runs.office_id == _awards.office_id) & (_runs.id == _awards.run_id)
    columns = claim(
        entry=_awards.entry_id,
        kind="award",
        amount=_awards.points,
        origin=written("group_award:", _awards.id),
        key=written("award:", _awards.group_id, ":", _awards.month, ":0"),
        accounts={
            "group": written(_awards.group_id),
            "person": NOBODY,
            "household": NOBODY,
            "activity_budget": NOBODY,
            "fund": written(_runs.fund_id),
        },
    )
    joined = GroupAward.__table__.outerjoin(GroupAwardRun.__table__, of_run)
    return select(*columns).select_from(joined).where(_awards.office_id == office_id)


def of_thanks(office_id: int) -> Evidence:
    """What groups gave their members; a minor's goes to the pot of their household."""
    is_own = _thanks.household_id.is_(None)
    columns = claim(
        entry=_thanks.entry_id,
        kind="thank",
        amount=_thanks.points,
        origin=written("thanks:", _thanks.id),
        key=written("thank:", _thanks.giver_id, ":", _thanks.request_key),
        accounts={
            "group": written(_thanks.group_id),
            "person": case((is_own, written(_thanks.person_id)), else_=NOBODY),
            "household": case((is_own, NOBODY), else_=written(_thanks.household_id)),
        },
    )
    given = select(*columns).where(_thanks.office_id == office_id, _thanks.entry_id.is_not(None))
    return Evidence("thanks", ("thank",), (given,))


def lists_that_contradict(office_id: int) -> tuple[Any, ...]:
    """Awards and lists that do not fit each other, their rule, or what was recorded."""
    return (
        _not_on_the_list(office_id),
        _not_by_the_rule(office_id),
        _counted_otherwise(office_id),
        _more_than_came(office_id),
        _not_what_was_approved(office_id),
    )


def confirmed_for_something_else(office_id: int) -> Any:
    """Redemptions above a group's limit that name another wish than the one a second leader confirmed."""
    is_it = (_spendings.office_id == _redemptions.office_id) & (_spendings.id == _redemptions.spending_id)
    fits = and_(
        _spendings.state == "used",
        _spendings.group_id == _redemptions.group_id,
        _spendings.offer_id == _redemptions.offer_id,
        _spendings.quantity == _redemptions.quantity,
        _spendings.points == _redemptions.points + _redemptions.returned_points,
    )
    return (
        _found(_redemptions.id, "was paid by a group, and no second leader confirmed just that")
        .select_from(Redemption.__table__.outerjoin(GroupSpending.__table__, is_it & fits))
        .where(_redemptions.office_id == office_id, _redemptions.spending_id.is_not(None), _spendings.id.is_(None))
    )


def _not_on_the_list(office_id: int) -> Any:
    of_run = (_runs.office_id == _awards.office_id) & (_runs.id == _awards.run_id) & (_runs.month == _awards.month)
    on_it = and_(
        _lines.office_id == _awards.office_id,
        _lines.run_id == _awards.run_id,
        _lines.group_id == _awards.group_id,
        _lines.points == _awards.points,
        _lines.why == "in",
    )
    joined = GroupAward.__table__.outerjoin(GroupAwardRun.__table__, of_run & (_runs.state == "approved"))
    joined = joined.outerjoin(GroupAwardLine.__table__, on_it)
    return (
        _found(_awards.id, "awards a group what the approved list of that month does not say")
        .select_from(joined)
        .where(_awards.office_id == office_id, or_(_runs.id.is_(None), _lines.id.is_(None)))
    )


def _not_by_the_rule(office_id: int) -> Any:
    by_count = _lines.counted * _rules.points_each
    by_rule = case((by_count > _rules.points_most, _rules.points_most), else_=by_count)
    fits = and_(_lines.points == by_rule, _lines.counted >= _rules.activities_needed, _rules.valid_from <= _runs.month)
    return (
        _found(_lines.id, "says points that the rule of its run does not make")
        .select_from(_lines_with_rules())
        .where(_lines.office_id == office_id, _lines.points > 0, or_(_rules.id.is_(None), ~fits))
    )


def _counted_otherwise(office_id: int) -> Any:
    """Lines that count other activities than their turnouts say."""
    of_line = (_turnouts.office_id == _lines.office_id) & (_turnouts.line_id == _lines.id)
    enough = and_(_turnouts.people >= _rules.people_needed, _turnouts.households >= _rules.households_needed)
    counted = func.coalesce(func.sum(case((enough, 1), else_=0)), 0)
    return (
        _found(_lines.id, "counts other activities than their turnouts say")
        .select_from(_lines_with_rules().outerjoin(GroupAwardTurnout.__table__, of_line))
        .where(_lines.office_id == office_id)
        .group_by(_lines.office_id, _lines.id, _lines.counted, _lines.activities)
        .having(or_(counted != _lines.counted, func.count(_turnouts.id) != _lines.activities))
    )


def _more_than_came(office_id: int) -> Any:
    """Turnouts of more people than are recorded, or of an activity that the group did not settle."""
    of_line = (_lines.office_id == _turnouts.office_id) & (_lines.id == _turnouts.line_id)
    its_own = and_(
        _activities.office_id == _turnouts.office_id,
        _activities.id == _turnouts.activity_id,
        _activities.group_id == _lines.group_id,
        _activities.state == "settled",
    )
    there = (_presences.office_id == _turnouts.office_id) & (_presences.activity_id == _turnouts.activity_id)
    joined = GroupAwardTurnout.__table__.outerjoin(GroupAwardLine.__table__, of_line)
    joined = joined.outerjoin(Activity.__table__, its_own).outerjoin(CheckIn.__table__, there)
    return (
        _found(_turnouts.id, "says more people than were recorded at an activity its group settled")
        .select_from(joined)
        .where(_turnouts.office_id == office_id)
        .group_by(_turnouts.office_id, _turnouts.id, _turnouts.people, _activities.id)
        .having(or_(_activities.id.is_(None), func.count(func.distinct(_presences.person_id)) < _turnouts.people))
    )


def _not_what_was_approved(office_id: int) -> Any:
    """Approved runs whose awards are not together what the second officer approved."""
    of_run = (_awards.office_id == _runs.office_id) & (_awards.run_id == _runs.id)
    awarded = func.coalesce(func.sum(_awards.points), 0)
    approved = case((_runs.state == "approved", _runs.points), else_=0)
    return (
        _found(_runs.id, "awards together not what was approved")
        .select_from(GroupAwardRun.__table__.outerjoin(GroupAward.__table__, of_run))
        .where(_runs.office_id == office_id)
        .group_by(_runs.office_id, _runs.id, _runs.state, _runs.points)
        .having(awarded != approved)
    )


def _lines_with_rules() -> Any:
    of_run = (_runs.office_id == _lines.office_id) & (_runs.id == _lines.run_id)
    of_rule = (_rules.office_id == _runs.office_id) & (_rules.id == _runs.rule_id) & (_rules.state == "approved")
    joined = GroupAwardLine.__table__.outerjoin(GroupAwardRun.__table__, of_run)
    return joined.outerjoin(GroupPointRule.__table__, of_rule)


def _found(subject: ColumnElement[Any], said: str) -> Any:
    return select(cast(subject, String).label("subject"), literal(said).label("said"))
