"""The customer says yes on their own phone to what a counter wants to take for their code above the office's limit."""

from sqlalchemy import update

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.ledger.errors import AlreadyResolved, HoldExpired
from backend.merchants.models import Redemption


def confirm(redemption: Redemption) -> tuple[Redemption, bool]:
    """Let the counter hand over what it asked for; and whether that is new. Cancelling it is the no.

    Raises `HoldExpired`, `AlreadyResolved` for what was cancelled meanwhile.
    """
    at = now()
    said = session().scalar(
        update(Redemption)
        .where(Redemption.id == redemption.id, Redemption.state == "held", Redemption.expires_at > at)
        .where(Redemption.needs_confirmation, Redemption.confirmed_at.is_(None))
        .values(confirmed_at=at)
        .returning(Redemption.id)
    )
    session().refresh(redemption)
    if said is None and redemption.state == "held" and redemption.expires_at <= at:
        raise HoldExpired(expired_at=redemption.expires_at)
    if said is None and redemption.state not in ("held", "captured"):
        raise AlreadyResolved(state=redemption.state)
    return redemption, said is not None
