"""What runs by itself: once or twice, it is done once."""

import time_machine

from backend.cli.jobs import run_jobs
from backend.foundation.clock import now
from tests.builders.phone import a_key


def test_a_code_nobody_captured_in_time_gives_its_points_back_once(street):
    resident = street.earned(street.resident(), 30)
    offer = street.offer(price_points=10, stock=5)
    redemption = street.phone(resident).post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())
    assert redemption.status == 201

    with time_machine.travel(now().timestamp() + 16 * 60, tick=True):
        with street.app.app_context():
            run_jobs()
            run_jobs()
        wallet = street.wallet(resident)
        shown = street.phone(resident).get(f"/redemptions/{redemption['id']}")

    assert (wallet.available, wallet.held) == (30, 0)
    assert shown["state"] == "expired"


def test_a_code_still_good_is_left_alone(street):
    resident = street.earned(street.resident(), 30)
    offer = street.offer(price_points=10)
    street.phone(resident).post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())

    with street.app.app_context():
        run_jobs()

    assert street.wallet(resident).held == 10
