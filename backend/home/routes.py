"""Endpoints that need several features at once: the first screen, and why an entry is as it is."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, literal, select

from backend.activities.models import Activity
from backend.activities.queries import asked_for, shown
from backend.foundation.admission import allow, requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, session
from backend.foundation.errors import Forbidden, NotFound
from backend.group_wallets.standing import sees_wallet
from backend.groups.models import Group
from backend.home.schemas import HomeView, WhyView
from backend.home.why import why, why_of_group
from backend.ledger.accounts import person_wallet
from backend.ledger.reading import wallet_of
from backend.merchants.models import Redemption
from backend.merchants.queries import shown_redemptions
from backend.people.assisted import assisted
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.people.queries import profile
from backend.people.wallet_routes import shown_wallet
from backend.places.areas import community_of, within
from backend.places.models import Household
from backend.places.offices import the_book

home = Blueprint("home", __name__, description="首页")

SHOWN = 10


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


@home.get("/me/entries/<uuid:entry_id>/why")
@requires(anybody_here)
@home.response(200, WhyView)
@refuses(NotFound)
@assisted("read_entries", reads=True)
def show_why(entry_id: UUID) -> dict[str, Any]:
    """Why an entry of my wallet is as it is: rule, limits, evidence, who answers for it, and whose points they are."""
    return why(entry_id, person_id=caller().person_id)


@home.get("/groups/<uuid:group_id>/entries/<uuid:entry_id>/why")
@requires(anybody_here)
@home.response(200, WhyView)
@refuses(NotFound, Forbidden)
def show_group_why(group_id: UUID, entry_id: UUID) -> dict[str, Any]:
    """The same of an entry of a group's wallet, to those who see the wallet."""
    group = find(Group, group_id)
    allow(sees_wallet(group, caller()))
    return why_of_group(entry_id, group_id=group.id, asking=caller().person_id)


def _near(me: Person) -> list[Activity]:
    query = asked_for({"state": "published"}, by=caller())
    elsewhere: ColumnElement[int] = literal(0)
    if me.household_id:
        community = community_of(find(Household, me.household_id).area_id)
        elsewhere = case((Activity.area_id.in_(within(community.path)), 0), else_=1)
    return list(session().scalars(query.order_by(elsewhere, Activity.starts_at, Activity.id).limit(SHOWN)))


def _waiting(me: Person) -> list[Redemption]:
    held = select(Redemption).where(
        Redemption.person_id.in_(selves_of(me.id)), Redemption.state == "held", Redemption.expires_at > now()
    )
    return list(session().scalars(held.order_by(Redemption.expires_at).limit(SHOWN)))
