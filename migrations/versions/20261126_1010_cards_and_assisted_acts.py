"""The desk: people entered by a worker, cards that are replaced and lock, and who acted for whom.

What to expect: three new empty tables; columns in `cards` and `redemptions` (rebuilt on SQLite; on PostgreSQL nothing is
rewritten). Somebody has one card that is not blocked from now on: where there are several, all but the newest are
blocked, so their holders come to the desk. Cards that exist keep their token and PIN, and begin with no wrong tries.

Revision: 20261126_desk, after 20261126_territory
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261126_desk"
down_revision = "20261126_territory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_registrations()
    _one_card_each()
    _create_card_changes()
    _create_assisted_acts()
    _let_others_redeem()


def downgrade() -> None:
    with op.batch_alter_table("redemptions") as redemptions:
        for name in (
            "a_code_is_shown_at_the_counter",
            "helped_by_somebody_somehow",
            "channel_is_known",
            "nobody_helps_themselves",
        ):
            redemptions.drop_constraint(op.f(f"ck_redemptions_{name}"), type_="check")
        for column in ("shown_code", "helper_key"):
            redemptions.drop_constraint(op.f(f"uq_redemptions_office_id_{column}"), type_="unique")
        redemptions.drop_constraint(op.f("fk_redemptions_office_id_helper_id"), type_="foreignkey")
        for column in ("shown_code", "helper_key", "channel", "helper_id"):
            redemptions.drop_column(column)
    for table in ("assisted_acts", "card_changes"):
        op.drop_table(table)
    op.drop_index("uq_cards_one_in_use", table_name="cards")
    with op.batch_alter_table("cards") as cards:
        cards.drop_constraint(op.f("ck_cards_replaces_another"), type_="check")
        cards.drop_constraint(op.f("ck_cards_five_tries"), type_="check")
        cards.drop_constraint(op.f("fk_cards_office_id_replaces_id"), type_="foreignkey")
        cards.drop_column("replaces_id")
        cards.drop_column("wrong_pins")
    op.drop_table("registrations")


def _create_registrations() -> None:
    op.create_table(
        "registrations",
        *_key("registrations"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=True),
        sa.Column("registrar_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        _within("registrations", "person_id", "people"),
        _within("registrations", "area_id", "areas"),
        _within("registrations", "registrar_id", "people"),
        *_checks("registrations", nobody_enters_themselves="registrar_id <> person_id"),
        sa.UniqueConstraint("office_id", "person_id", name=op.f("uq_registrations_office_id_person_id")),
    )
    op.create_index(op.f("ix_registrations_office_id_area_id"), "registrations", ["office_id", "area_id"])


def _one_card_each() -> None:
    op.execute(
        """
        UPDATE cards SET blocked_at = CURRENT_TIMESTAMP
        WHERE blocked_at IS NULL AND EXISTS (
            SELECT 1 FROM cards AS newer
            WHERE newer.office_id = cards.office_id AND newer.person_id = cards.person_id
              AND newer.blocked_at IS NULL AND newer.id > cards.id
        )
        """
    )
    with op.batch_alter_table("cards") as cards:
        cards.add_column(sa.Column("wrong_pins", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
        cards.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
        cards.create_foreign_key(
            op.f("fk_cards_office_id_replaces_id"), "cards", ["office_id", "replaces_id"], ["office_id", "id"]
        )
        cards.create_check_constraint(op.f("ck_cards_five_tries"), "wrong_pins BETWEEN 0 AND 5")
        cards.create_check_constraint(op.f("ck_cards_replaces_another"), "replaces_id <> id")
    op.create_index(
        "uq_cards_one_in_use",
        "cards",
        ["office_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("blocked_at IS NULL"),
        postgresql_where=sa.text("blocked_at IS NULL"),
    )


def _create_card_changes() -> None:
    op.create_table(
        "card_changes",
        *_key("card_changes"),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.String(length=8), nullable=False),
        sa.Column("changer_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _within("card_changes", "card_id", "cards"),
        _within("card_changes", "changer_id", "people"),
        *_checks(
            "card_changes",
            change_is_known="change IN ('issued', 'replaced', 'blocked', 'pin_set')",
            says_why="change = 'issued' OR reason_sealed IS NOT NULL",
        ),
    )
    op.create_index(op.f("ix_card_changes_office_id_card_id"), "card_changes", ["office_id", "card_id"])


def _create_assisted_acts() -> None:
    op.create_table(
        "assisted_acts",
        *_key("assisted_acts"),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("act", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        _within("assisted_acts", "actor_id", "people"),
        _within("assisted_acts", "beneficiary_id", "people"),
        *_checks(
            "assisted_acts",
            channel_is_known="channel IN ('desk', 'card', 'code', 'household')",
            by_somebody_else="actor_id <> beneficiary_id",
            the_desk_says_why="channel <> 'desk' OR reason_sealed IS NOT NULL",
            points_are_spent="points >= 0",
        ),
    )
    for columns in (["beneficiary_id", "done_at"], ["done_at", "actor_id"]):
        name = "_".join(["ix_assisted_acts_office_id", *columns])
        op.create_index(op.f(name), "assisted_acts", ["office_id", *columns])


def _let_others_redeem() -> None:
    with op.batch_alter_table("redemptions") as redemptions:
        redemptions.add_column(sa.Column("helper_id", sa.Uuid(), nullable=True))
        redemptions.add_column(sa.Column("channel", sa.String(length=10), nullable=True))
        redemptions.add_column(sa.Column("helper_key", sa.LargeBinary(length=32), nullable=True))
        redemptions.add_column(sa.Column("shown_code", sa.LargeBinary(length=32), nullable=True))
        redemptions.create_foreign_key(
            op.f("fk_redemptions_office_id_helper_id"), "people", ["office_id", "helper_id"], ["office_id", "id"]
        )
        for column in ("helper_key", "shown_code"):
            redemptions.create_unique_constraint(op.f(f"uq_redemptions_office_id_{column}"), ["office_id", column])
        redemptions.create_check_constraint(op.f("ck_redemptions_nobody_helps_themselves"), "helper_id <> person_id")
        redemptions.create_check_constraint(
            op.f("ck_redemptions_channel_is_known"), "channel IN ('desk', 'card', 'code', 'household')"
        )
        redemptions.create_check_constraint(
            op.f("ck_redemptions_helped_by_somebody_somehow"),
            "(helper_id IS NULL) = (channel IS NULL) AND (helper_id IS NULL) = (helper_key IS NULL)",
        )
        redemptions.create_check_constraint(
            op.f("ck_redemptions_a_code_is_shown_at_the_counter"), "shown_code IS NULL OR channel = 'code'"
        )


def _key(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f(f"pk_{table}")),
    )


def _within(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id", column], [f"{other}.office_id", f"{other}.id"], name=op.f(f"fk_{table}_office_id_{column}")
    )


def _checks(table: str, **rules: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]
