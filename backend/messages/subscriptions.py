"""What somebody agreed to be sent: one *credit* for each time they tapped 允许 for a template.

The truth is WeChat's; what we count only saves us asking in vain. Whoever counts themselves more than they gave gets
nothing for it: WeChat refuses, and the count is set to nought.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation.db import insert_once, session
from backend.messages.models import MOST_CREDITS, MessageCredit


def note_answers(answers: dict[str, str], *, person_id: UUID) -> None:
    """What `wx.requestSubscribeMessage` said: accept adds a credit for the template, ban takes all, reject none."""
    for template_id, answer in sorted(answers.items()):
        if answer == "accept":
            add_credit(person_id, template_id)
        elif answer == "ban":
            no_credit_left(person_id, template_id)


def add_credit(person_id: UUID, template_id: str) -> None:
    """One more message of that template may be sent to them; we remember at most a hundred."""
    if insert_once(MessageCredit, person_id=person_id, template_id=template_id, credits=1) is None:
        session().execute(
            update(MessageCredit)
            .where(*_of(person_id, template_id), MessageCredit.credits < MOST_CREDITS)
            .values(credits=MessageCredit.credits + 1)
        )


def take_credit(person_id: UUID, template_id: str) -> bool:
    """Use one up, if there is one."""
    taken = session().scalar(
        update(MessageCredit)
        .where(*_of(person_id, template_id), MessageCredit.credits > 0)
        .values(credits=MessageCredit.credits - 1)
        .returning(MessageCredit.id)
    )
    return taken is not None


def no_credit_left(person_id: UUID, template_id: str) -> None:
    """WeChat, or they themselves, say that no message of that template may be sent."""
    session().execute(update(MessageCredit).where(*_of(person_id, template_id)).values(credits=0))


def credits_of(person_id: UUID) -> dict[str, int]:
    """Template id → messages that may still be sent."""
    rows = session().scalars(select(MessageCredit).where(MessageCredit.person_id == person_id))
    return {row.template_id: row.credits for row in rows}


def _of(person_id: UUID, template_id: str) -> tuple[Any, Any]:
    return MessageCredit.person_id == person_id, MessageCredit.template_id == template_id
