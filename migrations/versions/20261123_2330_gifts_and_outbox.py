"""Gifts, the outbox of messages, and since when somebody lives behind their door.

What to expect: two new empty tables and one new empty column in `people`; quick at any size, nothing is rewritten.
`people.household_since` stays empty for everybody who is in a household already: they were there before we wrote it
down and may give to its pot at once. Only who moves in from now on waits 30 days. Downgrading removes every gift row
while the ledger keeps its entries, so `flask ledger verify` would then name each of them (check 9): restore instead.

Revision: 20261123_2, after 20261123_1
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_2"
down_revision = "20261123_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("household_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "gifts",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("request_key", sa.String(length=120), nullable=False),
        sa.Column("request_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_gifts_points_move")),
        sa.ForeignKeyConstraint(
            ["office_id", "household_id"],
            ["households.office_id", "households.id"],
            name=op.f("fk_gifts_office_id_household_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"], ["people.office_id", "people.id"], name=op.f("fk_gifts_office_id_person_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_gifts")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_gifts_office_id_entry_id")),
        sa.UniqueConstraint(
            "office_id", "person_id", "request_key", name=op.f("uq_gifts_office_id_person_id_request_key")
        ),
    )
    op.create_table(
        "outbox",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("office_id", "key", name=op.f("uq_outbox_office_id_key")),
    )
    op.create_index(op.f("ix_outbox_office_id_person_id"), "outbox", ["office_id", "person_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_office_id_person_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("gifts")
    op.drop_column("people", "household_since")
