"""What a shop offers: written by its owner, looked at by an officer; another price is another version."""

from typing import Any

from sqlalchemy import update

from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add, find, session
from backend.foundation.errors import Unprocessable
from backend.foundation.search import searchable
from backend.merchants.errors import MerchantState, OfferDecided, OwnShop
from backend.merchants.models import Merchant, Offer
from backend.merchants.nearness import is_of_the_shop
from backend.merchants.onboarding import STATES_IN_CHINESE
from backend.safety.pictures import find_shown_picture

OFFER_STATES_IN_CHINESE = {"review": "待审核", "live": "在售", "withdrawn": "已下架", "declined": "未通过"}

# What makes another thing of it: it becomes a new version, which an officer looks at; holds of the old one keep theirs.
ANOTHER_VERSION = {"name", "kind", "price_points", "price_fen", "description", "picture_id"}

_ALL = (*ANOTHER_VERSION, "stock", "per_person", "per_period", "opens_minute", "closes_minute")


def offer(merchant: Merchant, form: dict[str, Any], *, author: Caller) -> Offer:
    """Write down something the shop gives for points; an officer looks at it before anybody can have it.

    Raises `MerchantState`, `NotFound` for a picture that is not shown, `Unprocessable` for half a time.
    """
    if merchant.state != "active":
        raise MerchantState(state=STATES_IN_CHINESE[merchant.state])
    written = _written(merchant, {"per_period": "ever", **form}, author)
    trail.record("offers.write", written, after={"state": "review"})
    return written


def edit(current: Offer, form: dict[str, Any], *, author: Caller) -> Offer:
    """Change what is given: stock, limits and times at once; name, price, words or picture as a new version in review.

    Raises `OfferDecided` for what is neither live nor in review, `NotFound`, `Unprocessable`.
    """
    if current.state not in ("live", "review"):
        raise OfferDecided(state=OFFER_STATES_IN_CHINESE[current.state])
    changed = {name: value for name, value in form.items() if getattr(current, name) != value}
    merchant = find(Merchant, current.merchant_id)
    if changed.keys() & ANOTHER_VERSION:
        facts = {name: getattr(current, name) for name in _ALL} | changed
        written = _written(merchant, facts, author, replaces_id=current.id)
        if current.state == "review":
            current.state = "withdrawn"
            session().flush()
        trail.record("offers.write", written, after={"state": "review", "replaces": current.id})
        return written
    for name, value in changed.items():
        setattr(current, name, value)
    _whole_times(current.opens_minute, current.closes_minute)
    session().flush()
    trail.record("offers.edit", current, after=dict.fromkeys(sorted(changed), "given"))
    return current


def withdraw(current: Offer) -> tuple[Offer, bool]:
    """Offer it no more; whoever reserved it still gets it. And whether that is new."""
    done = session().scalar(
        update(Offer)
        .where(Offer.id == current.id, Offer.state.in_(("live", "review")))
        .values(state="withdrawn")
        .returning(Offer.id)
    )
    session().refresh(current)
    if done is None:
        if current.state != "withdrawn":
            raise OfferDecided(state=OFFER_STATES_IN_CHINESE[current.state])
        return current, False
    trail.record("offers.withdraw", current, after={"state": "withdrawn"})
    return current, True


def decide(current: Offer, *, by: Caller, approved: bool, reason: str | None = None) -> tuple[Offer, bool]:
    """Let it go live (the version before is withdrawn) or decline it; and whether that is new.

    Raises `OwnShop` for whoever works there and their households, `OfferDecided`.
    """
    if is_of_the_shop(by, current.merchant_id):
        raise OwnShop()
    state = "live" if approved else "declined"
    done = session().scalar(
        update(Offer)
        .where(Offer.id == current.id, Offer.state == "review")
        .values(state=state, decider_id=by.person_id, decided_at=now(), decision_reason=reason)
        .returning(Offer.id)
    )
    session().refresh(current)
    if done is None:
        if current.state != state:
            raise OfferDecided(state=OFFER_STATES_IN_CHINESE[current.state])
        return current, False
    if approved and current.replaces_id is not None:
        session().execute(
            update(Offer).where(Offer.id == current.replaces_id, Offer.state == "live").values(state="withdrawn")
        )
    trail.record("offers.decide", current, reason=reason, before={"state": "review"}, after={"state": state})
    return current, True


def _written(merchant: Merchant, facts: dict[str, Any], author: Caller, **more: Any) -> Offer:
    _whole_times(facts.get("opens_minute"), facts.get("closes_minute"))
    if facts.get("picture_id") is not None:
        find_shown_picture(facts["picture_id"], purpose="offer")
    given = {name: facts[name] for name in _ALL if name in facts}
    search = searchable(facts["name"], merchant.name)
    return add(
        Offer(merchant_id=merchant.id, search=search, state="review", author_id=author.person_id, **given, **more)
    )


def _whole_times(opens: int | None, closes: int | None) -> None:
    if (opens is None) != (closes is None) or (opens is not None and closes is not None and opens >= closes):
        raise Unprocessable(errors={"closes_minute": ["请同时填写开始和结束时间，结束要晚于开始"]})
