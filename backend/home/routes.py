"""The endpoint of the first screen."""

from typing import Any

from sqlalchemy import case, select

from backend.activities.models import Activity
from backend.activities.queries import asked_for, shown
from backend.activities.schemas import ActivityView
from backend.foundation.api import Blueprint, requires
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, session
from backend.foundation.shapes import Many, Part, Shape
from backend.ledger.accounts import person_wallet
from backend.ledger.reading import wallet_of
from backend.merchants.models import Redemption
from backend.merchants.queries import shown_redemptions
from backend.merchants.schemas import RedemptionView
from backend.people.models import Person
from backend.people.queries import profile
from backend.people.schemas import PersonView, WalletView
from backend.people.wallet_routes import shown_wallet
from backend.places.models import Household
from backend.places.offices import the_book

home = Blueprint("home", __name__, description="首页")

SHOWN = 10


class HomeView(Shape):
    person = Part(PersonView, required=True)
    wallet = Part(WalletView, required=True)
    near_me = Many(
        Part(ActivityView), required=True, metadata={"description": "soonest first, my community's before others"}
    )
    waiting = Many(Part(RedemptionView), required=True, metadata={"description": "what I can collect (待领取)"})


@home.get("/home")
@requires(anybody_here)
@home.response(200, HomeView)
def show_home() -> dict[str, Any]:
    """My points, what is on near me, and what waits for me, in one call."""
    me = find(Person, caller().person_id)
    mine = wallet_of(the_book(), person_wallet(str(me.id)), today=shanghai_day(now()))
    return {
        "person": profile(me),
        "wallet": shown_wallet(mine),
        "near_me": shown(_near(me), to=caller()),
        "waiting": shown_redemptions(_waiting(me), to=me.id),
    }


def _near(me: Person) -> list[Activity]:
    community = find(Household, me.household_id).area_id if me.household_id else None
    query = asked_for({"state": "published"}, by=caller())
    elsewhere = case((Activity.area_id == community, 0), else_=1)
    return list(session().scalars(query.order_by(elsewhere, Activity.starts_at, Activity.id).limit(SHOWN)))


def _waiting(me: Person) -> list[Redemption]:
    held = select(Redemption).where(
        Redemption.person_id == me.id, Redemption.state == "held", Redemption.expires_at > now()
    )
    return list(session().scalars(held.order_by(Redemption.expires_at).limit(SHOWN)))
