"""Households live: doors are claimed, heads elected, children have guardians, pots are spent.

What to expect: nine new, empty tables, one with triggers (what guardians said is only added to), and one column in
`redemptions`, whose pot pays, empty for all there are (the table is rebuilt on SQLite; on PostgreSQL nothing is
rewritten). On PostgreSQL run deploy/ledger_grants.sql again after this. Points that minors earned before they had a
household go to its pot within minutes, by the worker's job `fill-pots`. Going back removes the record of consents with
everything in it, and is refused by the database once a pot has paid for something: save both first.

Revision: 20261126_households, after 20261126_privacy
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.households.guardian_models import PROTECTED

revision = "20261126_households"
down_revision = "20261126_privacy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_claims()
    _create_guardian_consents()
    _create_elections()
    _create_choices_and_requests()
    _create_merges()
    _create_pot_transfers()
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.add_column(sa.Column("household_id", sa.Uuid(), nullable=True))
        redemptions.create_foreign_key(
            op.f("fk_redemptions_office_id_household_id"),
            "households",
            ["office_id", "household_id"],
            ["office_id", "id"],
        )


def downgrade() -> None:
    paid_by_pots = op.get_bind().execute(sa.text("SELECT count(*) FROM redemptions WHERE household_id IS NOT NULL"))
    if paid_by_pots.scalar():
        raise RuntimeError("pots have paid for redemptions; without this column the ledger could not be verified")
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.drop_constraint(op.f("fk_redemptions_office_id_household_id"), type_="foreignkey")
        redemptions.drop_column("household_id")
    for table in (
        *("pot_transfers", "household_merges", "spending_requests", "household_choices"),
        *("head_electors", "head_elections", "guardian_consents", "household_claims"),
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION guardian_consents_is_append_only()")


def _create_claims() -> None:
    op.create_table(
        "household_claims",
        *_key("household_claims"),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_by_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("door_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("age_class", sa.String(length=8), nullable=True),
        sa.Column("relation", sa.String(length=12), nullable=True),
        sa.Column("guardian_id", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.String(length=20), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_as", sa.String(length=8), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        *_within(
            "household_claims",
            person_id="people",
            claimed_by_id="people",
            area_id="areas",
            household_id="households",
            guardian_id="people",
            decider_id="people",
        ),
        *_checks(
            "household_claims",
            state_is_known="state IN ('waiting', 'confirmed', 'declined', 'withdrawn')",
            decided_at_some_time="(state = 'waiting') = (decided_at IS NULL)",
            decided_by_somebody="(decided_at IS NULL) = (decider_id IS NULL)",
            decided_as_is_known="decided_as IN ('worker', 'head', 'claimant')",
            decided_as_something="(decider_id IS NULL) = (decided_as IS NULL)",
            declined_for_a_reason="state <> 'declined' OR reason_sealed IS NOT NULL",
            confirmed_of_somebody_somewhere=(
                "state <> 'confirmed' OR (person_id IS NOT NULL AND household_id IS NOT NULL)"
            ),
            a_name_is_found="(name_sealed IS NULL) = (name_index IS NULL)",
            of_a_person_or_a_name="state <> 'waiting' OR (person_id IS NULL) = (name_sealed IS NOT NULL)",
            a_decided_claim_keeps_no_name="state = 'waiting' OR name_sealed IS NULL",
            age_class_is_known="age_class IN ('adult', '14-17', 'under_14')",
            relation_is_known="relation IN ('child', 'grandchild', 'parent', 'grandparent', 'sibling', 'other')",
            a_guardian_consents_to_something=(
                "(guardian_id IS NULL) = (policy_version IS NULL) AND (guardian_id IS NULL) = (consented_at IS NULL)"
            ),
        ),
    )
    for columns in (["state", "area_id"], ["household_id"], ["claimed_by_id"]):
        _list("household_claims", *columns)
    _one_each(
        "uq_household_claims_one_open",
        "household_claims",
        "person_id",
        where="state = 'waiting' AND person_id IS NOT NULL",
    )
    _one_each(
        "uq_household_claims_one_of_a_name", "household_claims", "household_id", "name_index", where="state = 'waiting'"
    )


def _create_guardian_consents() -> None:
    op.create_table(
        "guardian_consents",
        *_key("guardian_consents"),
        sa.Column("guardian_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.String(length=9), nullable=False),
        sa.Column("policy_version", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=4), nullable=False),
        sa.Column("recorder_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        *_within("guardian_consents", guardian_id="people", child_id="people", recorder_id="people"),
        *_checks(
            "guardian_consents",
            said_is_known="said IN ('given', 'withdrawn')",
            channel_is_known="channel IN ('app', 'desk')",
            nobody_guards_themselves="guardian_id <> child_id",
        ),
    )
    _list("guardian_consents", "child_id", "id")
    _list("guardian_consents", "guardian_id")
    for statement in PROTECTED.statements(op.get_bind().dialect.name):
        op.execute(statement)


def _create_elections() -> None:
    op.create_table(
        "head_elections",
        *_key("head_elections"),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("nominee_id", sa.Uuid(), nullable=False),
        sa.Column("nominator_id", sa.Uuid(), nullable=False),
        sa.Column("electors", sa.SmallInteger(), nullable=False),
        sa.Column("yes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("no", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_within(
            "head_elections", household_id="households", nominee_id="people", nominator_id="people", decider_id="people"
        ),
        *_checks(
            "head_elections",
            state_is_known="state IN ('open', 'elected', 'failed', 'lapsed', 'withdrawn', 'confirmed', 'declined')",
            somebody_elects="electors BETWEEN 1 AND 12",
            nobody_votes_twice="yes >= 0 AND no >= 0 AND yes + no <= electors",
            a_majority_of_all_elects="state NOT IN ('elected', 'confirmed', 'declined') OR yes * 2 > electors",
            decided_by_somebody="(state IN ('confirmed', 'declined')) = (decider_id IS NOT NULL)",
            nobody_confirms_themselves="decider_id <> nominee_id",
        ),
    )
    _list("head_elections", "household_id")
    _list("head_elections", "state")
    _one_each("uq_head_elections_one_open", "head_elections", "household_id", where="state IN ('open', 'elected')")
    op.create_table(
        "head_electors",
        *_key("head_electors"),
        sa.Column("election_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("vote", sa.String(length=3), nullable=True),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=True),
        *_within("head_electors", election_id="head_elections", person_id="people"),
        *_checks(
            "head_electors",
            vote_is_known="vote IN ('yes', 'no')",
            voted_at_some_time="(vote IS NULL) = (voted_at IS NULL)",
        ),
        sa.UniqueConstraint(
            "office_id", "election_id", "person_id", name=op.f("uq_head_electors_office_id_election_id_person_id")
        ),
    )
    _list("head_electors", "person_id")


def _create_choices_and_requests() -> None:
    op.create_table(
        "household_choices",
        *_key("household_choices"),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("spend_limit_points", sa.Integer(), nullable=False),
        sa.Column("awards_to_pot", sa.Boolean(), nullable=False),
        sa.Column("chosen_by_id", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        *_within("household_choices", household_id="households", chosen_by_id="people"),
        *_checks("household_choices", limit_is_sane="spend_limit_points BETWEEN 0 AND 1000000"),
        sa.UniqueConstraint("office_id", "household_id", name=op.f("uq_household_choices_office_id_household_id")),
    )
    op.create_table(
        "spending_requests",
        *_key("spending_requests"),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=True),
        *_within("spending_requests", household_id="households", person_id="people", decider_id="people"),
        *_checks(
            "spending_requests",
            state_is_known="state IN ('asked', 'approved', 'declined', 'withdrawn', 'used')",
            points_are_spent="points > 0",
            decided_by_the_head="(state IN ('asked', 'withdrawn')) = (decider_id IS NULL)",
            decided_at_some_time="(decider_id IS NULL) = (decided_at IS NULL)",
        ),
    )
    _list("spending_requests", "household_id", "state")
    _one_each(
        "uq_spending_requests_one_unused",
        "spending_requests",
        *("household_id", "person_id", "subject_id"),
        where="state IN ('asked', 'approved')",
    )


def _create_merges() -> None:
    op.create_table(
        "household_merges",
        *_key("household_merges"),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_by_id", sa.Uuid(), nullable=True),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_within(
            "household_merges",
            household_id="households",
            into_id="households",
            requester_id="people",
            agreed_by_id="people",
            decider_id="people",
        ),
        *_checks(
            "household_merges",
            state_is_known="state IN ('asked', 'agreed', 'confirmed', 'declined', 'withdrawn')",
            of_two_households="household_id <> into_id",
            two_heads="agreed_by_id <> requester_id",
            both_want_it="state NOT IN ('agreed', 'confirmed') OR agreed_by_id IS NOT NULL",
            not_by_those_concerned="decider_id <> requester_id AND decider_id <> agreed_by_id",
            a_worker_confirms="state <> 'confirmed' OR decider_id IS NOT NULL",
        ),
    )
    _list("household_merges", "into_id")
    _list("household_merges", "state")
    _one_each("uq_household_merges_one_open", "household_merges", "household_id", where="state IN ('asked', 'agreed')")


def _create_pot_transfers() -> None:
    op.create_table(
        "pot_transfers",
        *_key("pot_transfers"),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        *_within("pot_transfers", person_id="people", household_id="households", into_id="households"),
        *_checks(
            "pot_transfers",
            cause_is_known="cause IN ('minor', 'merge')",
            a_minor_is_somebody="(cause = 'minor') = (person_id IS NOT NULL)",
            a_pot_is_some_households="(cause = 'merge') = (household_id IS NOT NULL)",
            goes_somewhere="household_id <> into_id",
            points_move="points > 0",
        ),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_pot_transfers_office_id_entry_id")),
    )
    _list("pot_transfers", "into_id")


def _key(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f(f"pk_{table}")),
    )


def _within(table: str, **others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["office_id", column], [f"{other}.office_id", f"{other}.id"], name=op.f(f"fk_{table}_office_id_{column}")
        )
        for column, other in others.items()
    ]


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def _list(table: str, *columns: str) -> None:
    op.create_index(op.f("_".join([f"ix_{table}_office_id", *columns])), table, ["office_id", *columns])


def _one_each(name: str, table: str, *columns: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, ["office_id", *columns], unique=True, sqlite_where=condition, postgresql_where=condition
    )
