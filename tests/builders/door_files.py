"""Files with lists of doors, as communities send them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl

HEAD = ("社区", "城乡", "网格", "楼栋", "单元", "门牌")

Lines = Iterable[Sequence[Any]]


def doors(number: int, *, communities: int = 1, name: str = "幸福社区") -> list[tuple[str, ...]]:
    """So many doors: twelve grids to a community, sixteen buildings to a grid, three units to a building."""
    lines = []
    for n in range(number):
        community, rest = n % communities, n // communities
        grid, rest = rest % 12, rest // 12
        building, rest = rest % 16, rest // 16
        unit, door = rest % 3, rest // 3
        called = name if communities == 1 else f"{name}{community + 1}"
        lines.append((called, "城", f"第{grid + 1}网格", f"{building + 1}号楼", f"{unit + 1}单元", f"{door + 101}"))
    return lines


def csv_of(lines: Lines, *, head: Sequence[str] = HEAD, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *lines])
    return text.getvalue().encode(encoding)


def xlsx_of(lines: Lines, *, head: Sequence[str] = HEAD, merge: Sequence[str] = (), before: Lines = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in [*before, head, *lines]:
        sheet.append(list(line))
    for span in merge:
        sheet.merge_cells(span)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def form_of(*, file: bytes, name: str = "doors.csv", **fields: str) -> dict[str, Any]:
    """A multipart form with that file; its name says what the sender likes."""
    return {**fields, "file": (io.BytesIO(file), name)}
