"""The endpoint of messages: what I was told."""

from typing import Any

from sqlalchemy import select

from backend.foundation.api import Blueprint, requires
from backend.foundation.callers import anybody_here, caller
from backend.foundation.outbox import OutboxMessage
from backend.foundation.pages import PageQuery, page, page_of
from backend.messages.schemas import NoticeView
from backend.messages.texts import TEXTS, text_of
from backend.people.persons import selves_of

messages = Blueprint("messages", __name__, description="消息提醒")


@messages.get("/me/notices")
@requires(anybody_here)
@messages.arguments(PageQuery, location="query")
@messages.response(200, page_of(NoticeView))
def list_notices(asked: dict[str, Any]) -> dict[str, Any]:
    """What I was told, newest first: for example that points end soon."""
    mine = select(OutboxMessage).where(
        OutboxMessage.person_id.in_(selves_of(caller().person_id)), OutboxMessage.topic.in_(TEXTS)
    )
    return page(mine, asked, by=(OutboxMessage.id,), shown=_shown)


def _shown(message: OutboxMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "at": message.created_at,
        "topic": message.topic,
        "text": text_of(message.topic, message.facts),
        "facts": message.facts,
    }
