"""What the wallets of groups know about somebody: how they were thanked."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from backend.foundation.own_copy import Part, Rows, joined
from backend.group_wallets.models import Thanks
from backend.groups.models import Group


def tell(selves: Sequence[UUID]) -> dict[str, Rows]:
    """Every thanks, oldest first."""
    return {
        "thanks": joined(
            select(Thanks, Group.name.label("group"))
            .join(Group, (Group.office_id == Thanks.office_id) & (Group.id == Thanks.group_id))
            .where(Thanks.person_id.in_(selves))
            .order_by(Thanks.id),
            *("points", "note", "state", "asked_at", "given_at"),
        )
    }


PART = Part("group_wallets", ("thanks.person_id",), tell)
