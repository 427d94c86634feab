"""Whatever is killed, whenever: what was acknowledged is there, the rest happened as a whole or not at all, once.

The real server is killed with SIGKILL under load, or PostgreSQL is with all its processes, or both; then started again
on the same database. The moment is random. A run prints its seed and `TEST_CRASH_SEED` repeats its dice (threads
stay free). `pytest -m soak tests/ledger/test_crash.py` goes on for `TEST_CRASH_CYCLES`, 200 by default.
"""

import os
import random
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask_migrate import upgrade

from backend.foundation.db import db
from backend.web import create_app
from tests.conftest import test_config as settings
from tests.ledger.load import Fuse, Line, Phone, Staff, Town, asked, build, differences
from tests.servers import Cluster
from tests.serving import Served

LINES = 8  # as many as the server has threads
SERVER, STARTING, POSTGRESQL, BOTH = "server", "server, and again while it starts", "postgresql", "both"

# One database, one worker: the cycles of a stage follow each other.
ON_SQLITE = pytest.param("sqlite", marks=pytest.mark.xdist_group("crash on sqlite"))
ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.xdist_group("crash on postgresql"))


@dataclass
class Stage:
    """A served street, the lines that use it, and what may be killed."""

    served: Served
    cluster: Cluster | None
    town: Town
    seed: int
    dice: random.Random = field(default_factory=random.Random)
    lines: list[Line] = field(init=False)
    start_seconds: float = 2.0
    had_happened: int = 0  # of those without an answer
    had_not: int = 0

    def __post_init__(self) -> None:
        self.lines = [Line(self.town, f"line-{n}", random.Random()) for n in range(LINES)]

    def throws(self, seed: int) -> None:
        """All dice begin anew; which thread is faster stays free."""
        for dice in (self.dice, *(line.dice for line in self.lines)):
            dice.seed(seed)
            seed += 1

    def strikes(self, victim: str) -> None:
        """Load, a kill at a random moment of it, a restart, and nothing acknowledged is missing."""
        arrived = [len(line.arrivals) for line in self.lines]
        self._kills_under_load(victim)
        verified = self._restarts_and_verifies(victim)
        assert [answer for line in self.lines for answer in line.unexpected] == []
        assert verified == ""
        arrivals = [a for line, before in zip(self.lines, arrived, strict=True) for a in line.arrivals[before:]]
        with Phone(self.served, self.town) as phone:
            staff = Staff(self.town, phone)
            assert differences(asked(phone, staff, arrivals=arrivals), self.lines) == []
            phone.replays = 0
            repeated = sum(line.repeats(phone, staff) for line in self.lines)
            self.had_happened += phone.replays
            self.had_not += repeated - phone.replays
            # Nothing is open any more, so now there is one truth and no "or".
            assert differences(asked(phone, staff, arrivals=arrivals), self.lines) == []

    def verifies(self) -> str:
        """What `flask ledger verify` complains of."""
        done = self.served.command("ledger", "verify")
        return "" if done.returncode == 0 else f"exit {done.returncode}: {done.stdout}{done.stderr}"

    def _kills_under_load(self, victim: str) -> None:
        fuse, enough = Fuse(self.dice.randint(LINES, 80)), threading.Event()
        with Phone(self.served, self.town) as phone:
            staff = Staff(self.town, phone)
        with ThreadPoolExecutor(LINES) as pool:
            working = [pool.submit(line.works, self.served, staff, fuse, enough) for line in self.lines]
            try:
                assert fuse.burnt.wait(180)
                time.sleep(self.dice.uniform(0, 0.02))  # somewhere inside a request
                self._kills(victim)
            finally:
                enough.set()
            for line in working:
                line.result(180)

    def _kills(self, victim: str) -> None:
        if victim in (POSTGRESQL, BOTH):
            assert self.cluster is not None
            self.cluster.kill()
        if victim != POSTGRESQL:
            self.served.kill()

    def _restarts_and_verifies(self, victim: str) -> str:
        """The books are read while the server recovers: nothing may depend on who comes first."""
        if victim in (POSTGRESQL, BOTH):
            assert self.cluster is not None
            self.cluster.start()
        if victim == STARTING:
            self.served.launch()
            time.sleep(self.dice.uniform(0, self.start_seconds))  # any moment of a start is good
            self.served.kill()
        with ThreadPoolExecutor(1) as pool:
            verified = pool.submit(self.verifies)
            if victim == POSTGRESQL:
                self.served.when_ready()  # it was never stopped and finds its database again
            else:
                self._starts()
            return verified.result()

    def _starts(self) -> None:
        began = time.monotonic()
        self.served.restart()
        self.start_seconds = time.monotonic() - began


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Built before it is served, because a SQLite file has one writing process."""
    seed = int(os.environ.get("TEST_CRASH_SEED") or random.randrange(2**32))
    folder: Path = tmp_path_factory.mktemp("crash")
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster()) if request.param == "postgresql" else None
        url = cluster.url if cluster else f"sqlite:///{folder / 'street.sqlite3'}"
        if cluster:
            _migrate(url)
        else:
            shutil.copy(Path(os.environ["XINGFU_TEST_FOLDER"]) / "template.sqlite3", folder / "street.sqlite3")
        town = build(url)
        served = stack.enter_context(Served(url, folder / "log", DEMO="off", LOG_LEVEL="WARNING"))
        yield Stage(served, cluster, town, seed)


def _migrate(url: str) -> None:
    app = create_app(settings(url))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    app.extensions["wechat"].close()


def strike(stage: Stage, victims: list[str]) -> None:
    sys.stdout.write(f"TEST_CRASH_SEED={stage.seed}\n")
    stage.throws(stage.seed)
    for number, victim in enumerate(victims, start=1):
        stage.strikes(victim)
        purchases = sum(len(line.purchases) for line in stage.lines)
        arrivals = sum(len(line.arrivals) for line in stage.lines)
        sys.stdout.write(
            f"{number}: {victim} killed; {purchases} redemptions and {arrivals} check-ins so far; "
            f"without an answer {stage.had_happened} had happened and {stage.had_not} had not\n"
        )
    assert stage.verifies() == ""


@pytest.mark.parametrize("stage", [ON_SQLITE, ON_POSTGRESQL], indirect=True)
def test_a_server_killed_under_load_keeps_what_it_acknowledged(stage: Stage) -> None:
    strike(stage, [SERVER] * (5 if stage.cluster is None else 3) + [STARTING])


@pytest.mark.parametrize("stage", [ON_POSTGRESQL], indirect=True)
def test_a_postgresql_killed_under_load_keeps_what_was_acknowledged(stage: Stage) -> None:
    strike(stage, [POSTGRESQL, BOTH, POSTGRESQL])


@pytest.mark.soak
@pytest.mark.parametrize("stage", [ON_SQLITE, ON_POSTGRESQL], indirect=True)
def test_no_number_of_kills_loses_anything(stage: Stage) -> None:
    victims = [SERVER, STARTING, POSTGRESQL, BOTH] if stage.cluster else [SERVER, STARTING]
    cycles = int(os.environ.get("TEST_CRASH_CYCLES") or 200)
    strike(stage, random.Random(stage.seed).choices(victims, k=cycles))
