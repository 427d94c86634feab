"""Persons, their WeChat accounts, cards and gifts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.sealed import Sealed
from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

TRIES = 5  # of a card's PIN

ERASED = "已注销居民"  # what everybody reads in place of the name of somebody who had themselves erased


class Person(InOffice, Base):
    """Somebody in one office: a WeChat user, or an elder whom a worker entered."""

    __tablename__ = "people"
    __table_args__ = (
        ForeignKeyConstraint(["office_id"], ["offices.id"]),
        within_office("household_id", "households"),
        within_office("merged_into_id", "people"),
        once_in_office("code_token"),
        listed_by("household_id"),
        listed_by("merged_into_id"),
        CheckConstraint("verified IN ('none', 'phone', 'resident')", name="verified_is_known"),
        CheckConstraint("household_role IN ('head', 'member')", name="household_role_is_known"),
        CheckConstraint("(household_id IS NULL) = (household_role IS NULL)", name="role_only_in_a_household"),
        CheckConstraint("age_class IN ('adult', '14-17', 'under_14')", name="age_class_is_known"),
        CheckConstraint("merged_into_id <> id", name="nobody_merges_into_themselves"),
        CheckConstraint("merged_into_id IS NULL OR household_id IS NULL", name="who_is_merged_lives_elsewhere"),
        CheckConstraint("parted_at IS NULL OR household_id IS NULL", name="who_is_gone_lives_nowhere"),
    )

    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    verified: Mapped[str] = mapped_column(String(8), default="none")
    household_id: Mapped[UUID | None]
    household_role: Mapped[str | None] = mapped_column(String(8))
    household_since: Mapped[datetime | None]  # empty: since before we wrote it down, so long ago
    age_class: Mapped[str] = mapped_column(String(8), default="adult")
    elder_mode: Mapped[bool] = mapped_column(default=False)
    code_token: Mapped[str] = mapped_column(String(16))  # the fixed part of the personal code
    joined_at: Mapped[datetime]
    merged_into_id: Mapped[UUID | None]  # whom they are today; always somebody who is not merged themselves
    took_over_at: Mapped[datetime | None]  # when another account was merged into this one; almost always empty
    parted_at: Mapped[datetime | None]  # when they died or left us for good

    name = Sealed[str](about="id", gone=ERASED)  # what they are called

    @property
    def placeholder(self) -> str:
        """A polite number, where a worker removed the name."""
        return f"居民{self.id.int % 9000 + 1000}"

    @property
    def masked_name(self) -> str:
        """王小英 → 王*英, for everybody who only needs to recognise them."""
        return masked(self.name)


class WeChatAccount(InOffice, Base):
    """A WeChat user of our mini-program and who they are here; after a merge several are one person."""

    __tablename__ = "wechat_accounts"
    __table_args__ = (within_office("person_id", "people"), once_in_office("openid_index"), listed_by("person_id"))

    openid_index: Mapped[bytes] = mapped_column(LargeBinary(32))  # recognises the WeChat user, tells nobody who
    openid_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # empty: not logged in since we keep it
    person_id: Mapped[UUID]
    joined_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]  # at a login

    openid = Sealed[str | None](about="person_id", gone=None)  # what WeChat calls them, for messages and safety checks


class Card(InOffice, Base):
    """A paper card: a random token on the paper, a PIN in the holder's head, neither stored as it is.

    Somebody has one that is not blocked; those before it stay, and what was done with them.
    """

    __tablename__ = "cards"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("replaces_id", "cards"),
        once_in_office("fingerprint"),
        Index(
            "uq_cards_one_in_use",
            "office_id",
            "person_id",
            unique=True,
            sqlite_where=text("blocked_at IS NULL"),
            postgresql_where=text("blocked_at IS NULL"),
        ),
        listed_by("person_id"),
        CheckConstraint("wrong_pins BETWEEN 0 AND 5", name="five_tries"),
        CheckConstraint("replaces_id <> id", name="replaces_another"),
    )

    person_id: Mapped[UUID]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    pin_hash: Mapped[str] = mapped_column(String(200))
    wrong_pins: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))  # since a right one
    issued_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    replaces_id: Mapped[UUID | None]

    @property
    def number(self) -> str:
        """What people call the card; printed on it, and good for nothing else."""
        return f"{self.id.int % 10**8:08d}"

    @property
    def is_locked(self) -> bool:
        """Too many wrong PINs: it still checks in, and spends again once the PIN was set anew at the desk."""
        return self.wrong_pins >= TRIES

    @property
    def is_blocked(self) -> bool:
        return self.blocked_at is not None


class Gift(InOffice, Base):
    """Points somebody gave to their household's pot or to the charity pool; it names its ledger entry."""

    __tablename__ = "gifts"
    __table_args__ = (
        within_office("person_id", "people"),
        within_office("household_id", "households"),
        once_in_office("person_id", "request_key"),
        once_in_office("entry_id"),
        CheckConstraint("points > 0", name="points_move"),
    )

    person_id: Mapped[UUID]
    household_id: Mapped[UUID | None]  # empty: to the charity pool
    points: Mapped[int] = mapped_column(BigInteger)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    request_key: Mapped[str] = mapped_column(String(120))
    request_fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    entry_id: Mapped[UUID]
    given_at: Mapped[datetime]

    note = Sealed[str | None](about="person_id", gone=None)

    @property
    def to(self) -> str:
        """Where it went, in the words of the API."""
        return "charity_pool" if self.household_id is None else "household"


def masked(name: str) -> str:
    """The first and the last character stay; of two characters only the first. Who is erased is called so in full."""
    if name == ERASED:
        return name
    return name[:1] + "*" * max(1, len(name) - 2) + (name[-1:] if len(name) > 2 else "")
