"""Lists of doors that officers upload, and what is wrong with them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.foundation.tables import Base, InOffice, listed_by, once_in_office, within_office

STATES = ("waiting", "running", "checked", "refused", "done")


class DoorImport(InOffice, Base):
    """One list, from upload to report. Its file is sealed, and gone as soon as nobody needs it any more.

    waiting → checked (it was to be checked only) or refused (it has problems), or running → done.
    """

    __tablename__ = "door_imports"
    __table_args__ = (
        listed_by("state"),
        CheckConstraint("state IN ('waiting', 'running', 'checked', 'refused', 'done')", name="state_is_known"),
        CheckConstraint("(state IN ('waiting', 'running')) = (file_sealed IS NOT NULL)", name="file_kept_while_needed"),
        CheckConstraint("(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished_at_some_time"),
        CheckConstraint("NOT (is_dry_run AND state IN ('running', 'done'))", name="a_dry_run_writes_nothing"),
    )

    state: Mapped[str] = mapped_column(String(8), default="waiting")
    is_dry_run: Mapped[bool]
    skips_bad: Mapped[bool]  # what has no problem is imported, whatever the rest
    # Up to 13 MB: read by who says so, never along with a list of lists.
    file_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    rows: Mapped[int] = mapped_column(default=0)  # without a problem
    rows_done: Mapped[int] = mapped_column(default=0)
    row_reached: Mapped[int] = mapped_column(default=0)  # of the file: the last one written
    areas_opened: Mapped[int] = mapped_column(default=0)
    households_opened: Mapped[int] = mapped_column(default=0)
    problems: Mapped[int] = mapped_column(default=0)  # all of them, also those not listed
    uploaded_by_id: Mapped[UUID | None]  # a person; a higher floor knows them; empty: a command at the server
    uploaded_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportProblem(InOffice, Base):
    """One thing that is wrong with a list: in which row (0: with the file), and what to do."""

    __tablename__ = "import_problems"
    __table_args__ = (within_office("import_id", "door_imports"), once_in_office("import_id", "n"))

    import_id: Mapped[UUID]
    n: Mapped[int]
    row_number: Mapped[int]
    column_name: Mapped[str | None] = mapped_column(String(12))
    said: Mapped[str] = mapped_column(String(200))
