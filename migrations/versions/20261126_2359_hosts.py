"""Several groups hold an activity together, with shares of its budget.

One new, empty table. Nothing is moved and nothing waits. Going back, only the first group is known.

Revision: 20261126_hosts, after 20261126_confirming
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_hosts"
down_revision = "20261126_confirming"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_hosts",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("share_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint("share_percent BETWEEN 1 AND 99", name=op.f("ck_activity_hosts_a_share_of_it")),
        sa.ForeignKeyConstraint(
            ["office_id", "activity_id"],
            ["activities.office_id", "activities.id"],
            name=op.f("fk_activity_hosts_office_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"],
            ["groups.office_id", "groups.id"],
            name=op.f("fk_activity_hosts_office_id_group_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_activity_hosts")),
        sa.UniqueConstraint(
            "office_id", "activity_id", "group_id", name=op.f("uq_activity_hosts_office_id_activity_id_group_id")
        ),
    )
    op.create_index(op.f("ix_activity_hosts_office_id_group_id"), "activity_hosts", ["office_id", "group_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_activity_hosts_office_id_group_id"), table_name="activity_hosts")

    op.drop_table("activity_hosts")
