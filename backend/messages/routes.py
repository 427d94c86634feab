"""Endpoints of messages: what I was told, and what I agreed to be sent."""

import logging
from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import transactional
from backend.foundation.errors import Unavailable, Unprocessable
from backend.foundation.outbox import OutboxMessage, seen_in_the_program
from backend.foundation.pages import PageQuery, page, page_of
from backend.messages.schemas import NoticeView, SubscriptionForm, SubscriptionsView
from backend.messages.subscriptions import credits_of, note_answers
from backend.messages.texts import TEXTS, text_of
from backend.people.consents import agree_by_doing
from backend.people.errors import ConsentWithdrawn
from backend.people.persons import selves_of

log = logging.getLogger(__name__)

messages = Blueprint("messages", __name__, description="消息提醒")


@messages.get("/me/notices")
@requires(anybody_here)
@messages.arguments(PageQuery, location="query")
@messages.response(200, page_of(NoticeView))
def list_notices(asked: dict[str, Any]) -> dict[str, Any]:
    """What I was told, newest first: for example that points end soon. What is listed here counts as seen."""
    mine = select(OutboxMessage).where(
        OutboxMessage.person_id.in_(selves_of(caller().person_id)), OutboxMessage.topic.in_(TEXTS)
    )
    unseen: list[UUID] = []

    def shown(message: OutboxMessage) -> dict[str, Any]:
        if message.seen_at is None:
            unseen.append(message.id)
        return _shown(message)

    found = page(mine, asked, by=(OutboxMessage.id,), shown=shown)
    if unseen:
        _note_seen(unseen)
    return found


@messages.get("/me/subscriptions")
@requires(anybody_here)
@messages.response(200, SubscriptionsView)
def list_subscriptions() -> dict[str, Any]:
    """What can be sent to my WeChat, and how often I agreed to it."""
    return _subscriptions()


@messages.post("/me/subscriptions")
@requires(anybody_here)
@messages.arguments(SubscriptionForm)
@messages.response(200, SubscriptionsView)
@refuses(ConsentWithdrawn)
@transactional
def subscribe(form: dict[str, Any]) -> dict[str, Any]:
    """What I answered when the phone asked whether we may send me messages; each accept is good for one."""
    known = {template.id for template in _templates().values()}
    unknown = form["templates"].keys() - known
    if unknown:
        raise Unprocessable(errors={f"templates.{name}": ["没有这个模板，请刷新后再试"] for name in unknown})
    if "accept" in form["templates"].values():
        agree_by_doing(caller().person_id, "messages")
    note_answers(form["templates"], person_id=caller().person_id)
    return _subscriptions()


def _subscriptions() -> dict[str, Any]:
    left = credits_of(caller().person_id)
    items = [
        {"topic": topic, "template_id": template.id, "credits": left.get(template.id, 0)}
        for topic, template in _templates().items()
    ]
    return {"items": items, "next": None}


def _templates() -> dict[str, Any]:
    templates: dict[str, Any] = current_app.extensions["config"].wechat_templates
    return templates


def _note_seen(message_ids: Collection[UUID]) -> None:
    try:
        transactional(seen_in_the_program)(message_ids)
    except Unavailable as reason:  # to be shown one's messages matters more than that we know of it
        log.warning("seen, not noted: %s", reason.code)


def _shown(message: OutboxMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "at": message.created_at,
        "topic": message.topic,
        "text": text_of(message.topic, message.facts),
        "facts": message.facts,
    }
