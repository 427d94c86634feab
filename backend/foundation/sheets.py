"""Tables to take away: CSV that Excel opens in Chinese, and XLSX; rows are written as they come, never all held.

A cell that begins like a formula is written as text (OWASP, CSV Injection): what residents type reaches the officer's
spreadsheet as it is read on the screen.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_BOM = "\ufeff"  # without it Excel reads Chinese as the code page of the machine
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Line by line, with a BOM."""
    yield _BOM
    for row in _chained(headings, rows):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def as_xlsx(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet; while it is written, its rows lie in a file and not in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in _chained(headings, rows):
        sheet.append([_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _chained(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield headings
    for row in rows:
        yield [escaped(value) for value in row]


def escaped(value: Any) -> Any:
    """The value, and a text that a spreadsheet would take for a formula with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
