"""The main job over HTTP against `python app.py`, on SQLite and on PostgreSQL, in the order people live it."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders.phone import a_key
from tests.servers import new_postgresql
from tests.serving import Client, Served

pytestmark = pytest.mark.xdist_group("end to end")  # one server per database, not one per worker


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    url = (
        f"sqlite:///{folder / 'street.sqlite3'}"
        if request.param == "sqlite"
        else new_postgresql(f"served_{worker_id}").replace("+psycopg", "")
    )
    with Served(url, folder / "log") as server:
        yield server


@pytest.fixture(scope="module")
def cast(served: Served) -> Iterator[dict[str, Client]]:
    """Everybody of the demo street, logged in."""
    names = ("resident", "neighbour", "leader", "spouse", "helper", "worker", "officer", "officer-2", "auditor")
    names += ("clerk", "clerk-2", "owner")
    with ExitStack() as open_clients:
        yield {name: open_clients.enter_context(Client(served, f"demo-{name}")) for name in names}


def test_the_main_job(served: Served, cast: dict[str, Client]) -> None:
    officer, second, leader, resident = cast["officer"], cast["officer-2"], cast["leader"], cast["resident"]
    clerk, other_clerk = cast["clerk"], cast["clerk-2"]
    before = resident.get("/me/wallet").json()["points"]["available"]

    # An officer opens a fund and asks for points; only the second one can approve them.
    fund = officer.post(
        "/funds", {"name": f"清洁家园资金{a_key()[:6]}", "source": "foundation", "fen_per_100_points": 33}
    ).json()
    wish = officer.post(f"/funds/{fund['id']}/allocations", {"points": 100}, key=a_key())
    assert wish.status_code == 201
    refused = officer.put(f"/allocations/{wish.json()['id']}", {"decision": "approved"})
    assert (refused.status_code, refused.json()["code"]) == (403, "second_person_needed")
    assert second.put(f"/allocations/{wish.json()['id']}", {"decision": "approved"}).json()["state"] == "approved"

    # The leader's activity is refused while it would cost more than the fund has, and then reserves exactly its budget.
    group = next(role["scope"] for role in leader.me["roles"] if role["role"] == "leader")
    draft = leader.post("/activities", _activity(group["id"], fund["id"], capacity=30)).json()
    refused = leader.post(f"/activities/{draft['id']}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "budget_exhausted")
    assert refused.json()["facts"] == {"required": 600, "available": 100}
    leader.put(f"/activities/{draft['id']}", {"budget_points": 40})
    activity = leader.post(f"/activities/{draft['id']}/publish").json()
    assert (activity["state"], activity["points_left"]) == ("published", 40)
    assert _fund(officer, fund["id"])["available"] == 60

    # The resident signs up, scans the screen, and has the points; scanning twice gives them once.
    assert resident.post(f"/activities/{activity['id']}/sign-ups").json()["state"] == "placed"
    code = leader.get(f"/activities/{activity['id']}/code").json()["code"]
    first = resident.post("/check-ins", {"code": code})
    assert (first.status_code, first.json()["points"]) == (201, 20)
    again = resident.post("/check-ins", {"code": code})
    assert (again.status_code, again.json()["check_in"]["id"]) == (200, first.json()["check_in"]["id"])
    assert resident.get("/me/wallet").json()["points"]["available"] == before + 20

    # The leader scans a neighbour who walks in; then the budget is used up, and the next one is recorded all the same.
    person_code = cast["neighbour"].get("/me/code").json()["code"]
    scanned = leader.post("/check-ins", {"activity_id": activity["id"], "person_code": person_code})
    assert (scanned.status_code, scanned.json()["points"]) == (201, 20)
    third = cast["owner"].post("/check-ins", {"code": code}).json()
    assert (third["points"], third["unpaid"]) == (0, "budget_exhausted")
    leader.put(f"/activities/{activity['id']}", {"budget_points": 100})
    paid = leader.get(f"/activities/{activity['id']}/check-ins").json()["items"]
    assert {item["person_id"]: item["points"] for item in paid}[cast["owner"].me["id"]] == 20

    # Points become bread: held with a code, captured once, told again to the same clerk, refused to another.
    offer = resident.get("/offers").json()["items"][0]
    redemption = resident.post("/redemptions", {"offer_id": offer["id"]}, key=a_key()).json()
    assert redemption["state"] == "held"
    looked_up = clerk.get(f"/redemptions/by-code/{redemption['code']}").json()
    assert (looked_up["offer"]["name"], looked_up["customer"]) == (offer["name"], "王*英")
    captured = clerk.post("/redemptions/capture", {"code": redemption["code"]})
    assert (captured.status_code, captured.json()["state"]) == (200, "captured")
    repeated = clerk.post("/redemptions/capture", {"code": redemption["code"]})
    assert (repeated.status_code, repeated.headers["Idempotency-Replayed"]) == (200, "true")
    assert repeated.json()["captured_at"] == captured.json()["captured_at"]
    refused = other_clerk.post("/redemptions/capture", {"code": redemption["code"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_captured")

    # The wallet and the entries say so, and a void the same day brings everything back.
    price = offer["price_points"]
    assert resident.get("/me/wallet").json()["points"]["available"] == before + 20 - price
    entries = resident.get("/me/entries").json()["items"]
    assert [(line["kind"], line["points"]) for line in entries[:3]] == [("capture", 0), ("hold", -price), ("award", 20)]
    assert entries[0]["balance_after"] == before + 20 - price
    assert clerk.post(f"/redemptions/{redemption['id']}/void").json()["state"] == "voided"
    assert resident.get("/me/wallet").json()["points"]["available"] == before + 20

    # What was not given out goes back to the fund.
    settled = leader.post(f"/activities/{activity['id']}/settle", {"head_count": 3, "report": "顺利完成"}).json()
    assert settled["state"] == "settled"
    assert _fund(officer, fund["id"])["available"] == 100 - 60

    verified = served.command("ledger", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_fifty_parallel_redemptions_on_points_for_ten_are_exactly_ten(served: Served, cast: dict[str, Client]) -> None:
    resident = cast["resident"]
    available = resident.get("/me/wallet").json()["points"]["available"]
    offer = resident.get("/offers").json()["items"][0]
    quantity = available // offer["price_points"] // 10
    left_over = available - 10 * quantity * offer["price_points"]
    while left_over >= quantity * offer["price_points"]:  # spend down to points for exactly ten
        spent = resident.post("/redemptions", {"offer_id": offer["id"], "quantity": quantity}, key=a_key())
        assert spent.status_code == 201
        left_over -= quantity * offer["price_points"]

    def redeem(_: int) -> tuple[int, str]:
        answer = resident.post("/redemptions", {"offer_id": offer["id"], "quantity": quantity}, key=a_key())
        return answer.status_code, answer.json().get("code", "") if answer.status_code != 201 else ""

    with ThreadPoolExecutor(50) as crowd:
        answers = Counter(crowd.map(redeem, range(50)))

    assert answers == {(201, ""): 10, (409, "insufficient_points"): 40}
    assert served.command("ledger", "verify").returncode == 0


def test_ids_of_the_other_office_do_not_exist_here(served: Served, cast: dict[str, Client]) -> None:
    with Client(served, "demo-resident", office_id=2) as stranger:
        theirs = {
            "/activities/{}": stranger.get("/activities").json()["items"][0]["id"],
            "/groups/{}": stranger.get("/groups").json()["items"][0]["id"],
        }
    for path, identifier in theirs.items():
        answer = cast["resident"].get(path.format(identifier))
        missing = cast["resident"].get(path.format("0190a0a0-0000-7000-8000-000000000000"))
        assert answer.status_code == missing.status_code == 404
        assert {**answer.json(), "request_id": ""} == {**missing.json(), "request_id": ""}


def test_a_second_start_keeps_the_street_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'street.sqlite3'}"
    with Served(url, tmp_path / "log") as first, Client(first, "demo-resident") as resident:
        wallet = resident.get("/me/wallet").json()
    with Served(url, tmp_path / "log") as second, Client(second, "demo-resident") as resident:
        assert resident.get("/me/wallet").json() == wallet
        assert len(resident.get("/offices").json()["items"]) == 2


def _activity(group_id: str, fund_id: str, *, capacity: int) -> dict[str, object]:
    at = datetime.now(UTC)
    session = {"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=2)).isoformat()}
    return {
        "group_id": group_id,
        "kind": "service",
        "title": "清洁家园",
        "description": "带上手套",
        "place": "中心花园",
        "sessions": [session],
        "capacity": capacity,
        "points_fixed": 20,
        "check_in": "self",
        "fund_id": fund_id,
    }


def _fund(officer: Client, fund_id: str) -> dict[str, int]:
    return next(fund for fund in officer.get("/funds").json()["items"] if fund["id"] == fund_id)
