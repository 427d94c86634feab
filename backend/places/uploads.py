"""Lists of doors from officers: taken in by a request, judged and written by the worker, a piece at a time.

Each piece says first, in the statement that claims it, how far the list was before; a worker that was killed, or a
second one, finds out there which row is next.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from backend.foundation import trail
from backend.foundation.clock import now
from backend.foundation.crypto import seal, unseal
from backend.foundation.db import add, find, session
from backend.foundation.errors import Unprocessable
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import office_in_force
from backend.places import importing
from backend.places.door_lists import Problem, Reading, Row, read
from backend.places.import_models import DoorImport, ImportProblem
from backend.places.spreadsheets import Unreadable, glance, lines_of

LISTED = 10_000  # problems that are kept of one list; the rest is counted


def take_in(content: bytes, *, is_dry_run: bool, skips_bad: bool, uploader_id: UUID) -> DoorImport:
    """Keep a list for the worker. Raises `Unprocessable` for what at first sight is no list at all."""
    try:
        glance(content)
    except Unreadable as trouble:
        raise Unprocessable(errors={"file": [str(trouble)]}) from None
    import_id = uuid7()
    return add(
        DoorImport(
            id=import_id,
            is_dry_run=is_dry_run,
            skips_bad=skips_bad,
            file_sealed=seal(base64.b64encode(content).decode(), place=_place(import_id)),
            uploaded_by_id=uploader_id,
            uploaded_at=now(),
        )
    )


def unfinished() -> Sequence[UUID]:
    """The lists that still have to be judged or written, oldest first."""
    wanted = select(DoorImport.id).where(DoorImport.state.in_(("waiting", "running"))).order_by(DoorImport.id)
    return session().scalars(wanted).all()


@dataclass(frozen=True)
class Left:
    """What is left of a list to be written, after which row of its file."""

    reading: Reading
    after: int


def left_of(import_id: UUID) -> Left | None:
    """What is left of a list, held against what the office has; None if another worker finished it meanwhile."""
    asked = select(DoorImport.file_sealed, DoorImport.row_reached).where(DoorImport.id == import_id)
    sealed, after = session().execute(asked).one()
    if sealed is None:
        return None
    reading = read_all(base64.b64decode(unseal(sealed, place=_place(import_id))))
    importing.hold_against_office(reading)
    reading.rows = [row for row in reading.rows if row.number > after]
    return Left(reading, after)


def read_all(content: bytes) -> Reading:
    """Every row and every problem of a list; a file that cannot be read is one problem, of row 0."""
    reading = Reading()
    try:
        reading = read(lines_of(content))
    except Unreadable as trouble:
        reading.wrong(0, str(trouble))
    return reading


def judge(import_id: UUID, reading: Reading) -> bool:
    """Write the report of a list and decide what becomes of it; whether it is to be written."""
    uploaded = find(DoorImport, import_id, locked=True)
    if uploaded.state != "waiting":  # Another worker was faster.
        return uploaded.state == "running"
    writes = not uploaded.is_dry_run and bool(reading.rows) and (not reading.problems or uploaded.skips_bad)
    uploaded.problems, uploaded.rows = len(reading.problems), len(reading.rows)
    _list_problems(import_id, reading.problems[:LISTED])
    if writes:
        uploaded.state = "running"
    else:
        _finish(uploaded, "checked" if uploaded.is_dry_run else "refused")
    session().flush()
    return writes


def begin_by_command(reading: Reading, *, skips_bad: bool) -> UUID:
    """A list that a command at the server writes now, without keeping the file; `rows_done` says how far it is."""
    at = now()
    begun = add(
        DoorImport(
            state="done",
            is_dry_run=False,
            skips_bad=skips_bad,
            rows=len(reading.rows),
            problems=len(reading.problems),
            uploaded_at=at,
            finished_at=at,
        )
    )
    trail.record("imports.run", begun)
    return begun.id


def write_by_command(import_id: UUID, rows: Sequence[Row]) -> importing.Written:
    """Write one piece of it; what was new."""
    written = importing.write(rows)
    _count(import_id, written, rows_done=DoorImport.rows_done + len(rows), finished_at=now())
    return written


def write(import_id: UUID, rows: Sequence[Row], *, after: int) -> bool:
    """Write one piece, the rows after that row of the file, if nobody has yet; whether this call did."""
    claimed = session().scalar(
        update(DoorImport)
        .where(DoorImport.id == import_id, DoorImport.state == "running", DoorImport.row_reached == after)
        .values(row_reached=rows[-1].number, rows_done=DoorImport.rows_done + len(rows))
        .returning(DoorImport.id)
    )
    if claimed is None:
        return False
    _count(import_id, importing.write(rows))
    return True


def finish(import_id: UUID) -> None:
    """Every row is written: the file is no longer needed."""
    uploaded = find(DoorImport, import_id, locked=True)
    if uploaded.state == "running":
        _finish(uploaded, "done")
        session().flush()


def _count(import_id: UUID, written: importing.Written, **more: Any) -> None:
    session().execute(
        update(DoorImport)
        .where(DoorImport.id == import_id)
        .values(
            areas_opened=DoorImport.areas_opened + written.areas,
            households_opened=DoorImport.households_opened + written.households,
            **more,
        )
    )


def _finish(uploaded: DoorImport, state: str) -> None:
    uploaded.state, uploaded.file_sealed, uploaded.finished_at = state, None, now()


def _list_problems(import_id: UUID, problems: Sequence[Problem]) -> None:
    if problems:
        rows = [
            {
                **{"office_id": office_in_force(), "id": uuid7(), "import_id": import_id, "n": n},
                **{"row_number": problem.row, "column_name": problem.column, "said": problem.said},
            }
            for n, problem in enumerate(problems)
        ]
        session().execute(insert(ImportProblem), rows)


def _place(import_id: UUID) -> str:
    return f"door_imports.file:{office_in_force()}:{import_id}"
