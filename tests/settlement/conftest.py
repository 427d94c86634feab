"""A shop, its people, two officers and a resident with points of two funds."""

from dataclasses import dataclass
from typing import Any

import pytest

from backend.foundation.clock import now
from tests.builders.phone import Answer
from tests.builders.street import Street


@dataclass
class Market:
    """One shop and everybody who settles with it."""

    street: Street
    shop: Any
    offer: Any
    clerk: Any
    owner: Any
    officer: Any
    second: Any
    resident: Any

    def sold(self, quantity: int = 1, *, person: Any = None, by: Any = None, offer: Any = None) -> Answer:
        """Held by a resident and captured by a clerk."""
        held = self.street.held(person or self.resident, offer or self.offer, quantity)
        assert held.status == 201, held.body
        taken = self.street.phone(by or self.clerk).post("/redemptions/capture", {"code": held["code"]})
        assert taken.status == 200, taken.body
        return taken

    def voided(self, redemption: Answer, *, by: Any = None) -> Answer:
        answer = self.street.phone(by or self.owner).post(f"/redemptions/{redemption['id']}/void", {"reason": "退货"})
        assert answer.status == 200, answer.body
        return answer

    def closed(self, *, until: Any = None, by: Any = None) -> Answer:
        form = {"merchant_id": str(self.shop.id), "until": (until or now()).isoformat()}
        return self.street.phone(by or self.officer).post("/statements/close", form)

    def says(self, by: Any, statement: Any, decision: str, **more: Any) -> Answer:
        return self.street.phone(by).put(f"/statements/{statement['id']}", {"decision": decision} | more)

    def pays(self, statement: Any, *, by: Any = None, **more: Any) -> Answer:
        numbers = {"invoice_number": "FP-001", "voucher_number": "PZ-001"} | more
        return self.says(by or self.officer, statement, "paid", **numbers)

    def lines(self, statement: Any) -> list[Any]:
        return self.street.phone(self.officer).get(f"/statements/{statement['id']}/lines", limit=100)["items"]


@pytest.fixture
def market(street):
    shop = street.merchant("幸福面包房", share_percent=90)
    return Market(
        street,
        shop,
        street.offer(shop, price_points=10, stock=10_000),
        street.clerk(shop),
        street.clerk(shop, role="owner"),
        street.officer(),
        street.officer("陈主任"),
        street.earned(street.resident("王小英"), 300, fund=street.fund(rate=33)),
    )
