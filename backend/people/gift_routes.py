"""Endpoints of gifts: one's own points for the household's pot or the charity pool."""

from typing import Any

from sqlalchemy import select

from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, keyed, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.limits import fails_closed
from backend.foundation.pages import PageQuery, page, page_of
from backend.ledger.accounts import person_wallet
from backend.ledger.errors import BalanceTooLarge, InsufficientPoints, KeyReused
from backend.ledger.reading import wallet_of
from backend.people.errors import GiftTooEarly, MinorCannotGive, NoHousehold, PhoneNeeded
from backend.people.gifts import give
from backend.people.models import Gift
from backend.people.persons import selves_of
from backend.people.schemas import GiftForm, GiftView, GivenView
from backend.places.offices import the_book
from backend.safety.judged import judged

gifts = Blueprint("gifts", __name__, description="赠送积分")


@gifts.post("/me/gifts")
@requires(anybody_here)
@gifts.arguments(GiftForm)
@gifts.creates(GivenView)
@refuses(KeyReused, PhoneNeeded, MinorCannotGive, NoHousehold, GiftTooEarly, InsufficientPoints, BalanceTooLarge)
@fails_closed
@keyed
@judged("note", about=Gift)
def give_points(form: dict[str, Any], key: str) -> Any:
    """Give my points to my household's pot (after 30 days in it) or to the charity pool (爱心池)."""
    gift, is_new = give(**form, by=caller(), key=key)
    mine = wallet_of(the_book(), person_wallet(str(gift.person_id)), today=shanghai_day(now()))
    given = shown_gift(gift) | {"balance": mine.available}
    return given if is_new else (given, 200, REPLAYED)


@gifts.get("/me/gifts")
@requires(anybody_here)
@gifts.arguments(PageQuery, location="query")
@gifts.response(200, page_of(GiftView))
def list_gifts(asked: dict[str, Any]) -> dict[str, Any]:
    """What I gave, newest first."""
    mine = select(Gift).where(Gift.person_id.in_(selves_of(caller().person_id)))
    return page(mine, asked, by=(Gift.id,), shown=shown_gift)


def shown_gift(gift: Gift) -> dict[str, Any]:
    """A gift as its giver reads it."""
    return {"id": gift.id, "to": gift.to, "points": gift.points, "note": gift.note, "at": gift.given_at}
