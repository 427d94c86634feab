"""What skills know about somebody: what they list, what they were suggested for, what they wrote and were told."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from backend.foundation.own_copy import Part, Rows, rows
from backend.skills.models import CapablePerson, SkillContact, SkillListing


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Everything of these tables about somebody, oldest first; of what they wrote and found, only their own side."""
    return {
        "skill_listings": rows(
            select(SkillListing).where(SkillListing.person_id.in_(selves)).order_by(SkillListing.id),
            *("id", "kind", "title", "note", "visibility", "shown_as", "listed_at", "withdrawn_at"),
        ),
        "capable_person": rows(
            select(CapablePerson).where(CapablePerson.person_id.in_(selves)).order_by(CapablePerson.id),
            *("id", "title", "reason", "state", "shown_as", "suggested_at", "accepted_at", "closed_at", "closing"),
        ),
        "capable_people_found": rows(
            select(CapablePerson).where(CapablePerson.finder_id.in_(selves)).order_by(CapablePerson.id),
            *("id", "title", "state", "suggested_at"),
        ),
        "skill_contacts": rows(
            select(SkillContact)
            .where(or_(SkillContact.person_id.in_(selves), SkillContact.asker_id.in_(selves)))
            .order_by(SkillContact.id),
            *("id", "text", "state", "asked_at", "answer", "answered_at"),
        ),
    }


PART = Part(
    "skills",
    (
        *("skill_listings.person_id", "capable_people.person_id", "capable_people.finder_id"),
        *("skill_contacts.person_id", "skill_contacts.asker_id"),
    ),
    tell,
)
