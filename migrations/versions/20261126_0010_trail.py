"""The trail: who did what, for whom, by which way and why.

What to expect: one new, empty table with its triggers, quick at any size; what was done before is not in it. On
PostgreSQL run deploy/ledger_grants.sql again after this: the application's role may add to the trail and never change
it. Downgrading removes the trail with everything in it: save it first (`COPY trail TO …`).

Revision: 20261126_trail, after 20261125_safety
"""

import sqlalchemy as sa
from alembic import op

from backend.foundation.trail import PROTECTED

revision = "20261126_trail"
down_revision = "20261125_safety"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trail",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=61), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("acted_as", sa.String(length=80), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=9), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "channel IN ('app', 'desk', 'card', 'household', 'command', 'clock')",
            name=op.f("ck_trail_channel_is_known"),
        ),
        sa.CheckConstraint(
            "(actor_id IS NULL) = (channel IN ('command', 'clock'))", name=op.f("ck_trail_a_person_or_a_machine")
        ),
        sa.CheckConstraint(
            "channel NOT IN ('desk', 'card', 'household') OR beneficiary_id IS NOT NULL",
            name=op.f("ck_trail_assisted_for_somebody"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_trail")),
    )
    for column in ("actor_id", "beneficiary_id", "subject_id", "act"):
        op.create_index(op.f(f"ix_trail_office_id_{column}_id"), "trail", ["office_id", column, "id"])
    for statement in PROTECTED.statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("trail")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION trail_is_append_only()")
