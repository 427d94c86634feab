"""Whoever died or left for good is recorded, and to whom their points went.

Two new tables, `partings` and `bequests`, and one column, `people.parted_at`, empty for everybody who is here. Nothing
is moved. On SQLite `people` and `devices` are rebuilt for a CHECK each, which takes seconds for 78,000 people. Going
back is refused by the database while somebody is recorded as gone: their devices have ended for a reason it does not
know then.

Revision: 20261126_partings, after 20261126_desk
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_partings"
down_revision = "20261126_desk"
branch_labels = None
depends_on = None

REASONS = "end_reason IN ('logged_out', 'removed', 'everywhere', 'reused', 'blocked', 'merged'{more})"


def upgrade() -> None:
    op.create_table(
        "partings",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("recorder_id", sa.Uuid(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("parted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(cause = 'death') = (died_on IS NOT NULL)", name=op.f("ck_partings_a_death_has_a_day")),
        sa.CheckConstraint(
            "cause <> 'death' OR recorder_id <> person_id", name=op.f("ck_partings_nobody_records_their_own_death")
        ),
        sa.CheckConstraint(
            "cause <> 'death' OR recorder_id IS NOT NULL", name=op.f("ck_partings_a_worker_records_a_death")
        ),
        sa.CheckConstraint(
            "cause = 'death' OR household_id IS NULL", name=op.f("ck_partings_only_the_dead_leave_to_their_household")
        ),
        sa.CheckConstraint("cause IN ('death', 'erasure')", name=op.f("ck_partings_cause_is_known")),
        sa.ForeignKeyConstraint(
            ["office_id", "household_id"],
            ["households.office_id", "households.id"],
            name=op.f("fk_partings_office_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"], ["people.office_id", "people.id"], name=op.f("fk_partings_office_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "recorder_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_partings_office_id_recorder_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_partings")),
        sa.UniqueConstraint("office_id", "person_id", name=op.f("uq_partings_office_id_person_id")),
    )
    op.create_table(
        "bequests",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parting_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_bequests_something_moves")),
        sa.ForeignKeyConstraint(
            ["office_id", "household_id"],
            ["households.office_id", "households.id"],
            name=op.f("fk_bequests_office_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "parting_id"],
            ["partings.office_id", "partings.id"],
            name=op.f("fk_bequests_office_id_parting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "source_id"], ["people.office_id", "people.id"], name=op.f("fk_bequests_office_id_source_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_bequests")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_bequests_office_id_entry_id")),
        sa.UniqueConstraint("office_id", "parting_id", "n", name=op.f("uq_bequests_office_id_parting_id_n")),
    )
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("parted_at", sa.DateTime(timezone=True), nullable=True))
        people.create_check_constraint(
            op.f("ck_people_who_is_gone_lives_nowhere"), "parted_at IS NULL OR household_id IS NULL"
        )
    _let_devices_end_because(REASONS.format(more=", 'gone'"))


def downgrade() -> None:
    _let_devices_end_because(REASONS.format(more=""))
    with op.batch_alter_table("people") as people:
        people.drop_constraint(op.f("ck_people_who_is_gone_lives_nowhere"), type_="check")
        people.drop_column("parted_at")
    op.drop_table("bequests")
    op.drop_table("partings")


def _let_devices_end_because(rule: str) -> None:
    with op.batch_alter_table("devices") as devices:
        devices.drop_constraint(op.f("ck_devices_end_reason_is_known"), type_="check")
        devices.create_check_constraint(op.f("ck_devices_end_reason_is_known"), rule)
