"""What messages know about somebody: what they were told, and what they agreed to be sent."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import session
from backend.foundation.outbox import OutboxMessage
from backend.foundation.own_copy import Part, Rows, rows
from backend.messages.models import MessageCredit
from backend.messages.texts import TEXTS, text_of


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every notice in its words, oldest first."""
    notices = session().scalars(
        select(OutboxMessage)
        .where(OutboxMessage.person_id.in_(selves), OutboxMessage.topic.in_(TEXTS))
        .order_by(OutboxMessage.id)
    )
    return {
        "notices": [
            {
                "created_at": notice.created_at,
                "text": text_of(notice.topic, notice.facts),
                "channel": notice.channel,
                "sent_at": notice.sent_at,
                "seen_at": notice.seen_at,
            }
            for notice in notices
        ],
        "message_credits": rows(
            select(MessageCredit).where(MessageCredit.person_id.in_(selves)).order_by(MessageCredit.id),
            *("template_id", "credits"),
        ),
    }


PART = Part("messages", ("outbox.person_id", "message_credits.person_id"), tell)
