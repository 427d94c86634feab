"""A person may have several WeChat accounts, and the openid is kept, sealed.

What to expect: a new table `wechat_accounts` with one row for everybody who ever logged in with WeChat, copied from
`people.openid_index`, which goes away. The openid itself was never stored, so it stays empty until their next login;
until then messages cannot reach them through WeChat. On SQLite the table `people` is rebuilt (seconds at any size we
serve); on PostgreSQL only the copy takes time, about a second for 100,000 people. Downgrading keeps of each person
the account that logged in first; whoever has two logs in as somebody new with the other.

Revision: 20261125_verification, after 20261123_2
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_verification"
down_revision = "20261123_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_accounts",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("openid_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_wechat_accounts_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_wechat_accounts")),
        sa.UniqueConstraint("office_id", "openid_index", name=op.f("uq_wechat_accounts_office_id_openid_index")),
    )
    op.create_index(op.f("ix_wechat_accounts_office_id_person_id"), "wechat_accounts", ["office_id", "person_id"])
    # The account takes the id of its person: ids are unique within a table only, and nothing sealed is bound to it yet.
    op.execute(
        """
        INSERT INTO wechat_accounts (office_id, id, openid_index, person_id, joined_at, last_seen_at)
        SELECT office_id, id, openid_index, id, joined_at, joined_at FROM people WHERE openid_index IS NOT NULL
        """
    )
    with op.batch_alter_table("people") as people:
        people.drop_constraint(op.f("uq_people_office_id_openid_index"), type_="unique")
        people.drop_column("openid_index")


def downgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("openid_index", sa.LargeBinary(length=32), nullable=True))
        people.create_unique_constraint(op.f("uq_people_office_id_openid_index"), ["office_id", "openid_index"])
    op.execute(
        """
        UPDATE people SET openid_index = (
            SELECT account.openid_index FROM wechat_accounts AS account
            WHERE account.office_id = people.office_id AND account.person_id = people.id
            ORDER BY account.joined_at, account.id LIMIT 1
        )
        """
    )
    op.drop_index(op.f("ix_wechat_accounts_office_id_person_id"), table_name="wechat_accounts")
    op.drop_table("wechat_accounts")
