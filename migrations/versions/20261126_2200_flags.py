"""What looks odd is laid before people, and two per cent of redemptions are called back.

Two new, empty tables. From now on a job looks once a day at the last five weeks; what it finds about a shop keeps the
shop's statements from being paid until an officer has decided it. Going back loses flags and outcomes.

Revision: 20261126_flags, after 20261126_volunteering
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_flags"
down_revision = "20261126_volunteering"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flags",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("about_type", sa.String(length=8), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decider_id IS NULL)", name=op.f("ck_flags_decided_by_somebody")),
        sa.CheckConstraint("about_type IN ('activity', 'merchant')", name=op.f("ck_flags_about_something_known")),
        sa.CheckConstraint("state = 'open' OR reason IS NOT NULL", name=op.f("ck_flags_decided_for_a_reason")),
        sa.CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name=op.f("ck_flags_state_is_known")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_flags_office_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"], ["people.office_id", "people.id"], name=op.f("fk_flags_office_id_decider_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_flags")),
        sa.UniqueConstraint("office_id", "kind", "key", name=op.f("uq_flags_office_id_kind_key")),
    )
    op.create_index(
        op.f("ix_flags_office_id_about_type_about_id_state"), "flags", ["office_id", "about_type", "about_id", "state"]
    )
    op.create_index(op.f("ix_flags_office_id_state_id"), "flags", ["office_id", "state", "id"])

    op.create_table(
        "call_backs",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=11), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("caller_id", sa.Uuid(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'denied', 'not_reached')", name=op.f("ck_call_backs_outcome_is_known")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (caller_id IS NULL)", name=op.f("ck_call_backs_asked_by_somebody")),
        sa.CheckConstraint("caller_id <> person_id", name=op.f("ck_call_backs_nobody_asks_themselves")),
        sa.ForeignKeyConstraint(
            ["office_id", "caller_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_call_backs_office_id_caller_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_call_backs_office_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "redemption_id"],
            ["redemptions.office_id", "redemptions.id"],
            name=op.f("fk_call_backs_office_id_redemption_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_call_backs")),
        sa.UniqueConstraint("office_id", "redemption_id", name=op.f("uq_call_backs_office_id_redemption_id")),
    )
    op.create_index(op.f("ix_call_backs_office_id_outcome_id"), "call_backs", ["office_id", "outcome", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_call_backs_office_id_outcome_id"), table_name="call_backs")

    op.drop_table("call_backs")
    op.drop_index(op.f("ix_flags_office_id_state_id"), table_name="flags")
    op.drop_index(op.f("ix_flags_office_id_about_type_about_id_state"), table_name="flags")

    op.drop_table("flags")
