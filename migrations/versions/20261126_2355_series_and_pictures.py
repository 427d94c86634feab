"""Activities recur, have a cover and photos of their report, and may be for an area; shops have caps.

One new, empty table and three columns for activities, four for merchants; SQLite rebuilds both tables (seconds).
Nothing is moved. Going back, what was for one area is seen by everybody.

Revision: 20261126_series, after 20261126_vouchers
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_series"
down_revision = "20261126_vouchers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_photos",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("picture_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 9", name=op.f("ck_activity_photos_nine_photos_at_most")),
        sa.ForeignKeyConstraint(
            ["office_id", "activity_id"],
            ["activities.office_id", "activities.id"],
            name=op.f("fk_activity_photos_office_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "picture_id"],
            ["pictures.office_id", "pictures.id"],
            name=op.f("fk_activity_photos_office_id_picture_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_activity_photos")),
        sa.UniqueConstraint(
            "office_id", "activity_id", "number", name=op.f("uq_activity_photos_office_id_activity_id_number")
        ),
        sa.UniqueConstraint(
            "office_id", "activity_id", "picture_id", name=op.f("uq_activity_photos_office_id_activity_id_picture_id")
        ),
    )
    with op.batch_alter_table("activities") as activities:
        activities.add_column(sa.Column("cover_id", sa.Uuid(), nullable=True))
        activities.add_column(sa.Column("for_area_id", sa.Uuid(), nullable=True))
        activities.add_column(sa.Column("series_id", sa.Uuid(), nullable=True))
        activities.create_foreign_key(
            op.f("fk_activities_office_id_for_area_id"), "areas", ["office_id", "for_area_id"], ["office_id", "id"]
        )
        activities.create_foreign_key(
            op.f("fk_activities_office_id_cover_id"), "pictures", ["office_id", "cover_id"], ["office_id", "id"]
        )
    op.create_index(op.f("ix_activities_office_id_series_id"), "activities", ["office_id", "series_id"])

    with op.batch_alter_table("merchants") as merchants:
        merchants.add_column(sa.Column("person_a_day", sa.Integer(), nullable=True))
        merchants.add_column(sa.Column("person_a_month", sa.Integer(), nullable=True))
        merchants.add_column(sa.Column("shop_a_day", sa.Integer(), nullable=True))
        merchants.add_column(sa.Column("shop_a_month", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("merchants") as merchants:
        merchants.drop_column("shop_a_month")
        merchants.drop_column("shop_a_day")
        merchants.drop_column("person_a_month")
        merchants.drop_column("person_a_day")

    op.drop_index(op.f("ix_activities_office_id_series_id"), table_name="activities")
    with op.batch_alter_table("activities") as activities:
        activities.drop_constraint(op.f("fk_activities_office_id_cover_id"), type_="foreignkey")
        activities.drop_constraint(op.f("fk_activities_office_id_for_area_id"), type_="foreignkey")
        activities.drop_column("series_id")
        activities.drop_column("for_area_id")
        activities.drop_column("cover_id")

    op.drop_table("activity_photos")
