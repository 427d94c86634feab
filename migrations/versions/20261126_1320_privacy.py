"""Privacy: what people agreed to, who looked at their data in full, their own copy of it; the trail tells assisted acts.

What to expect: four new tables; `pictures` and `door_imports` get a column that may be empty (`door_imports` is rebuilt
on SQLite); two tables that were append-only by custom are so by trigger now. Every sub-district gets a first version of
four policies, in the words of this program: read them (GET /api/v1/policies) and publish your own where they differ.
Nobody is taken to have agreed: the program asks everybody at their next opening, and a first card needs a recorded
agreement from now on.

The rows of `assisted_acts` go into the trail under `assisted.…`, with their reasons sealed anew, and the table goes; about
a minute for 100,000 rows. Sales against a personal code, on the trail already, are not carried over. DATA_KEYS has to
hold every key it held before. Run deploy/ledger_grants.sql again after this. Downgrading drops what people agreed to
and leaves the carried rows in the trail: save first (`COPY consents TO …`).

Revision: 20261126_privacy, after 20261126_groups
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.foundation.crypto import seal, unseal
from backend.foundation.ids import uuid7
from backend.foundation.tables import UtcDateTime
from backend.foundation.trail import PROTECTED as TRAIL
from backend.people.assisted_models import PROTECTED as CARD_CHANGES
from backend.people.consent_models import PROTECTED as CONSENTS
from backend.people.policy_texts import FIRST
from backend.places.models import PROTECTED as AREA_CHANGES
from backend.privacy.reveal_models import PROTECTED as REVEALS

revision = "20261126_privacy"
down_revision = "20261126_groups"
branch_labels = None
depends_on = None

NEWLY_PROTECTED = (CARD_CHANGES, AREA_CHANGES, CONSENTS, REVEALS)

SUBJECTS = {  # of an assisted act → the table its subject stands in; what only looked is about the person
    "sign_up": "sign_ups",
    "withdraw": "sign_ups",
    "apply": "applications",
    "redeem": "redemptions",
    "cancel_redemption": "redemptions",
    "capture": "redemptions",
    "check_in": "check_ins",
    "check_out": "check_ins",
}
KNOWN_OTHERWISE = {  # acts that the trail has under a name of their own
    "capture": "redemptions.capture",
    "check_in": "check_ins.arrive",
    "check_out": "check_ins.leave",
}


def upgrade() -> None:
    _create_policies_and_consents()
    _create_reveals()
    _create_exports()
    op.add_column("pictures", sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("door_imports") as door_imports:
        door_imports.alter_column("uploaded_by_id", existing_type=sa.Uuid(), nullable=True)
    op.create_index(op.f("ix_trail_office_id_channel_id"), "trail", ["office_id", "channel", "id"])
    for protected in NEWLY_PROTECTED:
        for statement in protected.statements(op.get_bind().dialect.name):
            op.execute(statement)
    _publish_the_first_versions()
    _carry_assisted_acts_over()
    op.drop_table("assisted_acts")


def downgrade() -> None:
    _create_assisted_acts()
    op.drop_index(op.f("ix_trail_office_id_channel_id"), table_name="trail")
    # What a command imported was nobody's, which the table before had no word for.
    op.execute(
        "DELETE FROM import_problems WHERE EXISTS (SELECT 1 FROM door_imports AS i WHERE "
        "i.office_id = import_problems.office_id AND i.id = import_problems.import_id AND i.uploaded_by_id IS NULL)"
    )
    op.execute("DELETE FROM door_imports WHERE uploaded_by_id IS NULL")
    with op.batch_alter_table("door_imports") as door_imports:
        door_imports.alter_column("uploaded_by_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_column("pictures", "hidden_at")
    for table in ("exports", "reveals", "consents", "policy_versions"):
        op.drop_table(table)
    dialect = op.get_bind().dialect.name
    for protected in (CARD_CHANGES, AREA_CHANGES):
        for table in protected.tables:
            for name in sorted(protected.names(dialect)):
                op.execute(f"DROP TRIGGER {name}" + (f" ON {table.name}" if dialect == "postgresql" else ""))
    if dialect == "postgresql":
        for protected in NEWLY_PROTECTED:
            op.execute(f"DROP FUNCTION {protected.function}()")


def _create_policies_and_consents() -> None:
    op.create_table(
        "policy_versions",
        *_key("policy_versions"),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publisher_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_policy_versions_office_id")),
        _within("policy_versions", "publisher_id", "people"),
        *_checks(
            "policy_versions",
            purpose_is_known="purpose IN ('service', 'phone', 'messages', 'photos')",
            versions_are_counted="version >= 1",
            somebody_publishes_what_follows="version = 1 OR publisher_id IS NOT NULL",
        ),
        sa.UniqueConstraint(
            "office_id", "purpose", "version", name=op.f("uq_policy_versions_office_id_purpose_version")
        ),
    )
    op.create_table(
        "consents",
        *_key("consents"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=9), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        _within("consents", "person_id", "people"),
        _within("consents", "actor_id", "people"),
        sa.ForeignKeyConstraint(
            ["office_id", "purpose", "version"],
            ["policy_versions.office_id", "policy_versions.purpose", "policy_versions.version"],
            name=op.f("fk_consents_office_id_purpose_version"),
        ),
        *_checks(
            "consents",
            steps_are_counted="n >= 1",
            state_is_known="state IN ('given', 'withdrawn')",
            what_is_needed_stays="state = 'given' OR purpose <> 'service'",
            channel_is_known="channel IN ('app', 'desk', 'household', 'command')",
            helped_by_somebody="(actor_id IS NULL) = (channel IN ('app', 'command'))",
            nobody_helps_themselves="actor_id <> person_id",
            paper_lies_at_the_desk="NOT on_paper OR channel IN ('desk', 'command')",
        ),
        sa.UniqueConstraint(
            "office_id", "person_id", "purpose", "n", name=op.f("uq_consents_office_id_person_id_purpose_n")
        ),
    )
    op.create_index(op.f("ix_consents_office_id_actor_id"), "consents", ["office_id", "actor_id"])


def _create_reveals() -> None:
    op.create_table(
        "reveals",
        *_key("reveals"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("fields", sa.String(length=40), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _within("reveals", "person_id", "people"),
        _within("reveals", "viewer_id", "people"),
        *_checks(
            "reveals",
            so_many_a_day="number BETWEEN 1 AND 20",
            of_somebody_else="viewer_id <> person_id",
        ),
        sa.UniqueConstraint(
            "office_id", "viewer_id", "day", "number", name=op.f("uq_reveals_office_id_viewer_id_day_number")
        ),
    )
    op.create_index(op.f("ix_reveals_office_id_person_id_id"), "reveals", ["office_id", "person_id", "id"])


def _create_exports() -> None:
    op.create_table(
        "exports",
        *_key("exports"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _within("exports", "person_id", "people"),
        _within("exports", "helper_id", "people"),
        *_checks(
            "exports",
            so_many_a_day="number BETWEEN 1 AND 5",
            nobody_helps_themselves="helper_id <> person_id",
        ),
        sa.UniqueConstraint(
            "office_id", "person_id", "day", "number", name=op.f("uq_exports_office_id_person_id_day_number")
        ),
    )


def _publish_the_first_versions() -> None:
    connection = op.get_bind()
    policies = sa.table(
        "policy_versions",
        *(sa.column(name) for name in ("office_id", "purpose", "version", "text")),
        sa.column("id", sa.Uuid()),
        sa.column("published_at", UtcDateTime()),
    )
    at = datetime.now(UTC)
    for (office_id,) in connection.execute(sa.text("SELECT id FROM offices WHERE kind = 'sub_district' ORDER BY id")):
        for purpose, text in FIRST.items():
            row = {"office_id": office_id, "id": uuid7(), "purpose": purpose, "version": 1, "text": text}
            connection.execute(sa.insert(policies).values(**row, published_at=at))


def _carry_assisted_acts_over() -> None:
    """In the order they were done; a reason opens only at its own place, so it is sealed again for the new one."""
    connection = op.get_bind()
    acts = sa.table(
        "assisted_acts",
        *(sa.column(name) for name in ("office_id", "channel", "act", "reason_sealed")),
        *(sa.column(name, sa.Uuid()) for name in ("id", "actor_id", "beneficiary_id", "subject_id")),
        sa.column("done_at", UtcDateTime()),
    )
    rows = connection.execute(
        sa.select(acts).where(acts.c.channel != "code").order_by(acts.c.office_id, acts.c.id)
    ).all()
    (trail,) = TRAIL.tables
    for first in range(0, len(rows), 500):
        connection.execute(sa.insert(trail), [_on_the_trail(row) for row in rows[first : first + 500]])


def _on_the_trail(row: Any) -> dict[str, Any]:
    reason = None
    if row.reason_sealed is not None:
        words = unseal(bytes(row.reason_sealed), place=f"assisted_acts.reason:{row.office_id}:{row.id}")
        reason = seal(words, place=f"trail.reason:{row.office_id}:{row.id}")
    return {
        "office_id": row.office_id,
        "id": row.id,
        "at": row.done_at,
        "act": KNOWN_OTHERWISE.get(row.act, f"assisted.{row.act}"),
        "actor_id": row.actor_id,
        "acted_as": "",
        "beneficiary_id": row.beneficiary_id,
        "channel": row.channel,
        "subject_type": SUBJECTS.get(row.act, "people") if row.subject_id else "people",
        "subject_id": row.subject_id or row.beneficiary_id,
        "reason_sealed": reason,
        "before": None,
        "after": None,
        "request_id": "",
    }


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
