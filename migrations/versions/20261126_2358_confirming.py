"""Above a shop's limit customers confirm on their phones.

Two columns for redemptions; SQLite rebuilds that table (seconds per 100,000 rows). Nothing is moved. Where a counter was
refused until now, the points are set aside and the customer is asked. Going back, what waits can still be cancelled.

Revision: 20261126_confirming, after 20261126_series
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_confirming"
down_revision = "20261126_series"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.add_column(sa.Column("needs_confirmation", sa.Boolean(), server_default=sa.false(), nullable=False))
        redemptions.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        redemptions.create_check_constraint(
            op.f("ck_redemptions_confirmed_what_was_asked"), "confirmed_at IS NULL OR needs_confirmation"
        )


def downgrade() -> None:
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.drop_constraint(op.f("ck_redemptions_confirmed_what_was_asked"), type_="check")
        redemptions.drop_column("confirmed_at")
        redemptions.drop_column("needs_confirmation")
