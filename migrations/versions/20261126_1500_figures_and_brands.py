"""Figures of a month are taken down when it is over; a filed group can be a brand; a group's history is append-only.

One new, empty table, `figure_snapshots`, with its triggers, and `groups.is_brand`, false for all. From the first of
the next month on the worker keeps the figures of the month before: some seconds for 78,000 residents, about a megabyte.
`group_changes` gets the triggers its rows were promised.

Revision: 20261126_figures, after 20261126_group_points
"""

import sqlalchemy as sa
from alembic import op

from backend.groups.life_models import PROTECTED as HISTORY
from backend.transparency.figure_models import PROTECTED as FIGURES

revision = "20261126_figures"
down_revision = "20261126_group_points"
branch_labels = None
depends_on = None

WHAT = "what IN ('stage', 'category', 'level', 'name', 'leader'{more})"


def upgrade() -> None:
    op.create_table(
        "figure_snapshots",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("figure", sa.String(length=20), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("query_version", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("ids_packed", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_figure_snapshots_counts_something")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"],
            ["areas.office_id", "areas.id"],
            name=op.f("fk_figure_snapshots_office_id_area_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_figure_snapshots")),
        sa.UniqueConstraint(
            "office_id",
            "month",
            "figure",
            "area_id",
            "query_version",
            name=op.f("uq_figure_snapshots_office_id_month_figure_area_id_query_version"),
        ),
    )
    with op.batch_alter_table("groups") as groups:
        groups.add_column(sa.Column("is_brand", sa.Boolean(), server_default=sa.false(), nullable=False))
    _let_history_say(WHAT.format(more=", 'brand'"))
    for protected in (FIGURES, HISTORY):
        for statement in protected.statements(op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    for table in ("figure_snapshots", "group_changes"):
        if op.get_bind().dialect.name == "sqlite":
            for ending in ("no_update", "no_delete", "no_replace"):
                op.execute(f"DROP TRIGGER {table}_{ending}")
        else:
            for ending in ("append_only", "no_truncate"):
                op.execute(f"DROP TRIGGER {table}_{ending} ON {table}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION figures_are_append_only()")
        op.execute("DROP FUNCTION group_history_is_append_only()")
    op.execute("DELETE FROM group_changes WHERE what = 'brand'")
    _let_history_say(WHAT.format(more=""))
    with op.batch_alter_table("groups") as groups:
        groups.drop_column("is_brand")
    op.drop_table("figure_snapshots")


def _let_history_say(rule: str) -> None:
    with op.batch_alter_table("group_changes") as changes:
        changes.drop_constraint(op.f("ck_group_changes_what_is_known"), type_="check")
        changes.create_check_constraint(op.f("ck_group_changes_what_is_known"), rule)
