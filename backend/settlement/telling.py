"""The owners of a shop are told what happens to their statements; figures are read there."""

from backend.foundation import outbox
from backend.merchants.models import Merchant
from backend.messages.texts import SETTLEMENT
from backend.people.roles import holders_of
from backend.people.scopes import over_merchant
from backend.settlement.models import Statement


def tell_owners(statement: Statement, merchant: Merchant, what: str, *, key: str | None = None) -> None:
    """Once per owner and key; without one, once for what happened."""
    owners = holders_of(over_merchant(merchant.id, merchant.name), "owner")
    outbox.put_all(
        {f"statement:{statement.id.hex}:{key or what}:{owner.hex}": owner for owner in owners},
        topic=SETTLEMENT,
        facts={"what": what, "name": merchant.name, "number": statement.number, "statement": statement.id},
    )
