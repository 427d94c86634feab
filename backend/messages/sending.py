"""Sending what lies in the outbox as a subscribe message, to whoever left a credit for it.

A message is *claimed* first: the attempt is counted and the credit used up, and only then is WeChat asked, outside the
transaction. So each attempt sends at most once; whoever is killed in between never sends it again, and the person
reads it when they open the program, as does everybody WeChat refuses or cannot be reached for. One thing remains: when
WeChat took a message and its answer was lost, the next attempt may say it twice to somebody who left two credits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update

from backend.foundation.clock import now
from backend.foundation.config import Template
from backend.foundation.db import session
from backend.foundation.outbox import OutboxMessage
from backend.messages.models import MessageCredit
from backend.messages.subscriptions import add_credit, no_credit_left, take_credit
from backend.messages.templates import filled
from backend.people.consents import withdrew

PAGE = "pages/notices/notices"  # of the mini-program, where a tap on the message leads
WORTH_SENDING_FOR = timedelta(days=5)  # a notice that is older is read in the program
PAUSES = (timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=2))  # after each attempt without an answer


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send, once: what it says, to whom, with which template, and which attempt this is."""

    id: UUID
    person_id: UUID
    template: Template
    data: dict[str, str]
    attempt: int


class NoCreditLeft(Exception):
    """Another message took the person's last credit at this moment: this one is not claimed after all."""


def to_be_sent(templates: dict[str, Template], limit: int) -> Sequence[UUID]:
    """Messages of the office in force that reached nobody yet, and whose person left a credit for their template."""
    at = now()
    of_a_template = [
        and_(OutboxMessage.topic == topic, MessageCredit.template_id == template.id)
        for topic, template in templates.items()
    ]
    if not of_a_template:
        return []
    query = (
        select(OutboxMessage.id)
        .join(
            MessageCredit,
            (MessageCredit.office_id == OutboxMessage.office_id) & (MessageCredit.person_id == OutboxMessage.person_id),
        )
        .where(
            OutboxMessage.created_at > at - WORTH_SENDING_FOR,
            OutboxMessage.channel.is_(None),
            or_(OutboxMessage.attempts == 0, OutboxMessage.next_attempt_at <= at),
            MessageCredit.credits > 0,
            ~withdrew(OutboxMessage.person_id, "messages"),
            or_(*of_a_template),
        )
    )
    return session().scalars(query.order_by(OutboxMessage.id).limit(limit)).all()


def claim(message_id: UUID, templates: dict[str, Template]) -> Claimed | None:
    """Take a message to send it, and one credit; None when another worker has it, or they want none.

    Raises `NoCreditLeft`.
    """
    at = now()
    claimed = session().scalar(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.channel.is_(None),
            or_(OutboxMessage.attempts == 0, OutboxMessage.next_attempt_at <= at),
            ~withdrew(OutboxMessage.person_id, "messages"),
        )
        .values(attempts=OutboxMessage.attempts + 1, next_attempt_at=None)
        .returning(OutboxMessage)
        .execution_options(populate_existing=True)
    )
    if claimed is None:
        return None
    template = templates[claimed.topic]
    if not take_credit(claimed.person_id, template.id):
        raise NoCreditLeft()
    data = filled(template, claimed.topic, claimed.facts)
    return Claimed(claimed.id, claimed.person_id, template, data, claimed.attempts)


def was_sent(message: Claimed) -> None:
    """WeChat took it."""
    _of_attempt(message, sent_at=now(), channel=func.coalesce(OutboxMessage.channel, "subscription"))


def was_refused(message: Claimed) -> None:
    """WeChat knows of no credit: neither do we from now on. They read the message when they open the program."""
    no_credit_left(message.person_id, message.template.id)


def was_not_answered(message: Claimed) -> None:
    """Try again later and later, three times at most; the credit is there again, as far as we know."""
    add_credit(message.person_id, message.template.id)
    if message.attempt <= len(PAUSES):
        _of_attempt(message, next_attempt_at=now() + PAUSES[message.attempt - 1])


def _of_attempt(message: Claimed, **values: object) -> None:
    """Write down what came of this attempt."""
    session().execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.attempts == message.attempt)
        .values(**values)
    )
