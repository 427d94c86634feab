"""An office may cap what activities give a person, and pay for reported hours, by versions two officers agreed to.

One new, empty table, two columns for check-ins and four for reports of hours; SQLite rebuilds those tables (a minute
with 200,000 check-ins). Nothing is moved: without an approved version there are no caps. Going back, what was cut is
no longer known; what was paid for reported hours stays in the ledger, and verify would then report it.

Revision: 20261126_point_rules, after 20261126_shops
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_point_rules"
down_revision = "20261126_shops"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "point_rules",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("a_day", sa.Integer(), nullable=True),
        sa.Column("a_week", sa.Integer(), nullable=True),
        sa.Column("an_activity", sa.Integer(), nullable=True),
        sa.Column("log_points_per_hour", sa.Integer(), nullable=False),
        sa.Column("log_fund_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (decider_id IS NULL)", name=op.f("ck_point_rules_decided_by_somebody")
        ),
        sa.CheckConstraint("state IN ('proposed', 'approved', 'declined')", name=op.f("ck_point_rules_state_is_known")),
        sa.CheckConstraint("a_day >= 1", name=op.f("ck_point_rules_a_day_allows_something")),
        sa.CheckConstraint("a_week >= 1", name=op.f("ck_point_rules_a_week_allows_something")),
        sa.CheckConstraint("an_activity >= 1", name=op.f("ck_point_rules_an_activity_allows_something")),
        sa.CheckConstraint("decider_id <> proposer_id", name=op.f("ck_point_rules_two_persons")),
        sa.CheckConstraint(
            "log_points_per_hour = 0 OR log_fund_id IS NOT NULL", name=op.f("ck_point_rules_somebody_pays_for_hours")
        ),
        sa.CheckConstraint(
            "log_points_per_hour BETWEEN 0 AND 1000", name=op.f("ck_point_rules_hours_earn_something_sane")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_point_rules_versions_are_counted")),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_point_rules_office_id_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "log_fund_id"],
            ["funds.office_id", "funds.id"],
            name=op.f("fk_point_rules_office_id_log_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "proposer_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_point_rules_office_id_proposer_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_point_rules")),
        sa.UniqueConstraint("office_id", "version", name=op.f("uq_point_rules_office_id_version")),
    )
    with op.batch_alter_table("check_ins") as check_ins:
        check_ins.add_column(sa.Column("cut_points", sa.Integer(), server_default=sa.text("0"), nullable=False))
        check_ins.add_column(sa.Column("rule_version", sa.Integer(), nullable=True))
        check_ins.create_check_constraint(op.f("ck_check_ins_caps_only_cut"), "cut_points >= 0")

    with op.batch_alter_table("volunteer_logs") as volunteer_logs:
        volunteer_logs.add_column(sa.Column("points", sa.Integer(), server_default=sa.text("0"), nullable=False))
        volunteer_logs.add_column(sa.Column("rule_version", sa.Integer(), nullable=True))
        volunteer_logs.add_column(sa.Column("fund_id", sa.Uuid(), nullable=True))
        volunteer_logs.add_column(sa.Column("award_id", sa.Uuid(), nullable=True))
        volunteer_logs.create_check_constraint(
            op.f("ck_volunteer_logs_points_are_posted"), "(points > 0) = (award_id IS NOT NULL)"
        )
        volunteer_logs.create_unique_constraint(op.f("uq_volunteer_logs_office_id_award_id"), ["office_id", "award_id"])
        volunteer_logs.create_foreign_key(
            op.f("fk_volunteer_logs_office_id_fund_id"), "funds", ["office_id", "fund_id"], ["office_id", "id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("volunteer_logs") as volunteer_logs:
        volunteer_logs.drop_constraint(op.f("ck_volunteer_logs_points_are_posted"), type_="check")
        volunteer_logs.drop_constraint(op.f("fk_volunteer_logs_office_id_fund_id"), type_="foreignkey")
        volunteer_logs.drop_constraint(op.f("uq_volunteer_logs_office_id_award_id"), type_="unique")
        volunteer_logs.drop_column("award_id")
        volunteer_logs.drop_column("fund_id")
        volunteer_logs.drop_column("rule_version")
        volunteer_logs.drop_column("points")

    with op.batch_alter_table("check_ins") as check_ins:
        check_ins.drop_constraint(op.f("ck_check_ins_caps_only_cut"), type_="check")
        check_ins.drop_column("rule_version")
        check_ins.drop_column("cut_points")

    op.drop_table("point_rules")
