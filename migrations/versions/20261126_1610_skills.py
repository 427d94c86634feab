"""Neighbours list what they can do, write to each other about it, and capable people are found and listed.

Three new tables: `skill_listings`, `capable_people`, `skill_contacts`. Activities get an index by their beginning, and
check-ins one by their state, for two lists: seconds with 200,000 check-ins. Nothing is moved and nothing waits. Going back
drops what people listed and wrote; they would have to be asked again, because listing was their consent.

Revision: 20261126_skills, after 20261126_offline
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_skills"
down_revision = "20261126_offline"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_activities_office_id_starts_at_id"), "activities", ["office_id", "starts_at", "id"])
    op.create_index(op.f("ix_check_ins_office_id_state_id"), "check_ins", ["office_id", "state", "id"])
    op.create_table(
        "capable_people",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("finder_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=30), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("shown_as", sa.String(length=6), nullable=False),
        sa.Column("search", sa.String(length=600), nullable=False),
        sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closing_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('declined', 'dismissed', 'withdrawn')) = (closed_at IS NOT NULL)",
            name=op.f("ck_capable_people_open_or_closed"),
        ),
        sa.CheckConstraint("shown_as IN ('name', 'masked')", name=op.f("ck_capable_people_name_is_shown_somehow")),
        sa.CheckConstraint(
            "state <> 'accepted' OR accepted_at IS NOT NULL", name=op.f("ck_capable_people_listed_is_accepted")
        ),
        sa.CheckConstraint(
            "state <> 'suggested' OR worker_id IS NULL", name=op.f("ck_capable_people_a_suggestion_waits")
        ),
        sa.CheckConstraint(
            "state IN ('suggested', 'invited', 'accepted', 'declined', 'dismissed', 'withdrawn')",
            name=op.f("ck_capable_people_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('invited', 'accepted', 'declined', 'dismissed') OR worker_id IS NOT NULL",
            name=op.f("ck_capable_people_a_worker_stands_between"),
        ),
        sa.CheckConstraint(
            "(worker_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_capable_people_decided_by_a_worker")
        ),
        sa.CheckConstraint("finder_id <> person_id", name=op.f("ck_capable_people_nobody_finds_themselves")),
        sa.CheckConstraint("worker_id <> person_id", name=op.f("ck_capable_people_nobody_invites_themselves")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_capable_people_office_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "closed_by_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_capable_people_office_id_closed_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "finder_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_capable_people_office_id_finder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_capable_people_office_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "worker_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_capable_people_office_id_worker_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_capable_people")),
    )
    op.create_index(
        op.f("ix_capable_people_office_id_finder_id_id"), "capable_people", ["office_id", "finder_id", "id"]
    )
    op.create_index(
        op.f("ix_capable_people_office_id_person_id_id"), "capable_people", ["office_id", "person_id", "id"]
    )
    op.create_index(
        op.f("ix_capable_people_office_id_state_area_id_id"),
        "capable_people",
        ["office_id", "state", "area_id", "id"],
    )
    op.create_index(
        "uq_capable_people_one_open",
        "capable_people",
        ["office_id", "person_id", "title"],
        unique=True,
        sqlite_where=sa.text("state IN ('suggested', 'invited', 'accepted')"),
        postgresql_where=sa.text("state IN ('suggested', 'invited', 'accepted')"),
    )

    op.create_table(
        "skill_listings",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lister_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=30), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("visibility", sa.String(length=9), nullable=False),
        sa.Column("seen_from_id", sa.Uuid(), nullable=False),
        sa.Column("shown_as", sa.String(length=6), nullable=False),
        sa.Column("search", sa.String(length=600), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('interest', 'skill', 'profession')", name=op.f("ck_skill_listings_kind_is_known")),
        sa.CheckConstraint("shown_as IN ('name', 'masked')", name=op.f("ck_skill_listings_name_is_shown_somehow")),
        sa.CheckConstraint(
            "visibility IN ('unit', 'building', 'community')", name=op.f("ck_skill_listings_visibility_is_known")
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR (title = '' AND note = '' AND search = '')",
            name=op.f("ck_skill_listings_withdrawn_is_forgotten"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "household_id"],
            ["households.office_id", "households.id"],
            name=op.f("fk_skill_listings_office_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "lister_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_skill_listings_office_id_lister_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_skill_listings_office_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "seen_from_id"],
            ["areas.office_id", "areas.id"],
            name=op.f("fk_skill_listings_office_id_seen_from_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_skill_listings")),
    )
    op.create_index(
        op.f("ix_skill_listings_office_id_person_id_id"), "skill_listings", ["office_id", "person_id", "id"]
    )
    op.create_index(
        "ix_skill_listings_seen_from",
        "skill_listings",
        ["office_id", "seen_from_id", "id"],
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "uq_skill_listings_once_each",
        "skill_listings",
        ["office_id", "person_id", "kind", "title"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )

    op.create_table(
        "skill_contacts",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=True),
        sa.Column("capable_id", sa.Uuid(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (answered_at IS NULL)", name=op.f("ck_skill_contacts_answered_or_not")),
        sa.CheckConstraint("state IN ('sent', 'accepted', 'declined')", name=op.f("ck_skill_contacts_state_is_known")),
        sa.CheckConstraint(
            "(listing_id IS NULL) <> (capable_id IS NULL)", name=op.f("ck_skill_contacts_about_one_thing")
        ),
        sa.CheckConstraint("asker_id <> person_id", name=op.f("ck_skill_contacts_nobody_writes_to_themselves")),
        sa.ForeignKeyConstraint(
            ["office_id", "asker_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_skill_contacts_office_id_asker_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "capable_id"],
            ["capable_people.office_id", "capable_people.id"],
            name=op.f("fk_skill_contacts_office_id_capable_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "listing_id"],
            ["skill_listings.office_id", "skill_listings.id"],
            name=op.f("fk_skill_contacts_office_id_listing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_skill_contacts_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_skill_contacts")),
    )
    op.create_index(op.f("ix_skill_contacts_office_id_asker_id_id"), "skill_contacts", ["office_id", "asker_id", "id"])
    op.create_index(
        op.f("ix_skill_contacts_office_id_person_id_id"), "skill_contacts", ["office_id", "person_id", "id"]
    )
    op.create_index(
        "uq_skill_contacts_one_capable_open",
        "skill_contacts",
        ["office_id", "asker_id", "capable_id"],
        unique=True,
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_index(
        "uq_skill_contacts_one_listing_open",
        "skill_contacts",
        ["office_id", "asker_id", "listing_id"],
        unique=True,
        sqlite_where=sa.text("state = 'sent'"),
        postgresql_where=sa.text("state = 'sent'"),
    )


def downgrade() -> None:
    op.drop_table("skill_contacts")
    op.drop_table("skill_listings")
    op.drop_table("capable_people")
    op.drop_index(op.f("ix_check_ins_office_id_state_id"), table_name="check_ins")
    op.drop_index(op.f("ix_activities_office_id_starts_at_id"), table_name="activities")
