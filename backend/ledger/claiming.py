"""Claims: an entry is inserted under its key, once. Who comes second learns who was first, or why it is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, union

from backend.foundation.clock import now
from backend.ledger.accounts import Account, recoverable_of
from backend.ledger.book import Book, Posted, inserting
from backend.ledger.drafts import Draft
from backend.ledger.errors import AlreadyResolved, AlreadyReversed, KeyReused
from backend.ledger.models import balances, entries


@dataclass(frozen=True)
class Claims:
    """What became of each draft, by its id, and whether a wallet that gains by them owes something."""

    answers: dict[UUID, Posted]
    owing: bool


def claim(book: Book, drafts: Sequence[Draft]) -> Claims:
    """Take each key; for those that were taken before, the entry that has it.

    Raises `KeyReused`, `AlreadyResolved` or `AlreadyReversed`, for the first draft that deserves it.
    """
    at = now()
    claims = [
        {
            "book_id": book.id,
            "id": draft.id,
            "key": draft.key,
            "fingerprint": draft.fingerprint,
            "kind": draft.kind,
            "reason": draft.told.reason,
            "actor": draft.told.actor,
            "origin": draft.told.origin,
            "resolves_id": draft.resolves_id,
            "reverses_id": draft.reverses_id,
            "hold_expires_at": draft.hold_expires_at,
            "occurred_at": draft.told.at,
            "recorded_at": at,
        }
        for draft in sorted(drafts, key=_contested)
    ]
    # Bare DO NOTHING: it also catches a second resolution or reversal without aborting the transaction.
    statement = inserting(book, entries).on_conflict_do_nothing()
    gaining = set().union(*(draft.may_gain for draft in drafts))
    # What one wallet owes is asked along the way: an award is posted in four statements, with or without debts.
    owed = _owed(book, gaining).scalar_subquery() if len(gaining) == 1 else literal(0)
    rows = book.session.execute(statement.returning(entries.c.id, owed.label("owed")), claims).all()
    won = {row.id for row in rows}
    owing = any(row.owed for row in rows) or (len(gaining) > 1 and bool(book.session.scalar(_owed(book, gaining))))
    lost = [draft for draft in drafts if draft.id not in won]
    before = _winners(book, lost) if lost else {}
    return Claims({draft.id: Posted(before.get(draft.id, draft.id), draft.id not in won) for draft in drafts}, owing)


def _owed(book: Book, wallets: set[Account]) -> Select[tuple[int | None]]:
    """The most that one of these wallets owes."""
    owing = [recoverable_of(wallet).id_in(book.id) for wallet in wallets]
    account = balances.c.account_id
    which = account == owing[0] if len(owing) == 1 else account.in_(owing)  # executemany knows no IN
    return select(func.max(balances.c.balance)).where(balances.c.book_id == book.id, which)


def _contested(draft: Draft) -> tuple[str, str]:
    """What twins fight for, so that two batches meet them in one order: the hold or capture, else the key."""
    return str(draft.resolves_id or draft.reverses_id or draft.key), draft.key


def _winners(book: Book, lost: list[Draft]) -> dict[UUID, UUID]:
    """For each draft that lost its claim, the entry that was posted under its key before; or the refusal."""
    found = _found(book, lost)
    by_key = {row.key: row for row in found}
    resolved = {row.resolves_id: row for row in found if row.resolves_id}
    reversed_ = {row.reverses_id: row for row in found if row.reverses_id}
    winners = {}
    for draft in lost:
        if (same := by_key.get(draft.key)) is not None:
            if same.fingerprint != draft.fingerprint:
                raise KeyReused()
            winners[draft.id] = same.id
        elif (first := resolved.get(draft.resolves_id)) is not None:
            raise AlreadyResolved(kind=first.kind, at=first.occurred_at)
        elif (first := reversed_.get(draft.reverses_id)) is not None:
            raise AlreadyReversed(kind=first.kind, at=first.occurred_at)
        else:
            raise ValueError(f"{draft.key}: its id belongs to another entry")
    return winners


def _found(book: Book, lost: list[Draft]) -> Sequence[Row[tuple[UUID, ...]]]:
    """Every entry that stands in the way. One look-up by index each: an OR over them would read the whole book."""
    ways: list[ColumnElement[bool]] = [entries.c.key.in_([draft.key for draft in lost])]
    for column, ids in (
        (entries.c.resolves_id, [draft.resolves_id for draft in lost if draft.resolves_id]),
        (entries.c.reverses_id, [draft.reverses_id for draft in lost if draft.reverses_id]),
    ):
        if ids:
            ways.append(column.in_(ids))
    wanted = (
        entries.c.id,
        entries.c.key,
        entries.c.fingerprint,
        entries.c.kind,
        entries.c.resolves_id,
        entries.c.reverses_id,
        entries.c.occurred_at,
    )
    return book.session.execute(
        union(*(select(*wanted).where(entries.c.book_id == book.id, way) for way in ways))
    ).all()
