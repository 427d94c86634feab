"""Several processes at the same moment: what one process settles with a lock, several settle in the database.

On PostgreSQL exactly k win, all others get the exact refusal, and nobody waits for one who waits for them. On SQLite
one process has the pen, the others are refused it and may read beside.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from backend.cli.jobs import JOBS
from backend.foundation.clock import now
from backend.foundation.db import db, let_go_of_database
from backend.foundation.sqlite import AnotherWriter
from backend.ledger import drafts, holds
from backend.ledger.accounts import budget_account, person_wallet
from backend.ledger.drafts import fingerprint_of
from backend.ledger.posting import post_many
from backend.merchants.models import Redemption
from backend.people.models import Person
from backend.web import create_app
from tests.builders.phone import a_key
from tests.builders.street import Street
from tests.conftest import test_config as settings
from tests.ledger.bookkeeping import BAKERY, Bookkeeper, born, told
from tests.ledger.crew import PATIENCE, RACERS, Crew, Outcome, Result, crew
from tests.servers import new_postgresql
from tests.serving import PROJECT

pytestmark = pytest.mark.xdist_group("process races")  # the processes are many, and the machine is one

# What the racers do: in their own process, so every key and amount is handed to them.


def spends(app: Flask, book_id: int, points: int, key: str) -> Outcome:
    return _posts(app, book_id, [_hold(points, key)])


def awards(app: Flask, book_id: int, points: int, person: str, origin: str) -> Outcome:
    return _posts(app, book_id, [_award(points, person, origin)])


def serves_and_awards(app: Flask, book_id: int, people: list[str]) -> Outcome:
    """A leader's list: each of them once, in the order they were ticked."""
    made = [_award(10, name, f"door:{name}") for name in people]
    made += [
        drafts.serve(person=name, minutes=60, origin=f"door:{name}", undone=0, told=told(), entry_id=born(None))
        for name in reversed(people)
    ]
    return _posts(app, book_id, made)


def takes_and_gives(app: Flask, book_id: int, people: list[str], key: str) -> Outcome:
    made = [_award(5, name, f"{key}:{name}") for name in people[::2]]
    made += [_hold(5, f"{key}:{name}", name) for name in people[1::2]]
    return _posts(app, book_id, made)


def captures_or_releases(app: Flask, book_id: int, hold_id: object, is_capture: bool) -> Outcome:
    keeper = Bookkeeper(app, book_id)
    posted = keeper.captures(hold_id) if is_capture else keeper.releases(hold_id)
    return ("replay" if posted.is_replay else "done"), posted.id


def refunds(app: Flask, book_id: int, capture_id: object) -> Outcome:
    posted = Bookkeeper(app, book_id).refunds(capture_id)
    return ("replay" if posted.is_replay else "done"), posted.id


def resolves(app: Flask, book_id: int, held: list[tuple[object, bool]]) -> Outcome:
    """A batch of captures and releases, in any order."""

    def draft(book, hold_id, is_capture):
        if is_capture:
            return holds.capture(book, hold_id=hold_id, merchant=BAKERY, told=told(), entry_id=born(None))
        return holds.release(book, hold_id=hold_id, told=told(), entry_id=born(None))

    posted = Bookkeeper(app, book_id).does(
        lambda book: post_many(book, [draft(book, hold_id, is_capture) for hold_id, is_capture in held])
    )
    return "done", len(posted)


def available(app: Flask, book_id: int) -> Outcome:
    return "read", Bookkeeper(app, book_id).wallet().available


def _posts(app: Flask, book_id: int, made: list[drafts.Draft]) -> Outcome:
    posted = Bookkeeper(app, book_id).posts(*made)
    return ("replay" if all(one.is_replay for one in posted) else "done"), posted[0].id


def _hold(points: int, key: str, person: str = "wang") -> drafts.Draft:
    return drafts.hold(
        wallet=person_wallet(person),
        points=points,
        person=person,
        key=key,
        fingerprint=fingerprint_of("hold", points=points),
        expires_at=now() + timedelta(hours=1),
        told=told(),
        entry_id=born(None),
    )


def _award(points: int, person: str, origin: str) -> drafts.Draft:
    return drafts.award(
        fund="f1",
        payer=budget_account("a1"),
        wallet=person_wallet(person),
        points=points,
        origin=origin,
        undone=0,
        told=told(),
        entry_id=born(None),
    )


# On PostgreSQL: RACERS threads in several processes, released together.


@pytest.fixture(scope="module")
def on_postgresql(worker_id: str) -> Iterator[Flask]:
    app = create_app(settings(new_postgresql(f"races_{worker_id}", template="template")))
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["wechat"].close()


@pytest.fixture(scope="module")
def racers(on_postgresql: Flask) -> Iterator[Crew]:
    with crew(on_postgresql.extensions["config"].database_url) as gathered:
        yield gathered


@pytest.fixture
def book(on_postgresql: Flask) -> Bookkeeper:
    return Bookkeeper.of_new_book(on_postgresql)


def counted(result: Result) -> dict[str, int]:
    return dict(Counter(what for what, _ in result.outcomes))


def test_of_all_who_want_the_same_points_exactly_as_many_win_as_there_are_points(book: Bookkeeper, racers: Crew):
    book.gives(100)

    result = racers.race(spends, [(book.id, 10, f"tap-{n}") for n in range(RACERS)])

    assert counted(result) == {"done": 10, "insufficient_points": RACERS - 10}
    refused = [facts for what, facts in result.outcomes if what == "insufficient_points"]
    assert refused == [{"required": 10, "available": 0}] * len(refused)
    assert (book.wallet().available, book.wallet().held, result.deadlocks) == (0, 100, [])
    assert book.verified().total == 0


def test_a_hold_is_captured_or_released_by_one_of_all(book: Bookkeeper, racers: Crew):
    book.gives(30)
    hold_id = book.holds(30)

    result = racers.race(captures_or_releases, [(book.id, hold_id, n % 2 == n // 4 % 2) for n in range(RACERS)])

    assert counted(result) == {"done": 1, "replay": RACERS // 2 - 1, "already_resolved": RACERS // 2}
    [winner] = {facts["kind"] for what, facts in result.outcomes if what == "already_resolved"}
    assert (book.wallet().available, book.wallet().held) == (0 if winner == "capture" else 30, 0)
    assert (book.verified().total, result.deadlocks) == (0, [])


def test_a_capture_is_refunded_once(book: Bookkeeper, racers: Crew):
    book.gives(30)
    captured = book.captures(book.holds(30))

    result = racers.race(refunds, [(book.id, captured.id)] * RACERS)

    assert counted(result) == {"done": 1, "replay": RACERS - 1}
    assert len({entry_id for _, entry_id in result.outcomes}) == 1
    assert (book.wallet().available, book.verified().total, result.deadlocks) == (30, 0, [])


def test_whom_all_see_at_the_door_is_awarded_once(book: Bookkeeper, racers: Crew):
    book.posts(book.allocation(1000), book.reservation(1000))

    result = racers.race(awards, [(book.id, 20, "wang", "door-7")] * RACERS)

    assert counted(result) == {"done": 1, "replay": RACERS - 1}
    assert (book.wallet().available, book.budget(), result.deadlocks) == (20, 980, [])
    assert book.verified().total == 0


def test_of_all_who_want_the_last_of_a_budget_exactly_as_many_win_as_it_pays(book: Bookkeeper, racers: Crew):
    """Nobody here records the others as unpaid, so after three new plans they are told to come again."""
    book.posts(book.allocation(100), book.reservation(100))

    result = racers.race(awards, [(book.id, 20, f"p{n}", f"door-{n}") for n in range(RACERS)])

    assert counted(result) == {"done": 5, "busy": RACERS - 5}
    assert (book.budget(), result.deadlocks, book.verified().total) == (0, [], 0)
    assert sum(book.wallet(person_wallet(f"p{n}")).available for n in range(RACERS)) == 100


def test_a_clients_key_posts_once_and_other_figures_are_refused(book: Bookkeeper, racers: Crew):
    book.gives(100)

    result = racers.race(spends, [(book.id, 10 + n // 4 % 2, "tap") for n in range(RACERS)])

    assert counted(result) == {"done": 1, "replay": RACERS // 2 - 1, "key_reused": RACERS // 2}
    assert len({entry_id for what, entry_id in result.outcomes if what != "key_reused"}) == 1
    assert (book.wallet().held in (10, 11), result.deadlocks, book.verified().total) == (True, [], 0)


def test_overlapping_batches_in_any_order_do_not_deadlock_and_each_award_happens_once(book: Bookkeeper, racers: Crew):
    book.posts(book.allocation(100_000), book.reservation(100_000))
    people = [f"p{n}" for n in range(40)]
    lists = [random.sample(people, 30) for _ in range(RACERS)]

    result = racers.race(serves_and_awards, [(book.id, names) for names in lists])

    assert (set(counted(result)) <= {"done", "replay"}, result.deadlocks) == (True, [])
    came = {name for names in lists for name in names}
    for name in came:
        wallet = book.wallet(person_wallet(name))
        assert (wallet.available, wallet.minutes) == (10, 60)
    assert (book.budget(), book.verified().total) == (100_000 - 10 * len(came), 0)


def test_batches_that_take_and_give_in_the_same_wallets_do_not_deadlock(book: Bookkeeper, racers: Crew):
    people = [f"p{n}" for n in range(12)]
    for name in people:
        book.gives(1000, person_wallet(name))
    book.posts(book.allocation(10_000), book.reservation(10_000))

    result = racers.race(takes_and_gives, [(book.id, random.sample(people, 8), f"list-{n}") for n in range(RACERS)])

    assert (counted(result), result.deadlocks, book.verified().total) == ({"done": RACERS}, [], 0)


def test_batches_that_capture_and_release_the_same_holds_do_not_deadlock(book: Bookkeeper, racers: Crew):
    book.gives(500)
    held = [book.holds(5) for _ in range(16)]

    def batch() -> list[tuple[object, bool]]:
        return [(hold_id, random.random() < 0.5) for hold_id in random.sample(held, 8)]

    result = racers.race(resolves, [(book.id, batch()) for _ in range(RACERS)])

    assert (set(counted(result)) <= {"done", "already_resolved"}, result.deadlocks) == (True, [])
    assert book.verified().total == 0


# On SQLite: one pen.


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Flask]:
    """An application on a file of its own; its process lets go of the pen before others race for it."""
    shutil.copy(Path(os.environ["XINGFU_TEST_FOLDER"]) / "template.sqlite3", tmp_path / "street.sqlite3")
    app = create_app(settings(f"sqlite:///{tmp_path / 'street.sqlite3'}"))
    yield app
    with app.app_context():
        let_go_of_database()
    app.extensions["wechat"].close()


def test_of_several_processes_one_writes_sqlite_and_the_others_may_read(on_sqlite: Flask):
    book = Bookkeeper.of_new_book(on_sqlite)
    book.gives(100)
    with on_sqlite.app_context():
        let_go_of_database()
    url = on_sqlite.extensions["config"].database_url

    with crew(url, processes=4, threads=1, patience=0.2) as racers:
        first = racers.race(spends, [(book.id, 10, f"tap-{n}") for n in range(4)])
        reading = racers.race(available, [(book.id,)] * 4)
        again = racers.race(spends, [(book.id, 10, f"more-{n}") for n in range(4)])

    assert counted(first) == counted(again) == {"done": 1, "another_writer": 3}
    assert _writer(first) == _writer(again)  # who has the pen keeps it
    assert reading.outcomes == [("read", 90)] * 4
    # They are gone, and with them their lock.
    assert book.posts(book.hold(10))[0].is_replay is False
    assert (book.wallet().available, book.wallet().held, book.verified().total) == (70, 30, 0)


def _writer(result: Result) -> int:
    """Which of the processes."""
    return [what for what, _ in result.outcomes].index("done")


# `flask worker`, twice.

AT_THE_GUN = """
import sys
from flask.cli import main
from backend.cli import worker
from backend.foundation import sqlite

run_jobs, rounds = worker.run_jobs, iter(["first"])

def at_the_gun(*due):
    if next(rounds, None):
        print("ready", flush=True)
        sys.stdin.readline()
    done = run_jobs(*due)
    print(done, flush=True)
    return done

worker.PAUSE_SECONDS, sqlite.LOCK_PATIENCE_SECONDS, worker.run_jobs = 0.05, 0.2, at_the_gun
sys.argv = ["flask", "worker"]
main()
"""


class Worker:
    """`flask worker` that does not pause for long and begins its first round when told to."""

    def __init__(self, database_url: str, folder: Path, name: str, *, after: "Worker | None" = None) -> None:
        if after is not None:
            after.when_ready()
        self.complaints = folder / f"{name}.log"
        with self.complaints.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", AT_THE_GUN],
                cwd=PROJECT,
                env={
                    **os.environ,
                    "DATABASE_URL": database_url,
                    "DEMO": "off",
                    "REDIS_URL": "",
                    "LOG_LEVEL": "WARNING",
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def when_ready(self) -> None:
        assert self.process.stdout.readline() == "ready\n", self.complaints.read_text()

    def begins(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def stops(self) -> int:
        """How many jobs it has done."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, self.complaints.read_text()
        return sum(int(line) for line in said.split())


def late_holds(app: Flask, number: int) -> tuple[Street, Person]:
    """Somebody with that many holds whose time is up; whoever wants to write may now."""
    with time_machine.travel(now() - timedelta(hours=1), tick=True):
        street = Street.opened_in(app)
        resident = street.earned(street.resident(), number * 10)
        offer = street.offer(price_points=10)
        for _ in range(number):
            assert street.phone(resident).post("/redemptions", {"offer_id": str(offer.id)}, key=a_key()).status == 201
    assert (street.wallet(resident).available, street.wallet(resident).held) == (0, number * 10)
    with street.inside():  # so that a worker finds nothing else to do
        for job in JOBS:
            if job.name in ("suggest-group-rules", "take-figures"):
                job.run()
    with app.app_context():
        let_go_of_database()
    return street, resident


def when_released(street: Street, resident: Person) -> None:
    deadline = time.monotonic() + PATIENCE
    while street.wallet(resident).held and time.monotonic() < deadline:
        time.sleep(0.1)


def assert_released_once(street: Street, resident: Person, number: int) -> None:
    assert set(street.rows(select(Redemption.state))) == {"expired"}
    assert (street.wallet(resident).available, street.wallet(resident).held) == (number * 10, 0)
    lines = street.phone(resident).get("/me/entries", limit=100)["items"]
    assert Counter(line["kind"] for line in lines)["release"] == number


def test_two_workers_on_postgresql_release_each_hold_once(worker_id: str, tmp_path: Path):
    app = create_app(settings(new_postgresql(f"workers_{worker_id}", template="template")))
    street, resident = late_holds(app, 20)
    with ExitStack() as stack:
        url = app.extensions["config"].database_url
        workers = [stack.enter_context(Worker(url, tmp_path, name)) for name in ("first", "second")]
        for worker in workers:
            worker.when_ready()
        for worker in workers:
            worker.begins()
        when_released(street, resident)
        done = [worker.stops() for worker in workers]

    assert (sum(done), [worker.complaints.read_text() for worker in workers]) == (20, ["", ""])
    assert_released_once(street, resident, 20)
    app.extensions["wechat"].close()
    with app.app_context():
        db.engine.dispose()


def test_beside_a_worker_on_sqlite_a_second_one_is_refused(on_sqlite: Flask, tmp_path: Path):
    street, resident = late_holds(on_sqlite, 10)
    url = on_sqlite.extensions["config"].database_url
    with Worker(url, tmp_path, "first") as first, Worker(url, tmp_path, "second", after=first) as second:
        assert second.process.wait(PATIENCE) == 1
        first.begins()
        when_released(street, resident)
        done = first.stops()

    assert AnotherWriter.message in second.complaints.read_text()
    assert (done, first.complaints.read_text()) == (10, "")
    assert_released_once(street, resident, 10)
