"""How a shop comes to take points, and stops: it applies, an officer approves it with its share, or suspends it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from stdnum.cn import uscc

from backend.foundation import outbox, trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import add, find, insert_once, session
from backend.foundation.errors import Unprocessable
from backend.foundation.search import searchable
from backend.ledger.posting import post_many
from backend.merchants.errors import MerchantNameTaken, MerchantState, OwnShop
from backend.merchants.models import Merchant, Offer, Redemption
from backend.merchants.undoing import released
from backend.messages.texts import MERCHANT
from backend.people.fitness import refuse_the_unfit
from backend.people.models import Person
from backend.people.permissions import is_close
from backend.people.persons import person_now
from backend.people.roles import grant_role
from backend.people.scopes import over_merchant
from backend.places.areas import open_ground
from backend.places.models import Area
from backend.places.offices import the_book

STATES_IN_CHINESE = {"applied": "待审核", "active": "营业中", "suspended": "已暂停", "declined": "未通过"}

# From which state a decision leads to which.
DECISIONS = {
    "approved": ("applied", "active"),
    "declined": ("applied", "declined"),
    "suspended": ("active", "suspended"),
    "resumed": ("suspended", "active"),
}


def apply(form: dict[str, Any], *, applicant: Caller) -> Merchant:
    """Ask that one's shop may take points; its credit code is checked by its own digit (GB 32100-2015).

    Raises `VerificationNeeded`, `AreaClosed`, `MerchantNameTaken`, `Unprocessable` for a code that cannot be one.
    """
    refuse_the_unfit(find(Person, applicant.person_id), "owner")
    code = uscc.compact(form["credit_code"])
    if not uscc.is_valid(code):
        raise Unprocessable(errors={"credit_code": ["统一社会信用代码有误，请对照营业执照核对 18 位"]})
    ground = open_ground(form["area_id"])
    merchant = insert_once(
        Merchant,
        name=form["name"],
        area_id=ground.id,
        address=form["address"],
        share_percent=100,
        settlement_cycle=form["settlement_cycle"],
        credit_code=code,
        contact=form["contact"],
        state="applied",
        applicant_id=applicant.person_id,
        applied_at=now(),
        search=searchable(form["name"], form["address"]),
    )
    if merchant is None:
        raise MerchantNameTaken()
    return merchant


def decide(merchant: Merchant, *, by: Caller, decision: str, reason: str, **contract: Any) -> tuple[Merchant, bool]:
    """Approve (the applicant becomes its owner), decline, suspend or let it go on; and whether that is new.

    `contract` may say share and cycle; they hold for redemptions created afterwards. While it is suspended, what was
    reserved there is released. Raises `OwnShop` for the applicant's household, `MerchantState`.
    """
    person = person_now(merchant.applicant_id) if merchant.applicant_id is not None else None
    if person is not None and is_close(by, person):
        raise OwnShop()
    comes_from, state = DECISIONS[decision]
    if merchant.state != comes_from:
        if merchant.state == state and merchant.decider_id is not None:
            return merchant, False
        raise MerchantState(state=STATES_IN_CHINESE[merchant.state])
    at = now()
    merchant.state, merchant.decider_id, merchant.decided_at, merchant.decision_reason = state, by.person_id, at, reason
    for name, value in contract.items():
        setattr(merchant, name, value)
    session().flush()
    if decision == "approved" and person is not None:
        grant_role(person.id, "owner", over_merchant(merchant.id, merchant.name), granted_by_id=by.person_id)
    if decision == "suspended":
        _release_what_waits(merchant, by, at)
    if person is not None:
        outbox.put(
            f"merchant:{merchant.id}:{at.timestamp():.3f}",
            topic=MERCHANT,
            person_id=person.id,
            facts={"what": decision, "name": merchant.name},
        )
    before, after = {"state": comes_from}, {"state": state}
    trail.record("merchants.decide", merchant, reason=reason, before=before, after=after)
    return merchant, True


def set_caps(merchant: Merchant, caps: dict[str, int | None]) -> Merchant:
    """Change how much may be redeemed there in a day and in a month; None lifts a cap."""
    for name, points in caps.items():
        setattr(merchant, name, points)
    session().flush()
    trail.record("merchants.cap", merchant, after={"state": merchant.state})
    return merchant


def open_merchant(name: str, *, area: Area, address: str, share_percent: int = 100) -> Merchant:
    """A shop that the office enters itself and that takes points from now on. Raises `AreaClosed`."""
    ground, search = open_ground(area.id), searchable(name, address)
    return add(Merchant(name=name, area_id=ground.id, address=address, share_percent=share_percent, search=search))


def open_offer(
    merchant: Merchant,
    name: str,
    *,
    price_points: int,
    stock: int,
    kind: str = "counter",
    price_fen: int = 0,
    per_person: int | None = None,
    **more: Any,
) -> Offer:
    """Something the shop gives for points from now on; `price_fen` is paid at the till on top."""
    return add(
        Offer(
            merchant_id=merchant.id,
            name=name,
            kind=kind,
            price_points=price_points,
            price_fen=price_fen,
            stock=stock,
            per_person=per_person,
            search=searchable(name, merchant.name),
            **more,
        )
    )


def _release_what_waits(merchant: Merchant, by: Caller, at: datetime) -> None:
    waiting = select(Redemption).where(Redemption.merchant_id == merchant.id, Redemption.state == "held")
    held = session().scalars(waiting.order_by(Redemption.id)).all()
    actor = f"person:{by.person_id}"
    drafts = [released(each, "released", actor=actor, reason="商户暂停，积分退回", at=at) for each in held]
    if posted := [draft for draft in drafts if draft is not None]:
        post_many(the_book(), posted)
    outbox_keys = {f"merchant:{merchant.id.hex}:released:{each.id.hex}": each.person_id for each in held}
    outbox.put_all(outbox_keys, topic=MERCHANT, facts={"what": "released", "name": merchant.name})
