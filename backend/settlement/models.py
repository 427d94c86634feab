"""Statements, their lines, and what the merchant objected to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

STATES = ("closed", "confirmed", "disputed", "paid")


class Statement(InOffice, Base):
    """What one merchant is owed for a period; its totals never change."""

    __tablename__ = "statements"
    __table_args__ = (
        within_office("merchant_id", "merchants"),
        within_office("closer_id", "people"),
        within_office("confirmer_id", "people"),
        within_office("payment_asker_id", "people"),
        within_office("payer_id", "people"),
        once_in_office("merchant_id", "number"),
        once_in_office("merchant_id", "until"),
        once_in_office("close_id"),
        once_in_office("pay_id"),
        listed_by("state", "id"),
        CheckConstraint("state IN ('closed', 'confirmed', 'disputed', 'paid')", name="state_is_known"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
        CheckConstraint("carried_fen <= 0", name="only_debts_are_carried"),
        CheckConstraint("lines >= 1", name="about_something"),
        CheckConstraint("(state = 'paid') = (pay_id IS NOT NULL)", name="paid_is_posted"),
        CheckConstraint("pay_id IS NULL OR fen + carried_fen > 0", name="only_a_sum_is_paid"),
        CheckConstraint("pay_id IS NULL OR (payer_id IS NOT NULL AND paid_at IS NOT NULL)", name="paid_by_somebody"),
        CheckConstraint("payment_asker_id <> payer_id", name="two_persons"),
        CheckConstraint(
            "(invoice_number IS NULL) = (voucher_number IS NULL) AND (pay_id IS NULL OR invoice_number IS NOT NULL)",
            name="paid_against_an_invoice",
        ),
    )

    merchant_id: Mapped[UUID]
    number: Mapped[int]  # 1, 2, 3 … of this merchant
    since: Mapped[datetime | None]  # where the one before ended
    until: Mapped[datetime]
    lines: Mapped[int]
    points: Mapped[int] = mapped_column(BigInteger)  # captured less voided
    fen: Mapped[int] = mapped_column(BigInteger)  # of the lines
    carried_fen: Mapped[int] = mapped_column(BigInteger, default=0)  # what the one before came to, below zero
    state: Mapped[str] = mapped_column(String(9), default="closed")
    close_id: Mapped[UUID | None]  # empty: what was captured was voided as well, and nothing is left to move
    closer_id: Mapped[UUID]
    closed_at: Mapped[datetime]
    confirmer_id: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    invoice_number: Mapped[str | None] = mapped_column(String(40))
    voucher_number: Mapped[str | None] = mapped_column(String(40))
    payment_asker_id: Mapped[UUID | None]  # the first of two officers, above the limit
    pay_id: Mapped[UUID | None]
    payer_id: Mapped[UUID | None]
    paid_at: Mapped[datetime | None]

    @property
    def total_fen(self) -> int:
        """What is to be paid; nothing, where it is not positive: then it is carried to the next one."""
        return self.fen + self.carried_fen


class StatementLine(InOffice, Base):
    """One capture, or one void, on the only statement it is ever on. Never changed."""

    __tablename__ = "statement_lines"
    __table_args__ = (
        within_office("statement_id", "statements"),
        within_office("redemption_id", "redemptions"),
        once_in_office("statement_id", "number"),
        once_in_office("entry_id"),
        once_in_office("redemption_id", "kind"),
        CheckConstraint("kind IN ('capture', 'void')", name="kind_is_known"),
        CheckConstraint("(kind = 'capture') = (points > 0)", name="voids_are_negative"),
        CheckConstraint("points <> 0", name="points_moved"),
    )

    statement_id: Mapped[UUID]
    number: Mapped[int]  # 1, 2, 3 … in the order in which it happened
    kind: Mapped[str] = mapped_column(String(7))
    redemption_id: Mapped[UUID]
    entry_id: Mapped[UUID]  # of the ledger: the capture or the refund
    happened_at: Mapped[datetime]
    points: Mapped[int]
    fen: Mapped[int]


class Dispute(InOffice, Base):
    """What somebody says is wrong with a line, and what was answered."""

    __tablename__ = "statement_disputes"
    __table_args__ = (
        within_office("statement_id", "statements"),
        within_office("line_id", "statement_lines"),
        within_office("raiser_id", "people"),
        within_office("adjust_asker_id", "people"),
        within_office("answerer_id", "people"),
        once_in_office("line_id"),
        listed_by("statement_id"),
        CheckConstraint("state IN ('open', 'answered', 'adjusted')", name="state_is_known"),
        CheckConstraint("(state = 'open') = (answerer_id IS NULL)", name="answered_by_somebody"),
        CheckConstraint("state <> 'adjusted' OR adjust_asker_id <> answerer_id", name="adjusted_by_two"),
    )

    statement_id: Mapped[UUID]
    line_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(200))
    raiser_id: Mapped[UUID]
    raised_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="open")
    adjust_asker_id: Mapped[UUID | None]  # the first of two officers who wants the redemption voided
    answer: Mapped[str | None] = mapped_column(String(200))
    answerer_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
