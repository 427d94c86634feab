"""What a screen shows about a card: what was done with it, by whom and why."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import session
from backend.people.assisted_models import CardChange
from backend.people.models import Card
from backend.people.queries import people_by_id


def history_of(cards: Sequence[Card]) -> dict[UUID, list[dict[str, Any]]]:
    """The changes of each card, the newest first; empty for one that was there before they were written down."""
    wanted = (
        select(CardChange).where(CardChange.card_id.in_([card.id for card in cards])).order_by(CardChange.id.desc())
    )
    changes = session().scalars(wanted).all()
    changers = people_by_id(change.changer_id for change in changes)
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        found[change.card_id].append(
            {
                "change": change.change,
                "changed_at": change.changed_at,
                "changer": changers[change.changer_id].masked_name,
                "reason": change.reason,
            }
        )
    return found
