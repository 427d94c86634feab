"""At the counter without a code to redeem: the customer shows a card and types its PIN, or shows their personal code.

One deed puts the points on hold and captures them. Nothing was asked for before, so the clerk's key makes it happen
once.
"""

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from backend.foundation import outbox
from backend.foundation.acting import acting_with
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.foundation.errors import Forbidden, Replan
from backend.merchants.assisted_caps import Caps
from backend.merchants.counter import hand_over
from backend.merchants.errors import CodeUsed, OwnHousehold
from backend.merchants.models import Offer, Redemption
from backend.merchants.redeeming import put_on_hold
from backend.merchants.request_keys import Helped, asked_before, request_of
from backend.messages.texts import MERCHANT
from backend.people.models import Person
from backend.people.permissions import is_close, serves
from backend.people.persons import person_now, person_of_code
from backend.people.pins import TriedPin, spend_by


@dataclass(frozen=True)
class Sale:
    """What the clerk hands over, and the key that makes it happen once."""

    offer_id: UUID
    quantity: int
    key: str


def sell_for_card(tried: TriedPin, sale: Sale, *, clerk: Caller, caps: Caps) -> tuple[Redemption, bool]:
    """Sell to the holder of a card who typed the PIN; the redemption, and whether this call did it.

    The same key answers the first one. Raises `KeyReused`, `NotFound`, `Forbidden` for another shop's offer, what
    `spend_by` raises (a wrong PIN is counted), `OwnHousehold`, and what `put_on_hold` raises.
    """
    helped = Helped(clerk.person_id, "card", f"card:{tried.fingerprint.hex()}")
    return _sell(sale, helped, lambda: person_now(spend_by(tried).person_id), clerk=clerk, caps=caps)


def sell_for_code(person_code: str, sale: Sale, *, clerk: Caller, caps: Caps) -> tuple[Redemption, bool]:
    """The same for whoever shows their personal code, which pays once and only while its digits are fresh.

    Above the office's limit the points are only set aside: the customer confirms on the phone, and the same key again
    hands over.

    Raises what `person_of_code` raises, and `CodeUsed`.
    """
    fixed_part = person_code.rpartition("-")[0]  # a repeat may come when the digits are no longer fresh
    shown = hashlib.sha256(person_code.encode()).digest()
    helped = Helped(clerk.person_id, "code", f"code:{fixed_part}", shown_code=shown)
    return _sell(sale, helped, lambda: _person_who_shows(person_code, shown), clerk=clerk, caps=caps)


def _sell(
    sale: Sale, helped: Helped, customer: Callable[[], Person], *, clerk: Caller, caps: Caps
) -> tuple[Redemption, bool]:
    request = request_of(sale.key, offer_id=sale.offer_id, quantity=sale.quantity, helped=helped)
    first = asked_before(request)
    if first is not None:
        return first, first.confirmed_at is not None and hand_over(first, clerk=clerk, at=now())
    offer = find(Offer, sale.offer_id)
    if not serves(clerk, offer.merchant_id):
        raise Forbidden()
    person = customer()
    if is_close(clerk, person):
        raise OwnHousehold()
    at = now()
    asks = helped.channel == "code" and offer.price_points * sale.quantity > caps.unconfirmed
    redemption = put_on_hold(
        offer, person, quantity=sale.quantity, request=request, caps=caps, at=at, asks_the_phone=asks
    )
    if asks:
        _ask_the_phone(redemption, offer)
        return redemption, False
    with acting_with(person.id, "card") if helped.channel == "card" else nullcontext():
        is_handed_over = hand_over(redemption, clerk=clerk, at=at)
    if not is_handed_over:
        raise Replan()
    return redemption, True


def _ask_the_phone(redemption: Redemption, offer: Offer) -> None:
    outbox.put(
        f"confirm:{redemption.id}",
        topic=MERCHANT,
        person_id=redemption.person_id,
        facts={"what": "confirm", "name": offer.name, "points": redemption.points, "redemption": redemption.id},
    )


def _person_who_shows(person_code: str, shown: bytes) -> Person:
    person = person_of_code(person_code, scanned_at=now())
    if session().scalar(select(Redemption.id).where(Redemption.shown_code == shown)) is not None:
        raise CodeUsed()
    return person
