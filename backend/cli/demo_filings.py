"""How the groups of the demo street were filed: handed in, reviewed and given their numbers like any other."""

from uuid import UUID

from backend.foundation.callers import Caller
from backend.groups.charters import CURRENT
from backend.groups.deciding_filings import decide
from backend.groups.filing_models import Filing
from backend.groups.filings import draft, submit
from backend.groups.models import Group

VENUE = "社区活动室"


def hand_in(group: Group, *, leader_id: UUID) -> Filing:
    """The filing now waits for the community."""
    filing, _ = draft(group, {"venue": VENUE, "charter_version": CURRENT}, drafter_id=leader_id)
    return submit(filing, submitter_id=leader_id)[0]


def file(group: Group, *, leader_id: UUID, worker: Caller, officer: Caller) -> None:
    """The group is filed and has its number."""
    filing = hand_in(group, leader_id=leader_id)
    decide(filing, decider=worker, decision="reviewed")
    decide(filing, decider=officer, decision="filed")
