"""The whole life of groups: filings with numbers, annual confirmations, dissolutions, history; members come and go.

What to expect: ten new tables; on SQLite `groups` and `memberships` are rebuilt, on PostgreSQL nothing is rewritten but
the few rows of `groups`: seconds at any size. Who belongs to a group stays so; their memberships can end from now on.

What was there becomes: groups that count as filed (or are suspended) get numbers of this year, in the order in which
they were started, and the next filing continues after them. Their first annual confirmation is due on 31 March of next
year. If they have numbers on paper, correct `groups.filing_number` by hand before anybody files the next one. History
begins today: what became of a group before is not known.

Downgrading forgets who left when, every filing, number, confirmation and dissolution, and what an office demands.

Revision: 20261126_groups, after 20261126_erasure
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from backend.foundation.ids import uuid7

revision = "20261126_groups"
down_revision = "20261126_erasure"
branch_labels = None
depends_on = None

TABLES = (
    "group_appeals",
    "invitations",
    "invitation_codes",
    "handovers",
    "dissolutions",
    "group_confirmations",
    "group_changes",
    "filings",
    "group_policies",
    "filing_counters",
)
NOT_ENDED = sa.text("left_at IS NULL")

CHECKS = {
    "level_is_known": "level IN ('emerging', 'filed', 'registered')",
    "numbered_when_filed": "(filing_number IS NULL) = (filed_at IS NULL)",
    "a_number_is_a_level": "filing_number IS NULL OR level <> 'emerging'",
    "registered_under_a_number": "(level = 'registered') = (registration_number IS NOT NULL)"
    " AND (registration_number IS NULL) = (registered_on IS NULL)",
}
ENDINGS = {
    "ending_is_known": "left_why IN ('left', 'removed', 'dissolved', 'departed')",
    "ended_for_some_reason": "(left_at IS NULL) = (left_why IS NULL)",
    "removed_by_somebody": "left_why <> 'removed' OR ended_by_id IS NOT NULL",
    "nobody_removes_themselves": "ended_by_id <> person_id",
}


def upgrade() -> None:
    _grow_groups()
    _let_memberships_end()
    _create_filings()
    _create_later_life()
    _create_coming_and_going()
    _number_what_is_filed()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM memberships WHERE left_at IS NOT NULL")
    with op.batch_alter_table("memberships") as memberships:
        memberships.drop_index("uq_memberships_one_at_a_time")
        memberships.drop_index(op.f("ix_memberships_office_id_group_id_id"))
        for name in ENDINGS:
            memberships.drop_constraint(op.f(f"ck_memberships_{name}"), type_="check")
        memberships.drop_constraint(op.f("fk_memberships_office_id_ended_by_id"), type_="foreignkey")
        memberships.create_unique_constraint(
            op.f("uq_memberships_office_id_group_id_person_id"), ["office_id", "group_id", "person_id"]
        )
        for column in ("left_at", "left_why", "ended_by_id", "removal_reason_sealed"):
            memberships.drop_column(column)
    with op.batch_alter_table("groups") as groups:
        for name in CHECKS:
            groups.drop_constraint(op.f(f"ck_groups_{name}"), type_="check")
        groups.drop_index(op.f("ix_groups_office_id_confirm_due_on"))
        groups.drop_constraint(op.f("uq_groups_office_id_filing_number"), type_="unique")
        for column in (
            *("suspended_from", "level", "venue", "filing_number", "filed_at", "confirm_due_on"),
            *("registration_number", "registered_on"),
        ):
            groups.drop_column(column)


def of_an_office() -> list[sa.Column]:
    return [
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id", column], [f"{to}.office_id", f"{to}.id"], name=op.f(f"fk_{table}_office_id_{column}")
    )


def _grow_groups() -> None:
    with op.batch_alter_table("groups") as groups:
        groups.add_column(sa.Column("suspended_from", sa.String(length=12), nullable=True))
        groups.add_column(sa.Column("level", sa.String(length=10), nullable=True))
        groups.add_column(sa.Column("venue", sa.String(length=100), nullable=True))
        groups.add_column(sa.Column("filing_number", sa.String(length=80), nullable=True))
        groups.add_column(sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True))
        groups.add_column(sa.Column("confirm_due_on", sa.Date(), nullable=True))
        groups.add_column(sa.Column("registration_number", sa.String(length=18), nullable=True))
        groups.add_column(sa.Column("registered_on", sa.Date(), nullable=True))
    op.execute("UPDATE groups SET level = CASE WHEN stage IN ('filed', 'suspended') THEN 'filed' ELSE 'emerging' END")
    with op.batch_alter_table("groups") as groups:
        groups.alter_column("level", existing_type=sa.String(length=10), nullable=False)
        groups.create_index(op.f("ix_groups_office_id_confirm_due_on"), ["office_id", "confirm_due_on"])
        groups.create_unique_constraint(op.f("uq_groups_office_id_filing_number"), ["office_id", "filing_number"])
        for name, condition in CHECKS.items():
            groups.create_check_constraint(op.f(f"ck_groups_{name}"), condition)


def _let_memberships_end() -> None:
    with op.batch_alter_table("memberships") as memberships:
        memberships.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
        memberships.add_column(sa.Column("left_why", sa.String(length=9), nullable=True))
        memberships.add_column(sa.Column("ended_by_id", sa.Uuid(), nullable=True))
        memberships.add_column(sa.Column("removal_reason_sealed", sa.LargeBinary(), nullable=True))
        memberships.drop_constraint(op.f("uq_memberships_office_id_group_id_person_id"), type_="unique")
        memberships.create_foreign_key(
            op.f("fk_memberships_office_id_ended_by_id"), "people", ["office_id", "ended_by_id"], ["office_id", "id"]
        )
        for name, condition in ENDINGS.items():
            memberships.create_check_constraint(op.f(f"ck_memberships_{name}"), condition)
    op.create_index(op.f("ix_memberships_office_id_group_id_id"), "memberships", ["office_id", "group_id", "id"])
    op.create_index(
        "uq_memberships_one_at_a_time",
        "memberships",
        ["office_id", "group_id", "person_id"],
        unique=True,
        sqlite_where=NOT_ENDED,
        postgresql_where=NOT_ENDED,
    )


def _number_what_is_filed() -> None:
    """The groups that counted as filed, in the order in which they were started."""
    groups = sa.table(
        "groups",
        sa.column("office_id", sa.SmallInteger()),
        sa.column("id", sa.Uuid()),
        sa.column("stage", sa.String()),
        sa.column("started_at", sa.DateTime(timezone=True)),
        sa.column("filing_number", sa.String()),
        sa.column("filed_at", sa.DateTime(timezone=True)),
        sa.column("confirm_due_on", sa.Date()),
    )
    offices = sa.table("offices", sa.column("id", sa.SmallInteger()), sa.column("name", sa.String()))
    counters = sa.table(
        "filing_counters",
        sa.column("office_id", sa.SmallInteger()),
        sa.column("id", sa.Uuid()),
        sa.column("year", sa.SmallInteger()),
        sa.column("n", sa.Integer()),
    )
    bind, at = op.get_bind(), datetime.now(UTC)
    year = (at + timedelta(hours=8)).year  # in Shanghai
    filed = bind.execute(
        sa.select(groups.c.office_id, groups.c.id, offices.c.name)
        .join(offices, offices.c.id == groups.c.office_id)
        .where(groups.c.stage.in_(("filed", "suspended")))
        .order_by(groups.c.office_id, groups.c.started_at, groups.c.id)
    ).all()
    numbers: dict[int, int] = defaultdict(int)
    for row in filed:
        numbers[row.office_id] += 1
        said = f"{row.name}社备〔{year}〕{numbers[row.office_id]:04d}号"
        bind.execute(
            sa.update(groups)
            .where(groups.c.office_id == row.office_id, groups.c.id == row.id)
            .values(filing_number=said, filed_at=at, confirm_due_on=date(year + 1, 3, 31))
        )
    for office_id, n in numbers.items():
        bind.execute(sa.insert(counters).values(office_id=office_id, id=uuid7(), year=year, n=n))


def _create_filings() -> None:
    op.create_table(
        "filing_counters",
        *of_an_office(),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint("n >= 0", name=op.f("ck_filing_counters_counts_up")),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_filing_counters")),
        sa.UniqueConstraint("office_id", "year", name=op.f("uq_filing_counters_office_id_year")),
    )
    op.create_table(
        "group_policies",
        *of_an_office(),
        sa.Column("members_at_least", sa.SmallInteger(), nullable=False),
        sa.Column("review_days", sa.SmallInteger(), nullable=False),
        sa.Column("decision_days", sa.SmallInteger(), nullable=False),
        sa.Column("appeal_days", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("appeal_days BETWEEN 1 AND 60", name=op.f("ck_group_policies_appeal_days_are_sane")),
        sa.CheckConstraint("decision_days BETWEEN 1 AND 60", name=op.f("ck_group_policies_decision_days_are_sane")),
        sa.CheckConstraint("members_at_least BETWEEN 1 AND 200", name=op.f("ck_group_policies_members_are_sane")),
        sa.CheckConstraint("review_days BETWEEN 1 AND 60", name=op.f("ck_group_policies_review_days_are_sane")),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_policies")),
        sa.UniqueConstraint("office_id", name=op.f("uq_group_policies_office_id")),
    )
    op.create_table(
        "filings",
        *of_an_office(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("venue", sa.String(length=100), nullable=False),
        sa.Column("charter_version", sa.String(length=10), nullable=True),
        sa.Column("charter", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("drafter_id", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitter_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'filed') = (year IS NOT NULL AND n IS NOT NULL)", name=op.f("ck_filings_filed_has_a_number")
        ),
        sa.CheckConstraint(
            "category IN ('service', 'public_good', 'mutual_aid', 'culture_sports', 'governance')",
            name=op.f("ck_filings_category_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'reviewed', 'returned', 'filed', 'rejected', 'withdrawn')",
            name=op.f("ck_filings_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('filed', 'rejected') OR decider_id IS NOT NULL", name=op.f("ck_filings_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state NOT IN ('returned', 'rejected') OR reason IS NOT NULL", name=op.f("ck_filings_refused_for_a_reason")
        ),
        sa.CheckConstraint(
            "state NOT IN ('reviewed', 'filed') OR reviewer_id IS NOT NULL",
            name=op.f("ck_filings_reviewed_by_somebody"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'reviewed') OR due_on IS NOT NULL", name=op.f("ck_filings_what_waits_is_due")
        ),
        sa.CheckConstraint("(year IS NULL) = (n IS NULL)", name=op.f("ck_filings_a_number_has_two_parts")),
        sa.CheckConstraint("decider_id <> reviewer_id", name=op.f("ck_filings_two_persons")),
        sa.CheckConstraint("reviewer_id <> submitter_id", name=op.f("ck_filings_nobody_reviews_what_they_handed_in")),
        refers("filings", "decider_id", "people"),
        refers("filings", "drafter_id", "people"),
        refers("filings", "group_id", "groups"),
        refers("filings", "reviewer_id", "people"),
        refers("filings", "submitter_id", "people"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_filings")),
        sa.UniqueConstraint("office_id", "year", "n", name=op.f("uq_filings_office_id_year_n")),
    )
    op.create_index(op.f("ix_filings_office_id_group_id_id"), "filings", ["office_id", "group_id", "id"])
    op.create_index(op.f("ix_filings_office_id_state_due_on_id"), "filings", ["office_id", "state", "due_on", "id"])
    op.create_index(
        "uq_filings_one_open",
        "filings",
        ["office_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'submitted', 'reviewed', 'returned')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'reviewed', 'returned')"),
    )


def _create_later_life() -> None:
    op.create_table(
        "group_changes",
        *of_an_office(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("from_text", sa.String(length=60), nullable=True),
        sa.Column("to_text", sa.String(length=60), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "what IN ('stage', 'category', 'level', 'name', 'leader')", name=op.f("ck_group_changes_what_is_known")
        ),
        sa.CheckConstraint(
            "from_text IS NULL OR from_text <> to_text", name=op.f("ck_group_changes_something_changed")
        ),
        refers("group_changes", "changed_by_id", "people"),
        refers("group_changes", "group_id", "groups"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_changes")),
    )
    op.create_index(op.f("ix_group_changes_office_id_group_id_id"), "group_changes", ["office_id", "group_id", "id"])
    op.create_index(
        op.f("ix_group_changes_office_id_what_changed_at"), "group_changes", ["office_id", "what", "changed_at"]
    )
    op.create_table(
        "group_confirmations",
        *of_an_office(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("activities", sa.Integer(), nullable=False),
        sa.Column("changes_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'reported') = (decider_id IS NULL)", name=op.f("ck_group_confirmations_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('reported', 'confirmed', 'returned')", name=op.f("ck_group_confirmations_state_is_known")
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_group_confirmations_decided_at_some_time")
        ),
        sa.CheckConstraint("decider_id <> reporter_id", name=op.f("ck_group_confirmations_two_persons")),
        sa.CheckConstraint("members >= 0 AND activities >= 0", name=op.f("ck_group_confirmations_figures_are_counted")),
        refers("group_confirmations", "decider_id", "people"),
        refers("group_confirmations", "group_id", "groups"),
        refers("group_confirmations", "reporter_id", "people"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_confirmations")),
        sa.UniqueConstraint(
            "office_id", "group_id", "year", name=op.f("uq_group_confirmations_office_id_group_id_year")
        ),
    )
    op.create_index(
        op.f("ix_group_confirmations_office_id_state_id"), "group_confirmations", ["office_id", "state", "id"]
    )
    op.create_table(
        "dissolutions",
        *of_an_office(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("is_ordered", sa.Boolean(), nullable=False),
        sa.Column("to_group_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=200), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'requested') = (decider_id IS NULL)", name=op.f("ck_dissolutions_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "points = 0 OR (points > 0 AND state = 'approved')", name=op.f("ck_dissolutions_only_what_ended_pays")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined')", name=op.f("ck_dissolutions_state_is_known")
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_dissolutions_decided_at_some_time")
        ),
        sa.CheckConstraint("(entry_id IS NULL) = (points = 0)", name=op.f("ck_dissolutions_what_moved_has_an_entry")),
        sa.CheckConstraint("decider_id <> requester_id", name=op.f("ck_dissolutions_two_persons")),
        sa.CheckConstraint("to_group_id <> group_id", name=op.f("ck_dissolutions_points_go_elsewhere")),
        refers("dissolutions", "decider_id", "people"),
        refers("dissolutions", "group_id", "groups"),
        refers("dissolutions", "requester_id", "people"),
        refers("dissolutions", "to_group_id", "groups"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_dissolutions")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_dissolutions_office_id_entry_id")),
    )
    op.create_index(op.f("ix_dissolutions_office_id_state_id"), "dissolutions", ["office_id", "state", "id"])
    op.create_index(
        "uq_dissolutions_one_open",
        "dissolutions",
        ["office_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("state = 'requested'"),
        postgresql_where=sa.text("state = 'requested'"),
    )


def _create_coming_and_going() -> None:
    op.create_table(
        "handovers",
        *of_an_office(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_handovers_open_or_closed")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_handovers_state_is_known")
        ),
        sa.CheckConstraint("giver_id <> receiver_id", name=op.f("ck_handovers_between_two")),
        refers("handovers", "giver_id", "people"),
        refers("handovers", "group_id", "groups"),
        refers("handovers", "receiver_id", "people"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_office_id_giver_id_id"), "handovers", ["office_id", "giver_id", "id"])
    op.create_index(op.f("ix_handovers_office_id_receiver_id_id"), "handovers", ["office_id", "receiver_id", "id"])
    op.create_index(
        "uq_handovers_one_open",
        "handovers",
        ["office_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "invitation_codes",
        *of_an_office(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("uses_left", sa.SmallInteger(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("uses_left BETWEEN 0 AND 200", name=op.f("ck_invitation_codes_uses_are_limited")),
        refers("invitation_codes", "group_id", "groups"),
        refers("invitation_codes", "maker_id", "people"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_invitation_codes")),
        sa.UniqueConstraint("office_id", "code", name=op.f("uq_invitation_codes_office_id_code")),
    )
    op.create_index(
        op.f("ix_invitation_codes_office_id_group_id_id"), "invitation_codes", ["office_id", "group_id", "id"]
    )
    op.create_table(
        "invitations",
        *of_an_office(),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("inviter_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_invitations_open_or_closed")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_invitations_state_is_known")
        ),
        sa.CheckConstraint("inviter_id <> person_id", name=op.f("ck_invitations_nobody_invites_themselves")),
        refers("invitations", "group_id", "groups"),
        refers("invitations", "inviter_id", "people"),
        refers("invitations", "person_id", "people"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_office_id_group_id_id"), "invitations", ["office_id", "group_id", "id"])
    op.create_index(op.f("ix_invitations_office_id_person_id_id"), "invitations", ["office_id", "person_id", "id"])
    op.create_index(
        "uq_invitations_one_open",
        "invitations",
        ["office_id", "group_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "group_appeals",
        *of_an_office(),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decider_id IS NULL) AND (state = 'open') = (decided_at IS NULL) AND (state = 'open') = (answer_sealed IS NULL)",
            name=op.f("ck_group_appeals_answered_by_somebody"),
        ),
        sa.CheckConstraint("state IN ('open', 'upheld', 'rejected')", name=op.f("ck_group_appeals_state_is_known")),
        sa.CheckConstraint("decider_id <> person_id", name=op.f("ck_group_appeals_nobody_answers_themselves")),
        refers("group_appeals", "decider_id", "people"),
        refers("group_appeals", "group_id", "groups"),
        refers("group_appeals", "membership_id", "memberships"),
        refers("group_appeals", "person_id", "people"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_group_appeals")),
        sa.UniqueConstraint("office_id", "membership_id", name=op.f("uq_group_appeals_office_id_membership_id")),
    )
    op.create_index(op.f("ix_group_appeals_office_id_person_id_id"), "group_appeals", ["office_id", "person_id", "id"])
    op.create_index(
        op.f("ix_group_appeals_office_id_state_due_on_id"), "group_appeals", ["office_id", "state", "due_on", "id"]
    )
