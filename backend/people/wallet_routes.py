"""Endpoints of one's own wallet: what is there, and how it came about."""

from typing import Any
from uuid import UUID

from backend.foundation.api import Blueprint, requires
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.errors import Unprocessable
from backend.foundation.pages import PageQuery, page_of
from backend.ledger.accounts import person_wallet
from backend.ledger.reading import Wallet, lines_of, wallet_of
from backend.people.schemas import EntryView, WalletView
from backend.places.offices import the_book

wallet = Blueprint("wallet", __name__, description="我的积分")


@wallet.get("/me/wallet")
@requires(anybody_here)
@wallet.response(200, WalletView)
def show_wallet() -> dict[str, Any]:
    """What I can spend, what waits for me at a counter (待领取), what ends when, and my service minutes."""
    return shown_wallet(wallet_of(the_book(), person_wallet(str(caller().person_id)), today=shanghai_day(now())))


@wallet.get("/me/entries")
@requires(anybody_here)
@wallet.arguments(PageQuery, location="query")
@wallet.response(200, page_of(EntryView))
def list_entries(asked: dict[str, Any]) -> dict[str, Any]:
    """My 明细, newest first, each with the balance after it."""
    limit = asked["limit"]
    lines = lines_of(
        the_book(), person_wallet(str(caller().person_id)), before=_entry_id(asked.get("cursor")), limit=limit + 1
    )
    more = len(lines) > limit
    shown = [{**vars(line), "at": line.occurred_at} for line in lines[:limit]]
    return {"items": shown, "next": str(lines[limit - 1].id) if more else None}


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


def _entry_id(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise Unprocessable(errors={"cursor": ["翻页标记无效，请从第一页开始"]}) from None
