"""What a caller is made of: read from the database once, then carried by the token until the feed names the person."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select

from backend.foundation.callers import Grant
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people.access_feed import reached_in
from backend.people.models import Person
from backend.people.role_models import Role
from backend.people.roles import begun_or_to_begin
from backend.people.session_models import Block, Device


@dataclass(frozen=True)
class Facts:
    """What was true of somebody and one device of theirs when the office's feed had reached `version`."""

    version: int
    household_id: UUID | None
    verified: str
    grants: frozenset[Grant]  # also those that begin later
    is_blocked: bool = False
    has_ended: bool = False  # the device


def facts_of(person_id: UUID, *, device_id: UUID) -> Facts | None:
    """What is true now of a person of this office, None if there is none or no more; a device not theirs has ended."""
    found = (
        session()
        .execute(
            # The version in the same statement, or before: facts may be newer than it says, never older.
            select(
                reached_in(Person.office_id).label("version"),
                Person.household_id,
                Person.verified,
                Block.id.label("block_id"),
                Device.id.label("device_id"),
            )
            .outerjoin(
                Block,
                and_(Block.office_id == Person.office_id, Block.person_id == Person.id, Block.lifted_at.is_(None)),
            )
            .outerjoin(
                Device,
                and_(
                    Device.office_id == Person.office_id,
                    Device.id == device_id,
                    Device.person_id == Person.id,
                    Device.ended_at.is_(None),
                ),
            )
            .where(Person.id == person_id, Person.merged_into_id.is_(None), Person.parted_at.is_(None))
        )
        .one_or_none()
    )
    if found is None:
        return None
    return Facts(
        version=found.version,
        household_id=found.household_id,
        verified=found.verified,
        grants=_grants_of(person_id),
        is_blocked=found.block_id is not None,
        has_ended=found.device_id is None,
    )


def _grants_of(person_id: UUID) -> frozenset[Grant]:
    """Every grant that holds now or will."""
    rows = session().execute(
        select(Role.role, Role.scope, Role.delegation_id, Role.starts_at, Role.ends_at).where(
            Role.person_id == person_id, begun_or_to_begin(now())
        )
    )
    return frozenset(
        Grant(
            row.role,
            row.scope,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_delegated=row.delegation_id is not None,
        )
        for row in rows
    )
