"""Pictures, what waits for a worker's eye, and subscribe messages.

What to expect: four new empty tables, and four new columns in `outbox` (rebuilt on SQLite; on PostgreSQL nothing is
rewritten). Pictures lie in the database, so backups grow with them, by 100 to 500 kB each. Messages that lie in the
outbox already were never sent; those younger than five days are sent to whoever leaves a credit.

Revision: 20261125_safety, after 20261125_verification
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_safety"
down_revision = "20261125_verification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_reviews",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "why IN ('suspicious', 'no_openid', 'inactive', 'unavailable', 'no_verdict')",
            name=op.f("ck_content_reviews_why_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'passed', 'removed', 'replaced')", name=op.f("ck_content_reviews_state_is_known")
        ),
        sa.CheckConstraint(
            "(text_sealed IS NULL) = (subject_type = 'pictures')",
            name=op.f("ck_content_reviews_a_picture_has_no_text"),
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_content_reviews_decided_by_someone")
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (state IN ('waiting', 'replaced'))",
            name=op.f("ck_content_reviews_decided_or_not"),
        ),
        sa.CheckConstraint("decider_id <> author_id", name=op.f("ck_content_reviews_nobody_passes_their_own")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_content_reviews_office_id_area_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_content_reviews")),
    )
    op.create_index(op.f("ix_content_reviews_office_id_state_id"), "content_reviews", ["office_id", "state", "id"])
    op.create_index(
        "uq_content_reviews_one_waiting",
        "content_reviews",
        ["office_id", "subject_type", "subject_id", "field"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "pictures",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trace_id", sa.String(length=128), nullable=True),
        sa.Column("said", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('activity', 'group', 'offer', 'report')", name=op.f("ck_pictures_purpose_is_known")
        ),
        sa.CheckConstraint(
            "state IN ('new', 'checking', 'shown', 'refused', 'waiting')", name=op.f("ck_pictures_state_is_known")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_pictures_numbered_within_the_day")),
        sa.CheckConstraint(
            "width BETWEEN 1 AND 1600 AND height BETWEEN 1 AND 1600", name=op.f("ck_pictures_fits_a_phone")
        ),
        sa.CheckConstraint(
            "state <> 'checking' OR asked_at IS NOT NULL", name=op.f("ck_pictures_asked_before_it_is_checked")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("office_id", "trace_id", name=op.f("uq_pictures_office_id_trace_id")),
        sa.UniqueConstraint(
            "office_id", "uploader_id", "day", "number", name=op.f("uq_pictures_office_id_uploader_id_day_number")
        ),
    )
    op.create_index(op.f("ix_pictures_office_id_state_asked_at"), "pictures", ["office_id", "state", "asked_at"])
    op.create_table(
        "picture_files",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "id"], ["pictures.office_id", "pictures.id"], name=op.f("fk_picture_files_office_id_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_picture_files")),
    )
    op.create_table(
        "message_credits",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.CheckConstraint("credits BETWEEN 0 AND 100", name=op.f("ck_message_credits_credits_are_counted")),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_message_credits_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_message_credits")),
        sa.UniqueConstraint(
            "office_id", "person_id", "template_id", name=op.f("uq_message_credits_office_id_person_id_template_id")
        ),
    )
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        outbox.add_column(sa.Column("channel", sa.String(length=12), nullable=True))
        outbox.add_column(sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
        outbox.add_column(sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True))
        outbox.create_check_constraint(op.f("ck_outbox_channel_is_known"), "channel IN ('subscription', 'app', 'list')")
        outbox.create_index(op.f("ix_outbox_office_id_created_at"), ["office_id", "created_at"])


def downgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_index(op.f("ix_outbox_office_id_created_at"))
        outbox.drop_constraint(op.f("ck_outbox_channel_is_known"), type_="check")
        for column in ("next_attempt_at", "attempts", "channel", "seen_at"):
            outbox.drop_column(column)
    op.drop_table("message_credits")
    op.drop_table("picture_files")
    op.drop_index(op.f("ix_pictures_office_id_state_asked_at"), table_name="pictures")
    op.drop_table("pictures")
    op.drop_index("uq_content_reviews_one_waiting", table_name="content_reviews")
    op.drop_index(op.f("ix_content_reviews_office_id_state_id"), table_name="content_reviews")
    op.drop_table("content_reviews")
