"""Entries spelt out as rows, with balances kept in memory: the arithmetic of `post_many`, without a database."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from backend.ledger.accounts import Account, Lot
from backend.ledger.drafts import Draft
from backend.ledger.spending import Holding

ENTRY = (
    *("book_id", "id", "key", "fingerprint", "kind", "reason", "actor", "origin"),
    *("resolves_id", "reverses_id", "hold_expires_at", "occurred_at", "recorded_at"),
)
POSTING = (
    *("book_id", "entry_id", "n", "lot_id", "source_id", "destination_id", "amount"),
    *("source_after", "source_version", "destination_after", "destination_version"),
)
ACCOUNT = ("book_id", "id", "kind", "owner")
LOT = ("book_id", "id", "unit", "fund", "last_day")
BALANCE = ("book_id", "account_id", "lot_id", "balance", "version")


Rows = tuple[str, Sequence[str], list[tuple[Any, ...]]]  # table, columns, rows


class Scribe:
    """Keeps balances in memory and spells entries out as rows, as `post_many` would have written them."""

    def __init__(self, book_id: int) -> None:
        self.book_id = book_id
        self._entries: list[tuple[Any, ...]] = []
        self._postings: list[tuple[Any, ...]] = []
        self.kinds: Counter[str] = Counter()
        self._accounts: dict[Account, UUID] = {}
        self._lots: dict[Lot, UUID] = {}
        # account → lot → balance and version
        self._balances: dict[Account, dict[Lot, tuple[int, int]]] = defaultdict(dict)

    def write(self, draft: Draft) -> None:
        net: dict[tuple[Account, Lot], int] = defaultdict(int)
        for posting in draft.postings:
            if posting.source.is_bounded:
                net[posting.source, posting.lot] -= posting.amount
            if posting.destination.is_bounded:
                net[posting.destination, posting.lot] += posting.amount
        for (account, lot), amount in net.items():
            balance, version = self.after(account, lot)
            if balance + amount < 0:
                raise AssertionError(f"{draft.key} overdraws {account}")
            self._balances[account][lot] = (balance + amount, version + 1)
        told = draft.told
        self._entries.append(
            (
                *(self.book_id, draft.id, draft.key, draft.fingerprint, draft.kind),
                *(told.reason, told.actor, told.origin, draft.resolves_id, draft.reverses_id),
                *(draft.hold_expires_at, told.at, told.at),
            )
        )
        for n, posting in enumerate(draft.postings, start=1):
            self._postings.append(
                (
                    *(self.book_id, draft.id, n, self._lot_id(posting.lot)),
                    *(self._account_id(posting.source), self._account_id(posting.destination), posting.amount),
                    *(self._stated(posting.source, posting.lot)),
                    *(self._stated(posting.destination, posting.lot)),
                )
            )
        self.kinds[draft.kind] += 1

    def after(self, account: Account, lot: Lot) -> tuple[int, int]:
        """Balance and version."""
        return self._balances[account].get(lot, (0, 0))

    def balance(self, account: Account, lot: Lot) -> int:
        return self.after(account, lot)[0]

    def holdings(self, wallet: Account) -> list[Holding]:
        """Points only: what could be spent."""
        rows = self._balances[wallet].items()
        return [Holding(lot, self._lot_id(lot), balance) for lot, (balance, _) in rows if lot.unit == "points"]

    def written(self) -> Iterator[Rows]:
        """Entries and postings that were not handed over before."""
        for table, columns, rows in (
            ("ledger_entries", ENTRY, self._entries),
            ("ledger_postings", POSTING, self._postings),
        ):
            yield table, columns, rows
            rows.clear()

    def standing(self) -> Iterator[Rows]:
        """Accounts, lots, and the balances as they are in the end."""
        mine = self.book_id
        known_accounts, known_lots = self._accounts.items(), self._lots.items()
        yield "ledger_accounts", ACCOUNT, [(mine, row_id, one.kind, one.owner) for one, row_id in known_accounts]
        yield "ledger_lots", LOT, [(mine, row_id, lot.unit, lot.fund, lot.last_day) for lot, row_id in known_lots]
        stated = [
            (mine, self._account_id(account), self._lot_id(lot), balance, version)
            for account, by_lot in self._balances.items()
            for lot, (balance, version) in by_lot.items()
        ]
        yield "ledger_balances", BALANCE, stated

    def _stated(self, account: Account, lot: Lot) -> tuple[int | None, int | None]:
        return self.after(account, lot) if account.is_bounded else (None, None)

    def _account_id(self, account: Account) -> UUID:
        if (known := self._accounts.get(account)) is None:
            known = self._accounts[account] = account.id_in(self.book_id)
        return known

    def _lot_id(self, lot: Lot) -> UUID:
        if (known := self._lots.get(lot)) is None:
            known = self._lots[lot] = lot.id_in(self.book_id)
        return known
