"""What people know about somebody: who they are here, on which phones, behind which door, as what, and their wallet."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from backend.foundation.db import session
from backend.foundation.own_copy import Part, Rows, rows
from backend.ledger.accounts import person_wallet
from backend.ledger.reading import lines_of
from backend.people.assisted_models import CardChange, Registration
from backend.people.consent_models import Consent
from backend.people.models import Card, Gift, Person, WeChatAccount
from backend.people.role_models import Delegation, Role, RoleRequest
from backend.people.session_models import Block, Device
from backend.people.verification_models import CarryOver, PersonMerge, Phone, Verification
from backend.places.models import Household
from backend.places.offices import the_book

EVERY_LINE = 1_000_000


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Everything of these tables about somebody, oldest first; of cards and logins no secrets."""
    return {
        "profile": rows(
            select(Person).where(Person.id.in_(selves)).order_by(Person.id),
            *("id", "name", "verified", "age_class", "elder_mode", "household_role", "household_since", "joined_at"),
        ),
        "household": _household(selves),
        "phones": rows(select(Phone).where(Phone.person_id.in_(selves)), "number", "verified_at"),
        "wechat_accounts": rows(_of(WeChatAccount, selves), "openid", "joined_at", "last_seen_at"),
        "devices": rows(
            _of(Device, selves), *("name", "installation_id", "first_used_at", "last_used_at", "ended_at", "end_reason")
        ),
        "consents": rows(_of(Consent, selves), *("purpose", "version", "state", "at", "channel", "on_paper")),
        "registrations": rows(_of(Registration, selves), "registered_at", "reason"),
        "verifications": rows(
            _of(Verification, selves), *("verified_at", "verified_as", "household_role", "age_class", "reason")
        ),
        "merges": rows(
            select(PersonMerge)
            .where(or_(PersonMerge.person_id.in_(selves), PersonMerge.other_id.in_(selves)))
            .order_by(PersonMerge.id),
            *("state", "opened_at", "reason", "decided_at", "decision_reason"),
        ),
        "carry_overs": rows(
            select(CarryOver)
            .where(or_(CarryOver.source_id.in_(selves), CarryOver.destination_id.in_(selves)))
            .order_by(CarryOver.id),
            *("unit", "amount", "carried_at"),
        ),
        "blocks": rows(_of(Block, selves), *("reason", "blocked_at", "lift_reason", "lifted_at")),
        "roles": rows(
            _of(Role, selves),
            *("role", "scope_type", "scope_name", "starts_at", "ends_at", "granted_at", "withdrawn_at", "reason"),
        ),
        "role_requests": rows(_of(RoleRequest, selves), *("action", "state", "requested_at", "decided_at", "reason")),
        "delegations": rows(
            select(Delegation).where(Delegation.manager_id.in_(selves)).order_by(Delegation.id),
            *("role", "scope_name", "starts_at", "ends_at", "state"),
        ),
        "cards": rows(_of(Card, selves), *("number", "issued_at", "blocked_at", "is_locked")),
        "card_changes": rows(
            select(CardChange)
            .where(CardChange.card_id.in_(select(Card.id).where(Card.person_id.in_(selves))))
            .order_by(CardChange.id),
            *("change", "changed_at", "reason"),
        ),
        "gifts": rows(_of(Gift, selves), *("id", "to", "points", "note", "given_at")),
        "entries": _entries(selves),
    }


def _of(model: Any, selves: Sequence[UUID]) -> Select[Any]:
    return select(model).where(model.person_id.in_(selves)).order_by(model.id)


def _household(selves: Sequence[UUID]) -> Rows:
    lived_in = select(Person.household_id).where(Person.id.in_(selves), Person.household_id.is_not(None))
    homes = session().scalars(select(Household).where(Household.id.in_(lived_in)))
    return [{"id": home.id, "door": home.door} for home in homes]


def _entries(selves: Sequence[UUID]) -> Rows:
    """Their whole 明细, each wallet for itself, newest first."""
    fields = ("id", "occurred_at", "kind", "reason", "points", "held", "minutes", "balance_after", "origin")
    return [
        {name: getattr(line, name) for name in fields}
        for each in selves
        for line in lines_of(the_book(), person_wallet(str(each)), before=None, limit=EVERY_LINE)
    ]


PART = Part(
    "people",
    (
        *("people.merged_into_id", "phones.person_id", "wechat_accounts.person_id", "devices.person_id"),
        *("consents.person_id", "registrations.person_id", "verifications.person_id", "blocks.person_id"),
        *("person_merges.person_id", "person_merges.other_id", "carry_overs.source_id", "carry_overs.destination_id"),
        *("roles.person_id", "role_requests.person_id", "delegations.manager_id", "cards.person_id", "gifts.person_id"),
    ),
    tell,
)
