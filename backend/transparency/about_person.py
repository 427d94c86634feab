"""What the trail knows about somebody: what others did about them and for them, and why."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import session
from backend.foundation.own_copy import Part, Rows
from backend.foundation.trail import TrailRow
from backend.transparency.trail_queries import shown_to_them


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every row about them, oldest first; who it was by a masked name."""
    about = session().scalars(select(TrailRow).where(TrailRow.beneficiary_id.in_(selves)).order_by(TrailRow.id)).all()
    names = ("at", "act", "said", "by", "channel", "reason")
    return {"trail": [{name: told[name] for name in names} for told in shown_to_them(about)]}


PART = Part("transparency", ("trail.beneficiary_id",), tell)
