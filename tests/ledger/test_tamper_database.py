"""Triggers and constraints are taken away, and times are moved.

Every edit happens in a transaction that is rolled back after verify has looked, so all of them share one history.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import backend.ledger
from backend.foundation.clock import now
from backend.ledger.models import balances, entries
from tests.ledger.history import History
from tests.ledger.test_tamper import edits as ledger_edits
from tests.ledger.test_tamper_business import edits as business_edits
from tests.ledger.test_tamper_corrections import edits as correction_edits
from tests.ledger.vandal import Edits, rules_broken, switch_triggers, vandalised

edits = Edits()
found_as = edits.found_as


@pytest.fixture(scope="module")
def history(app):
    return History.lived_in(app)


@found_as("recorded_when_born")
def a_record_is_dated_back(vandal):
    vandal.change(entries, entries.c.kind == "award", recorded_at=now() - timedelta(days=30))


@found_as("happened_before_recorded")
def something_is_said_to_happen_next_week(vandal):
    vandal.change(entries, entries.c.kind == "award", occurred_at=now() + timedelta(days=7))


@found_as("no_other_trigger")
def a_trigger_of_somebody_elses_changes_what_is_inserted(vandal):
    if vandal.is_sqlite:
        what = "BEGIN SELECT RAISE(IGNORE); END"
        vandal.sql.execute(text(f"CREATE TRIGGER quietly BEFORE INSERT ON ledger_postings {what}"))
    else:
        vandal.sql.execute(text("CREATE RULE quietly AS ON INSERT TO ledger_postings DO INSTEAD NOTHING"))


@found_as("trigger_is_there")
def a_trigger_is_dropped(vandal):
    switch_triggers(vandal.sql, on=True)
    name = "ledger_entries_no_update" if vandal.is_sqlite else "ledger_entries_append_only ON ledger_entries"
    vandal.sql.execute(text(f"DROP TRIGGER {name}"))


@found_as("trigger_is_ours")
def a_trigger_is_replaced_by_one_that_lets_everything_pass(vandal):
    switch_triggers(vandal.sql, on=True)
    if vandal.is_sqlite:
        vandal.sql.execute(text("DROP TRIGGER ledger_entries_no_update"))
        harmless = "CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries BEGIN SELECT 1; END"
    else:
        harmless = (
            "CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        )
    vandal.sql.execute(text(harmless))


@found_as("trigger_is_ours")
def a_trigger_is_switched_off(vandal):
    switch_triggers(vandal.sql, on=True)
    if vandal.is_sqlite:
        vandal.sql.execute(text("DROP TRIGGER ledger_lots_no_delete"))
        off = "CREATE TRIGGER ledger_lots_no_delete BEFORE DELETE ON ledger_lots WHEN 0 BEGIN SELECT 1; END"
    else:
        off = "ALTER TABLE ledger_lots DISABLE TRIGGER ledger_lots_append_only"
    vandal.sql.execute(text(off))


@found_as("constraint_is_there")
def a_constraint_is_dropped(vandal):
    name = "ck_ledger_balances_never_below_zero"
    if vandal.is_sqlite:
        sql = vandal.sql.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'ledger_balances'"))
        start = sql.index(f"CONSTRAINT {name}")
        without = (
            sql[:start] + "CONSTRAINT ck_ledger_balances_harmless CHECK (1 = 1)" + sql[sql.index(")", start) + 1 :]
        )
        vandal.sql.execute(text("ALTER TABLE ledger_balances RENAME TO old_balances"))
        vandal.sql.execute(text(without))
        vandal.sql.execute(text("INSERT INTO ledger_balances SELECT * FROM old_balances"))
    else:
        vandal.sql.execute(text(f"ALTER TABLE ledger_balances DROP CONSTRAINT {name}"))


@pytest.mark.parametrize(("rule", "edit"), edits.rows())
def test_whatever_protected_the_past_is_missed(history, rule, edit):
    with vandalised(history) as vandal:
        edit(vandal)

        assert rule in rules_broken(vandal)


def test_a_role_that_serves_people_and_may_edit_the_past_is_found(history):
    with vandalised(history) as vandal:
        if vandal.is_sqlite:
            pytest.skip("SQLite knows no roles")
        vandal.sql.execute(text("CREATE ROLE serving"))
        vandal.sql.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO serving"))
        vandal.sql.execute(text("GRANT UPDATE ON ledger_entries TO serving"))
        vandal.sql.execute(text("SET LOCAL ROLE serving"))

        assert "role_cannot_edit" in rules_broken(vandal)


def test_figures_that_cannot_be_read_are_a_finding_and_the_other_checks_go_on(history):
    with vandalised(history) as vandal:
        if not vandal.is_sqlite:
            pytest.skip("PostgreSQL keeps types")
        vandal.sql.execute(
            text("UPDATE ledger_entries SET recorded_at = 'yesterday' WHERE book_id = :book"), {"book": vandal.book}
        )
        vandal.change(balances, balances.c.account_id == vandal.id(vandal.wang), balance=balances.c.balance + 1)

        assert {"data_can_be_read", "balance_is_sum"} <= rules_broken(vandal)


def test_every_rule_of_verify_has_an_edit_that_breaks_it():
    """A rule that nothing can break would be a rule that cannot fail."""
    ledger = Path(backend.ledger.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in ledger.glob("verify*.py"))
    rules = set(re.findall(r'(?:found\(\s*|yield )\w+,\s*"(\w+)"', source)) - {"data_can_be_read", "role_cannot_edit"}
    rules |= set(re.findall(r'^ +"(\w+_(?:is|has|names|begins|expires)\w*)": ', source, flags=re.MULTILINE))
    broken = {rule for table in (edits, ledger_edits, business_edits, correction_edits) for rule, _ in table.values()}

    assert rules - broken == set()
    assert len(rules) > 50
