"""`post_many`: the one way to post. Its order is the same for everybody, so nobody deadlocks and nobody overspends.

1 lots and accounts exist          insert, nothing if they do
2 claims, in one order             insert; who is missing was posted before, or resolves what is resolved
3 payments are planned             under lock of every wallet row they touch, in lock order
4 balances, in lock order          loses: conditional UPDATE; gains: upsert; both return what is now true
5 postings, with balances after    one insert

The caller's transaction is joined, never committed. A miss in 4 raises `Replan`: somebody else was faster, and the
whole deed is run again on what is true now. Only a plan made under lock says `InsufficientPoints`.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from backend.ledger import known
from backend.ledger.balancing import After, move
from backend.ledger.book import Book as Book
from backend.ledger.book import Place, inserting
from backend.ledger.book import Posted as Posted
from backend.ledger.claiming import claim
from backend.ledger.drafts import Draft, Posting
from backend.ledger.models import accounts, lots, postings
from backend.ledger.planning import plan
from backend.ledger.refusing import all_or_nothing


def post(book: Book, draft: Draft) -> Posted:
    """Post one entry: the batch of one."""
    return post_many(book, [draft])[0]


def post_many(book: Book, drafts: Sequence[Draft]) -> list[Posted]:
    """Post entries together, all or none; the answers are in the order of the drafts.

    Raises `KeyReused`, `AlreadyResolved`, `AlreadyReversed`, `InsufficientPoints`, `BalanceTooLarge`, or `Replan`;
    after any of them the transaction can only be rolled back.
    """
    if not drafts:
        return []
    with all_or_nothing(book.session):
        _ensure_known(book, drafts)
        answers = claim(book, drafts)
        fresh = plan(book, [draft for draft in drafts if not answers[draft.id].is_replay])
        _record(book, fresh, move(book, fresh))
    return [answers[draft.id] for draft in drafts]


def _ensure_known(book: Book, drafts: Sequence[Draft]) -> None:
    used = {side for draft in drafts for side in draft.sides}
    moved = {posting.lot for draft in drafts for posting in draft.postings}  # what a payment takes exists already
    rows = {account.id_in(book.id): {"kind": account.kind, "owner": account.owner} for account in used}
    _ensure(book, accounts, rows)
    _ensure(book, lots, {lot.id_in(book.id): vars(lot) for lot in moved})


def _ensure(book: Book, table: Table, rows: dict[UUID, dict[str, Any]]) -> None:
    unknown = known.missing(book.session, table.name, rows)
    if unknown:
        values = [{"book_id": book.id, "id": row_id} | rows[row_id] for row_id in sorted(unknown)]
        book.session.execute(inserting(book, table).on_conflict_do_nothing(), values)
        known.remember_after_commit(book.session, table.name, unknown)


def _record(book: Book, drafts: Sequence[Draft], after_each: Iterable[dict[Place, After]]) -> None:
    rows = [
        _row(book, draft, n, posting, after)
        for draft, after in zip(drafts, after_each, strict=True)
        for n, posting in enumerate(draft.postings, start=1)
    ]
    if rows:
        book.session.execute(inserting(book, postings), rows)


def _row(book: Book, draft: Draft, n: int, posting: Posting, after: dict[Place, After]) -> dict[str, Any]:
    source = after.get((posting.source, posting.lot))
    destination = after.get((posting.destination, posting.lot))
    return {
        "book_id": book.id,
        "entry_id": draft.id,
        "n": n,
        "lot_id": posting.lot.id_in(book.id),
        "source_id": posting.source.id_in(book.id),
        "destination_id": posting.destination.id_in(book.id),
        "amount": posting.amount,
        "source_after": source.balance if source else None,
        "source_version": source.version if source else None,
        "destination_after": destination.balance if destination else None,
        "destination_version": destination.version if destination else None,
    }
