"""Places are offered for a while, households sign up together, and forgotten check-outs are closed.

Four columns for sign-ups and one for check-ins, all empty to begin with; SQLite rebuilds both tables (a minute with
200,000 check-ins), PostgreSQL does not. Nothing is moved. From now on whoever waited for a place is offered it until an
hour they are told, and at published activities whoever did not check out waits in the leader's list; the first round of
the job `close-check-outs` does so for every activity that is still open. Going back, offered places become places.

Revision: 20261126_waiting, after 20261126_skills
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_waiting"
down_revision = "20261126_skills"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_ups") as sign_ups:
        sign_ups.add_column(sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
        sign_ups.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        sign_ups.add_column(sa.Column("party", sa.Uuid(), nullable=True))
        sign_ups.create_check_constraint(
            op.f("ck_sign_ups_offers_end"), "(state = 'offered') = (answer_by IS NOT NULL)"
        )
    op.create_index(op.f("ix_sign_ups_office_id_state_answer_by"), "sign_ups", ["office_id", "state", "answer_by"])
    with op.batch_alter_table("check_ins") as check_ins:
        check_ins.add_column(sa.Column("before_closing", sa.String(length=8), nullable=True))
        check_ins.create_check_constraint(
            op.f("ck_check_ins_closed_in_a_known_state"), "before_closing IN ('recorded', 'review')"
        )
        check_ins.create_check_constraint(
            op.f("ck_check_ins_closed_at_some_time"), "before_closing IS NULL OR checked_out_at IS NOT NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("check_ins") as check_ins:
        check_ins.drop_constraint(op.f("ck_check_ins_closed_at_some_time"), type_="check")
        check_ins.drop_constraint(op.f("ck_check_ins_closed_in_a_known_state"), type_="check")
        check_ins.drop_column("before_closing")
    op.drop_index(op.f("ix_sign_ups_office_id_state_answer_by"), table_name="sign_ups")
    op.execute("UPDATE sign_ups SET state = 'placed', answer_by = NULL WHERE state = 'offered'")
    with op.batch_alter_table("sign_ups") as sign_ups:
        sign_ups.drop_constraint(op.f("ck_sign_ups_offers_end"), type_="check")
        sign_ups.drop_column("party")
        sign_ups.drop_column("withdrawn_at")
        sign_ups.drop_column("answer_by")
