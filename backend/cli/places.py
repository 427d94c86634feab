"""flask places: opening an office, and importing its doors from a file."""

import csv
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO, TextIO, TypeVar

import click
from flask.cli import AppGroup

from backend.foundation import trail
from backend.foundation.acting import acted_by, by_command
from backend.foundation.db import done_reading, keep_other_writers_out, transactional
from backend.foundation.errors import AppError
from backend.foundation.tenancy import acting_in
from backend.people.policies import publish_first
from backend.places import importing, uploads
from backend.places.areas import open_area
from backend.places.door_lists import Problem, Reading
from backend.places.models import NATURES, OFFICE_KINDS
from backend.places.offices import office, open_office
from backend.places.uploads import read_all

T = TypeVar("T")

SHOWN = 100  # problems on the terminal; a file has them all

places = AppGroup("places", help="Offices, their communities, and the doors in them.")


@places.command("open-office")
@click.argument("office_id", type=click.IntRange(1, 9999))
@click.argument("name")
@click.argument("communities", nargs=-1)
@click.option("--kind", type=click.Choice(OFFICE_KINDS), default="sub_district", show_default=True)
@click.option("--district", "district_id", type=int, help="The district office that this sub-district lies in.")
@click.option("--nature", type=click.Choice(NATURES), default="urban", show_default=True, help="Of the communities.")
def open_one(
    office_id: int, name: str, communities: tuple[str, ...], kind: str, district_id: int | None, nature: str
) -> None:
    """Open office OFFICE_ID called NAME with its COMMUNITIES; more of them come by `places import`."""
    if kind == "district" and (communities or district_id is not None):
        raise click.UsageError("a district has no communities and lies in no district: its sub-districts do")

    def open_it() -> str:
        open_office(office_id, name, kind=kind, district_id=district_id)
        opened = [open_area(community, kind="community", nature=nature) for community in communities]
        for area in opened:
            trail.record("areas.open", area, after={"kind": area.kind})
        if kind == "sub_district":
            publish_first()
        return "\n".join(f"{area.id}  {area.name}" for area in opened)

    with acting_in(office_id), acted_by(by_command()):
        click.echo(_or_say_why(transactional(open_it)))


@places.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--office", "office_id", type=int, required=True)
@click.option("--dry-run", is_flag=True, help="Only list what is wrong with the file.")
@click.option("--skip-bad", is_flag=True, help="Import the rows without problems, whatever the rest.")
@click.option("--problems", "problems_file", type=click.File("w", encoding="utf-8-sig"), help="A CSV of every problem.")
def import_doors(file: BinaryIO, office_id: int, dry_run: bool, skip_bad: bool, problems_file: TextIO | None) -> None:
    """Import the doors in FILE: CSV (UTF-8 or GB18030) or XLSX with 社区, 城乡, 网格, 楼栋, 单元, 门牌.

    Nothing that is there is changed, so the same file can be imported again, also after it was stopped half-way.
    """
    _or_say_why(partial(office, office_id))
    with acting_in(office_id), acted_by(by_command()):
        reading = read_all(file.read())
        importing.hold_against_office(reading)
        done_reading()
        _tell(reading.problems, problems_file)
        found = f"{len(reading.rows):,} without problems, {len(reading.problems):,} problems"
        click.echo(f"{reading.lines:,} rows, {found}")
        if dry_run:
            return
        if not reading.rows or (reading.problems and not skip_bad):
            raise click.ClickException("nothing was imported: mend the file, or leave the bad rows out with --skip-bad")
        _or_say_why(keep_other_writers_out)
        areas, households, skipped = _write(reading, skips_bad=skip_bad)
    click.echo(f"{areas:,} new areas, {households:,} new households, {skipped:,} rows skipped")


def _write(reading: Reading, *, skips_bad: bool) -> tuple[int, int, int]:
    rows = reading.rows
    import_id = _or_say_why(partial(transactional(uploads.begin_by_command), reading, skips_bad=skips_bad))
    areas = households = skipped = 0
    with click.progressbar(length=len(rows), file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for piece in importing.in_pieces(rows):
            written = _or_say_why(partial(transactional(uploads.write_by_command), import_id, piece))
            areas, households = areas + written.areas, households + written.households
            skipped += written.skipped
            bar.update(len(piece))
    return areas, households, skipped


def _tell(problems: Sequence[Problem], file: TextIO | None) -> None:
    for problem in problems[:SHOWN]:
        where = f"第 {problem.row} 行" if problem.row else "文件"
        click.echo(f"{where}{f' {problem.column}' if problem.column else ''}: {problem.said}")
    if len(problems) > SHOWN:
        click.echo(f"… and {len(problems) - SHOWN:,} more{'' if file else '; --problems FILE writes them all'}")
    if file:
        lines = csv.writer(file)
        lines.writerow(["行", "列", "问题"])
        lines.writerows([problem.row or "", problem.column or "", problem.said] for problem in problems)


def _or_say_why(does: Callable[[], T]) -> T:
    try:
        return does()
    except AppError as refusal:
        raise click.ClickException(refusal.text) from None
