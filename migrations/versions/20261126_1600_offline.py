"""Phones check people in without a network and bring their scans later.

Three new, empty tables: `offline_packs` (which phone took which roster), `scan_batches` and `scans` (every scan as it
came, and what came of it). Quick at any size. From now on activities settle by themselves seven days after their end:
those that ended earlier and were never settled do so within the hour, and what is left of their budgets goes back.

Revision: 20261126_offline, after 20261126_figures
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_offline"
down_revision = "20261126_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offline_packs",
        *_key("offline_packs"),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("fetched_by_id", sa.Uuid(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        _within("offline_packs", "activity_id", "activities"),
        _within("offline_packs", "fetched_by_id", "people"),
        sa.UniqueConstraint(
            "office_id", "activity_id", "device_id", name=op.f("uq_offline_packs_office_id_activity_id_device_id")
        ),
    )
    op.create_index(op.f("ix_offline_packs_office_id_activity_id"), "offline_packs", ["office_id", "activity_id"])
    op.create_table(
        "scan_batches",
        *_key("scan_batches"),
        sa.Column("recorder_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skew_seconds", sa.BigInteger(), nullable=False),
        sa.Column("scans", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("scans BETWEEN 0 AND 500", name=op.f("ck_scan_batches_not_too_many")),
        _within("scan_batches", "recorder_id", "people"),
        sa.UniqueConstraint(
            "office_id", "recorder_id", "fingerprint", name=op.f("uq_scan_batches_office_id_recorder_id_fingerprint")
        ),
    )
    op.create_index(
        op.f("ix_scan_batches_office_id_recorder_id_id"), "scan_batches", ["office_id", "recorder_id", "id"]
    )
    op.create_table(
        "scans",
        *_key("scans"),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("scan_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("method", sa.String(length=4), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(length=9), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=True),
        sa.Column("check_in_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_scans_direction_is_known")),
        sa.CheckConstraint("method IN ('scan', 'card')", name=op.f("ck_scans_method_is_known")),
        sa.CheckConstraint(
            "result IN ('created', 'duplicate', 'review', 'refused')", name=op.f("ck_scans_result_is_known")
        ),
        sa.CheckConstraint("(result = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_scans_refused_for_a_reason")),
        sa.CheckConstraint(
            "(result = 'refused') = (check_in_id IS NULL)", name=op.f("ck_scans_what_counts_has_a_check_in")
        ),
        _within("scans", "batch_id", "scan_batches"),
        _within("scans", "session_id", "sessions"),
        _within("scans", "person_id", "people"),
        _within("scans", "check_in_id", "check_ins"),
        sa.UniqueConstraint("office_id", "device_id", "scan_id", name=op.f("uq_scans_office_id_device_id_scan_id")),
    )
    op.create_index(op.f("ix_scans_office_id_batch_id"), "scans", ["office_id", "batch_id"])
    op.create_index(op.f("ix_scans_office_id_check_in_id"), "scans", ["office_id", "check_in_id"])


def downgrade() -> None:
    for table in ("scans", "scan_batches", "offline_packs"):
        op.drop_table(table)


def _key(table: str) -> tuple[sa.Column, sa.Column, sa.PrimaryKeyConstraint]:
    return (
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f(f"pk_{table}")),
    )


def _within(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id", column], [f"{other}.office_id", f"{other}.id"], name=op.f(f"fk_{table}_office_id_{column}")
    )
