"""A redemption may have a voucher for a shop without a network.

One column for redemptions, empty to begin with; SQLite rebuilds that table (seconds per 100,000 rows). Nothing is moved.
Going back, vouchers that are out can still be captured by their code.

Revision: 20261126_vouchers, after 20261126_point_rules
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_vouchers"
down_revision = "20261126_point_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.add_column(sa.Column("voucher_until", sa.DateTime(timezone=True), nullable=True))
        redemptions.create_check_constraint(op.f("ck_redemptions_a_voucher_is_outlived"), "voucher_until < expires_at")


def downgrade() -> None:
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.drop_constraint(op.f("ck_redemptions_a_voucher_is_outlived"), type_="check")
        redemptions.drop_column("voucher_until")
