"""Deciding on a filing: a worker of the community reviews; then an officer, somebody else, files or rejects."""

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import session
from backend.foundation.errors import Forbidden, SecondPersonNeeded
from backend.groups.errors import FilingDecided
from backend.groups.filing_models import STATES_IN_CHINESE, Filing
from backend.groups.filing_rules import confirmation_due, working_days_after
from backend.groups.filings import held_with_group, refuse_incomplete
from backend.groups.history import change_category, change_level, change_name, change_stage
from backend.groups.leading import leaders_of, refuse_own
from backend.groups.models import Group
from backend.groups.numbering import as_written, take_number
from backend.groups.policies import policy
from backend.messages.texts import GROUP
from backend.people.permissions import is_close
from backend.people.persons import person_now

# Decision → from which states, and what the trail calls it.
_FROM = {
    "reviewed": ("submitted",),
    "returned": ("submitted", "reviewed"),
    "filed": ("reviewed",),
    "rejected": ("reviewed",),
}
_VERBS = {"reviewed": "review", "returned": "return", "filed": "file", "rejected": "reject"}


def decide(filing: Filing, *, decider: Caller, decision: str, reason: str | None = None) -> tuple[Filing, bool]:
    """Review, return, file or reject; and whether that is new: the same decision again is fine.

    What was reviewed is decided by an officer (`Forbidden`), and nothing by whoever handed it in or reviewed it, nor by
    anybody close to them (`SecondPersonNeeded`). Raises `OwnGroup`, `FilingDecided`, `GroupClosed`, and
    `FilingIncomplete` when something has gone missing since it was handed in.
    """
    group = held_with_group(filing, open_group=filing.state != decision)
    refuse_own(group, decider)
    if filing.state == decision:
        return filing, False
    if filing.state not in _FROM[decision]:
        raise FilingDecided(state=STATES_IN_CHINESE[filing.state])
    _refuse_the_first(filing, decider)
    before = filing.state
    if decision == "reviewed":
        _review(filing, group, decider, reason)
    elif decision == "filed":
        _file(filing, group, decider, reason)
    else:
        _turn_down(filing, group, decider, decision, reason)
    _tell(filing, group, decision)
    trail.record(
        f"filings.{_VERBS[decision]}",
        filing,
        reason=reason,
        before={"state": before},
        after={"state": decision, "group": group.id},
    )
    return filing, True


def _refuse_the_first(filing: Filing, decider: Caller) -> None:
    """Whoever handed it in does not review it, and whoever reviewed it does not file it."""
    if filing.state == "reviewed" and not decider.holds("officer"):
        raise Forbidden()
    for first_id in (filing.submitter_id, filing.reviewer_id):
        if first_id is not None and is_close(decider, person_now(first_id)):
            raise SecondPersonNeeded()


def _review(filing: Filing, group: Group, reviewer: Caller, note: str | None) -> None:
    refuse_incomplete(filing, group)
    at = now()
    due_on = working_days_after(shanghai_day(at), policy().decision_days)
    filing.state, filing.reviewer_id, filing.reviewed_at, filing.reason = "reviewed", reviewer.person_id, at, note
    filing.due_on = due_on
    session().flush()


def _file(filing: Filing, group: Group, officer: Caller, note: str | None) -> None:
    """The group gets its number, and becomes what it was filed as."""
    at = now()
    year, n = take_number(at)  # first: who files a group of the same name at this moment waits, and then finds ours
    refuse_incomplete(filing, group)
    filing.state, filing.decider_id, filing.decided_at, filing.reason = "filed", officer.person_id, at, note
    filing.year, filing.n, filing.due_on = year, n, None
    group.filing_number, group.filed_at, group.venue = as_written(year, n), at, filing.venue
    group.confirm_due_on = confirmation_due(year)
    if group.level == "emerging":
        change_level(group, "filed")
    change_name(group, filing.name)
    change_category(group, filing.category)
    change_stage(group, "filed")


def _turn_down(filing: Filing, group: Group, decider: Caller, decision: str, reason: str | None) -> None:
    is_final = decision == "rejected"
    filing.state, filing.reason, filing.due_on = decision, reason, None
    if is_final or filing.reviewer_id is not None:
        filing.decider_id, filing.decided_at = decider.person_id, now()
    session().flush()
    if is_final:
        change_stage(group, "circle")


def _tell(filing: Filing, group: Group, decision: str) -> None:
    """Those who lead it; what exactly was said is read at the filing."""
    for leader in leaders_of(group):
        outbox.put(
            f"filing:{filing.id}:{leader.id}:{decision}:{filing.submitted_at:%Y%m%d%H%M%S}",
            topic=GROUP,
            person_id=leader.id,
            facts={"what": f"filing_{decision}", "name": group.name, "group": group.id},
        )
