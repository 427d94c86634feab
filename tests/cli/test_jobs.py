"""What runs by itself: once or twice, half-way killed or by several at once, it is done once."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from sqlalchemy import func, select

from backend.cli.commands import jobs as job_commands
from backend.cli.commands import worker
from backend.cli.jobs import JOBS, run_jobs
from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.foundation.db import session
from backend.foundation.outbox import OutboxMessage
from backend.foundation.sqlite import AnotherWriter
from backend.ledger import sweeps
from backend.ledger.accounts import last_day_for, person_wallet
from backend.ledger.models import entries
from tests.builders.phone import a_key
from tests.builders.races import at_once


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


def ended(days=0):
    """The Shanghai day on which points earned now are no longer good, and so many days before it."""
    return start_of_day(last_day_for(shanghai_day(now())) + timedelta(days=1 - days))


def runs(street, *names):
    """Run jobs in this office only: the others on the database are other tests'."""
    with street.inside():
        return sum(job.run() for job in JOBS if job.name in names)


def kinds(street):
    """How many entries of each kind the office's book has."""
    with street.inside():
        query = select(entries.c.kind, func.count()).where(entries.c.book_id == street.office_id)
        return dict(session().execute(query.group_by(entries.c.kind)).all())


def test_points_go_back_to_their_fund_after_their_last_day_and_not_before(street):
    fund = street.fund(100)
    resident = street.earned(street.resident(), 30, fund=fund)

    with time_machine.travel(ended() - timedelta(seconds=1), tick=False):
        runs(street, "expire-points")
        assert street.wallet(resident).available == 30
    with time_machine.travel(ended(), tick=True):
        runs(street, "expire-points")
        runs(street, "expire-points")

    assert kinds(street)["expire"] == 1
    assert street.wallet(resident).available == 0


def test_a_sweep_that_is_killed_half_way_is_finished_by_the_next(street):
    residents = [street.earned(street.resident(), 10) for _ in range(4)]
    done, expire = [], sweeps.expire

    def dies_at_the_third(book, place, *, told):
        if len(done) == 2:
            raise KeyboardInterrupt  # as a signal would end the process
        done.append(place)
        return expire(book, place, told=told)

    with time_machine.travel(ended(), tick=True):
        with patch.object(sweeps, "expire", dies_at_the_third), pytest.raises(KeyboardInterrupt):
            runs(street, "expire-points")
        assert kinds(street)["expire"] == 2
        runs(street, "expire-points")

    assert kinds(street)["expire"] == len(residents)


def test_several_workers_at_once_do_everything_once(street):
    for _ in range(5):
        street.earned(street.resident(), 10)

    with time_machine.travel(ended(), tick=True):
        at_once(*[lambda: runs(street, "expire-points", "notify-expiry", "recover-points")] * 6)

    assert kinds(street)["expire"] == 5


def test_one_broken_row_keeps_nobody_else_waiting(street):
    for _ in range(3):
        street.earned(street.resident(), 10)
    expire, broken = sweeps.expire, []

    def breaks_the_first(book, place, *, told):
        broken.append(broken or place)
        if place == broken[0]:
            raise RuntimeError
        return expire(book, place, told=told)

    with time_machine.travel(ended(), tick=True), patch.object(sweeps, "expire", breaks_the_first):
        runs(street, "expire-points")

    assert kinds(street)["expire"] == 2


def test_what_somebody_owes_is_taken_by_the_sweep_of_debts(street):
    """How a debt and points come to lie side by side, and what is taken then: `tests/ledger/test_reversals.py`."""
    debtor, repaid = person_wallet("somebody"), []
    with (
        patch.object(sweeps, "able_to_repay", return_value=[debtor]),
        patch.object(sweeps, "repay", lambda book, wallet, *, told: repaid.append((book.id, wallet)) or True),
    ):
        assert runs(street, "recover-points") == 1

    assert repaid == [(street.office_id, debtor)]


@pytest.mark.parametrize(("days", "notices"), [(31, 0), (30, 1), (8, 1), (7, 1), (1, 1)])
def test_a_notice_is_laid_out_30_and_7_days_ahead_once(street, days, notices):
    street.earned(street.resident(), 30)

    with time_machine.travel(ended(days + 1), tick=True):
        runs(street, "notify-expiry")
        runs(street, "notify-expiry")

    with street.inside():
        assert session().scalar(select(func.count()).select_from(OutboxMessage)) == notices


def test_every_job_is_a_command_for_cron(app):
    for job in JOBS:
        done = app.test_cli_runner().invoke(job_commands, [job.name])

        assert (done.exit_code, done.output.startswith(f"{job.name}: ")) == (0, True), done.output


def test_beside_a_server_that_writes_the_file_a_command_says_so(app):
    """On SQLite the serving process is the only writer; its own thread runs the jobs."""
    with patch("backend.foundation.db._pen", side_effect=AnotherWriter()):
        for command, arguments in ((worker, []), (job_commands, ["release-holds"])):
            done = app.test_cli_runner().invoke(command, arguments)
            assert (done.exit_code, done.output) == (1, "Error: 数据正被另一个程序写入，请先停止服务再执行此命令\n")
