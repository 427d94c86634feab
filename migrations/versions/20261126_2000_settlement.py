"""Merchants are paid back: statements, their lines and what is disputed; fewer goods at the counter; late voids.

Three new, empty tables and four columns for redemptions; SQLite rebuilds that table (seconds per 100,000 rows),
PostgreSQL does not. Nothing is moved. Every capture and void there ever was is unsettled until the first statement of
its merchant is closed. Going back loses statements, and with them which captures were paid.

Revision: 20261126_settlement, after 20261126_waiting
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_settlement"
down_revision = "20261126_waiting"
branch_labels = None
depends_on = None


CHECKS = {
    "nothing_negative_returns": "returned_quantity >= 0 AND returned_points >= 0",
    "returned_by_a_capture": "returned_points = 0 OR capture_id IS NOT NULL",
    "nobody_asks_to_void_their_own": "void_asker_id <> person_id",
    "asked_by_somebody_at_some_time": "(void_asker_id IS NULL) = (void_asked_at IS NULL)",
}


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("carried_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("close_id", sa.Uuid(), nullable=True),
        sa.Column("closer_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmer_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invoice_number", sa.String(length=40), nullable=True),
        sa.Column("voucher_number", sa.String(length=40), nullable=True),
        sa.Column("payment_asker_id", sa.Uuid(), nullable=True),
        sa.Column("pay_id", sa.Uuid(), nullable=True),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'paid') = (pay_id IS NOT NULL)", name=op.f("ck_statements_paid_is_posted")),
        sa.CheckConstraint(
            "state IN ('closed', 'confirmed', 'disputed', 'paid')", name=op.f("ck_statements_state_is_known")
        ),
        sa.CheckConstraint(
            "(invoice_number IS NULL) = (voucher_number IS NULL) AND (pay_id IS NULL OR invoice_number IS NOT NULL)",
            name=op.f("ck_statements_paid_against_an_invoice"),
        ),
        sa.CheckConstraint("carried_fen <= 0", name=op.f("ck_statements_only_debts_are_carried")),
        sa.CheckConstraint("lines >= 1", name=op.f("ck_statements_about_something")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_statements_numbered_from_one")),
        sa.CheckConstraint(
            "pay_id IS NULL OR (payer_id IS NOT NULL AND paid_at IS NOT NULL)",
            name=op.f("ck_statements_paid_by_somebody"),
        ),
        sa.CheckConstraint("pay_id IS NULL OR fen + carried_fen > 0", name=op.f("ck_statements_only_a_sum_is_paid")),
        sa.CheckConstraint("payment_asker_id <> payer_id", name=op.f("ck_statements_two_persons")),
        sa.ForeignKeyConstraint(
            ["office_id", "closer_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_statements_office_id_closer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "confirmer_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_statements_office_id_confirmer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "merchant_id"],
            ["merchants.office_id", "merchants.id"],
            name=op.f("fk_statements_office_id_merchant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "payer_id"], ["people.office_id", "people.id"], name=op.f("fk_statements_office_id_payer_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "payment_asker_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_statements_office_id_payment_asker_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_statements")),
        sa.UniqueConstraint("office_id", "close_id", name=op.f("uq_statements_office_id_close_id")),
        sa.UniqueConstraint(
            "office_id", "merchant_id", "number", name=op.f("uq_statements_office_id_merchant_id_number")
        ),
        sa.UniqueConstraint(
            "office_id", "merchant_id", "until", name=op.f("uq_statements_office_id_merchant_id_until")
        ),
        sa.UniqueConstraint("office_id", "pay_id", name=op.f("uq_statements_office_id_pay_id")),
    )
    op.create_index(op.f("ix_statements_office_id_state_id"), "statements", ["office_id", "state", "id"])

    op.create_table(
        "statement_lines",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'capture') = (points > 0)", name=op.f("ck_statement_lines_voids_are_negative")),
        sa.CheckConstraint("kind IN ('capture', 'void')", name=op.f("ck_statement_lines_kind_is_known")),
        sa.CheckConstraint("points <> 0", name=op.f("ck_statement_lines_points_moved")),
        sa.ForeignKeyConstraint(
            ["office_id", "redemption_id"],
            ["redemptions.office_id", "redemptions.id"],
            name=op.f("fk_statement_lines_office_id_redemption_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "statement_id"],
            ["statements.office_id", "statements.id"],
            name=op.f("fk_statement_lines_office_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_statement_lines")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_statement_lines_office_id_entry_id")),
        sa.UniqueConstraint(
            "office_id", "redemption_id", "kind", name=op.f("uq_statement_lines_office_id_redemption_id_kind")
        ),
        sa.UniqueConstraint(
            "office_id", "statement_id", "number", name=op.f("uq_statement_lines_office_id_statement_id_number")
        ),
    )
    op.create_table(
        "statement_disputes",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("raiser_id", sa.Uuid(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("adjust_asker_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.Column("answerer_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (answerer_id IS NULL)", name=op.f("ck_statement_disputes_answered_by_somebody")
        ),
        sa.CheckConstraint(
            "state <> 'adjusted' OR adjust_asker_id <> answerer_id", name=op.f("ck_statement_disputes_adjusted_by_two")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'adjusted')", name=op.f("ck_statement_disputes_state_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "adjust_asker_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_statement_disputes_office_id_adjust_asker_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "answerer_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_statement_disputes_office_id_answerer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "line_id"],
            ["statement_lines.office_id", "statement_lines.id"],
            name=op.f("fk_statement_disputes_office_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "raiser_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_statement_disputes_office_id_raiser_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "statement_id"],
            ["statements.office_id", "statements.id"],
            name=op.f("fk_statement_disputes_office_id_statement_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_statement_disputes")),
        sa.UniqueConstraint("office_id", "line_id", name=op.f("uq_statement_disputes_office_id_line_id")),
    )
    op.create_index(
        op.f("ix_statement_disputes_office_id_statement_id"), "statement_disputes", ["office_id", "statement_id"]
    )

    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.add_column(
            sa.Column("returned_quantity", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
        redemptions.add_column(sa.Column("returned_points", sa.Integer(), server_default=sa.text("0"), nullable=False))
        redemptions.add_column(sa.Column("void_asker_id", sa.Uuid(), nullable=True))
        redemptions.add_column(sa.Column("void_asked_at", sa.DateTime(timezone=True), nullable=True))
        redemptions.create_foreign_key(
            op.f("fk_redemptions_office_id_void_asker_id"),
            "people",
            ["office_id", "void_asker_id"],
            ["office_id", "id"],
        )
        for name, rule in CHECKS.items():
            redemptions.create_check_constraint(op.f(f"ck_redemptions_{name}"), rule)
    op.create_index(op.f("ix_redemptions_office_id_void_asked_at"), "redemptions", ["office_id", "void_asked_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_redemptions_office_id_void_asked_at"), table_name="redemptions")
    with op.batch_alter_table("redemptions") as redemptions:
        for name in CHECKS:
            redemptions.drop_constraint(op.f(f"ck_redemptions_{name}"), type_="check")
        redemptions.drop_constraint(op.f("fk_redemptions_office_id_void_asker_id"), type_="foreignkey")
        redemptions.drop_column("void_asked_at")
        redemptions.drop_column("void_asker_id")
        redemptions.drop_column("returned_points")
        redemptions.drop_column("returned_quantity")

    op.drop_index(op.f("ix_statement_disputes_office_id_statement_id"), table_name="statement_disputes")

    op.drop_table("statement_disputes")
    op.drop_table("statement_lines")
    op.drop_index(op.f("ix_statements_office_id_state_id"), table_name="statements")

    op.drop_table("statements")
