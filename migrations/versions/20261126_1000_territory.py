"""Districts, communities urban or rural, merged areas and their history, doors that can be found, lists of doors.

What to expect: three new empty tables. `offices` and `areas` are small; `households` is read once, because each door
is unsealed to compute what it is found by: with 28,000 of them about a minute. DATA_KEYS and INDEX_KEY have to be the
ones of the application, and the service has to be stopped meanwhile.

What was there becomes: every office a sub-district in no district, every community urban (change the rural ones with
`PUT /areas/{id}`). Two areas of one kind and name below one parent, which could be there until now, are told apart by
a number, "第一网格 (2)", and so are two households behind one door, "301 (2)": look for them afterwards, they are
probably one and the same. Downgrading forgets which areas and doors were merged into which: they are then open again.

Revision: 20261126_territory, after 20261126_objections
"""

from collections import Counter

import sqlalchemy as sa
from alembic import op

from backend.foundation.crypto import blind_index, seal, unseal
from backend.foundation.search import searchable
from backend.places.name_rules import door_key, tidy

revision = "20261126_territory"
down_revision = "20261126_objections"
branch_labels = None
depends_on = None

OPEN = sa.text("merged_into_id IS NULL")
OPEN_AT_THE_TOP = sa.text("merged_into_id IS NULL AND parent_id IS NULL")


def upgrade() -> None:
    _upgrade_offices()
    _upgrade_areas()
    _upgrade_households()
    _create_history()
    _create_imports()


def _upgrade_offices() -> None:
    with op.batch_alter_table("offices") as offices:
        offices.add_column(sa.Column("kind", sa.String(length=12), nullable=True))
        offices.add_column(sa.Column("district_id", sa.SmallInteger(), nullable=True))
    op.execute("UPDATE offices SET kind = 'sub_district'")
    with op.batch_alter_table("offices") as offices:
        offices.alter_column("kind", existing_type=sa.String(length=12), nullable=False)
        offices.create_check_constraint(op.f("ck_offices_kind_is_known"), "kind IN ('sub_district', 'district')")
        offices.create_check_constraint(
            op.f("ck_offices_only_sub_districts_lie_in_a_district"), "district_id IS NULL OR kind = 'sub_district'"
        )
        offices.create_foreign_key(op.f("fk_offices_district_id"), "offices", ["district_id"], ["id"])


def _upgrade_areas() -> None:
    with op.batch_alter_table("areas") as areas:
        areas.add_column(sa.Column("parent_kind", sa.String(length=12), nullable=True))
        areas.add_column(sa.Column("nature", sa.String(length=5), nullable=True))
        areas.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        areas.add_column(sa.Column("search", sa.String(length=600), nullable=True))
    op.execute(
        """
        UPDATE areas SET nature = CASE WHEN kind = 'community' THEN 'urban' END, parent_kind = (
            SELECT parents.kind FROM areas AS parents
            WHERE parents.office_id = areas.office_id AND parents.id = areas.parent_id
        )
        """
    )
    _name_areas()
    with op.batch_alter_table("areas") as areas:
        areas.alter_column("search", existing_type=sa.String(length=600), nullable=False)
        areas.drop_constraint(op.f("fk_areas_office_id_parent_id"), type_="foreignkey")
        areas.drop_constraint(op.f("ck_areas_communities_are_at_the_top"), type_="check")
        areas.drop_constraint(op.f("ck_areas_kind_is_known"), type_="check")
        areas.create_unique_constraint(op.f("uq_areas_office_id_id_kind"), ["office_id", "id", "kind"])
        for name, condition in (
            ("a_parent_has_a_kind", "(parent_id IS NULL) = (parent_kind IS NULL)"),
            (
                "kinds_lie_in_order",
                "(kind = 'community' AND parent_kind IS NULL)"
                " OR (kind = 'grid' AND parent_kind = 'community' AND parent_kind IS NOT NULL)"
                " OR (kind = 'building' AND parent_kind IN ('community', 'grid') AND parent_kind IS NOT NULL)"
                " OR (kind = 'unit' AND parent_kind = 'building' AND parent_kind IS NOT NULL)",
            ),
            ("nature_is_known", "nature IN ('urban', 'rural')"),
            ("communities_have_a_nature", "(kind = 'community') = (nature IS NOT NULL)"),
            ("nothing_merges_into_itself", "merged_into_id <> id"),
        ):
            areas.create_check_constraint(op.f(f"ck_areas_{name}"), condition)
        areas.create_foreign_key(
            op.f("fk_areas_office_id_parent_id_parent_kind"),
            "areas",
            ["office_id", "parent_id", "parent_kind"],
            ["office_id", "id", "kind"],
        )
        areas.create_foreign_key(
            op.f("fk_areas_office_id_merged_into_id"), "areas", ["office_id", "merged_into_id"], ["office_id", "id"]
        )
    op.create_index(op.f("ix_areas_office_id_merged_into_id"), "areas", ["office_id", "merged_into_id"])
    op.create_index(
        "uq_areas_one_name_below_a_parent",
        "areas",
        ["office_id", "parent_id", "kind", "name"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "uq_areas_one_name_at_the_top",
        "areas",
        ["office_id", "name"],
        unique=True,
        sqlite_where=OPEN_AT_THE_TOP,
        postgresql_where=OPEN_AT_THE_TOP,
    )


def _name_areas() -> None:
    """Tidy every name, tell twins apart, and write down what an area is found by."""
    areas = sa.table("areas", *(sa.column(name) for name in ("office_id", "id", "parent_id", "kind", "name", "search")))
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT office_id, id, parent_id, kind, name FROM areas ORDER BY office_id, id")
    ).all()
    seen: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        name = tidy(row.name)
        twins = (row.office_id, row.parent_id, row.kind, name)
        seen[twins] += 1
        if seen[twins] > 1:
            name = f"{name[:54]} ({seen[twins]})"
        connection.execute(
            sa.update(areas)
            .where(areas.c.office_id == row.office_id, areas.c.id == row.id)
            .values(name=name, search=searchable(name))
        )


def _upgrade_households() -> None:
    with op.batch_alter_table("households") as households:
        households.add_column(sa.Column("door_index", sa.LargeBinary(length=32), nullable=True))
        households.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    _index_doors()
    with op.batch_alter_table("households") as households:
        households.alter_column("door_index", existing_type=sa.LargeBinary(length=32), nullable=False)
        households.create_check_constraint(op.f("ck_households_nothing_merges_into_itself"), "merged_into_id <> id")
        households.create_foreign_key(
            op.f("fk_households_office_id_merged_into_id"),
            "households",
            ["office_id", "merged_into_id"],
            ["office_id", "id"],
        )
    op.create_index(op.f("ix_households_office_id_door_index"), "households", ["office_id", "door_index"])
    op.create_index(
        "uq_households_one_door_in_an_area",
        "households",
        ["office_id", "area_id", "door_index"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _index_doors() -> None:
    """Unseal every door, write down what it is found by, and tell twins behind one door apart."""
    households = sa.table(
        "households",
        sa.column("office_id", sa.SmallInteger()),
        sa.column("id", sa.Uuid()),
        sa.column("area_id", sa.Uuid()),
        sa.column("door_sealed", sa.LargeBinary()),
        sa.column("door_index", sa.LargeBinary()),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(households).order_by(households.c.office_id, households.c.id)).all()
    seen: Counter[tuple[object, ...]] = Counter()
    for row in rows:
        place = f"households.door:{row.office_id}:{row.id}"
        door, sealed = unseal(row.door_sealed, place=place), row.door_sealed
        twins = (row.office_id, row.area_id, door_key(door))
        seen[twins] += 1
        if seen[twins] > 1:
            door = f"{door} ({seen[twins]})"
            sealed = seal(door, place=place)
        connection.execute(
            sa.update(households)
            .where(households.c.office_id == row.office_id, households.c.id == row.id)
            .values(
                door_sealed=sealed,
                door_index=blind_index(door_key(door), purpose=f"households.door:{row.office_id}"),
            )
        )


def _create_history() -> None:
    op.create_table(
        "area_changes",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=14), nullable=False),
        sa.Column("from_text", sa.String(length=300), nullable=False),
        sa.Column("to_text", sa.String(length=300), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "what IN ('renamed', 'nature_changed', 'moved', 'merged')", name=op.f("ck_area_changes_what_is_known")
        ),
        sa.CheckConstraint(
            "(what IN ('moved', 'merged')) = (into_id IS NOT NULL)", name=op.f("ck_area_changes_moves_lead_somewhere")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_area_changes_office_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "into_id"], ["areas.office_id", "areas.id"], name=op.f("fk_area_changes_office_id_into_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_area_changes")),
    )
    op.create_index(op.f("ix_area_changes_office_id_area_id"), "area_changes", ["office_id", "area_id"])
    op.create_index(op.f("ix_area_changes_office_id_into_id"), "area_changes", ["office_id", "into_id"])


def _create_imports() -> None:
    op.create_table(
        "door_imports",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("skips_bad", sa.Boolean(), nullable=False),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows", "rows_done", "row_reached", "areas_opened", "households_opened", "problems")
        ),
        sa.Column("uploaded_by_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_door_imports_{name}"))
            for name, condition in (
                ("state_is_known", "state IN ('waiting', 'running', 'checked', 'refused', 'done')"),
                ("file_kept_while_needed", "(state IN ('waiting', 'running')) = (file_sealed IS NOT NULL)"),
                ("finished_at_some_time", "(state IN ('waiting', 'running')) = (finished_at IS NULL)"),
                ("a_dry_run_writes_nothing", "NOT (is_dry_run AND state IN ('running', 'done'))"),
            )
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_door_imports")),
    )
    op.create_index(op.f("ix_door_imports_office_id_state"), "door_imports", ["office_id", "state"])
    op.create_table(
        "import_problems",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.String(length=12), nullable=True),
        sa.Column("said", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "import_id"],
            ["door_imports.office_id", "door_imports.id"],
            name=op.f("fk_import_problems_office_id_import_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_import_problems")),
        sa.UniqueConstraint("office_id", "import_id", "n", name=op.f("uq_import_problems_office_id_import_id_n")),
    )


def downgrade() -> None:
    op.drop_table("import_problems")
    op.drop_table("door_imports")
    op.drop_table("area_changes")
    op.drop_index("uq_households_one_door_in_an_area", table_name="households")
    op.drop_index(op.f("ix_households_office_id_door_index"), table_name="households")
    with op.batch_alter_table("households") as households:
        households.drop_constraint(op.f("fk_households_office_id_merged_into_id"), type_="foreignkey")
        households.drop_constraint(op.f("ck_households_nothing_merges_into_itself"), type_="check")
        households.drop_column("merged_into_id")
        households.drop_column("door_index")
    for index in ("uq_areas_one_name_at_the_top", "uq_areas_one_name_below_a_parent"):
        op.drop_index(index, table_name="areas")
    op.drop_index(op.f("ix_areas_office_id_merged_into_id"), table_name="areas")
    with op.batch_alter_table("areas") as areas:
        areas.drop_constraint(op.f("fk_areas_office_id_merged_into_id"), type_="foreignkey")
        areas.drop_constraint(op.f("fk_areas_office_id_parent_id_parent_kind"), type_="foreignkey")
        areas.drop_constraint(op.f("uq_areas_office_id_id_kind"), type_="unique")
        for name in (
            "a_parent_has_a_kind",
            "kinds_lie_in_order",
            "nature_is_known",
            "communities_have_a_nature",
            "nothing_merges_into_itself",
        ):
            areas.drop_constraint(op.f(f"ck_areas_{name}"), type_="check")
        areas.create_check_constraint(
            op.f("ck_areas_communities_are_at_the_top"), "(kind = 'community') = (parent_id IS NULL)"
        )
        areas.create_check_constraint(
            op.f("ck_areas_kind_is_known"), "kind IN ('community', 'grid', 'building', 'unit')"
        )
        areas.create_foreign_key(
            op.f("fk_areas_office_id_parent_id"), "areas", ["office_id", "parent_id"], ["office_id", "id"]
        )
        for column in ("parent_kind", "nature", "merged_into_id", "search"):
            areas.drop_column(column)
    with op.batch_alter_table("offices") as offices:
        offices.drop_constraint(op.f("fk_offices_district_id"), type_="foreignkey")
        offices.drop_constraint(op.f("ck_offices_only_sub_districts_lie_in_a_district"), type_="check")
        offices.drop_constraint(op.f("ck_offices_kind_is_known"), type_="check")
        offices.drop_column("district_id")
        offices.drop_column("kind")
