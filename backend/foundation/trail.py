"""The trail: who did what, for whom, when, by which way and why. Rows are added by `record` and never changed.

A deed records itself within its own transaction, so that neither happens without the other. What was before and what
is after is said by reference: ids and state words, and nothing else is taken, because a row that cannot be changed
must not hold what a person may have erased. A reason is typed by hand and may name anybody, so it is sealed, under the
key of whom it was done for: once that is destroyed the row stays, and says no longer why.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, LargeBinary, String, Table, Text, and_, event, or_
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from backend.foundation.acting import FOR_SOMEBODY, Actor, acting, somebody_acting
from backend.foundation.append_only import AppendOnly
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.foundation.ids import uuid7
from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by
from backend.foundation.tenancy import office_in_force

_STATE_WORD = re.compile(r"[a-z][a-z_]{0,39}")
_ACT = re.compile(r"[a-z_]{1,30}\.[a-z_]{1,30}")

References = Mapping[str, object]  # ids and state words, checked one by one


class TrailRow(InOffice, Base):
    """One act of somebody about something of the office's or of another person's."""

    __tablename__ = "trail"
    __table_args__ = (
        listed_by("actor_id", "id"),
        listed_by("beneficiary_id", "id"),
        listed_by("subject_id", "id"),
        listed_by("act", "id"),
        listed_by("channel", "id"),
        CheckConstraint("channel IN ('app', 'desk', 'card', 'household', 'command', 'clock')", name="channel_is_known"),
        CheckConstraint("(actor_id IS NULL) = (channel IN ('command', 'clock'))", name="a_person_or_a_machine"),
        CheckConstraint(
            "channel NOT IN ('desk', 'card', 'household') OR beneficiary_id IS NOT NULL",
            name="assisted_for_somebody",
        ),
    )

    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(61))
    actor_id: Mapped[UUID | None]  # no foreign keys: people live on a higher floor
    acted_as: Mapped[str] = mapped_column(String(80))  # the roles they held then
    beneficiary_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(String(9))
    subject_type: Mapped[str] = mapped_column(String(40))  # a table
    subject_id: Mapped[UUID]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    before_json: Mapped[str | None] = mapped_column("before", Text)
    after_json: Mapped[str | None] = mapped_column("after", Text)
    request_id: Mapped[str] = mapped_column(String(64))

    reason = Sealed[str | None](about=lambda row: row.is_about, gone=None)  # as it was typed

    @property
    def is_about(self) -> UUID | None:
        """Under whose key the reason lies: for whom it was done."""
        return self.beneficiary_id or (self.subject_id if self.subject_type == "people" else None)

    @property
    def roles(self) -> list[str]:
        return self.acted_as.split(",") if self.acted_as else []

    @property
    def before(self) -> dict[str, Any] | None:
        return json.loads(self.before_json) if self.before_json else None

    @property
    def after(self) -> dict[str, Any] | None:
        return json.loads(self.after_json) if self.after_json else None


_table = TrailRow.__table__
assert isinstance(_table, Table)  # noqa: S101  # it maps one table

PROTECTED = AppendOnly(
    what="the trail", function="trail_is_append_only", office="office_id", same_row={_table: ("id = NEW.id",)}
)
PROTECTED.create_after(_table)


def record(
    act: str,
    subject: InOffice,
    *,
    beneficiary_id: UUID | None = None,
    reason: str | None = None,
    before: References | None = None,
    after: References | None = None,
) -> None:
    """Write down that whoever acts now did this to that row, in the deed's transaction; the deed's last line.

    `act` is `<what>.<verb>`. Without a beneficiary it is whoever they act for, if anybody. Raises `NobodyActs`, and
    `ValueError` for anything in `before` and `after` that is neither an id nor a state word.
    """
    _write(session(), act, _table_of(subject), subject.id, acting(), beneficiary_id, reason, before, after)


def record_about(act: str, table: type[InOffice], row_id: UUID, *, reason: str | None = None) -> None:
    """The same about a row that is named only by its table and its id."""
    _write(session(), act, _table_of(table), row_id, acting(), None, reason)


def done_for_somebody() -> ColumnElement[bool]:
    """What was done for a person who stood beside, by whichever helper: the desk, the household, or with their card."""
    return or_(
        TrailRow.channel == "card",
        and_(TrailRow.channel.in_(FOR_SOMEBODY), TrailRow.act.startswith("assisted.", autoescape=True)),
    )


def nothing_was_done() -> None:
    """What was asked for was so already: the commit that follows is no act, and gets no row by itself."""
    session().info["is_on_the_trail"] = True


def _write(
    current: Session,
    act: str,
    subject_type: str,
    subject_id: UUID,
    actor: Actor,
    beneficiary_id: UUID | None,
    reason: str | None = None,
    before: References | None = None,
    after: References | None = None,
) -> None:
    if not _ACT.fullmatch(act):
        raise ValueError(f"an act is <what>.<verb>: {act!r}")
    row = TrailRow(
        office_id=office_in_force(),
        id=uuid7(),
        at=now(),
        act=act,
        actor_id=actor.person_id,
        acted_as=",".join(actor.roles),
        beneficiary_id=beneficiary_id or actor.beneficiary_id,
        channel=actor.channel,
        subject_type=subject_type,
        subject_id=subject_id,
        before_json=_referring(before),
        after_json=_referring(after),
        request_id=actor.request_id,
    )
    if reason:
        row.reason = reason
    current.add(row)
    current.flush()
    current.info["is_on_the_trail"] = True


def _table_of(row: Any) -> str:
    return cast(str, row.__tablename__)


def _referring(facts: References | None) -> str | None:
    """Ids and state words as JSON."""
    if not facts:
        return None
    said = {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}
    for name, value in facts.items():
        is_plain = value is None or isinstance(value, UUID) or (isinstance(value, str) and _STATE_WORD.fullmatch(value))
        if not _STATE_WORD.fullmatch(name) or not is_plain:
            raise ValueError(f"the trail refers by ids and state words, which {name!r} is not")
    return json.dumps(said)


@event.listens_for(Session, "before_commit")
def _assisted_acts_are_never_forgotten(current: Session) -> None:
    """Whatever somebody does for another person is on the trail, also where its deed is mostly one's own business."""
    actor = somebody_acting()
    if actor is None or not actor.is_for_somebody or current.info.get("is_on_the_trail"):
        return
    assert actor.beneficiary_id is not None  # noqa: S101  # the table says so, too
    act = f"assisted.{actor.doing.rpartition('.')[2]}"
    _write(current, act, "people", actor.beneficiary_id, actor, actor.beneficiary_id)


@event.listens_for(Session, "after_transaction_end")
def _forget(current: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        current.info.pop("is_on_the_trail", None)
