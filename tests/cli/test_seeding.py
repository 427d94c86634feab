"""A sub-district of a real size: as many of everything as asked for, a ledger that verifies, and no piece twice."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.activities.models import CheckIn
from backend.cli.seeding import pieces, year
from backend.cli.seeding.pieces import seed
from backend.foundation.db import let_go_of_database, session
from backend.foundation.tenancy import acting_in
from backend.groups.models import Group
from backend.ledger.book import Book
from backend.ledger.verify import verify
from backend.merchants.models import Merchant, Redemption
from backend.people.models import Gift, Person
from backend.places.models import Area, Household
from backend.skills.models import CapablePerson, SkillListing
from backend.transparency.evidence import evidence_of
from backend.web import create_app
from tests.conftest import TINY
from tests.conftest import test_config as settings

pytestmark = pytest.mark.xdist_group("seeded")

KINDS = (Area, Household, Person, Group, CheckIn, Merchant, Redemption, Gift, SkillListing, CapablePerson)


def counted(app):
    with app.app_context(), acting_in(3):
        return {kind.__name__: session().scalars(select(func.count(kind.id))).one() for kind in KINDS}


def findings(app):
    with app.app_context(), acting_in(3):
        return verify(Book(session(), 3), evidence_of(3)).total


def test_it_has_the_numbers_asked_for_and_its_ledger_verifies(seeded):
    found = counted(seeded)

    assert (found["Person"], found["Household"], found["Group"], found["Merchant"]) == (300, 110, 6, 2)
    assert 280 <= found["CheckIn"] <= 720
    assert found["Redemption"] > 20
    assert found["Gift"] > 0
    assert findings(seeded) == 0


def test_whoever_is_interrupted_goes_on_and_gets_the_same(seeded, tmp_path, monkeypatch, worker_id):
    """Interrupted in the middle of a group's year: that piece is made again, those before it are not."""
    template = Path(str(seeded.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///")).parent
    app = create_app(settings(f"sqlite:///{shutil.copy(template / 'template.sqlite3', tmp_path / 'again.sqlite3')}"))
    years = iter(range(2))
    make = year.make

    def interrupted(*args):
        make(*args)
        if next(years, None) is None:
            raise KeyboardInterrupt

    with app.app_context():
        monkeypatch.setattr(year, "make", interrupted)
        with pytest.raises(KeyboardInterrupt):
            seed(TINY, 3)
        monkeypatch.undo()
        made = seed(TINY, 3)
        assert seed(TINY, 3) == 0
    assert made == 4 + TINY.merchants + 1 + TINY.communities, "four years, the shops, the gifts, what people share"
    assert counted(app) == counted(seeded)
    assert findings(app) == 0
    with app.app_context():
        let_go_of_database()
    app.extensions["wechat"].close()


def test_an_office_that_is_somebody_elses_is_left_alone(seeded):
    other = TINY.__class__(**{**vars(TINY), "name": "other", "office": "别的街道"})

    with seeded.app_context(), pytest.raises(pieces.OfficeTaken):
        seed(other, 3)


def test_production_refuses_it(seeded):
    config = seeded.extensions["config"]
    seeded.extensions["config"] = settings(config.database_url, environment="production")
    try:
        said = seeded.test_cli_runner().invoke(args=["demo", "seed", "--size", "pilot"])
    finally:
        seeded.extensions["config"] = config
    assert said.exit_code == 1
    assert "refused in production" in said.output
