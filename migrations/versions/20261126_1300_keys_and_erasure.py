"""A key for each person, reasons and notes sealed under it, and accounts that are erased.

What to expect: three new empty tables, and columns of eleven others that become sealed: reasons and notes somebody
typed, and what phones call themselves. They are read, sealed under the newest of DATA_KEYS and written once, row by
row: with 100,000 rows about a minute. Eleven tables are rebuilt on SQLite. DATA_KEYS has to be the application's, and
the service has to be stopped meanwhile.

What to do afterwards: `flask people reseal`, which gives everybody a key and puts what is sealed about them under it.
It may be stopped and run again, beside a running service on PostgreSQL; until it is through everything is read as
before. The first erasure does the same before it begins. Reasons on the trail that were written before stay under
DATA_KEYS, because rows of the trail cannot be changed.

Going back puts the texts into the clear again. It needs the new version of the code to read them, and is refused while
somebody's key is destroyed or anything lies under somebody's key: restore a backup instead.

Revision: 20261126_erasure, after 20261126_undoings
"""

import sqlalchemy as sa
from alembic import op

from backend.foundation.crypto import seal, unseal

revision = "20261126_erasure"
down_revision = "20261126_undoings"
branch_labels = None
depends_on = None

# table → column, how long it was, whether it must be there
PLAIN: dict[str, list[tuple[str, int, bool]]] = {
    "gifts": [("note", 200, False)],
    "verifications": [("reason", 200, False)],
    "person_merges": [("reason", 200, False), ("decision_reason", 200, False)],
    "roles": [("reason", 200, False), ("withdrawal_reason", 200, False)],
    "role_requests": [("reason", 200, False), ("decision_reason", 200, False)],
    "delegations": [("reason", 200, False), ("decision_reason", 200, False), ("withdrawal_reason", 200, False)],
    "blocks": [("reason", 200, True), ("lift_reason", 200, False)],
    "devices": [("name", 60, False)],
    "check_ins": [("reason", 200, False), ("review_reason", 200, False)],
    "redemptions": [("void_reason", 200, False)],
    "applications": [("note", 200, False), ("reason", 200, False)],
    "content_reviews": [("reason", 200, False)],
}

# CHECKs that name one of them: {} stands for what is appended to the column
CHECKS = {
    "person_merges": ("a_worker_says_why", "opener_id = person_id OR reason{} IS NOT NULL"),
    "blocks": (
        "lifted_by_someone_for_a_reason",
        "(lifted_at IS NULL) = (lifted_by_id IS NULL) AND (lifted_at IS NULL) = (lift_reason{} IS NULL)",
    ),
    "check_ins": ("a_ticked_name_has_a_reason", "confidence <> 'listed' OR reason{} IS NOT NULL"),
}


def upgrade() -> None:
    _create_keys()
    for table, columns in PLAIN.items():
        with op.batch_alter_table(table) as batch:
            for column, _, _ in columns:
                batch.add_column(sa.Column(f"{column}_sealed", sa.LargeBinary(), nullable=True))
        _copy(table, [(column, f"{column}_sealed") for column, _, _ in columns], seal)
        with op.batch_alter_table(table) as batch:
            if table in CHECKS:
                batch.drop_constraint(op.f(f"ck_{table}_{CHECKS[table][0]}"), type_="check")
            for column, _, is_needed in columns:
                batch.drop_column(column)
                if is_needed:
                    batch.alter_column(f"{column}_sealed", existing_type=sa.LargeBinary(), nullable=False)
            if table in CHECKS:
                name, rule = CHECKS[table]
                batch.create_check_constraint(op.f(f"ck_{table}_{name}"), rule.format("_sealed"))
    _create_erasures()


def downgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT count(*) FROM subject_keys")).scalar():
        raise RuntimeError("texts lie under people's own keys: restore a backup instead of going back")
    for table in ("kept_records", "erasure_requests"):
        op.drop_table(table)
    for table, columns in PLAIN.items():
        with op.batch_alter_table(table) as batch:
            for column, length, _ in columns:
                batch.add_column(sa.Column(column, sa.String(length=length), nullable=True))
        _copy(table, [(f"{column}_sealed", column) for column, _, _ in columns], unseal)
        if table == "applications":
            op.execute("UPDATE applications SET note = '' WHERE note IS NULL")
        with op.batch_alter_table(table) as batch:
            if table in CHECKS:
                batch.drop_constraint(op.f(f"ck_{table}_{CHECKS[table][0]}"), type_="check")
            for column, length, is_needed in columns:
                batch.drop_column(f"{column}_sealed")
                if is_needed or (table, column) == ("applications", "note"):
                    batch.alter_column(column, existing_type=sa.String(length=length), nullable=False)
            if table in CHECKS:
                name, rule = CHECKS[table]
                batch.create_check_constraint(op.f(f"ck_{table}_{name}"), rule.format(""))
    op.drop_table("subject_keys")


def _copy(table: str, columns: list[tuple[str, str]], write) -> None:
    """Seal, or unseal, every text that is there, in pieces of a thousand rows."""
    sealed = {name: name.endswith("_sealed") for pair in columns for name in pair}
    rows = sa.table(
        table,
        sa.column("office_id", sa.SmallInteger()),
        sa.column("id", sa.Uuid()),
        *(sa.column(name, sa.LargeBinary() if is_sealed else sa.String()) for name, is_sealed in sealed.items()),
    )
    connection = op.get_bind()
    for source, target in columns:
        name = source.removesuffix("_sealed")
        there = sa.select(rows.c.office_id, rows.c.id, rows.c[source]).where(
            rows.c[source].is_not(None), rows.c[target].is_(None)
        )
        if (table, source) == ("applications", "note"):
            there = there.where(rows.c.note != "")  # it said nothing
        while found := connection.execute(there.limit(1000)).all():
            connection.execute(
                sa.update(rows)
                .where(rows.c.office_id == sa.bindparam("of_office"), rows.c.id == sa.bindparam("of_row"))
                .values({target: sa.bindparam("written")}),
                [
                    {
                        "of_office": office_id,
                        "of_row": row_id,
                        "written": write(said, place=f"{table}.{name}:{office_id}:{row_id}"),
                    }
                    for office_id, row_id, said in found
                ],
            )


def _create_keys() -> None:
    op.create_table(
        "subject_keys",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=4), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('own', 'kept')", name=op.f("ck_subject_keys_purpose_is_known")),
        sa.CheckConstraint(
            "(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_subject_keys_there_or_destroyed")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_subject_keys")),
        sa.UniqueConstraint(
            "office_id", "subject_id", "purpose", name=op.f("uq_subject_keys_office_id_subject_id_purpose")
        ),
    )


def _create_erasures() -> None:
    waiting = sa.text("state = 'waiting'")
    op.create_table(
        "erasure_requests",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("helper_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'withdrawn', 'done')", name=op.f("ck_erasure_requests_state_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_erasure_requests_waiting_or_ended")
        ),
        sa.CheckConstraint("helper_id <> person_id", name=op.f("ck_erasure_requests_helped_by_somebody_else")),
        *(_of_a_person("erasure_requests", column) for column in ("person_id", "helper_id")),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_erasure_requests")),
    )
    op.create_index(
        "uq_erasure_requests_one_waiting",
        "erasure_requests",
        ["office_id", "person_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        op.f("ix_erasure_requests_office_id_state_due_at"), "erasure_requests", ["office_id", "state", "due_at"]
    )
    op.create_table(
        "kept_records",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_kept_records_they_served")),
        sa.CheckConstraint(
            "(name_sealed IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_kept_records_there_or_destroyed")
        ),
        _of_a_person("kept_records", "person_id"),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_kept_records")),
        sa.UniqueConstraint("office_id", "person_id", name=op.f("uq_kept_records_office_id_person_id")),
    )
    op.create_index(op.f("ix_kept_records_office_id_until"), "kept_records", ["office_id", "until"])


def _of_a_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id", column], ["people.office_id", "people.id"], name=op.f(f"fk_{table}_office_id_{column}")
    )
