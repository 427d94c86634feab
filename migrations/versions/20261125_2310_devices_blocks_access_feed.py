"""Devices, blocks, and the feed by which every server hears whose access has changed.

What to expect: four new tables, quick at any size except for one statement that makes a device of every family of
refresh tokens there is (a second for some hundred thousand). Everybody stays logged in: refresh tokens go on, while the
access tokens of before are refused once, and the phones fetch new ones. Devices of before have no name.
Old servers cannot log anybody in beside the new ones: `refresh_tokens.family_id` now needs its device. Stop them first.

Revision: 20261125_sessions, after 20261125_roles
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_sessions"
down_revision = "20261125_roles"
branch_labels = None
depends_on = None

DEVICES_OF_FAMILIES = """
    INSERT INTO devices (office_id, id, person_id, first_used_at, last_used_at, ended_at, end_reason)
    SELECT office_id, family_id, person_id, min(issued_at), max(issued_at),
           CASE WHEN count(*) = count(revoked_at) THEN max(revoked_at) END,
           CASE WHEN count(*) = count(revoked_at) THEN 'logged_out' END
    FROM refresh_tokens GROUP BY office_id, family_id, person_id
"""


def of_an_office() -> list[sa.Column]:
    return [
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def of_a_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id", column], ["people.office_id", "people.id"], name=op.f(f"fk_{table}_office_id_{column}")
    )


def upgrade() -> None:
    op.create_table(
        "devices",
        *of_an_office(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=True),
        sa.Column("installation_id", sa.String(length=64), nullable=True),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "end_reason IN ('logged_out', 'removed', 'everywhere', 'reused', 'blocked', 'merged')",
            name=op.f("ck_devices_end_reason_is_known"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_devices_ended_for_a_reason")),
        of_a_person("devices", "person_id"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_devices")),
    )
    op.create_index(op.f("ix_devices_office_id_person_id"), "devices", ["office_id", "person_id"])
    op.execute(DEVICES_OF_FAMILIES)
    with op.batch_alter_table("refresh_tokens") as batch_op:
        batch_op.create_foreign_key(
            batch_op.f("fk_refresh_tokens_office_id_family_id"),
            "devices",
            ["office_id", "family_id"],
            ["office_id", "id"],
        )
    op.create_table(
        "blocks",
        *of_an_office(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("blocked_by_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lift_reason", sa.String(length=200), nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("blocked_by_id <> person_id", name=op.f("ck_blocks_nobody_blocks_themselves")),
        sa.CheckConstraint("lifted_by_id <> person_id", name=op.f("ck_blocks_nobody_lifts_their_own")),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_id IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL)",
            name=op.f("ck_blocks_lifted_by_someone_for_a_reason"),
        ),
        of_a_person("blocks", "person_id"),
        of_a_person("blocks", "blocked_by_id"),
        of_a_person("blocks", "lifted_by_id"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_office_id_person_id"), "blocks", ["office_id", "person_id"])
    op.create_index(
        "uq_blocks_open",
        "blocks",
        ["office_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "access_feeds",
        *of_an_office(),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_access_feeds")),
        sa.UniqueConstraint("office_id", name=op.f("uq_access_feeds_office_id")),
    )
    op.create_table(
        "access_changes",
        *of_an_office(),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_access_changes")),
        sa.UniqueConstraint("office_id", "number", name=op.f("uq_access_changes_office_id_number")),
    )


def downgrade() -> None:
    op.drop_table("access_changes")
    op.drop_table("access_feeds")
    op.drop_table("blocks")
    with op.batch_alter_table("refresh_tokens") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_refresh_tokens_office_id_family_id"), type_="foreignkey")
    op.drop_table("devices")
