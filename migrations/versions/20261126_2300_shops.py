"""Shops apply for themselves, and write offers that an officer looks at.

Columns for merchants and offers; SQLite rebuilds both tables, which are small. Nothing is moved: shops and offers that
are there go on as they are, without a credit code and without times. Going back, what waits for an officer is withdrawn.

Revision: 20261126_shops, after 20261126_flags
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261126_shops"
down_revision = "20261126_flags"
branch_labels = None
depends_on = None


MERCHANT_CHECKS = {
    "cycle_is_known": "settlement_cycle IN ('week', 'month')",
    "nobody_decides_their_own": "decider_id <> applicant_id",
}
OFFER_CHECKS = {
    "period_is_known": "per_period IN ('ever', 'month', 'week', 'day')",
    "opens_and_closes": "(opens_minute IS NULL) = (closes_minute IS NULL)",
    "within_a_day": "opens_minute >= 0 AND closes_minute <= 1440",
    "opens_before_it_closes": "opens_minute < closes_minute",
    "nobody_decides_their_own": "decider_id <> author_id",
}


def upgrade() -> None:
    with op.batch_alter_table("merchants") as merchants:
        merchants.add_column(
            sa.Column("settlement_cycle", sa.String(length=5), server_default=sa.text("'month'"), nullable=False)
        )
        merchants.add_column(sa.Column("credit_code", sa.String(length=18), nullable=True))
        merchants.add_column(sa.Column("contact", sa.String(length=60), nullable=True))
        merchants.add_column(sa.Column("applicant_id", sa.Uuid(), nullable=True))
        merchants.add_column(sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True))
        merchants.add_column(sa.Column("decider_id", sa.Uuid(), nullable=True))
        merchants.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        merchants.add_column(sa.Column("decision_reason", sa.String(length=200), nullable=True))
        merchants.create_unique_constraint(op.f("uq_merchants_office_id_credit_code"), ["office_id", "credit_code"])
        merchants.create_foreign_key(
            op.f("fk_merchants_office_id_decider_id"), "people", ["office_id", "decider_id"], ["office_id", "id"]
        )
        merchants.create_foreign_key(
            op.f("fk_merchants_office_id_applicant_id"), "people", ["office_id", "applicant_id"], ["office_id", "id"]
        )
        _replace(merchants, "merchants", "state IN ('applied', 'active', 'suspended', 'declined')")
        for name, rule in MERCHANT_CHECKS.items():
            merchants.create_check_constraint(op.f(f"ck_merchants_{name}"), rule)
    op.create_index(op.f("ix_merchants_office_id_state_id"), "merchants", ["office_id", "state", "id"])

    with op.batch_alter_table("offers") as offers:
        offers.add_column(
            sa.Column("per_period", sa.String(length=5), server_default=sa.text("'ever'"), nullable=False)
        )
        offers.add_column(sa.Column("description", sa.String(length=500), server_default=sa.text("''"), nullable=False))
        offers.add_column(sa.Column("opens_minute", sa.SmallInteger(), nullable=True))
        offers.add_column(sa.Column("closes_minute", sa.SmallInteger(), nullable=True))
        offers.add_column(sa.Column("picture_id", sa.Uuid(), nullable=True))
        offers.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        offers.add_column(sa.Column("author_id", sa.Uuid(), nullable=True))
        offers.add_column(sa.Column("decider_id", sa.Uuid(), nullable=True))
        offers.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        offers.add_column(sa.Column("decision_reason", sa.String(length=200), nullable=True))
        offers.create_foreign_key(
            op.f("fk_offers_office_id_replaces_id"), "offers", ["office_id", "replaces_id"], ["office_id", "id"]
        )
        offers.create_foreign_key(
            op.f("fk_offers_office_id_decider_id"), "people", ["office_id", "decider_id"], ["office_id", "id"]
        )
        offers.create_foreign_key(
            op.f("fk_offers_office_id_picture_id"), "pictures", ["office_id", "picture_id"], ["office_id", "id"]
        )
        offers.create_foreign_key(
            op.f("fk_offers_office_id_author_id"), "people", ["office_id", "author_id"], ["office_id", "id"]
        )
        _replace(offers, "offers", "state IN ('review', 'live', 'withdrawn', 'declined')")
        for name, rule in OFFER_CHECKS.items():
            offers.create_check_constraint(op.f(f"ck_offers_{name}"), rule)


def downgrade() -> None:
    op.execute("UPDATE offers SET state = 'withdrawn' WHERE state IN ('review', 'declined')")
    op.execute("UPDATE merchants SET state = 'suspended' WHERE state IN ('applied', 'declined')")
    with op.batch_alter_table("offers") as offers:
        for name in OFFER_CHECKS:
            offers.drop_constraint(op.f(f"ck_offers_{name}"), type_="check")
        _replace(offers, "offers", "state IN ('live', 'withdrawn')")
        offers.drop_constraint(op.f("fk_offers_office_id_author_id"), type_="foreignkey")
        offers.drop_constraint(op.f("fk_offers_office_id_picture_id"), type_="foreignkey")
        offers.drop_constraint(op.f("fk_offers_office_id_decider_id"), type_="foreignkey")
        offers.drop_constraint(op.f("fk_offers_office_id_replaces_id"), type_="foreignkey")
        offers.drop_column("decision_reason")
        offers.drop_column("decided_at")
        offers.drop_column("decider_id")
        offers.drop_column("author_id")
        offers.drop_column("replaces_id")
        offers.drop_column("picture_id")
        offers.drop_column("closes_minute")
        offers.drop_column("opens_minute")
        offers.drop_column("description")
        offers.drop_column("per_period")

    op.drop_index(op.f("ix_merchants_office_id_state_id"), table_name="merchants")
    with op.batch_alter_table("merchants") as merchants:
        for name in MERCHANT_CHECKS:
            merchants.drop_constraint(op.f(f"ck_merchants_{name}"), type_="check")
        _replace(merchants, "merchants", "state IN ('active', 'suspended')")
        merchants.drop_constraint(op.f("fk_merchants_office_id_applicant_id"), type_="foreignkey")
        merchants.drop_constraint(op.f("fk_merchants_office_id_decider_id"), type_="foreignkey")
        merchants.drop_constraint(op.f("uq_merchants_office_id_credit_code"), type_="unique")
        merchants.drop_column("decision_reason")
        merchants.drop_column("decided_at")
        merchants.drop_column("decider_id")
        merchants.drop_column("applied_at")
        merchants.drop_column("applicant_id")
        merchants.drop_column("contact")
        merchants.drop_column("credit_code")
        merchants.drop_column("settlement_cycle")


def _replace(batch: Any, table: str, rule: str) -> None:
    name = op.f(f"ck_{table}_state_is_known")
    batch.drop_constraint(name, type_="check")
    batch.create_check_constraint(name, rule)
