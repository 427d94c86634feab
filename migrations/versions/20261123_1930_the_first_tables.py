"""The first tables: offices and people, groups, funds, activities, merchants, and the ledger with its triggers.

What to expect: an empty database gets everything; nothing else is touched. Downgrading removes every row.
"""

import sqlalchemy as sa
from alembic import op

from backend.ledger import triggers

revision = "20261123_1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("book_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_ledger_accounts")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("book_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("resolves_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("hold_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'hold') = (hold_expires_at IS NOT NULL)", name=op.f("ck_ledger_entries_holds_expire")
        ),
        sa.CheckConstraint(
            "(kind IN ('capture', 'release')) = (resolves_id IS NOT NULL)",
            name=op.f("ck_ledger_entries_resolutions_name_a_hold"),
        ),
        sa.CheckConstraint(
            "(kind IN ('refund', 'reverse')) = (reverses_id IS NOT NULL)",
            name=op.f("ck_ledger_entries_reversals_name_an_entry"),
        ),
        sa.CheckConstraint(
            "(kind IN ('hold', 'gift', 'thank')) = (fingerprint IS NOT NULL)",
            name=op.f("ck_ledger_entries_clients_keys_have_fingerprints"),
        ),
        sa.CheckConstraint("key LIKE kind || ':%'", name=op.f("ck_ledger_entries_key_begins_with_kind")),
        sa.ForeignKeyConstraint(
            ["book_id", "resolves_id"],
            ["ledger_entries.book_id", "ledger_entries.id"],
            name=op.f("fk_ledger_entries_book_id_resolves_id"),
        ),
        sa.ForeignKeyConstraint(
            ["book_id", "reverses_id"],
            ["ledger_entries.book_id", "ledger_entries.id"],
            name=op.f("fk_ledger_entries_book_id_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("book_id", "key", name=op.f("uq_ledger_entries_book_id_key")),
        sa.UniqueConstraint("book_id", "resolves_id", name=op.f("uq_ledger_entries_book_id_resolves_id")),
        sa.UniqueConstraint("book_id", "reverses_id", name=op.f("uq_ledger_entries_book_id_reverses_id")),
    )
    op.create_table(
        "ledger_lots",
        sa.Column("book_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("fund", sa.String(length=40), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("unit IN ('points', 'minutes', 'fen', 'owed')", name=op.f("ck_ledger_lots_unit_is_known")),
        sa.PrimaryKeyConstraint("book_id", "id", name=op.f("pk_ledger_lots")),
    )
    op.create_table(
        "offices",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
        sa.UniqueConstraint("name", name=op.f("uq_offices_name")),
    )
    op.create_table(
        "areas",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'community') = (parent_id IS NULL)", name=op.f("ck_areas_communities_are_at_the_top")
        ),
        sa.CheckConstraint("kind IN ('community', 'grid', 'building', 'unit')", name=op.f("ck_areas_kind_is_known")),
        sa.CheckConstraint("path LIKE '/%/'", name=op.f("ck_areas_path_has_both_slashes")),
        sa.ForeignKeyConstraint(
            ["office_id", "parent_id"], ["areas.office_id", "areas.id"], name=op.f("fk_areas_office_id_parent_id")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_areas_office_id")),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_areas")),
        sa.UniqueConstraint("office_id", "path", name=op.f("uq_areas_office_id_path")),
    )
    op.create_table(
        "ledger_balances",
        sa.Column("book_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance BETWEEN 0 AND 9007199254740991", name=op.f("ck_ledger_balances_never_below_zero")),
        sa.ForeignKeyConstraint(
            ["book_id", "account_id"],
            ["ledger_accounts.book_id", "ledger_accounts.id"],
            name=op.f("fk_ledger_balances_book_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["book_id", "lot_id"],
            ["ledger_lots.book_id", "ledger_lots.id"],
            name=op.f("fk_ledger_balances_book_id_lot_id"),
        ),
        sa.PrimaryKeyConstraint("book_id", "account_id", "lot_id", name=op.f("pk_ledger_balances")),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("book_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("source_after", sa.BigInteger(), nullable=True),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("destination_after", sa.BigInteger(), nullable=True),
        sa.Column("destination_version", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount BETWEEN 1 AND 9007199254740991", name=op.f("ck_ledger_postings_amount_is_positive")),
        sa.CheckConstraint("source_id <> destination_id", name=op.f("ck_ledger_postings_goes_somewhere")),
        sa.ForeignKeyConstraint(
            ["book_id", "destination_id"],
            ["ledger_accounts.book_id", "ledger_accounts.id"],
            name=op.f("fk_ledger_postings_book_id_destination_id"),
        ),
        sa.ForeignKeyConstraint(
            ["book_id", "entry_id"],
            ["ledger_entries.book_id", "ledger_entries.id"],
            name=op.f("fk_ledger_postings_book_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["book_id", "lot_id"],
            ["ledger_lots.book_id", "ledger_lots.id"],
            name=op.f("fk_ledger_postings_book_id_lot_id"),
        ),
        sa.ForeignKeyConstraint(
            ["book_id", "source_id"],
            ["ledger_accounts.book_id", "ledger_accounts.id"],
            name=op.f("fk_ledger_postings_book_id_source_id"),
        ),
        sa.PrimaryKeyConstraint("book_id", "entry_id", "n", name=op.f("pk_ledger_postings")),
    )
    with op.batch_alter_table("ledger_postings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_postings_book_id_destination_id_entry_id"),
            ["book_id", "destination_id", "entry_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_postings_book_id_source_id_entry_id"),
            ["book_id", "source_id", "entry_id"],
            unique=False,
        )

    op.create_table(
        "households",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("door_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_households_office_id_area_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_households")),
    )
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_households_office_id_area_id"), ["office_id", "area_id"], unique=False)

    op.create_table(
        "merchants",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=100), nullable=False),
        sa.Column("share_percent", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("search", sa.String(length=600), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended')", name=op.f("ck_merchants_state_is_known")),
        sa.CheckConstraint("share_percent BETWEEN 1 AND 100", name=op.f("ck_merchants_share_is_a_percentage")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_merchants_office_id_area_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_merchants")),
        sa.UniqueConstraint("office_id", "name", name=op.f("uq_merchants_office_id_name")),
    )
    op.create_table(
        "offers",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("price_points", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("search", sa.String(length=600), nullable=False),
        sa.CheckConstraint("kind IN ('counter', 'reserved')", name=op.f("ck_offers_kind_is_known")),
        sa.CheckConstraint("state IN ('live', 'withdrawn')", name=op.f("ck_offers_state_is_known")),
        sa.CheckConstraint("per_person >= 1", name=op.f("ck_offers_at_least_one_each")),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_offers_price_is_not_negative")),
        sa.CheckConstraint("price_points BETWEEN 1 AND 1000000", name=op.f("ck_offers_costs_points")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_offers_not_oversold")),
        sa.ForeignKeyConstraint(
            ["office_id", "merchant_id"],
            ["merchants.office_id", "merchants.id"],
            name=op.f("fk_offers_office_id_merchant_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_offers")),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offers_office_id_merchant_id"), ["office_id", "merchant_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_offers_office_id_state_price_points"), ["office_id", "state", "price_points"], unique=False
        )

    op.create_table(
        "people",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("verified", sa.String(length=8), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("household_role", sa.String(length=8), nullable=True),
        sa.Column("age_class", sa.String(length=8), nullable=False),
        sa.Column("elder_mode", sa.Boolean(), nullable=False),
        sa.Column("code_token", sa.String(length=16), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("age_class IN ('adult', '14-17', 'under_14')", name=op.f("ck_people_age_class_is_known")),
        sa.CheckConstraint("household_role IN ('head', 'member')", name=op.f("ck_people_household_role_is_known")),
        sa.CheckConstraint("verified IN ('none', 'phone', 'resident')", name=op.f("ck_people_verified_is_known")),
        sa.CheckConstraint(
            "(household_id IS NULL) = (household_role IS NULL)", name=op.f("ck_people_role_only_in_a_household")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "household_id"],
            ["households.office_id", "households.id"],
            name=op.f("fk_people_office_id_household_id"),
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_people_office_id")),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_people")),
        sa.UniqueConstraint("office_id", "code_token", name=op.f("uq_people_office_id_code_token")),
        sa.UniqueConstraint("office_id", "openid_index", name=op.f("uq_people_office_id_openid_index")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_people_office_id_household_id"), ["office_id", "household_id"], unique=False
        )

    op.create_table(
        "cards",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"], ["people.office_id", "people.id"], name=op.f("fk_cards_office_id_person_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_cards")),
        sa.UniqueConstraint("office_id", "fingerprint", name=op.f("uq_cards_office_id_fingerprint")),
    )
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cards_office_id_person_id"), ["office_id", "person_id"], unique=False)

    op.create_table(
        "funds",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("fen_per_100_points", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("leader_limit_points", sa.BigInteger(), nullable=True),
        sa.Column("opener_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('fiscal', 'foundation', 'crowdfunding', 'sponsor')", name=op.f("ck_funds_source_is_known")
        ),
        sa.CheckConstraint("fen_per_100_points BETWEEN 0 AND 1000000", name=op.f("ck_funds_rate_is_sane")),
        sa.CheckConstraint("leader_limit_points >= 0", name=op.f("ck_funds_limit_is_not_negative")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_funds_office_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "opener_id"], ["people.office_id", "people.id"], name=op.f("fk_funds_office_id_opener_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_funds")),
        sa.UniqueConstraint("office_id", "name", name=op.f("uq_funds_office_id_name")),
    )
    op.create_table(
        "groups",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("theme", sa.String(length=200), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("founder_id", sa.Uuid(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("search", sa.String(length=600), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('service', 'public_good', 'mutual_aid', 'culture_sports', 'governance')",
            name=op.f("ck_groups_category_is_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('circle', 'forming', 'filed', 'suspended', 'dissolved')", name=op.f("ck_groups_stage_is_known")
        ),
        sa.CheckConstraint("members >= 0", name=op.f("ck_groups_members_are_counted")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_groups_office_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "founder_id"], ["people.office_id", "people.id"], name=op.f("fk_groups_office_id_founder_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_groups")),
    )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_groups_office_id_area_id"), ["office_id", "area_id"], unique=False)

    op.create_table(
        "redemptions",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("request_key", sa.String(length=120), nullable=False),
        sa.Column("request_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capture_id", sa.Uuid(), nullable=True),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("release_id", sa.Uuid(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voider_id", sa.Uuid(), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'voided') = (refund_id IS NOT NULL)", name=op.f("ck_redemptions_voided_is_posted")
        ),
        sa.CheckConstraint(
            "(state IN ('captured', 'voided')) = (capture_id IS NOT NULL)",
            name=op.f("ck_redemptions_captured_is_posted"),
        ),
        sa.CheckConstraint(
            "(state IN ('released', 'expired')) = (release_id IS NOT NULL)",
            name=op.f("ck_redemptions_released_is_posted"),
        ),
        sa.CheckConstraint(
            "state IN ('held', 'captured', 'released', 'expired', 'voided')", name=op.f("ck_redemptions_state_is_known")
        ),
        sa.CheckConstraint("clerk_id <> person_id", name=op.f("ck_redemptions_nobody_serves_themselves")),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000", name=op.f("ck_redemptions_quantity_is_sane")),
        sa.ForeignKeyConstraint(
            ["office_id", "clerk_id"], ["people.office_id", "people.id"], name=op.f("fk_redemptions_office_id_clerk_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "merchant_id"],
            ["merchants.office_id", "merchants.id"],
            name=op.f("fk_redemptions_office_id_merchant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "offer_id"], ["offers.office_id", "offers.id"], name=op.f("fk_redemptions_office_id_offer_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_redemptions_office_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "voider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_redemptions_office_id_voider_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("office_id", "capture_id", name=op.f("uq_redemptions_office_id_capture_id")),
        sa.UniqueConstraint("office_id", "code", name=op.f("uq_redemptions_office_id_code")),
        sa.UniqueConstraint("office_id", "hold_id", name=op.f("uq_redemptions_office_id_hold_id")),
        sa.UniqueConstraint(
            "office_id", "person_id", "request_key", name=op.f("uq_redemptions_office_id_person_id_request_key")
        ),
        sa.UniqueConstraint("office_id", "refund_id", name=op.f("uq_redemptions_office_id_refund_id")),
        sa.UniqueConstraint("office_id", "release_id", name=op.f("uq_redemptions_office_id_release_id")),
    )
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_redemptions_office_id_merchant_id_captured_at"),
            ["office_id", "merchant_id", "captured_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_redemptions_office_id_offer_id_person_id"),
            ["office_id", "offer_id", "person_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_redemptions_office_id_state_expires_at"), ["office_id", "state", "expires_at"], unique=False
        )

    op.create_table(
        "refresh_tokens",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_refresh_tokens_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("office_id", "fingerprint", name=op.f("uq_refresh_tokens_office_id_fingerprint")),
    )
    with op.batch_alter_table("refresh_tokens", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_refresh_tokens_office_id_family_id"), ["office_id", "family_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_refresh_tokens_office_id_person_id"), ["office_id", "person_id"], unique=False
        )

    op.create_table(
        "roles",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("scope_type", sa.String(length=10), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("scope_name", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('leader', 'deputy', 'helper', 'clerk', 'owner', 'worker', 'officer', 'auditor')",
            name=op.f("ck_roles_role_is_known"),
        ),
        sa.CheckConstraint(
            "scope_type IN ('office', 'area', 'group', 'merchant')", name=op.f("ck_roles_scope_type_is_known")
        ),
        sa.CheckConstraint("granted_by_id <> person_id", name=op.f("ck_roles_nobody_grants_to_themselves")),
        sa.ForeignKeyConstraint(
            ["office_id", "granted_by_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_roles_office_id_granted_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"], ["people.office_id", "people.id"], name=op.f("fk_roles_office_id_person_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_roles")),
    )
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roles_office_id_person_id"), ["office_id", "person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_roles_office_id_scope"), ["office_id", "scope"], unique=False)

    op.create_table(
        "activities",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("responsible_person", sa.String(length=40), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("places_taken", sa.Integer(), nullable=False),
        sa.Column("points_per_hour", sa.Integer(), nullable=True),
        sa.Column("points_fixed", sa.Integer(), nullable=True),
        sa.Column("points_max", sa.Integer(), nullable=False),
        sa.Column("check_in", sa.String(length=4), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=True),
        sa.Column("budget_points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("search", sa.String(length=600), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("needs_worker_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publisher_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("head_count", sa.Integer(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL) OR state = 'cancelled'",
            name=op.f("ck_activities_published_once"),
        ),
        sa.CheckConstraint("check_in IN ('self', 'scan')", name=op.f("ck_activities_check_in_is_known")),
        sa.CheckConstraint(
            "kind IN ('service', 'participation', 'training', 'meeting')", name=op.f("ck_activities_kind_is_known")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'settled', 'cancelled')", name=op.f("ck_activities_state_is_known")
        ),
        sa.CheckConstraint("budget_points = 0 OR fund_id IS NOT NULL", name=op.f("ck_activities_somebody_pays")),
        sa.CheckConstraint("places_taken BETWEEN 0 AND capacity", name=op.f("ck_activities_not_overbooked")),
        sa.CheckConstraint(
            "points_fixed IS NULL OR points_per_hour IS NULL", name=op.f("ck_activities_fixed_or_hourly")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_activities_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_activities_office_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "creator_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_activities_office_id_creator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "fund_id"], ["funds.office_id", "funds.id"], name=op.f("fk_activities_office_id_fund_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"], ["groups.office_id", "groups.id"], name=op.f("fk_activities_office_id_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "publisher_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_activities_office_id_publisher_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_activities")),
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activities_office_id_area_id"), ["office_id", "area_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activities_office_id_group_id"), ["office_id", "group_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_activities_office_id_state_starts_at"), ["office_id", "state", "starts_at"], unique=False
        )

    op.create_table(
        "allocations",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("request_key", sa.String(length=120), nullable=False),
        sa.Column("request_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (entry_id IS NOT NULL)", name=op.f("ck_allocations_approved_means_posted")
        ),
        sa.CheckConstraint(
            "(state = 'requested') = (decider_id IS NULL)", name=op.f("ck_allocations_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined')", name=op.f("ck_allocations_state_is_known")
        ),
        sa.CheckConstraint("decider_id <> requester_id", name=op.f("ck_allocations_two_persons")),
        sa.CheckConstraint("points BETWEEN 1 AND 1000000000000", name=op.f("ck_allocations_points_are_sane")),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_allocations_office_id_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "fund_id"], ["funds.office_id", "funds.id"], name=op.f("fk_allocations_office_id_fund_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "requester_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_allocations_office_id_requester_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_allocations")),
        sa.UniqueConstraint(
            "office_id", "requester_id", "request_key", name=op.f("uq_allocations_office_id_requester_id_request_key")
        ),
    )
    with op.batch_alter_table("allocations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allocations_office_id_fund_id"), ["office_id", "fund_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocations_office_id_state"), ["office_id", "state"], unique=False)

    op.create_table(
        "applications",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('applied', 'approved', 'declined', 'withdrawn')", name=op.f("ck_applications_state_is_known")
        ),
        sa.CheckConstraint("decider_id <> person_id", name=op.f("ck_applications_nobody_approves_themselves")),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_applications_office_id_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"],
            ["groups.office_id", "groups.id"],
            name=op.f("fk_applications_office_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_applications_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_applications")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_applications_office_id_group_id_state"), ["office_id", "group_id", "state"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_applications_office_id_person_id"), ["office_id", "person_id"], unique=False
        )
        batch_op.create_index(
            "uq_applications_one_open",
            ["office_id", "group_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'applied'"),
            postgresql_where=sa.text("state = 'applied'"),
        )

    op.create_table(
        "memberships",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"], ["groups.office_id", "groups.id"], name=op.f("fk_memberships_office_id_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_memberships_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "office_id", "group_id", "person_id", name=op.f("uq_memberships_office_id_group_id_person_id")
        ),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_memberships_office_id_person_id"), ["office_id", "person_id"], unique=False
        )

    op.create_table(
        "redemption_values",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("fen_per_100_points", sa.Integer(), nullable=False),
        sa.Column("share_percent", sa.SmallInteger(), nullable=False),
        sa.Column("fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("fen >= 0", name=op.f("ck_redemption_values_worth_is_not_negative")),
        sa.CheckConstraint("points > 0", name=op.f("ck_redemption_values_points_are_paid")),
        sa.ForeignKeyConstraint(
            ["office_id", "fund_id"],
            ["funds.office_id", "funds.id"],
            name=op.f("fk_redemption_values_office_id_fund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "redemption_id"],
            ["redemptions.office_id", "redemptions.id"],
            name=op.f("fk_redemption_values_office_id_redemption_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_redemption_values")),
        sa.UniqueConstraint(
            "office_id", "redemption_id", "fund_id", name=op.f("uq_redemption_values_office_id_redemption_id_fund_id")
        ),
    )
    op.create_table(
        "budget_changes",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('reserve', 'return')", name=op.f("ck_budget_changes_kind_is_known")),
        sa.CheckConstraint("points > 0", name=op.f("ck_budget_changes_points_move")),
        sa.ForeignKeyConstraint(
            ["office_id", "activity_id"],
            ["activities.office_id", "activities.id"],
            name=op.f("fk_budget_changes_office_id_activity_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_budget_changes")),
        sa.UniqueConstraint("office_id", "entry_id", name=op.f("uq_budget_changes_office_id_entry_id")),
    )
    with op.batch_alter_table("budget_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_budget_changes_office_id_activity_id"), ["office_id", "activity_id"], unique=False
        )

    op.create_table(
        "sessions",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_sessions_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["office_id", "activity_id"],
            ["activities.office_id", "activities.id"],
            name=op.f("fk_sessions_office_id_activity_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sessions_office_id_activity_id"), ["office_id", "activity_id"], unique=False
        )

    op.create_table(
        "sign_ups",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("signed_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('placed', 'offered', 'waiting', 'withdrawn')", name=op.f("ck_sign_ups_state_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "activity_id"],
            ["activities.office_id", "activities.id"],
            name=op.f("fk_sign_ups_office_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"], ["people.office_id", "people.id"], name=op.f("fk_sign_ups_office_id_person_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_sign_ups")),
        sa.UniqueConstraint(
            "office_id", "activity_id", "person_id", name=op.f("uq_sign_ups_office_id_activity_id_person_id")
        ),
    )
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_ups_office_id_activity_id_state_signed_up_at"),
            ["office_id", "activity_id", "state", "signed_up_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_sign_ups_office_id_person_id"), ["office_id", "person_id"], unique=False)

    op.create_table(
        "check_ins",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recorder_id", sa.Uuid(), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_by_id", sa.Uuid(), nullable=True),
        sa.Column("confidence", sa.String(length=6), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("points_due", sa.Integer(), nullable=False),
        sa.Column("unpaid", sa.String(length=20), nullable=True),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("serve_id", sa.Uuid(), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "confidence <> 'listed' OR reason IS NOT NULL", name=op.f("ck_check_ins_a_ticked_name_has_a_reason")
        ),
        sa.CheckConstraint(
            "confidence IN ('listed', 'self', 'card', 'scan')", name=op.f("ck_check_ins_confidence_is_known")
        ),
        sa.CheckConstraint("state IN ('recorded', 'review', 'undone')", name=op.f("ck_check_ins_state_is_known")),
        sa.CheckConstraint("(points > 0) = (award_id IS NOT NULL)", name=op.f("ck_check_ins_points_are_posted")),
        sa.CheckConstraint(
            "checked_out_at IS NULL OR checked_out_at >= checked_in_at", name=op.f("ck_check_ins_leaves_after_arriving")
        ),
        sa.CheckConstraint("reviewer_id <> person_id", name=op.f("ck_check_ins_nobody_confirms_themselves")),
        sa.CheckConstraint("serve_id IS NULL OR minutes > 0", name=op.f("ck_check_ins_minutes_are_posted")),
        sa.CheckConstraint("unpaid IS NULL OR points = 0", name=op.f("ck_check_ins_unpaid_means_no_points")),
        sa.ForeignKeyConstraint(
            ["office_id", "activity_id"],
            ["activities.office_id", "activities.id"],
            name=op.f("fk_check_ins_office_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "checked_out_by_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_check_ins_office_id_checked_out_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"], ["people.office_id", "people.id"], name=op.f("fk_check_ins_office_id_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "recorder_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_check_ins_office_id_recorder_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "reviewer_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_check_ins_office_id_reviewer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "session_id"],
            ["sessions.office_id", "sessions.id"],
            name=op.f("fk_check_ins_office_id_session_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("office_id", "award_id", name=op.f("uq_check_ins_office_id_award_id")),
        sa.UniqueConstraint("office_id", "serve_id", name=op.f("uq_check_ins_office_id_serve_id")),
        sa.UniqueConstraint(
            "office_id", "session_id", "person_id", name=op.f("uq_check_ins_office_id_session_id_person_id")
        ),
    )
    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_check_ins_office_id_activity_id_checked_in_at"),
            ["office_id", "activity_id", "checked_in_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_check_ins_office_id_activity_id_unpaid"),
            ["office_id", "activity_id", "unpaid"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_check_ins_office_id_person_id"), ["office_id", "person_id"], unique=False)

    for statement in triggers.statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("check_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_ins_office_id_person_id"))
        batch_op.drop_index(batch_op.f("ix_check_ins_office_id_activity_id_unpaid"))
        batch_op.drop_index(batch_op.f("ix_check_ins_office_id_activity_id_checked_in_at"))

    op.drop_table("check_ins")
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ups_office_id_person_id"))
        batch_op.drop_index(batch_op.f("ix_sign_ups_office_id_activity_id_state_signed_up_at"))

    op.drop_table("sign_ups")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_office_id_activity_id"))

    op.drop_table("sessions")
    with op.batch_alter_table("budget_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_budget_changes_office_id_activity_id"))

    op.drop_table("budget_changes")
    op.drop_table("redemption_values")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_office_id_person_id"))

    op.drop_table("memberships")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_applications_one_open",
            sqlite_where=sa.text("state = 'applied'"),
            postgresql_where=sa.text("state = 'applied'"),
        )
        batch_op.drop_index(batch_op.f("ix_applications_office_id_person_id"))
        batch_op.drop_index(batch_op.f("ix_applications_office_id_group_id_state"))

    op.drop_table("applications")
    with op.batch_alter_table("allocations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allocations_office_id_state"))
        batch_op.drop_index(batch_op.f("ix_allocations_office_id_fund_id"))

    op.drop_table("allocations")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activities_office_id_state_starts_at"))
        batch_op.drop_index(batch_op.f("ix_activities_office_id_group_id"))
        batch_op.drop_index(batch_op.f("ix_activities_office_id_area_id"))

    op.drop_table("activities")
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roles_office_id_scope"))
        batch_op.drop_index(batch_op.f("ix_roles_office_id_person_id"))

    op.drop_table("roles")
    with op.batch_alter_table("refresh_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_tokens_office_id_person_id"))
        batch_op.drop_index(batch_op.f("ix_refresh_tokens_office_id_family_id"))

    op.drop_table("refresh_tokens")
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redemptions_office_id_state_expires_at"))
        batch_op.drop_index(batch_op.f("ix_redemptions_office_id_offer_id_person_id"))
        batch_op.drop_index(batch_op.f("ix_redemptions_office_id_merchant_id_captured_at"))

    op.drop_table("redemptions")
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_groups_office_id_area_id"))

    op.drop_table("groups")
    op.drop_table("funds")
    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cards_office_id_person_id"))

    op.drop_table("cards")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_office_id_household_id"))

    op.drop_table("people")
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offers_office_id_state_price_points"))
        batch_op.drop_index(batch_op.f("ix_offers_office_id_merchant_id"))

    op.drop_table("offers")
    op.drop_table("merchants")
    with op.batch_alter_table("households", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_households_office_id_area_id"))

    op.drop_table("households")
    with op.batch_alter_table("ledger_postings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_postings_book_id_source_id_entry_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_postings_book_id_destination_id_entry_id"))

    op.drop_table("ledger_postings")
    op.drop_table("ledger_balances")
    op.drop_table("areas")
    op.drop_table("offices")
    op.drop_table("ledger_lots")
    op.drop_table("ledger_entries")
    op.drop_table("ledger_accounts")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_is_append_only()")
