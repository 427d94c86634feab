"""Groups are awarded points for a lively month, and their leaders thank members and spend at merchants with them.

Eight new tables (rules, runs with their lists, awards, limits, thanks, spendings) and two columns of `redemptions`,
empty for all that residents redeemed by themselves. Nothing is moved, and no group is awarded anything before two
officers agreed to a rule: the worker lays a first version before each office. On SQLite `redemptions` is rebuilt,
which takes seconds for 200,000 rows. Going back loses whom groups thanked and why they were awarded; verify then finds
those entries without business, so do it only before the first award.

Revision: 20261126_group_points, after 20261126_households
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_group_points"
down_revision = "20261126_households"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_point_rules",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("activities_needed", sa.Integer(), nullable=False),
        sa.Column("people_needed", sa.Integer(), nullable=False),
        sa.Column("households_needed", sa.Integer(), nullable=False),
        sa.Column("points_each", sa.Integer(), nullable=False),
        sa.Column("points_most", sa.Integer(), nullable=False),
        sa.Column("counts_own_households", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (decider_id IS NOT NULL)",
            name=op.f("ck_group_point_rules_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "state IN ('suggested', 'proposed', 'approved', 'declined')",
            name=op.f("ck_group_point_rules_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'approved') OR proposer_id IS NOT NULL",
            name=op.f("ck_group_point_rules_proposed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_group_point_rules_decided_at_some_time")
        ),
        sa.CheckConstraint("activities_needed >= 1", name=op.f("ck_group_point_rules_something_was_done")),
        sa.CheckConstraint("decider_id <> proposer_id", name=op.f("ck_group_point_rules_two_persons")),
        sa.CheckConstraint(
            "households_needed BETWEEN 3 AND people_needed", name=op.f("ck_group_point_rules_not_one_family")
        ),
        sa.CheckConstraint("people_needed >= 5", name=op.f("ck_group_point_rules_not_a_handful")),
        sa.CheckConstraint(
            "points_each > 0 AND points_most >= points_each",
            name=op.f("ck_group_point_rules_capped_above_one_activity"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_group_point_rules_versions_are_counted")),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_group_point_rules_office_id_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "proposer_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_group_point_rules_office_id_proposer_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_point_rules")),
        sa.UniqueConstraint("office_id", "version", name=op.f("uq_group_point_rules_office_id_version")),
    )
    op.create_table(
        "group_award_runs",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'requested') = (decider_id IS NULL)", name=op.f("ck_group_award_runs_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined')", name=op.f("ck_group_award_runs_state_is_known")
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_group_award_runs_decided_at_some_time")
        ),
        sa.CheckConstraint("decider_id <> requester_id", name=op.f("ck_group_award_runs_two_persons")),
        sa.CheckConstraint("points > 0", name=op.f("ck_group_award_runs_something_is_awarded")),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_group_award_runs_office_id_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "fund_id"],
            ["funds.office_id", "funds.id"],
            name=op.f("fk_group_award_runs_office_id_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "requester_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_group_award_runs_office_id_requester_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "rule_id"],
            ["group_point_rules.office_id", "group_point_rules.id"],
            name=op.f("fk_group_award_runs_office_id_rule_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_award_runs")),
    )
    op.create_index(
        op.f("ix_group_award_runs_office_id_state"), "group_award_runs", ["office_id", "state"], unique=False
    )
    op.create_index(
        "uq_group_award_runs_one_waiting",
        "group_award_runs",
        ["office_id", "month"],
        unique=True,
        sqlite_where=sa.text("state = 'requested'"),
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_table(
        "group_limits",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points BETWEEN 0 AND 1000000", name=op.f("ck_group_limits_limit_is_sane")),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"],
            ["groups.office_id", "groups.id"],
            name=op.f("fk_group_limits_office_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "set_by_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_group_limits_office_id_set_by_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_limits")),
    )
    op.create_index(
        op.f("ix_group_limits_office_id_group_id_id"), "group_limits", ["office_id", "group_id", "id"], unique=False
    )
    op.create_table(
        "group_spendings",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("request_key", sa.String(length=120), nullable=False),
        sa.Column("request_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (decider_id IS NULL)", name=op.f("ck_group_spendings_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'declined', 'used')", name=op.f("ck_group_spendings_state_is_known")
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_group_spendings_decided_at_some_time")
        ),
        sa.CheckConstraint("decider_id <> asker_id", name=op.f("ck_group_spendings_two_leaders")),
        sa.CheckConstraint("points > 0", name=op.f("ck_group_spendings_points_are_spent")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000", name=op.f("ck_group_spendings_quantity_is_sane")),
        sa.ForeignKeyConstraint(
            ["office_id", "asker_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_group_spendings_office_id_asker_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_group_spendings_office_id_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"],
            ["groups.office_id", "groups.id"],
            name=op.f("fk_group_spendings_office_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "offer_id"],
            ["offers.office_id", "offers.id"],
            name=op.f("fk_group_spendings_office_id_offer_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_spendings")),
        sa.UniqueConstraint(
            "office_id", "asker_id", "request_key", name=op.f("uq_group_spendings_office_id_asker_id_request_key")
        ),
    )
    op.create_index(
        op.f("ix_group_spendings_office_id_group_id_id"),
        "group_spendings",
        ["office_id", "group_id", "id"],
        unique=False,
    )
    op.create_table(
        "thanks",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("request_key", sa.String(length=120), nullable=False),
        sa.Column("request_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'given') = (entry_id IS NOT NULL)", name=op.f("ck_thanks_given_means_posted")),
        sa.CheckConstraint("(state = 'given') = (given_at IS NOT NULL)", name=op.f("ck_thanks_given_at_some_time")),
        sa.CheckConstraint(
            "state <> 'declined' OR decider_id IS NOT NULL", name=op.f("ck_thanks_declined_by_somebody")
        ),
        sa.CheckConstraint("state <> 'waiting' OR decider_id IS NULL", name=op.f("ck_thanks_waits_for_somebody")),
        sa.CheckConstraint("state IN ('waiting', 'given', 'declined')", name=op.f("ck_thanks_state_is_known")),
        sa.CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_thanks_decided_at_some_time")),
        sa.CheckConstraint("decider_id <> giver_id", name=op.f("ck_thanks_two_leaders")),
        sa.CheckConstraint("decider_id <> person_id", name=op.f("ck_thanks_nobody_confirms_for_themselves")),
        sa.CheckConstraint("giver_id <> person_id", name=op.f("ck_thanks_nobody_thanks_themselves")),
        sa.CheckConstraint("points > 0", name=op.f("ck_thanks_points_move")),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"], ["people.office_id", "people.id"], name=op.f("fk_thanks_office_id_decider_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "giver_id"], ["people.office_id", "people.id"], name=op.f("fk_thanks_office_id_giver_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"], ["groups.office_id", "groups.id"], name=op.f("fk_thanks_office_id_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "household_id"],
            ["households.office_id", "households.id"],
            name=op.f("fk_thanks_office_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"], ["people.office_id", "people.id"], name=op.f("fk_thanks_office_id_person_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_thanks")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_thanks_office_id_entry_id")),
        sa.UniqueConstraint(
            "office_id", "giver_id", "request_key", name=op.f("uq_thanks_office_id_giver_id_request_key")
        ),
    )
    op.create_index(op.f("ix_thanks_office_id_group_id_id"), "thanks", ["office_id", "group_id", "id"], unique=False)
    op.create_index(op.f("ix_thanks_office_id_person_id"), "thanks", ["office_id", "person_id"], unique=False)
    op.create_table(
        "group_award_lines",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("activities", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(why IN ('in', 'already_awarded')) = (points > 0)", name=op.f("ck_group_award_lines_points_for_the_lively")
        ),
        sa.CheckConstraint(
            "why IN ('in', 'closed', 'not_filed', 'too_few_activities', 'already_awarded')",
            name=op.f("ck_group_award_lines_why_is_known"),
        ),
        sa.CheckConstraint(
            "counted BETWEEN 0 AND activities", name=op.f("ck_group_award_lines_counted_of_those_settled")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"],
            ["groups.office_id", "groups.id"],
            name=op.f("fk_group_award_lines_office_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "run_id"],
            ["group_award_runs.office_id", "group_award_runs.id"],
            name=op.f("fk_group_award_lines_office_id_run_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_award_lines")),
        sa.UniqueConstraint(
            "office_id", "run_id", "group_id", name=op.f("uq_group_award_lines_office_id_run_id_group_id")
        ),
    )
    op.create_table(
        "group_awards",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_group_awards_points_move")),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"],
            ["groups.office_id", "groups.id"],
            name=op.f("fk_group_awards_office_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "run_id"],
            ["group_award_runs.office_id", "group_award_runs.id"],
            name=op.f("fk_group_awards_office_id_run_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_awards")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_group_awards_office_id_entry_id")),
        sa.UniqueConstraint("office_id", "group_id", "month", name=op.f("uq_group_awards_office_id_group_id_month")),
    )
    op.create_index(op.f("ix_group_awards_office_id_run_id"), "group_awards", ["office_id", "run_id"], unique=False)
    op.create_table(
        "group_award_turnouts",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "households BETWEEN 0 AND people", name=op.f("ck_group_award_turnouts_people_live_in_households")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "activity_id"],
            ["activities.office_id", "activities.id"],
            name=op.f("fk_group_award_turnouts_office_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "line_id"],
            ["group_award_lines.office_id", "group_award_lines.id"],
            name=op.f("fk_group_award_turnouts_office_id_line_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_award_turnouts")),
        sa.UniqueConstraint(
            "office_id", "line_id", "activity_id", name=op.f("uq_group_award_turnouts_office_id_line_id_activity_id")
        ),
    )
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.add_column(sa.Column("group_id", sa.Uuid(), nullable=True))
        redemptions.add_column(sa.Column("spending_id", sa.Uuid(), nullable=True))
        redemptions.create_index(
            op.f("ix_redemptions_office_id_group_id_offer_id"), ["office_id", "group_id", "offer_id"], unique=False
        )
        redemptions.create_check_constraint(
            op.f("ck_redemptions_leaders_spend_themselves"), "group_id IS NULL OR helper_id IS NULL"
        )
        redemptions.create_check_constraint(
            op.f("ck_redemptions_confirmed_for_a_group"), "spending_id IS NULL OR group_id IS NOT NULL"
        )
        redemptions.create_check_constraint(
            op.f("ck_redemptions_one_wallet_pays"), "household_id IS NULL OR group_id IS NULL"
        )
        redemptions.create_unique_constraint(op.f("uq_redemptions_office_id_spending_id"), ["office_id", "spending_id"])
        redemptions.create_foreign_key(
            op.f("fk_redemptions_office_id_spending_id"),
            "group_spendings",
            ["office_id", "spending_id"],
            ["office_id", "id"],
        )
        redemptions.create_foreign_key(
            op.f("fk_redemptions_office_id_group_id"), "groups", ["office_id", "group_id"], ["office_id", "id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.drop_constraint(op.f("ck_redemptions_one_wallet_pays"), type_="check")
        redemptions.drop_constraint(op.f("ck_redemptions_confirmed_for_a_group"), type_="check")
        redemptions.drop_constraint(op.f("ck_redemptions_leaders_spend_themselves"), type_="check")
        redemptions.drop_constraint(op.f("fk_redemptions_office_id_group_id"), type_="foreignkey")
        redemptions.drop_constraint(op.f("fk_redemptions_office_id_spending_id"), type_="foreignkey")
        redemptions.drop_constraint(op.f("uq_redemptions_office_id_spending_id"), type_="unique")
        redemptions.drop_index(op.f("ix_redemptions_office_id_group_id_offer_id"))
        redemptions.drop_column("spending_id")
        redemptions.drop_column("group_id")

    op.drop_table("group_award_turnouts")
    op.drop_table("group_awards")
    op.drop_table("group_award_lines")
    op.drop_table("thanks")
    op.drop_table("group_spendings")
    op.drop_table("group_limits")
    op.drop_table("group_award_runs")
    op.drop_table("group_point_rules")
