"""Hours outside activities are reported and decided, and certificates of service are issued.

Three new, empty tables. Nothing is moved, and nothing waits. Certificates are issued once an officer has said who answers
for them (PUT /office/certificate-issuer). Going back loses reports and certificates; minutes that were approved stay in
the ledger, and verify would then report them.

Revision: 20261126_volunteering, after 20261126_settlement
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_volunteering"
down_revision = "20261126_settlement"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_issuers",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one", sa.SmallInteger(), nullable=False),
        sa.Column("responsible_person", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_certificate_issuers_one_in_office")),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_certificate_issuers")),
        sa.UniqueConstraint("office_id", "one", name=op.f("uq_certificate_issuers_office_id_one")),
    )
    op.create_table(
        "certificates",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issuer_id", sa.Uuid(), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_certificates_about_something")),
        sa.CheckConstraint("since <= until", name=op.f("ck_certificates_since_before_until")),
        sa.ForeignKeyConstraint(
            ["office_id", "issuer_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_certificates_office_id_issuer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_certificates_office_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("office_id", "number", name=op.f("uq_certificates_office_id_number")),
    )
    op.create_index(op.f("ix_certificates_office_id_person_id_id"), "certificates", ["office_id", "person_id", "id"])

    op.create_table(
        "volunteer_logs",
        sa.Column("office_id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("evidence_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("request_key", sa.String(length=120), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("needs_two", sa.Boolean(), nullable=False),
        sa.Column("first_decider_id", sa.Uuid(), nullable=True),
        sa.Column("first_decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decider_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("serve_id", sa.Uuid(), nullable=True),
        sa.Column("check_in_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(check_in_id IS NOT NULL) = (state = 'approved' AND session_id IS NOT NULL)",
            name=op.f("ck_volunteer_logs_made_good"),
        ),
        sa.CheckConstraint(
            "(serve_id IS NOT NULL) = (state = 'approved' AND session_id IS NULL)",
            name=op.f("ck_volunteer_logs_served_once"),
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (decider_id IS NOT NULL)",
            name=op.f("ck_volunteer_logs_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'seen', 'approved', 'declined', 'withdrawn')",
            name=op.f("ck_volunteer_logs_state_is_known"),
        ),
        sa.CheckConstraint(
            "decider_id <> person_id AND first_decider_id <> person_id",
            name=op.f("ck_volunteer_logs_nobody_decides_their_own"),
        ),
        sa.CheckConstraint("first_decider_id <> decider_id", name=op.f("ck_volunteer_logs_two_persons")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 720", name=op.f("ck_volunteer_logs_minutes_at_most_twelve_hours")),
        sa.ForeignKeyConstraint(
            ["office_id", "area_id"], ["areas.office_id", "areas.id"], name=op.f("fk_volunteer_logs_office_id_area_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "check_in_id"],
            ["check_ins.office_id", "check_ins.id"],
            name=op.f("fk_volunteer_logs_office_id_check_in_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_volunteer_logs_office_id_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "first_decider_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_volunteer_logs_office_id_first_decider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "group_id"],
            ["groups.office_id", "groups.id"],
            name=op.f("fk_volunteer_logs_office_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "person_id"],
            ["people.office_id", "people.id"],
            name=op.f("fk_volunteer_logs_office_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "session_id"],
            ["sessions.office_id", "sessions.id"],
            name=op.f("fk_volunteer_logs_office_id_session_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "id", name=op.f("pk_volunteer_logs")),
        sa.UniqueConstraint(
            "office_id", "person_id", "request_key", name=op.f("uq_volunteer_logs_office_id_person_id_request_key")
        ),
        sa.UniqueConstraint("office_id", "serve_id", name=op.f("uq_volunteer_logs_office_id_serve_id")),
    )
    op.create_index(
        op.f("ix_volunteer_logs_office_id_person_id_day"), "volunteer_logs", ["office_id", "person_id", "day"]
    )
    op.create_index(op.f("ix_volunteer_logs_office_id_state_id"), "volunteer_logs", ["office_id", "state", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_volunteer_logs_office_id_state_id"), table_name="volunteer_logs")
    op.drop_index(op.f("ix_volunteer_logs_office_id_person_id_day"), table_name="volunteer_logs")

    op.drop_table("volunteer_logs")
    op.drop_index(op.f("ix_certificates_office_id_person_id_id"), table_name="certificates")

    op.drop_table("certificates")
    op.drop_table("certificate_issuers")
