"""Roles with dates, reasons and who withdrew them; officers by two; agencies and what is delegated to them.

What to expect: three new empty tables, and `roles` gets five new empty columns (on SQLite it is copied once; it has
one row per role, so this takes moments). What people may do does not change. Two things are put in order first, which
only the command line could have left behind: the same endless role given twice to one person is withdrawn once, and
PostgreSQL or SQLite refuses the migration, naming `role_fits_its_scope`, if a row holds a role over a scope that means
nothing (an officer over an area): withdraw it by hand and give it over the office. Downgrading forgets reasons,
starts, withdrawers, requests, agencies and delegations; a role that has not begun yet would hold at once, so it is
withdrawn, and so are those of agencies.

Revision: 20261125_roles, after 20261123_2
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_roles"
down_revision = "20261123_2"
branch_labels = None
depends_on = None

ENDLESS = sa.text("ends_at IS NULL AND withdrawn_at IS NULL")
REQUESTED = sa.text("state = 'requested'")


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("opener_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('agency', 'federation')", name=op.f("ck_agencies_kind_is_known")),
        sa.ForeignKeyConstraint(
            ["office_id", "opener_id"], ["people.office_id", "people.id"], name=op.f("fk_agencies_office_id_opener_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("office_id", "name", name=op.f("uq_agencies_office_id_name")),
    )
    op.create_table(
        "delegations",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("scope_type", sa.String(length=10), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("scope_name", sa.String(length=100), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=200), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(scope_type = 'office' AND role IN ('worker', 'auditor')) OR (scope_type = 'area' AND role = 'worker')",
            name=op.f("ck_delegations_role_fits_its_scope"),
        ),
        sa.CheckConstraint(
            "(scope_type = 'office') = (scope_id IS NULL)", name=op.f("ck_delegations_only_an_office_needs_no_id")
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined', 'withdrawn')", name=op.f("ck_delegations_state_is_known")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_delegations_ends_after_it_starts")),
        sa.CheckConstraint(
            "(state = 'requested' AND decider_id IS NULL)"
            " OR (state IN ('approved', 'declined') AND decider_id IS NOT NULL) OR state = 'withdrawn'",
            name=op.f("ck_delegations_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_delegations_decided_at_some_time")
        ),
        sa.CheckConstraint("decider_id <> requester_id", name=op.f("ck_delegations_two_persons")),
        sa.CheckConstraint("requester_id <> manager_id", name=op.f("ck_delegations_nobody_delegates_to_themselves")),
        sa.CheckConstraint("decider_id <> manager_id", name=op.f("ck_delegations_nobody_decides_about_themselves")),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_delegations_withdrawn_at_some_time")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_delegations_withdrawn_by_somebody")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["office_id", column],
                [f"{table}.office_id", f"{table}.id"],
                name=op.f(f"fk_delegations_office_id_{column}"),
            )
            for column, table in (
                ("agency_id", "agencies"),
                ("manager_id", "people"),
                ("requester_id", "people"),
                ("decider_id", "people"),
                ("withdrawn_by_id", "people"),
            )
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_office_id_manager_id"), "delegations", ["office_id", "manager_id"])
    op.create_index(op.f("ix_delegations_office_id_state"), "delegations", ["office_id", "state"])
    op.create_index(
        "uq_delegations_one_open",
        "delegations",
        ["office_id", "agency_id", "manager_id", "role", "scope"],
        unique=True,
        sqlite_where=REQUESTED,
        postgresql_where=REQUESTED,
    )

    op.execute(
        """
        UPDATE roles SET withdrawn_at = granted_at
        WHERE ends_at IS NULL AND withdrawn_at IS NULL AND EXISTS (
            SELECT 1 FROM roles AS earlier
            WHERE earlier.office_id = roles.office_id AND earlier.person_id = roles.person_id
              AND earlier.role = roles.role AND earlier.scope = roles.scope AND earlier.id < roles.id
              AND earlier.ends_at IS NULL AND earlier.withdrawn_at IS NULL
        )
        """
    )
    with op.batch_alter_table("roles") as roles:
        roles.add_column(sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
        roles.add_column(sa.Column("reason", sa.String(length=200), nullable=True))
        roles.add_column(sa.Column("delegation_id", sa.Uuid(), nullable=True))
        roles.add_column(sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True))
        roles.add_column(sa.Column("withdrawal_reason", sa.String(length=200), nullable=True))
        roles.drop_constraint(op.f("ck_roles_role_is_known"), type_="check")
        roles.drop_constraint(op.f("ck_roles_scope_type_is_known"), type_="check")
        roles.create_check_constraint(
            op.f("ck_roles_role_fits_its_scope"),
            "(scope_type = 'office' AND role IN ('worker', 'officer', 'auditor'))"
            " OR (scope_type = 'area' AND role = 'worker')"
            " OR (scope_type = 'group' AND role IN ('leader', 'deputy', 'helper'))"
            " OR (scope_type = 'merchant' AND role IN ('clerk', 'owner'))",
        )
        roles.create_check_constraint(
            op.f("ck_roles_only_an_office_needs_no_id"), "(scope_type = 'office') = (scope_id IS NULL)"
        )
        roles.create_check_constraint(op.f("ck_roles_ends_after_it_starts"), "ends_at > starts_at")
        roles.create_check_constraint(
            op.f("ck_roles_withdrawn_at_some_time"), "withdrawn_by_id IS NULL OR withdrawn_at IS NOT NULL"
        )
        roles.create_check_constraint(
            op.f("ck_roles_delegated_roles_end"),
            "delegation_id IS NULL OR (role IN ('worker', 'auditor') AND ends_at IS NOT NULL)",
        )
        roles.create_foreign_key(
            op.f("fk_roles_office_id_withdrawn_by_id"), "people", ["office_id", "withdrawn_by_id"], ["office_id", "id"]
        )
        roles.create_foreign_key(
            op.f("fk_roles_office_id_delegation_id"), "delegations", ["office_id", "delegation_id"], ["office_id", "id"]
        )
    op.create_index(op.f("ix_roles_office_id_scope_id"), "roles", ["office_id", "scope_id"])
    op.create_index(op.f("ix_roles_office_id_delegation_id"), "roles", ["office_id", "delegation_id"])
    op.create_index(
        "uq_roles_endless_once",
        "roles",
        ["office_id", "person_id", "role", "scope"],
        unique=True,
        sqlite_where=ENDLESS,
        postgresql_where=ENDLESS,
    )

    op.create_table(
        "role_requests",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("action IN ('grant', 'withdrawal')", name=op.f("ck_role_requests_action_is_known")),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'declined')", name=op.f("ck_role_requests_state_is_known")
        ),
        sa.CheckConstraint(
            "(state = 'requested') = (decider_id IS NULL)", name=op.f("ck_role_requests_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_role_requests_decided_at_some_time")
        ),
        sa.CheckConstraint("decider_id <> requester_id", name=op.f("ck_role_requests_two_persons")),
        sa.CheckConstraint("requester_id <> person_id", name=op.f("ck_role_requests_nobody_asks_for_themselves")),
        sa.CheckConstraint("decider_id <> person_id", name=op.f("ck_role_requests_nobody_decides_about_themselves")),
        sa.CheckConstraint(
            "action = 'grant' OR role_id IS NOT NULL", name=op.f("ck_role_requests_a_withdrawal_names_the_role")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_role_requests_ends_after_it_starts")),
        *(
            sa.ForeignKeyConstraint(
                ["office_id", column],
                [f"{table}.office_id", f"{table}.id"],
                name=op.f(f"fk_role_requests_office_id_{column}"),
            )
            for column, table in (
                ("person_id", "people"),
                ("role_id", "roles"),
                ("requester_id", "people"),
                ("decider_id", "people"),
            )
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_role_requests")),
    )
    op.create_index(op.f("ix_role_requests_office_id_state"), "role_requests", ["office_id", "state"])
    op.create_index(
        "uq_role_requests_one_open",
        "role_requests",
        ["office_id", "person_id", "action"],
        unique=True,
        sqlite_where=REQUESTED,
        postgresql_where=REQUESTED,
    )


def downgrade() -> None:
    op.drop_index("uq_role_requests_one_open", table_name="role_requests")
    op.drop_index(op.f("ix_role_requests_office_id_state"), table_name="role_requests")
    op.drop_table("role_requests")

    op.execute(
        "UPDATE roles SET withdrawn_at = CURRENT_TIMESTAMP"
        " WHERE withdrawn_at IS NULL AND (delegation_id IS NOT NULL OR starts_at > CURRENT_TIMESTAMP)"
    )
    op.drop_index("uq_roles_endless_once", table_name="roles")
    op.drop_index(op.f("ix_roles_office_id_delegation_id"), table_name="roles")
    op.drop_index(op.f("ix_roles_office_id_scope_id"), table_name="roles")
    with op.batch_alter_table("roles") as roles:
        roles.drop_constraint(op.f("fk_roles_office_id_delegation_id"), type_="foreignkey")
        roles.drop_constraint(op.f("fk_roles_office_id_withdrawn_by_id"), type_="foreignkey")
        for name in (
            "delegated_roles_end",
            "withdrawn_at_some_time",
            "ends_after_it_starts",
            "only_an_office_needs_no_id",
            "role_fits_its_scope",
        ):
            roles.drop_constraint(op.f(f"ck_roles_{name}"), type_="check")
        roles.create_check_constraint(
            op.f("ck_roles_role_is_known"),
            "role IN ('leader', 'deputy', 'helper', 'clerk', 'owner', 'worker', 'officer', 'auditor')",
        )
        roles.create_check_constraint(
            op.f("ck_roles_scope_type_is_known"), "scope_type IN ('office', 'area', 'group', 'merchant')"
        )
        for name in ("withdrawal_reason", "withdrawn_by_id", "delegation_id", "reason", "starts_at"):
            roles.drop_column(name)

    op.drop_index("uq_delegations_one_open", table_name="delegations")
    op.drop_index(op.f("ix_delegations_office_id_state"), table_name="delegations")
    op.drop_index(op.f("ix_delegations_office_id_manager_id"), table_name="delegations")
    op.drop_table("delegations")
    op.drop_table("agencies")
