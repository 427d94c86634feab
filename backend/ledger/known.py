"""Which lots and accounts are known to exist. Remembered after commit only, per database, in bounded memory."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, SessionTransaction

_MOST = 200_000  # about 30 MB; then everything is forgotten and looked up again

_known: WeakKeyDictionary[Engine, set[tuple[str, UUID]]] = WeakKeyDictionary()
_PENDING = "ledger_known_after_commit"


def missing(session: Session, table: str, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids of which it is not known that they exist."""
    known = _known.get(_engine(session), set())
    return {row_id for row_id in ids if (table, row_id) not in known}


def remember_after_commit(session: Session, table: str, ids: Iterable[UUID]) -> None:
    session.info.setdefault(_PENDING, set()).update((table, row_id) for row_id in ids)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if session.in_nested_transaction():
        return  # A released savepoint can still be rolled back with everything else.
    pending = session.info.pop(_PENDING, None)
    if pending:
        known = _known.setdefault(_engine(session), set())
        if len(known) + len(pending) > _MOST:
            known.clear()
        known |= pending


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, _: Any) -> None:
    session.info.pop(_PENDING, None)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # also when the session was closed without a word
        session.info.pop(_PENDING, None)


def _engine(session: Session) -> Engine:
    bind = session.get_bind()
    return bind if isinstance(bind, Engine) else bind.engine
