"""Endpoints of calls back: officers ask customers whether a redemption was so."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import requires
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import caller
from backend.foundation.db import find, session, transactional
from backend.foundation.errors import NotFound
from backend.foundation.pages import page, page_of
from backend.merchants.models import Merchant, Offer, Redemption
from backend.people.models import Person
from backend.people.permissions import officers
from backend.watch import calling_back
from backend.watch.errors import CalledBack, OwnCallBack
from backend.watch.models import CallBack
from backend.watch.schemas import CallBackForm, CallBackQuery, CallBackView

watch = Blueprint("watch", __name__, description="回访")


@watch.get("/call-backs")
@requires(officers)
@watch.arguments(CallBackQuery, location="query")
@watch.response(200, page_of(CallBackView))
def list_call_backs(asked: dict[str, Any]) -> dict[str, Any]:
    """Redemptions drawn by lot, oldest first: those that wait for a call, or by what came of it."""
    outcome = asked["outcome"]
    wanted = CallBack.outcome.is_(None) if outcome == "open" else CallBack.outcome == outcome
    return page(_with_redemption().where(wanted), asked, by=(CallBack.id,), newest_first=False, shown=_shown)


@watch.put("/call-backs/<uuid:call_id>")
@requires(officers)
@watch.arguments(CallBackForm)
@watch.response(200, CallBackView)
@refuses(NotFound, OwnCallBack, CalledBack)
@transactional
def answer(form: dict[str, Any], call_id: UUID) -> Any:
    """Write down what the customer said; a denied redemption raises a flag about the shop."""
    call, is_new = calling_back.answer(find(CallBack, call_id), by=caller(), **form)
    shown = _shown(session().execute(_with_redemption().where(CallBack.id == call.id)).one())
    return shown if is_new else (shown, 200, REPLAYED)


def _with_redemption() -> Any:
    office = CallBack.office_id
    return (
        select(CallBack, Redemption, Person, Offer.name, Merchant.name)
        .join(Redemption, (Redemption.office_id == office) & (Redemption.id == CallBack.redemption_id))
        .join(Person, (Person.office_id == office) & (Person.id == CallBack.person_id))
        .join(Offer, (Offer.office_id == office) & (Offer.id == Redemption.offer_id))
        .join(Merchant, (Merchant.office_id == office) & (Merchant.id == Redemption.merchant_id))
    )


def _shown(row: Any) -> dict[str, Any]:
    call, redemption, person, offer, merchant = row
    columns: dict[str, Any] = call.as_read()
    return columns | {
        "name": person.masked_name,
        "offer": offer,
        "merchant": merchant,
        "points": redemption.points,
        "captured_at": redemption.captured_at,
    }
