"""Phone numbers, who confirmed whom, and accounts that turn out to be one person.

What to expect: a new table `wechat_accounts` with one row for everybody who ever logged in with WeChat, copied from
`people.openid_index`, which goes away. The openid itself was never stored, so it stays empty until their next login;
until then messages cannot reach them through WeChat. Four new empty tables: `phones`, `verifications`,
`person_merges`, `carry_overs`; and `people.merged_into_id` and `people.took_over_at`, empty. Whoever was verified
stays so, with or without a number. On SQLite the table `people` is rebuilt (seconds at any size we serve); on PostgreSQL only the copy takes
time, about a second for 100,000 people. Downgrading forgets numbers and merges while the ledger keeps its transfers,
so `flask ledger verify` would name each of them (check 9), and keeps of each person the account that logged in first;
whoever has two logs in as somebody new with the other: restore instead.

Revision: 20261125_verification, after 20261125_sessions
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261125_verification"
down_revision = "20261125_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_accounts",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("openid_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_wechat_accounts_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_wechat_accounts")),
        sa.UniqueConstraint("office_id", "openid_index", name=op.f("uq_wechat_accounts_office_id_openid_index")),
    )
    op.create_index(op.f("ix_wechat_accounts_office_id_person_id"), "wechat_accounts", ["office_id", "person_id"])
    # The account takes the id of its person: ids are unique within a table only, and nothing sealed is bound to it yet.
    op.execute(
        """
        INSERT INTO wechat_accounts (office_id, id, openid_index, person_id, joined_at, last_seen_at)
        SELECT office_id, id, openid_index, id, joined_at, joined_at FROM people WHERE openid_index IS NOT NULL
        """
    )
    with op.batch_alter_table("people") as people:
        people.drop_constraint(op.f("uq_people_office_id_openid_index"), type_="unique")
        people.drop_column("openid_index")
        people.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        people.add_column(sa.Column("took_over_at", sa.DateTime(timezone=True), nullable=True))
        people.create_foreign_key(
            op.f("fk_people_office_id_merged_into_id"), "people", ["office_id", "merged_into_id"], ["office_id", "id"]
        )
        people.create_check_constraint(op.f("ck_people_nobody_merges_into_themselves"), "merged_into_id <> id")
        people.create_check_constraint(
            op.f("ck_people_who_is_merged_lives_elsewhere"), "merged_into_id IS NULL OR household_id IS NULL"
        )
    op.create_index(op.f("ix_people_office_id_merged_into_id"), "people", ["office_id", "merged_into_id"])
    _create_phones()
    _create_verifications()
    _create_person_merges()
    _create_carry_overs()


def downgrade() -> None:
    for table in ("carry_overs", "person_merges", "verifications", "phones"):
        op.drop_table(table)
    op.drop_index(op.f("ix_people_office_id_merged_into_id"), table_name="people")
    with op.batch_alter_table("people") as people:
        people.drop_constraint(op.f("ck_people_who_is_merged_lives_elsewhere"), type_="check")
        people.drop_constraint(op.f("ck_people_nobody_merges_into_themselves"), type_="check")
        people.drop_constraint(op.f("fk_people_office_id_merged_into_id"), type_="foreignkey")
        people.drop_column("took_over_at")
        people.drop_column("merged_into_id")
        people.add_column(sa.Column("openid_index", sa.LargeBinary(length=32), nullable=True))
        people.create_unique_constraint(op.f("uq_people_office_id_openid_index"), ["office_id", "openid_index"])
    op.execute(
        """
        UPDATE people SET openid_index = (
            SELECT account.openid_index FROM wechat_accounts AS account
            WHERE account.office_id = people.office_id AND account.person_id = people.id
            ORDER BY account.joined_at, account.id LIMIT 1
        )
        """
    )
    op.drop_index(op.f("ix_wechat_accounts_office_id_person_id"), table_name="wechat_accounts")
    op.drop_table("wechat_accounts")


def _create_phones() -> None:
    op.create_table(
        "phones",
        *_key("phones"),
        sa.Column("number_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        _within("phones", "person_id", "people"),
        sa.UniqueConstraint("office_id", "number_index", name=op.f("uq_phones_office_id_number_index")),
    )
    op.create_index(op.f("ix_phones_office_id_person_id"), "phones", ["office_id", "person_id"])


def _create_verifications() -> None:
    op.create_table(
        "verifications",
        *_key("verifications"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("household_role", sa.String(length=8), nullable=False),
        sa.Column("age_class", sa.String(length=8), nullable=False),
        sa.Column("verifier_id", sa.Uuid(), nullable=False),
        sa.Column("verified_as", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        _within("verifications", "person_id", "people"),
        _within("verifications", "verifier_id", "people"),
        _within("verifications", "household_id", "households"),
        *_checks(
            "verifications",
            nobody_verifies_themselves="verifier_id <> person_id",
            verified_as_is_known="verified_as IN ('worker', 'head')",
        ),
    )
    op.create_index(op.f("ix_verifications_office_id_person_id"), "verifications", ["office_id", "person_id"])


def _create_person_merges() -> None:
    people = ("person_id", "other_id", "opener_id", "decider_id", "kept_id", "merged_id")
    op.create_table(
        "person_merges",
        *_key("person_merges"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("pair", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("opener_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=200), nullable=True),
        sa.Column("kept_id", sa.Uuid(), nullable=True),
        sa.Column("merged_id", sa.Uuid(), nullable=True),
        *(_within("person_merges", column, "people") for column in people),
        *_checks(
            "person_merges",
            of_two_accounts="person_id <> other_id",
            state_is_known="state IN ('waiting', 'merged', 'separate')",
            decided_by_somebody="(state = 'waiting') = (decider_id IS NULL)",
            decided_at_some_time="(decider_id IS NULL) = (decided_at IS NULL)",
            merged_into_somebody="(state = 'merged') = (kept_id IS NOT NULL)",
            nobody_vanishes="merged_id IS NULL OR kept_id IS NOT NULL",
            nobody_merges_into_themselves="merged_id <> kept_id",
            two_persons="decider_id <> opener_id",
            not_by_those_concerned="decider_id <> person_id AND decider_id <> other_id",
            a_worker_says_why="opener_id = person_id OR reason IS NOT NULL",
        ),
        sa.UniqueConstraint("office_id", "merged_id", name=op.f("uq_person_merges_office_id_merged_id")),
    )
    op.create_index(
        "uq_person_merges_one_open",
        "person_merges",
        ["office_id", "pair"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    for column in ("state", "person_id", "other_id"):
        op.create_index(op.f(f"ix_person_merges_office_id_{column}"), "person_merges", ["office_id", column])


def _create_carry_overs() -> None:
    op.create_table(
        "carry_overs",
        *_key("carry_overs"),
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("carried_at", sa.DateTime(timezone=True), nullable=False),
        _within("carry_overs", "merge_id", "person_merges"),
        _within("carry_overs", "source_id", "people"),
        _within("carry_overs", "destination_id", "people"),
        *_checks(
            "carry_overs",
            unit_is_known="unit IN ('points', 'minutes')",
            something_moves="amount > 0",
            goes_somewhere="source_id <> destination_id",
        ),
        sa.UniqueConstraint("office_id", "merge_id", "n", name=op.f("uq_carry_overs_office_id_merge_id_n")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_carry_overs_office_id_entry_id")),
    )


def _key(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f(f"pk_{table}")),
    )


def _within(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id", column], [f"{other}.office_id", f"{other}.id"], name=op.f(f"fk_{table}_office_id_{column}")
    )


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]
