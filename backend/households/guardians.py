"""A guardian's consent for a child under 14 (《个人信息保护法》第三十一条): given, withdrawn, and asked for.

A guardian is an adult of the child's household and speaks by themselves, with their own phone or before a worker. The
newest word counts, whichever guardian said it. Without it a child is not entered, takes no place, and where they are
they are recorded as present and as nothing else.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from backend.foundation import trail
from backend.foundation.clock import now
from backend.foundation.db import add, session
from backend.foundation.ids import uuid7
from backend.households.errors import ChildPolicyChanged, GuardianConsentNeeded, GuardianSpeaks, NotUnderFourteen
from backend.households.guardian_models import GuardianConsent
from backend.people.models import Person

POLICY_VERSION = "child-1"  # of the rules on children's personal information that a guardian reads


def refuse_unless_guardian(guardian: Person, *, household_id: UUID, policy_version: str) -> None:
    """Raises `GuardianSpeaks` for whoever is no adult of that household, `ChildPolicyChanged` for an old policy."""
    if guardian.household_id != household_id or guardian.age_class != "adult":
        raise GuardianSpeaks()
    if policy_version != POLICY_VERSION:
        raise ChildPolicyChanged(policy_version=POLICY_VERSION)


def say(child: Person, *, guardian: Person, said: str, policy_version: str, recorder_id: UUID) -> GuardianConsent:
    """Write down that a guardian consents ("given") or takes it back ("withdrawn"). The same again adds nothing.

    Raises `NotUnderFourteen`, `GuardianSpeaks`, `ChildPolicyChanged`.
    """
    if child.age_class != "under_14":
        raise NotUnderFourteen()
    if child.household_id is None:
        raise GuardianSpeaks()
    refuse_unless_guardian(guardian, household_id=child.household_id, policy_version=policy_version)
    # One word after the other about one child, so that the newest is the last that was said.
    session().scalar(select(Person.id).where(Person.id == child.id).with_for_update(key_share=True))
    newest = _newest([child.id]).get(child.id)
    if newest is not None and (newest.said, newest.policy_version) == (said, policy_version):
        return newest
    written = write(
        child, guardian_id=guardian.id, said=said, policy_version=policy_version, recorder_id=recorder_id, at=now()
    )
    trail.record(f"guardian_consents.{said}", written, beneficiary_id=child.id, after={"said": said})
    return written


def write(
    child: Person, *, guardian_id: UUID, said: str, policy_version: str, recorder_id: UUID, at: datetime
) -> GuardianConsent:
    """Add the row; the caller has looked."""
    return add(
        GuardianConsent(
            id=uuid7(),
            guardian_id=guardian_id,
            child_id=child.id,
            said=said,
            policy_version=policy_version,
            channel="app" if recorder_id == guardian_id else "desk",
            recorder_id=recorder_id,
            said_at=at,
        )
    )


def may_take_part(person: Person) -> bool:
    """Is there no child under 14 without a guardian's consent?"""
    return person.age_class != "under_14" or person.id in consented([person.id])


def refuse_without_consent(person: Person) -> None:
    """Raises `GuardianConsentNeeded`."""
    if not may_take_part(person):
        raise GuardianConsentNeeded()


def consented(child_ids: Collection[UUID]) -> set[UUID]:
    """Those children for whom a guardian's consent stands."""
    return {child_id for child_id, newest in _newest(child_ids).items() if newest.said == "given"}


def _newest(child_ids: Collection[UUID]) -> dict[UUID, GuardianConsent]:
    last = (
        select(func.max(GuardianConsent.said_at))
        .where(GuardianConsent.child_id.in_(child_ids))
        .group_by(GuardianConsent.child_id)
    )
    rows = session().scalars(
        select(GuardianConsent)
        .where(GuardianConsent.child_id.in_(child_ids), GuardianConsent.said_at.in_(last))
        .order_by(GuardianConsent.id)
    )
    return {row.child_id: row for row in rows}
