"""One deed, one transaction: whole, at most once, and again when somebody was faster."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select, text

from backend.foundation.db import add, db, find, session, transactional
from backend.foundation.errors import Busy, Conflict, Replan
from backend.places.areas import open_area
from backend.places.models import Area
from tests.builders.street import Street


class Refused(Conflict):
    code = "refused_in_a_test"


class RefusedForTheRecord(Refused):
    is_recorded = True


def names(street):
    with street.inside():
        return sorted(session().scalars(select(Area.name).where(Area.name != "幸福社区")))


def community(name):
    return open_area(name, kind="community")


def test_a_deed_is_committed_when_it_returns(street):
    street.does(community, "安宁社区")

    assert names(street) == ["安宁社区"]


@pytest.mark.parametrize("reason", [Refused(), ValueError("a bug"), KeyboardInterrupt()])
def test_a_deed_that_does_not_return_leaves_nothing(street, reason):
    def deed():
        community("安宁社区")
        raise reason

    with pytest.raises(type(reason)):
        street.does(deed)

    assert names(street) == []


def test_after_a_refusal_the_same_request_reads_what_is_committed(street):
    def deed():
        community("安宁社区")
        raise Refused()

    with street.inside():
        with pytest.raises(Refused):
            transactional(deed)()
        assert not session().in_transaction()
        assert session().scalars(select(Area.name)).all() == ["幸福社区"]


def test_a_refusal_that_is_recorded_keeps_what_the_deed_wrote(street):
    def deed():
        community("安宁社区")
        raise RefusedForTheRecord()

    with pytest.raises(RefusedForTheRecord):
        street.does(deed)

    assert names(street) == ["安宁社区"]


def test_a_deed_runs_again_as_a_whole_when_it_has_to_replan(street):
    runs = []

    def deed():
        runs.append(len(runs) + 1)
        community(f"第{runs[-1]}次")
        if runs[-1] < 4:
            raise Replan()
        return runs[-1]

    assert street.does(deed) == 4
    assert names(street) == ["第4次"]


def test_after_four_attempts_the_deed_is_too_busy_and_nothing_is_written(street):
    runs = []

    def deed():
        runs.append(1)
        community("安宁社区")
        raise Replan()

    with pytest.raises(Busy):
        street.does(deed)

    assert len(runs) == 4
    assert names(street) == []


def test_a_bug_of_the_database_is_not_tried_again(street):
    runs = []

    def deed():
        runs.append(1)
        session().execute(text("SELECT * FROM no_such_table"))

    with pytest.raises(Exception, match="no_such_table"):
        street.does(deed)

    assert len(runs) == 1


def test_a_deed_inside_a_deed_is_refused_and_neither_happens(street):
    def outer():
        community("安宁社区")
        transactional(community)("开元社区")

    with pytest.raises(RuntimeError, match="inside another deed"):
        street.does(outer)

    assert names(street) == []


def test_a_deed_may_follow_a_deed_also_after_a_refusal(street):
    with street.inside():
        with pytest.raises(Refused):
            transactional(_refuse)()
        transactional(community)("安宁社区")

    assert names(street) == ["安宁社区"]


def _refuse():
    raise Refused()


def test_what_is_written_outside_a_deed_is_gone_with_the_request(street):
    with street.inside():
        community("安宁社区")
        assert session().scalar(select(Area).where(Area.name == "安宁社区")) is not None

    assert names(street) == []


def test_what_was_read_before_a_deed_is_read_again_in_it(street):
    area = street.area("安宁社区")
    with street.inside():
        before = find(Area, area.id)
        _rename_elsewhere(street, area, "开元社区")

        assert before.name == "安宁社区"
        assert transactional(lambda: find(Area, area.id).name)() == "开元社区"


def test_a_row_found_locked_is_as_it_is_now(on_postgresql):
    area = on_postgresql.area("安宁社区")

    def deed():
        stale = find(Area, area.id)
        _rename_elsewhere(on_postgresql, area, "开元社区")
        assert stale.name == "安宁社区"
        return find(Area, area.id, locked=True).name

    assert on_postgresql.does(deed) == "开元社区"


def _rename_elsewhere(street, area, name):
    def rename():
        find(Area, area.id).name = name

    _elsewhere(lambda: street.does(rename))


def _elsewhere(call):
    """In another thread, as another request would."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(30)


def test_a_deadlock_is_solved_by_running_one_deed_again(on_postgresql):
    one, other = on_postgresql.area("一"), on_postgresql.area("二")
    both_hold_one = threading.Barrier(2)
    runs = []

    def deed(first, second):
        runs.append(1)
        find(Area, first.id, locked=True).name += "+"
        session().flush()
        if len(runs) <= 2:
            both_hold_one.wait(10)
        find(Area, second.id, locked=True).name += "+"

    with ThreadPoolExecutor(2) as pool:
        pending = [pool.submit(on_postgresql.does, deed, *pair) for pair in ((one, other), (other, one))]
        for each in pending:
            each.result(30)

    assert len(runs) == 3
    assert names(on_postgresql) == ["一++", "二++"]


def test_a_serialisation_failure_runs_the_deed_again_on_what_is_true_now(on_postgresql):
    area = on_postgresql.area("零")
    both_have_read = threading.Barrier(2)
    runs = []

    def deed():
        runs.append(1)
        session().execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        counted = find(Area, area.id)
        if len(runs) <= 2:
            both_have_read.wait(10)
        counted.name += "+"

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(on_postgresql.does, deed) for _ in range(2)]:
            each.result(30)

    assert len(runs) == 3
    assert names(on_postgresql) == ["零++"]


def test_a_lock_that_never_comes_makes_the_deed_too_busy(on_postgresql):
    area = on_postgresql.area("安宁社区")
    runs = []

    def impatient():
        runs.append(1)
        session().execute(text("SET LOCAL lock_timeout = '20ms'"))
        find(Area, area.id, locked=True)

    def slow():
        find(Area, area.id, locked=True)
        with pytest.raises(Busy):
            _elsewhere(lambda: on_postgresql.does(impatient))

    on_postgresql.does(slow)

    assert len(runs) == 4


def test_a_locked_sqlite_file_makes_the_deed_wait_and_then_too_busy(made_app):
    app = made_app()
    street = Street.opened_in(app)
    with app.app_context():
        engine = db.engine
        event.listen(engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout = 30"))
        stranger = sqlite3.connect(engine.url.database, isolation_level=None, check_same_thread=False)
    stranger.execute("BEGIN IMMEDIATE")

    with pytest.raises(Busy):
        street.does(community, "安宁社区")

    threading.Timer(0.05, stranger.execute, ("ROLLBACK",)).start()
    street.does(community, "开元社区")
    stranger.close()
    assert names(street) == ["开元社区"]


def test_a_busy_deed_answers_503_and_when_to_come_back(made_app):
    app = made_app()

    @app.get("/api/v1/busy")
    @transactional
    def always_too_late():
        raise Replan()

    answer = Street.opened_in(app).phone().get("/busy")

    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "2")


def test_an_instant_without_a_zone_is_never_stored(street):
    from datetime import datetime

    from backend.foundation.tables import UtcDateTime

    naive = datetime(2026, 11, 23, 10)  # noqa: DTZ001
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(naive, street.app and None)


def test_add_writes_at_once(street):
    def deed():
        area = add(Area(kind="community", nature="urban", name="安宁社区", path="/added/", search=""))
        return session().scalar(select(Area.name).where(Area.id == area.id).execution_options(autoflush=False))

    assert street.does(deed) == "安宁社区"
