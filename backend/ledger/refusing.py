"""A refusal has no effect: once the ledger has refused, the transaction can only be rolled back.

A deed that swallows a refusal and goes on would otherwise commit a claimed key that moves nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

_REFUSED = "ledger_refused"


class RefusalSwallowed(RuntimeError):
    """A deed went on after the ledger had refused: a bug of the deed, which therefore has no effect either."""


@contextmanager
def all_or_nothing(session: Session) -> Iterator[None]:
    """Whatever is raised inside keeps the transaction from being committed."""
    try:
        yield
    except BaseException:
        session.info[_REFUSED] = True
        raise


@event.listens_for(Session, "before_commit")
def _refuse_to_commit(session: Session) -> None:
    if session.info.get(_REFUSED):
        raise RefusalSwallowed("the ledger refused in this transaction: roll it back")


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, _: Any) -> None:
    session.info.pop(_REFUSED, None)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_REFUSED, None)
