"""What households know about somebody: doors they claimed, what a guardian said, elections, the pot.

The dead and the erased ask for no copy; a dependant's claim is told to whoever made it and, once confirmed, to them.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from backend.foundation.own_copy import Part, Rows, joined, rows
from backend.households.claim_models import HouseholdClaim
from backend.households.election_models import HeadElection, HeadElector
from backend.households.guardian_models import GuardianConsent
from backend.households.merge_models import HouseholdMerge
from backend.households.pot_models import SpendingRequest
from backend.households.transfer_models import PotTransfer


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Everything of these tables about somebody, oldest first; how others voted is nobody's to know."""
    claimed = or_(HouseholdClaim.person_id.in_(selves), HouseholdClaim.claimed_by_id.in_(selves))
    said = or_(GuardianConsent.child_id.in_(selves), GuardianConsent.guardian_id.in_(selves))
    chosen = or_(HeadElection.nominee_id.in_(selves), HeadElection.nominator_id.in_(selves))
    merged = or_(HouseholdMerge.requester_id.in_(selves), HouseholdMerge.agreed_by_id.in_(selves))
    of_it = (HeadElection.office_id == HeadElector.office_id) & (HeadElection.id == HeadElector.election_id)
    return {
        "household_claims": rows(
            select(HouseholdClaim).where(claimed).order_by(HouseholdClaim.id),
            *("door", "note", "relation", "state", "claimed_at", "decided_at", "reason"),
        ),
        "guardian_consents": rows(
            select(GuardianConsent).where(said).order_by(GuardianConsent.id),
            *("said", "policy_version", "channel", "said_at"),
        ),
        "head_elections": rows(
            select(HeadElection).where(chosen).order_by(HeadElection.id), "state", "opened_at", "ended_at"
        ),
        "votes": joined(
            select(HeadElector, HeadElection.opened_at.label("opened_at"))
            .join(HeadElection, of_it)
            .where(HeadElector.person_id.in_(selves))
            .order_by(HeadElector.id),
            *("vote", "voted_at"),
        ),
        "spending_requests": rows(
            select(SpendingRequest).where(SpendingRequest.person_id.in_(selves)).order_by(SpendingRequest.id),
            *("label", "points", "state", "asked_at", "decided_at"),
        ),
        "pot_transfers": rows(
            select(PotTransfer).where(PotTransfer.person_id.in_(selves)).order_by(PotTransfer.id), "points", "moved_at"
        ),
        "household_merges": rows(
            select(HouseholdMerge).where(merged).order_by(HouseholdMerge.id), "state", "reason", "asked_at", "ended_at"
        ),
    }


PART = Part(
    "households",
    (
        *("household_claims.person_id", "household_claims.claimed_by_id"),
        *("guardian_consents.guardian_id", "guardian_consents.child_id"),
        *("head_elections.nominee_id", "head_elections.nominator_id", "head_electors.person_id"),
        *("spending_requests.person_id", "pot_transfers.person_id"),
        *("household_merges.requester_id", "household_merges.agreed_by_id"),
    ),
    tell,
)
