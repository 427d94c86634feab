"""Objections (我的积分不对) and what they were answered.

What to expect: two new, empty tables, quick at any size. Downgrading removes every objection and answer; check-ins that
were recorded because of one stay, with their points.

Revision: 20261126_objections, after 20261126_trail
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_objections"
down_revision = "20261126_trail"
branch_labels = None
depends_on = None


def of_an_office() -> list[sa.Column]:
    return [
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id", column], [f"{to}.office_id", f"{to}.id"], name=op.f(f"fk_{table}_office_id_{column}")
    )


def upgrade() -> None:
    op.create_table(
        "objections",
        *of_an_office(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("again_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "subject_type IN ('entry', 'check_in', 'activity', 'redemption', 'other')",
            name=op.f("ck_objections_subject_is_known"),
        ),
        sa.CheckConstraint(
            "(subject_type = 'other') = (subject_id IS NULL)", name=op.f("ck_objections_it_is_about_something")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'rejected', 'withdrawn')", name=op.f("ck_objections_state_is_known")
        ),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_objections_open_or_closed")),
        refers("objections", "person_id", "people"),
        refers("objections", "area_id", "areas"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_office_id_person_id_id"), "objections", ["office_id", "person_id", "id"])
    op.create_index(
        op.f("ix_objections_office_id_state_due_at_id"), "objections", ["office_id", "state", "due_at", "id"]
    )
    op.create_index(
        "uq_objections_once_about_a_thing",
        "objections",
        ["office_id", "person_id", "subject_type", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "objection_answers",
        *of_an_office(),
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correction", sa.String(length=14), nullable=True),
        sa.Column("check_in_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("n IN (1, 2)", name=op.f("ck_objection_answers_answered_twice_at_most")),
        sa.CheckConstraint("decision IN ('upheld', 'rejected')", name=op.f("ck_objection_answers_decision_is_known")),
        sa.CheckConstraint("correction IN ('award_missing')", name=op.f("ck_objection_answers_correction_is_known")),
        sa.CheckConstraint(
            "(correction IS NULL) = (check_in_id IS NULL)", name=op.f("ck_objection_answers_corrected_in_a_check_in")
        ),
        sa.CheckConstraint(
            "correction IS NULL OR decision = 'upheld'",
            name=op.f("ck_objection_answers_only_who_is_right_is_corrected"),
        ),
        refers("objection_answers", "objection_id", "objections"),
        refers("objection_answers", "decider_id", "people"),
        refers("objection_answers", "check_in_id", "check_ins"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_objection_answers")),
        sa.UniqueConstraint(
            "office_id", "objection_id", "n", name=op.f("uq_objection_answers_office_id_objection_id_n")
        ),
    )


def downgrade() -> None:
    op.drop_table("objection_answers")
    op.drop_table("objections")
