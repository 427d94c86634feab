"""What was recorded since a day is verified as strictly as everything; what was before is taken as verified."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.foundation.clock import now
from backend.ledger.accounts import budget_account, fund_account, person_wallet
from backend.ledger.models import balances, entries, postings
from backend.ledger.verify import verify
from backend.places.offices import the_book
from backend.transparency.evidence import evidence_of
from tests.ledger.history import History
from tests.ledger.test_tamper import edits as ledger_edits
from tests.ledger.test_tamper_business import edits as business_edits
from tests.ledger.test_tamper_corrections import edits as correction_edits
from tests.ledger.vandal import rules_broken, vandalised

EVERYTHING = timedelta(days=2)
ARRIVED_BEFORE = timedelta(hours=1)  # the check-ins of the history happened two hours ago, all the rest just now


@pytest.fixture(scope="module")
def history(app):
    return History.lived_in(app)


@pytest.mark.parametrize("ago", [EVERYTHING, ARRIVED_BEFORE, timedelta(0)], ids=["all", "some", "none"])
def test_a_sound_book_is_silent_from_any_instant_on(history, ago):
    with history.street.inside():
        since = now() - ago
        report = verify(the_book(), evidence_of(history.book), since=since)
        recorded = select(func.count()).select_from(entries).where(entries.c.book_id == history.book)
        counted = the_book().session.scalar(recorded.where(entries.c.recorded_at >= since))

    assert (report.total, report.entries) == (0, counted)


EDITS = {name: edit for table in (ledger_edits, business_edits, correction_edits) for name, (_, edit) in table.items()}


@pytest.mark.parametrize("name", EDITS, ids=lambda name: name.replace("_", " "))
def test_from_before_the_first_entry_on_every_edit_is_found(history, name):
    """If not always under the same rule: a sum that is not added up is a step that does not join."""
    with vandalised(history) as vandal:
        EDITS[name](vandal)

        assert rules_broken(vandal, since=now() - EVERYTHING) - {"trigger_is_there", "trigger_is_ours"}


def test_a_balance_that_was_touched_since_is_compared_with_its_newest_step(history):
    with vandalised(history) as vandal:
        vandal.change(balances, balances.c.account_id == vandal.id(vandal.wang), balance=balances.c.balance + 1)

        assert "balance_is_sum" in rules_broken(vandal, since=now() - ARRIVED_BEFORE)


def test_a_step_that_does_not_go_on_from_the_one_before_is_found(history):
    with vandalised(history) as vandal:
        vandal.change(
            postings,
            postings.c.entry_id == vandal.entry("capture").id,
            source_after=postings.c.source_after + 1,
        )

        assert "steps_join" in rules_broken(vandal, since=now() - ARRIVED_BEFORE)


def test_what_was_before_is_taken_as_verified(history):
    """So it is for every night; the whole book is for the auditor."""
    with vandalised(history) as vandal:
        award = vandal.award_of(person_wallet(str(history.li)))
        vandal.change_posting(award, amount=postings.c.amount + 1)

        assert "steps_join" in rules_broken(vandal)
        assert "steps_join" not in rules_broken(vandal, since=now() - ARRIVED_BEFORE)


def test_accounts_that_were_not_touched_are_not_looked_at(history):
    untouched = fund_account("nobody"), budget_account("nobody")

    with vandalised(history) as vandal:
        vandal.know(*untouched)

        assert "balance_is_sum" not in rules_broken(vandal, since=now())
