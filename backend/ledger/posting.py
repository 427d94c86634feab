"""`post_many`: the one way to post. Its order is the same for everybody, so nobody deadlocks and nobody overspends.

1 lots and accounts exist          insert, nothing if they do
2 claims, sorted by key            insert; who is missing was posted before, or resolves what is resolved
3 payments are planned             under lock of every wallet row they touch, in lock order
4 balances, in lock order          loses: conditional UPDATE; gains: upsert; both return what is now true
5 postings, with balances after    one insert

The caller's transaction is joined, never committed. A miss in 4 raises `Replan`: somebody else was faster, and the
whole deed is run again on what is true now. Only a plan made under lock says `InsufficientPoints`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.foundation.clock import now
from backend.foundation.errors import Replan
from backend.ledger import known
from backend.ledger.accounts import MOST, WALLETS, Account, Lot
from backend.ledger.drafts import Draft, Posting, today
from backend.ledger.errors import AlreadyResolved, AlreadyReversed, BalanceTooLarge, InsufficientPoints, KeyReused
from backend.ledger.models import accounts, balances, entries, lots, postings
from backend.ledger.spending import Holding, live, take


@dataclass(frozen=True)
class Book:
    """The ledger of one office, inside the caller's transaction."""

    session: Session
    id: int


@dataclass(frozen=True)
class Posted:
    """An entry that has happened; `is_replay` when it had happened before."""

    id: UUID
    is_replay: bool


Place = tuple[Account, Lot]


@dataclass(frozen=True)
class After:
    balance: int
    version: int


def post(book: Book, draft: Draft) -> Posted:
    """Post one entry: the batch of one."""
    return post_many(book, [draft])[0]


def post_many(book: Book, drafts: Sequence[Draft]) -> list[Posted]:
    """Post entries together, all or none; the answers are in the order of the drafts.

    Raises `KeyReused`, `AlreadyResolved`, `AlreadyReversed`, `InsufficientPoints`, `BalanceTooLarge`, or `Replan`.
    """
    _ensure_known(book, drafts)
    answers = _claim(book, drafts)
    fresh = _plan(book, [draft for draft in drafts if not answers[draft.id].is_replay])
    _record(book, fresh, _move(book, fresh))
    return [answers[draft.id] for draft in drafts]


def _ensure_known(book: Book, drafts: Sequence[Draft]) -> None:
    moves = [posting for draft in drafts for posting in draft.postings]
    paid = [draft.payment for draft in drafts if draft.payment]
    used = {side for move in moves for side in (move.source, move.destination)}
    used |= {side for payment in paid for side in (payment.wallet, payment.destination)}
    rows = {account.id_in(book.id): {"kind": account.kind, "owner": account.owner} for account in used}
    _ensure(book, accounts, rows)
    _ensure(book, lots, {lot.id_in(book.id): vars(lot) for lot in {move.lot for move in moves}})


def _ensure(book: Book, table: Any, rows: dict[UUID, dict[str, Any]]) -> None:
    unknown = known.missing(book.session, table.name, rows)
    if unknown:
        values = [{"book_id": book.id, "id": row_id} | rows[row_id] for row_id in sorted(unknown)]
        book.session.execute(_insert(book, table).on_conflict_do_nothing(), values)
        known.remember_after_commit(book.session, table.name, unknown)


def _claim(book: Book, drafts: Sequence[Draft]) -> dict[UUID, Posted]:
    """Take each key, in the order of keys; tell apart why one was not to be had."""
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
        for draft in sorted(drafts, key=lambda draft: draft.key)
    ]
    # Bare DO NOTHING: it also catches a second resolution or reversal without aborting the transaction.
    claim = _insert(book, entries).on_conflict_do_nothing().returning(entries.c.id)
    won = set(book.session.execute(claim, claims).scalars())
    lost = [draft for draft in drafts if draft.id not in won]
    before = _winners(book, lost) if lost else {}
    return {draft.id: Posted(before.get(draft.id, draft.id), draft.id not in won) for draft in drafts}


def _winners(book: Book, lost: list[Draft]) -> dict[UUID, UUID]:
    """For each draft that lost its claim, the entry that was posted under its key before; or the refusal."""
    found = book.session.execute(
        select(entries).where(
            entries.c.book_id == book.id,
            or_(
                entries.c.key.in_([draft.key for draft in lost]),
                entries.c.resolves_id.in_([draft.resolves_id for draft in lost if draft.resolves_id]),
                entries.c.reverses_id.in_([draft.reverses_id for draft in lost if draft.reverses_id]),
            ),
        )
    ).all()
    by_key = {row.key: row for row in found}
    winners = {}
    for draft in lost:
        same = by_key.get(draft.key)
        if same is not None:
            if same.fingerprint != draft.fingerprint:
                raise KeyReused()
            winners[draft.id] = same.id
            continue
        if draft.resolves_id:
            winner = next(row for row in found if row.resolves_id == draft.resolves_id)
            raise AlreadyResolved(kind=winner.kind, at=winner.occurred_at)
        winner = next(row for row in found if row.reverses_id == draft.reverses_id)
        raise AlreadyReversed(kind=winner.kind, at=winner.occurred_at)
    return winners


def _plan(book: Book, drafts: list[Draft]) -> list[Draft]:
    """Spell out each payment from what its wallet has, with every wallet row of the batch locked in lock order."""
    if not any(draft.payment for draft in drafts):
        return drafts
    holdings = _lock_wallets(book, drafts)
    planned = []
    for draft in drafts:
        if draft.payment is None:
            planned.append(draft)
            continue
        payment = draft.payment
        wallet = holdings[payment.wallet.id_in(book.id)]
        good = live(wallet.values(), today=today(draft.told))
        taken = take(good, payment.points)
        if taken is None:
            raise InsufficientPoints(required=payment.points, available=sum(holding.balance for holding in good))
        for lot, amount in taken:  # A later payment of the batch plans on what this one leaves.
            wallet[lot] = Holding(lot, wallet[lot].lot_id, wallet[lot].balance - amount)
        planned.append(
            draft.planned(tuple(Posting(lot, payment.wallet, payment.destination, amount) for lot, amount in taken))
        )
    return planned


def _lock_wallets(book: Book, drafts: list[Draft]) -> dict[UUID, dict[Lot, Holding]]:
    touched = {draft.payment.wallet for draft in drafts if draft.payment}
    touched |= {draft.payment.destination for draft in drafts if draft.payment}
    touched |= {side for draft in drafts for move in draft.postings for side in (move.source, move.destination)}
    wallets = [account.id_in(book.id) for account in touched if account.kind in WALLETS]
    rows = book.session.execute(
        select(balances.c.account_id, balances.c.lot_id, balances.c.balance, lots.c.fund, lots.c.last_day)
        .join(lots, (lots.c.book_id == balances.c.book_id) & (lots.c.id == balances.c.lot_id))
        .where(balances.c.book_id == book.id, balances.c.account_id.in_(wallets), lots.c.unit == "points")
        .order_by(balances.c.account_id, balances.c.lot_id)
        .with_for_update(of=balances)
    )
    holdings: dict[UUID, dict[Lot, Holding]] = defaultdict(dict)
    for row in rows:
        lot = Lot("points", row.fund, row.last_day)
        holdings[row.account_id][lot] = Holding(lot, row.lot_id, row.balance)
    return holdings


def _move(book: Book, drafts: Sequence[Draft]) -> list[dict[Place, After]]:
    """Change every balance once for the whole batch; tell what each entry left behind."""
    changes = [_net(draft) for draft in drafts]
    total: dict[Place, int] = defaultdict(int)
    times: dict[Place, int] = defaultdict(int)
    for change in changes:
        for place, amount in change.items():
            total[place] += amount
            times[place] += 1
    now_true: dict[Place, After] = {}
    gains: list[Place] = []
    for place in sorted(total, key=lambda place: _lock_order(book, place)):
        if total[place] >= 0:
            gains.append(place)
            continue
        now_true |= _gain(book, gains, total, times)  # what stands before a loss in lock order is locked before it
        gains = []
        now_true[place] = _lose(book, place, -total[place], times[place])
    now_true |= _gain(book, gains, total, times)
    return _walk_back(changes, now_true)


def _net(draft: Draft) -> dict[Place, int]:
    """What an entry changes about each balance row."""
    net: dict[Place, int] = defaultdict(int)
    for posting in draft.postings:
        if posting.source.is_bounded:
            net[posting.source, posting.lot] -= posting.amount
        if posting.destination.is_bounded:
            net[posting.destination, posting.lot] += posting.amount
    return net


def _lock_order(book: Book, place: Place) -> tuple[int, str, str]:
    account, lot = place
    return account.lock_rank, account.id_in(book.id).hex, lot.id_in(book.id).hex


def _lose(book: Book, place: Place, amount: int, times: int) -> After:
    account, lot = place
    row = book.session.execute(
        update(balances)
        .where(
            balances.c.book_id == book.id,
            balances.c.account_id == account.id_in(book.id),
            balances.c.lot_id == lot.id_in(book.id),
            balances.c.balance >= amount,
        )
        .values(balance=balances.c.balance - amount, version=balances.c.version + times)
        .returning(balances.c.balance, balances.c.version)
    ).one_or_none()
    if row is None:
        raise Replan()
    return After(row.balance, row.version)


def _gain(book: Book, places: list[Place], total: dict[Place, int], times: dict[Place, int]) -> dict[Place, After]:
    if not places:
        return {}
    by_id = {(account.id_in(book.id), lot.id_in(book.id)): (account, lot) for account, lot in places}
    insert = _insert(book, balances)
    statement = insert.on_conflict_do_update(
        index_elements=["book_id", "account_id", "lot_id"],
        set_={
            "balance": balances.c.balance + insert.excluded.balance,
            "version": balances.c.version + insert.excluded.version,
        },
        where=balances.c.balance <= MOST - insert.excluded.balance,
    ).returning(balances.c.account_id, balances.c.lot_id, balances.c.balance, balances.c.version)
    values = [
        {
            "book_id": book.id,
            "account_id": account_id,
            "lot_id": lot_id,
            "balance": total[place],
            "version": times[place],
        }
        for (account_id, lot_id), place in by_id.items()
    ]
    found = {
        by_id[row.account_id, row.lot_id]: After(row.balance, row.version)
        for row in book.session.execute(statement, values)
    }
    if len(found) < len(places):
        raise BalanceTooLarge()
    return found


def _walk_back(changes: list[dict[Place, int]], now_true: dict[Place, After]) -> list[dict[Place, After]]:
    """From the balances after the batch to the balances after each entry; none of them may be below zero."""
    left = dict(now_true)
    after_each: list[dict[Place, After]] = []
    for change in reversed(changes):
        after_each.append({place: left[place] for place in change})
        for place, amount in change.items():
            left[place] = After(left[place].balance - amount, left[place].version - 1)
            if left[place].balance < 0:
                raise Replan()
    return after_each[::-1]


def _record(book: Book, drafts: Sequence[Draft], after_each: Iterable[dict[Place, After]]) -> None:
    rows = [
        _row(book, draft, n, posting, after)
        for draft, after in zip(drafts, after_each, strict=True)
        for n, posting in enumerate(draft.postings, start=1)
    ]
    if rows:
        book.session.execute(_insert(book, postings), rows)


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


def _insert(book: Book, table: Any) -> Any:
    return (postgresql if book.session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)
