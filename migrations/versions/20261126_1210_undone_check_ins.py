"""A check-in can be undone, and what it earned is taken back, also when an objection is answered.

A new table, `check_in_undoings`, which names the entries of both, and `check_ins.times_undone`, 0 for all there are. On
SQLite `check_ins` is rebuilt for its CHECKs: some seconds for 200,000 rows. Going back is refused by nothing, but
`flask ledger verify` of the older program then reports the reversals, which it does not know.

Revision: 20261126_undoings, after 20261126_partings
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_undoings"
down_revision = "20261126_partings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_in_undoings",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("charged_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("points_taken", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("reversal_id", sa.Uuid(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("serve_id", sa.Uuid(), nullable=True),
        sa.Column("minutes_reversal_id", sa.Uuid(), nullable=True),
        sa.Column("undone_by_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(award_id IS NULL) = (points = 0)", name=op.f("ck_check_in_undoings_points_were_awarded")),
        sa.CheckConstraint(
            "(award_id IS NULL) = (reversal_id IS NULL)", name=op.f("ck_check_in_undoings_an_award_is_reversed")
        ),
        sa.CheckConstraint(
            "(serve_id IS NULL) = (minutes_reversal_id IS NULL)", name=op.f("ck_check_in_undoings_minutes_are_reversed")
        ),
        sa.CheckConstraint(
            "points_taken BETWEEN 0 AND points", name=op.f("ck_check_in_undoings_no_more_than_was_given")
        ),
        sa.CheckConstraint("undone_by_id <> charged_id", name=op.f("ck_check_in_undoings_nobody_undoes_their_own")),
        sa.ForeignKeyConstraint(
            ["office_id", "charged_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_check_in_undoings_office_id_charged_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "check_in_id"],
            ["check_ins.office_id", "check_ins.id"],
            name=op.f("fk_check_in_undoings_office_id_check_in_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "household_id"],
            ["households.office_id", "households.id"],
            name=op.f("fk_check_in_undoings_office_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "undone_by_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_check_in_undoings_office_id_undone_by_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_check_in_undoings")),
        sa.UniqueConstraint("office_id", "award_id", name=op.f("uq_check_in_undoings_office_id_award_id")),
        sa.UniqueConstraint("office_id", "check_in_id", "n", name=op.f("uq_check_in_undoings_office_id_check_in_id_n")),
        sa.UniqueConstraint(
            "office_id", "minutes_reversal_id", name=op.f("uq_check_in_undoings_office_id_minutes_reversal_id")
        ),
        sa.UniqueConstraint("office_id", "reversal_id", name=op.f("uq_check_in_undoings_office_id_reversal_id")),
        sa.UniqueConstraint("office_id", "serve_id", name=op.f("uq_check_in_undoings_office_id_serve_id")),
    )
    with op.batch_alter_table("check_ins") as check_ins:
        check_ins.add_column(sa.Column("times_undone", sa.Integer(), server_default=sa.text("0"), nullable=False))
        check_ins.create_check_constraint(op.f("ck_check_ins_undone_so_often"), "times_undone >= 0")
        check_ins.create_check_constraint(
            op.f("ck_check_ins_undone_is_unpaid"), "state <> 'undone' OR (award_id IS NULL AND serve_id IS NULL)"
        )
    _let_objections_correct("correction IN ('award_missing', 'award_too_high')")


def downgrade() -> None:
    _let_objections_correct("correction IN ('award_missing')")
    with op.batch_alter_table("check_ins") as check_ins:
        check_ins.drop_constraint(op.f("ck_check_ins_undone_is_unpaid"), type_="check")
        check_ins.drop_constraint(op.f("ck_check_ins_undone_so_often"), type_="check")
        check_ins.drop_column("times_undone")
    op.drop_table("check_in_undoings")


def _let_objections_correct(rule: str) -> None:
    with op.batch_alter_table("objection_answers") as answers:
        answers.drop_constraint(op.f("ck_objection_answers_correction_is_known"), type_="check")
        answers.create_check_constraint(op.f("ck_objection_answers_correction_is_known"), rule)
