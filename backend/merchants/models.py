"""Merchants, offers and redemptions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office


class Merchant(InOffice, Base):
    """A shop that takes points and is paid back its contract share of their nominal value."""

    __tablename__ = "merchants"
    __table_args__ = (
        within_office("area_id", "areas"),
        within_office("applicant_id", "people"),
        within_office("decider_id", "people"),
        once_in_office("name"),
        once_in_office("credit_code"),
        listed_by("state", "id"),
        CheckConstraint("share_percent BETWEEN 1 AND 100", name="share_is_a_percentage"),
        CheckConstraint("state IN ('applied', 'active', 'suspended', 'declined')", name="state_is_known"),
        CheckConstraint("settlement_cycle IN ('week', 'month')", name="cycle_is_known"),
        CheckConstraint("decider_id <> applicant_id", name="nobody_decides_their_own"),
    )

    name: Mapped[str] = mapped_column(String(60))
    area_id: Mapped[UUID]
    address: Mapped[str] = mapped_column(String(100))
    share_percent: Mapped[int] = mapped_column(SmallInteger, default=100)
    settlement_cycle: Mapped[str] = mapped_column(String(5), default="month", server_default=text("'month'"))
    person_a_day: Mapped[int | None]  # most points one person may redeem here on a day; empty: no cap
    person_a_month: Mapped[int | None]
    shop_a_day: Mapped[int | None]  # and everybody together
    shop_a_month: Mapped[int | None]
    credit_code: Mapped[str | None] = mapped_column(String(18))  # 统一社会信用代码; empty: entered by the office itself
    contact: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default="active")
    applicant_id: Mapped[UUID | None]  # who applied; the owner once it is approved
    applied_at: Mapped[datetime | None]
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(String(200))
    search: Mapped[str] = mapped_column(String(600))


class Offer(InOffice, Base):
    """Something a merchant gives for points (and a price in fen paid at the till, if any)."""

    __tablename__ = "offers"
    __table_args__ = (
        within_office("merchant_id", "merchants"),
        within_office("picture_id", "pictures"),
        within_office("replaces_id", "offers"),
        within_office("author_id", "people"),
        within_office("decider_id", "people"),
        listed_by("merchant_id"),
        listed_by("state", "price_points"),
        CheckConstraint("kind IN ('counter', 'reserved')", name="kind_is_known"),
        CheckConstraint("state IN ('review', 'live', 'withdrawn', 'declined')", name="state_is_known"),
        CheckConstraint("per_period IN ('ever', 'month', 'week', 'day')", name="period_is_known"),
        CheckConstraint("(opens_minute IS NULL) = (closes_minute IS NULL)", name="opens_and_closes"),
        CheckConstraint("opens_minute >= 0 AND closes_minute <= 1440", name="within_a_day"),
        CheckConstraint("opens_minute < closes_minute", name="opens_before_it_closes"),
        CheckConstraint("decider_id <> author_id", name="nobody_decides_their_own"),
        CheckConstraint("price_points BETWEEN 1 AND 1000000", name="costs_points"),
        CheckConstraint("price_fen >= 0", name="price_is_not_negative"),
        CheckConstraint("stock >= 0", name="not_oversold"),
        CheckConstraint("per_person >= 1", name="at_least_one_each"),
    )

    merchant_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(8))
    price_points: Mapped[int]
    price_fen: Mapped[int] = mapped_column(default=0)
    stock: Mapped[int]
    per_person: Mapped[int | None]  # how many one person may have in the period; empty: no limit
    per_period: Mapped[str] = mapped_column(String(5), default="ever", server_default=text("'ever'"))
    description: Mapped[str] = mapped_column(String(500), default="", server_default=text("''"))
    opens_minute: Mapped[int | None] = mapped_column(SmallInteger)  # of the day, Asia/Shanghai; empty: all day
    closes_minute: Mapped[int | None] = mapped_column(SmallInteger)
    picture_id: Mapped[UUID | None]
    replaces_id: Mapped[UUID | None]  # the version before, with another price; holds of it keep theirs
    state: Mapped[str] = mapped_column(String(10), default="live")
    author_id: Mapped[UUID | None]  # empty: entered by the office itself
    decider_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(String(200))
    search: Mapped[str] = mapped_column(String(600))


class Redemption(InOffice, Base):
    """One person's wish for an offer, from hold to capture; every step names its ledger entry."""

    __tablename__ = "redemptions"
    __table_args__ = (
        within_office("offer_id", "offers"),
        within_office("merchant_id", "merchants"),
        within_office("person_id", "people"),
        within_office("group_id", "groups"),
        within_office("spending_id", "group_spendings"),
        within_office("clerk_id", "people"),
        within_office("voider_id", "people"),
        within_office("void_asker_id", "people"),
        within_office("helper_id", "people"),
        within_office("household_id", "households"),
        once_in_office("person_id", "request_key"),
        once_in_office("helper_key"),
        once_in_office("shown_code"),
        once_in_office("code"),
        once_in_office("spending_id"),
        once_in_office("hold_id"),
        once_in_office("capture_id"),
        once_in_office("release_id"),
        once_in_office("refund_id"),
        listed_by("offer_id", "person_id"),
        listed_by("group_id", "offer_id"),
        listed_by("merchant_id", "captured_at"),
        listed_by("state", "expires_at"),
        listed_by("void_asked_at"),
        CheckConstraint("state IN ('held', 'captured', 'released', 'expired', 'voided')", name="state_is_known"),
        CheckConstraint("quantity BETWEEN 1 AND 1000", name="quantity_is_sane"),
        CheckConstraint("confirmed_at IS NULL OR needs_confirmation", name="confirmed_what_was_asked"),
        CheckConstraint("voucher_until < expires_at", name="a_voucher_is_outlived"),
        CheckConstraint("returned_quantity >= 0 AND returned_points >= 0", name="nothing_negative_returns"),
        CheckConstraint("returned_points = 0 OR capture_id IS NOT NULL", name="returned_by_a_capture"),
        CheckConstraint("(state IN ('captured', 'voided')) = (capture_id IS NOT NULL)", name="captured_is_posted"),
        CheckConstraint("(state IN ('released', 'expired')) = (release_id IS NOT NULL)", name="released_is_posted"),
        CheckConstraint("(state = 'voided') = (refund_id IS NOT NULL)", name="voided_is_posted"),
        CheckConstraint("clerk_id <> person_id", name="nobody_serves_themselves"),
        CheckConstraint("helper_id <> person_id", name="nobody_helps_themselves"),
        CheckConstraint("void_asker_id <> person_id", name="nobody_asks_to_void_their_own"),
        CheckConstraint("(void_asker_id IS NULL) = (void_asked_at IS NULL)", name="asked_by_somebody_at_some_time"),
        CheckConstraint("channel IN ('desk', 'card', 'code', 'household')", name="channel_is_known"),
        CheckConstraint(
            "(helper_id IS NULL) = (channel IS NULL) AND (helper_id IS NULL) = (helper_key IS NULL)",
            name="helped_by_somebody_somehow",
        ),
        CheckConstraint("group_id IS NULL OR helper_id IS NULL", name="leaders_spend_themselves"),
        CheckConstraint("spending_id IS NULL OR group_id IS NOT NULL", name="confirmed_for_a_group"),
        CheckConstraint("household_id IS NULL OR group_id IS NULL", name="one_wallet_pays"),
        CheckConstraint("shown_code IS NULL OR channel = 'code'", name="a_code_is_shown_at_the_counter"),
    )

    offer_id: Mapped[UUID]
    merchant_id: Mapped[UUID]
    person_id: Mapped[UUID]
    household_id: Mapped[UUID | None]  # whose pot pays; empty: the own wallet
    group_id: Mapped[UUID | None]  # whose wallet pays, where the person spends as its leader; empty: their own
    spending_id: Mapped[UUID | None]  # what a second leader confirmed, above the limit
    quantity: Mapped[int]
    points: Mapped[int]
    price_fen: Mapped[int]  # to be paid at the till
    returned_quantity: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # held, and not handed over
    returned_points: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    state: Mapped[str] = mapped_column(String(10), default="held")
    code: Mapped[str] = mapped_column(String(12))
    request_key: Mapped[str] = mapped_column(String(120))
    request_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    helper_id: Mapped[UUID | None]  # who asked for them; empty: they did so themselves
    channel: Mapped[str | None] = mapped_column(String(10))
    helper_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # the helper's own key, once in the office
    shown_code: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # the personal code that paid: good once
    needs_confirmation: Mapped[bool] = mapped_column(default=False, server_default=false())  # on the customer's phone
    confirmed_at: Mapped[datetime | None]
    hold_id: Mapped[UUID]
    held_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    voucher_until: Mapped[datetime | None]  # a shop without a network may take its signed voucher until then
    capture_id: Mapped[UUID | None]
    captured_at: Mapped[datetime | None]
    clerk_id: Mapped[UUID | None]
    release_id: Mapped[UUID | None]
    released_at: Mapped[datetime | None]
    refund_id: Mapped[UUID | None]
    voided_at: Mapped[datetime | None]
    voider_id: Mapped[UUID | None]
    void_asker_id: Mapped[UUID | None]  # the first of two officers, once the shop itself may no longer void it
    void_asked_at: Mapped[datetime | None]
    void_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    void_reason = Sealed[str | None](about="person_id", gone=None)

    @property
    def wallet(self) -> str:
        """Whose wallet pays, in the words of the API."""
        if self.group_id is not None:
            return f"group:{self.group_id}"
        return "household" if self.household_id else "own"


class RedemptionValue(InOffice, Base):
    """What the points of one fund in a redemption are worth to the merchant: fixed when it is created."""

    __tablename__ = "redemption_values"
    __table_args__ = (
        within_office("redemption_id", "redemptions"),
        within_office("fund_id", "funds"),
        once_in_office("redemption_id", "fund_id"),
        CheckConstraint("points > 0", name="points_are_paid"),
        CheckConstraint("fen >= 0", name="worth_is_not_negative"),
    )

    redemption_id: Mapped[UUID]
    fund_id: Mapped[UUID]
    points: Mapped[int]
    fen_per_100_points: Mapped[int]
    share_percent: Mapped[int] = mapped_column(SmallInteger)
    fen: Mapped[int]
