"""The demo street is what the documents promise."""

import re
from collections import Counter

import pytest
from flask_migrate import upgrade
from sqlalchemy import func, select

from backend.activities.models import Activity
from backend.cli.demo import HERE, NEXT_DOOR, open_demo, welcome
from backend.foundation.clock import now
from backend.foundation.db import db, find, session
from backend.foundation.tenancy import acting_in
from backend.groups.models import Group
from backend.ledger.accounts import person_wallet
from backend.ledger.book import Book
from backend.ledger.reading import wallet_of
from backend.ledger.verify import verify
from backend.merchants.models import Merchant, Offer
from backend.people.models import Person
from backend.people.persons import account_of_openid
from backend.people.roles import roles_of
from backend.places.models import Area, Household
from backend.places.offices import the_book
from backend.transparency.evidence import evidence_of
from backend.web import create_app
from tests.builders.phone import Phone, a_key
from tests.conftest import test_config as settings
from tests.servers import new_postgresql

pytestmark = pytest.mark.xdist_group("demo")  # seeded once per database, not once per worker

PERSONAS = (
    *("resident", "neighbour", "elder", "head", "child", "leader", "spouse", "helper"),
    *("clerk", "clerk-2", "owner", "worker", "officer", "officer-2", "auditor"),
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request, tmp_path_factory, worker_id):
    """An application whose database has been seeded twice: the second time finds everything there."""
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder / 'demo.sqlite3'}" if request.param == "sqlite" else new_postgresql(f"demo_{worker_id}")
    app = create_app(settings(url, demo=True))
    with app.app_context():
        upgrade()
        open_demo()
        open_demo()
        with acting_in(HERE):
            yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["wechat"].close()


def persona(openid: str) -> Person:
    account = account_of_openid(openid)
    assert account is not None
    return find(Person, account.person_id)


def count(model: type) -> int:
    return session().scalars(select(func.count()).select_from(model)).one()


def test_it_has_the_size_of_a_street(demo):
    assert (count(Area), count(Group), count(Merchant)) == (3, 12, 6)
    assert 250 <= count(Person) <= 350
    assert 115 <= count(Household) <= 125


def test_every_persona_is_there_with_their_roles(demo):
    roles = {openid: Counter(role.role for role in roles_of(persona(f"demo-{openid}").id)) for openid in PERSONAS}
    assert {openid: dict(held) for openid, held in roles.items() if held} == {
        "leader": {"leader": 1},
        "helper": {"helper": 1},
        "clerk": {"clerk": 1},
        "clerk-2": {"clerk": 1},
        "owner": {"owner": 1},
        "worker": {"worker": 1},
        "officer": {"officer": 1},
        "officer-2": {"officer": 1},
        "auditor": {"auditor": 1},
    }
    assert persona("demo-child").age_class == "14-17"
    assert persona("demo-child").household_id == persona("demo-head").household_id
    assert persona("demo-spouse").household_id == persona("demo-leader").household_id
    assert len({persona(f"demo-{name}").household_id for name in ("resident", "neighbour", "leader", "clerk")}) == 4


def test_the_resident_can_buy_the_cheapest_offer_five_times(demo):
    cheapest = session().scalars(select(Offer).order_by(Offer.price_points).limit(1)).one()
    resident = wallet_of(the_book(), person_wallet(str(persona("demo-resident").id)), today=now().date())

    assert (cheapest.kind, cheapest.price_fen, cheapest.per_person, cheapest.stock) == ("counter", 0, None, 1000)
    assert resident.available >= 5 * cheapest.price_points
    clerks = {role.scope_id for name in ("clerk", "clerk-2", "owner") for role in roles_of(persona(f"demo-{name}").id)}
    assert clerks == {cheapest.merchant_id}


def test_one_activity_is_running_and_others_are_settled(demo):
    at = now()
    running = select(Activity).where(Activity.state == "published", Activity.starts_at < at, Activity.ends_at > at)
    assert len(session().scalars(running).all()) == 1
    assert session().scalars(select(func.count()).where(Activity.state == "settled")).one() >= 5


@pytest.mark.parametrize("office_id", [HERE, NEXT_DOOR])
def test_its_ledger_verifies(demo, office_id):
    assert verify(Book(session(), office_id), evidence_of(office_id)).total == 0


def test_the_welcome_names_the_address_the_personas_and_the_card(demo):
    said = welcome(demo.extensions["config"])

    assert "http://127.0.0.1:8000/" in said
    assert "/api/docs" in said
    assert "demo-resident" in said
    assert "PIN: 135790" in said


def test_the_card_of_the_elder_without_a_phone_pays_at_the_demo_shop(demo):
    said = re.search(r"纸质卡: (\S+)  PIN: (\d+)", welcome(demo.extensions["config"]))
    offer_id, price = session().execute(select(Offer.id, Offer.price_points).order_by(Offer.price_points)).first()
    clerk, worker = (Phone(demo, HERE, persona(f"demo-{name}").id) for name in ("clerk", "worker"))

    found = worker.post("/cards/lookup", {"token": said[1]})
    form = {"card": said[1], "pin": said[2], "offer_id": str(offer_id)}
    sold = clerk.post("/redemptions/capture", form, key=a_key())

    assert (found.status, found["person"]["name"], found["is_blocked"]) == (200, "冯*珍", False)
    assert (sold.status, sold["state"], sold["points"]) == (201, "captured", price)
    assert clerk.post("/redemptions/capture", form | {"pin": "975310"}, key=a_key()).code == "pin_wrong"
