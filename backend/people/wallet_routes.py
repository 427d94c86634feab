"""Endpoints of wallets: one's own and the household's pot; what is there, and how it came about."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.errors import NotFound, Unprocessable
from backend.foundation.pages import PageQuery, page_of
from backend.ledger.accounts import Account, household_pot, person_wallet
from backend.ledger.reading import Line, Wallet, lines_of, wallet_of
from backend.people.assisted import assisted
from backend.people.schemas import EntryView, WalletView
from backend.places.offices import the_book

wallet = Blueprint("wallet", __name__, description="我的积分")


@wallet.get("/me/wallet")
@requires(anybody_here)
@wallet.response(200, WalletView)
@assisted("read_wallet", reads=True)
def show_wallet() -> dict[str, Any]:
    """What I can spend, what waits for me at a counter (待领取), what ends when, and my service minutes."""
    return shown_wallet(now_in(person_wallet(str(caller().person_id))))


@wallet.get("/me/entries")
@requires(anybody_here)
@wallet.arguments(PageQuery, location="query")
@wallet.response(200, page_of(EntryView))
@assisted("read_entries", reads=True)
def list_entries(asked: dict[str, Any]) -> dict[str, Any]:
    """My 明细, newest first, each with the balance after it."""
    return page_of_lines(person_wallet(str(caller().person_id)), asked)


@wallet.get("/households/<uuid:household_id>/wallet")
@requires(anybody_here)
@wallet.response(200, WalletView)
@refuses(NotFound)
def show_pot(household_id: UUID) -> dict[str, Any]:
    """What is in our household's pot (家庭积分); to its members only."""
    return shown_wallet(now_in(_pot_of(household_id)))


@wallet.get("/households/<uuid:household_id>/entries")
@requires(anybody_here)
@wallet.arguments(PageQuery, location="query")
@wallet.response(200, page_of(EntryView))
@refuses(NotFound)
def list_pot_entries(asked: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """The 明细 of our household's pot, newest first; to its members only."""
    return page_of_lines(_pot_of(household_id), asked)


def shown_wallet(mine: Wallet) -> dict[str, Any]:
    """A wallet as its owner reads it."""
    return {
        "points": {
            "available": mine.available,
            "held": mine.held,
            "expiring": [{"expires_on": day, "points": points} for day, points in mine.expiring],
        },
        "minutes": mine.minutes,
        "recoverable": mine.recoverable,
    }


def shown_line(line: Line) -> dict[str, Any]:
    """An entry as the owner of the wallet reads it."""
    return {**vars(line), "at": line.occurred_at}


def _pot_of(household_id: UUID) -> Account:
    visible(household_id == caller().household_id)
    return household_pot(str(household_id))


def now_in(account: Account) -> Wallet:
    """What a wallet has at this moment."""
    return wallet_of(the_book(), account, today=shanghai_day(now()))


def page_of_lines(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """A page of a wallet's entries, newest first."""
    limit = asked["limit"]
    lines = lines_of(the_book(), account, before=_entry_id(asked.get("cursor")), limit=limit + 1)
    more = len(lines) > limit
    return {
        "items": [shown_line(line) for line in lines[:limit]],
        "next": str(lines[limit - 1].id) if more else None,
    }


def _entry_id(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise Unprocessable(errors={"cursor": ["翻页标记无效，请从第一页开始"]}) from None
