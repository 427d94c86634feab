"""Five tables. Four are append-only; balances are the only rows that change, and only below bounded accounts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from backend.foundation.tables import Base, UtcDateTime
from backend.ledger.accounts import MOST

lots = Table(
    "ledger_lots",
    Base.metadata,
    Column("book_id", SmallInteger, autoincrement=False),
    Column("id", Uuid),  # a hash of what follows, so that an altered lot shows
    Column("unit", String(8), nullable=False),
    Column("fund", String(40), nullable=False),  # '' for units nobody funds
    Column("last_day", Date, nullable=False),  # 9999-12-31 for points in funds and budgets
    PrimaryKeyConstraint("book_id", "id"),
    CheckConstraint("unit IN ('points', 'minutes', 'fen', 'owed')", name="unit_is_known"),
)

accounts = Table(
    "ledger_accounts",
    Base.metadata,
    Column("book_id", SmallInteger, autoincrement=False),
    Column("id", Uuid),
    Column("kind", String(20), nullable=False),
    Column("owner", String(80), nullable=False),  # opaque, never a name
    PrimaryKeyConstraint("book_id", "id"),
)

balances = Table(
    "ledger_balances",
    Base.metadata,
    Column("book_id", SmallInteger, autoincrement=False),
    Column("account_id", Uuid),
    Column("lot_id", Uuid),
    Column("balance", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),  # how many entries have changed it
    PrimaryKeyConstraint("book_id", "account_id", "lot_id"),
    ForeignKeyConstraint(["book_id", "account_id"], ["ledger_accounts.book_id", "ledger_accounts.id"]),
    ForeignKeyConstraint(["book_id", "lot_id"], ["ledger_lots.book_id", "ledger_lots.id"]),
    CheckConstraint(f"balance BETWEEN 0 AND {MOST}", name="never_below_zero"),
)

entries = Table(
    "ledger_entries",
    Base.metadata,
    Column("book_id", SmallInteger, autoincrement=False),
    Column("id", Uuid),
    Column("key", String(240), nullable=False),
    Column("fingerprint", LargeBinary(32)),  # of a client's own figures; natural keys have none
    Column("kind", String(12), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("origin", String(80), nullable=False),
    Column("resolves_id", Uuid),
    Column("reverses_id", Uuid),
    Column("hold_expires_at", UtcDateTime),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("book_id", "id"),
    UniqueConstraint("book_id", "key"),
    UniqueConstraint("book_id", "resolves_id"),
    UniqueConstraint("book_id", "reverses_id"),
    ForeignKeyConstraint(["book_id", "resolves_id"], ["ledger_entries.book_id", "ledger_entries.id"]),
    ForeignKeyConstraint(["book_id", "reverses_id"], ["ledger_entries.book_id", "ledger_entries.id"]),
    CheckConstraint("key LIKE kind || ':%'", name="key_begins_with_kind"),
    CheckConstraint("(kind = 'hold') = (hold_expires_at IS NOT NULL)", name="holds_expire"),
    CheckConstraint("(kind IN ('capture', 'release')) = (resolves_id IS NOT NULL)", name="resolutions_name_a_hold"),
    CheckConstraint("(kind IN ('refund', 'reverse')) = (reverses_id IS NOT NULL)", name="reversals_name_an_entry"),
    CheckConstraint(
        "(kind IN ('hold', 'gift', 'thank')) = (fingerprint IS NOT NULL)", name="clients_keys_have_fingerprints"
    ),
)

postings = Table(
    "ledger_postings",
    Base.metadata,
    Column("book_id", SmallInteger, autoincrement=False),
    Column("entry_id", Uuid),
    Column("n", Integer, autoincrement=False),
    Column("lot_id", Uuid, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("destination_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    # What the balance row said after the whole entry; NULL where the account has no balance row.
    Column("source_after", BigInteger),
    Column("source_version", BigInteger),
    Column("destination_after", BigInteger),
    Column("destination_version", BigInteger),
    PrimaryKeyConstraint("book_id", "entry_id", "n"),
    ForeignKeyConstraint(["book_id", "entry_id"], ["ledger_entries.book_id", "ledger_entries.id"]),
    ForeignKeyConstraint(["book_id", "lot_id"], ["ledger_lots.book_id", "ledger_lots.id"]),
    ForeignKeyConstraint(["book_id", "source_id"], ["ledger_accounts.book_id", "ledger_accounts.id"]),
    ForeignKeyConstraint(["book_id", "destination_id"], ["ledger_accounts.book_id", "ledger_accounts.id"]),
    CheckConstraint(f"amount BETWEEN 1 AND {MOST}", name="amount_is_positive"),
    CheckConstraint("source_id <> destination_id", name="goes_somewhere"),
    Index(None, "book_id", "source_id", "entry_id"),
    Index(None, "book_id", "destination_id", "entry_id"),
)
