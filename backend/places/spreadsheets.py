"""From the bytes of a file to its lines: CSV in UTF-8 or GB18030, or XLSX. What it is, its bytes say, not its name.

XLSX is read by openpyxl in its read-only mode: it streams, says which cells are formulas and which are dates, and is
pure Python, so a broken file is an exception and never a dead process. Before it sees a file, the file is looked
through here: how much it unpacks to, how long its rows are, and that its XML declares no entities.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import openpyxl

from backend.places.door_lists import LOOKED_THROUGH, MOST_ROWS, Line, Trouble

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 160 * 1024 * 1024  # 100,000 rows of twelve columns take about half of that
LONGEST_PIECE = 2 * 1024 * 1024  # of XML between the ends of two rows or texts: it is held in memory as a tree
MOST_OF_THE_REST = 16 * 1024 * 1024  # of any other part
MOST_COLUMNS = 50
MOST_PARTS = 2_000
LAST_ROW = MOST_ROWS + LOOKED_THROUGH + 2  # one more than anybody may have, so that too many are noticed

_CELLS = re.compile(rb"xl/worksheets/[^/]*\.xml|xl/sharedStrings\.xml", re.IGNORECASE)
_ENDS = re.compile(rb"</(?:\w+:)?(?:row|si)>")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"'][A-Z]+(\d{1,7})(?::[A-Z]+(\d{1,7}))?[\"']")


class Unreadable(Exception):
    """The file is none that we read; the text says in Chinese what to do."""


def lines_of(content: bytes) -> Iterator[Line]:
    """Every line of the file, also blank ones. Raises `Unreadable`, perhaps only at a later line."""
    glance(content)
    return _of_xlsx(content) if content.startswith(b"PK") else _of_csv(_text(content))


def glance(content: bytes) -> None:
    """Is it at first sight something that we read? Quick at any size. Raises `Unreadable`."""
    if len(content) > MOST_BYTES:
        raise Unreadable(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请按社区拆成几个文件导入")
    if not content.strip():
        raise Unreadable("文件是空的，请重新选择")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("这是旧版 .xls 或加了密码的文件，请取消密码并另存为 .xlsx")
    if not content.startswith(b"PK"):
        _text(content)
    elif not zipfile.is_zipfile(io.BytesIO(content)):
        raise Unreadable("XLSX 文件已损坏，请用表格软件打开后另存一份再导入")


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable("无法识别文件，请另存为 XLSX，或 UTF-8、GB18030 编码的 CSV")


def _of_csv(text: str) -> Iterator[Line]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",\t;，", key=first.count)  # a comma of ours where nobody typed any of them
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), 1):
            yield Line(number, [Trouble.FORMULA if cell.startswith("=") else cell for cell in cells[:MOST_COLUMNS]])
    except csv.Error:
        raise Unreadable("引号没有成对，请检查文件中的引号，或另存为 XLSX") from None


def _of_xlsx(content: bytes) -> Iterator[Line]:
    try:
        merged = _looked_through(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        filled = [sheet for sheet in book.worksheets if _has_something(sheet)]
        if not filled:
            raise Unreadable("工作簿是空的，请重新选择")
        if len(filled) > 1:
            raise Unreadable(f"有 {len(filled)} 个工作表填了内容，请把要导入的放在一个工作表里，删除其余的")
        for sheet in filled:
            in_merged = merged.get(str(sheet._worksheet_path).lstrip("/").lower(), bytes(LAST_ROW + 1))
            for number, cells in enumerate(_rows(sheet), 1):
                yield Line(number, [_said(cell) for cell in cells], bool(in_merged[number]))
    except Unreadable:
        raise
    except Exception as broken:  # whatever a broken archive, broken XML or a broken number makes of openpyxl
        raise Unreadable("XLSX 文件已损坏，请用表格软件打开后另存一份再导入") from broken


def _looked_through(content: bytes) -> dict[str, bytearray]:
    """By part, which rows have merged cells. Raises `Unreadable` for what takes too much memory, or has entities."""
    merged: dict[str, bytearray] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        # What a part says of its size binds: zipfile never unpacks more of it.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise Unreadable("XLSX 文件展开后过大，请按社区拆成几个文件，并删除图片")
        for part in parts:
            name = part.filename.encode()
            if not name.lower().endswith((b".xml", b".rels")):
                continue
            if not _CELLS.fullmatch(name) and part.file_size > MOST_OF_THE_REST:
                raise Unreadable("XLSX 文件展开后过大，请复制到新的工作簿再导入")
            xml = archive.read(part)
            # A program that writes spreadsheets declares no entities, and writes UTF-8.
            if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\x00" in xml[:200]:
                raise Unreadable("XLSX 文件含有不允许的内容，请用表格软件另存一份再导入")
            if _CELLS.fullmatch(name):
                ends = [0, *(end.end() for end in _ENDS.finditer(xml)), len(xml)]
                if any(after - before > LONGEST_PIECE for before, after in pairwise(ends)):
                    raise Unreadable("XLSX 文件中有过长的一行，请复制到新的工作簿再导入")
                merged[part.filename.lstrip("/").lower()] = _rows_of(_MERGED.findall(xml))
    return merged


def _rows_of(spans: list[tuple[bytes, bytes]]) -> bytearray:
    rows = bytearray(LAST_ROW + 1)
    for low, high in spans:
        first, last = int(low), min(int(high or low), LAST_ROW)
        rows[first : last + 1] = b"\x01" * max(0, last + 1 - first)
    return rows


def _rows(sheet: Any) -> Iterator[Any]:
    sheet.reset_dimensions()  # what a sheet says of its size is not always true
    yield from sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS)


def _has_something(sheet: Any) -> bool:
    return any(cell.value not in (None, "") for row in _rows(sheet) for cell in row)


def _said(cell: Any) -> str | Trouble:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Trouble.FORMULA
    if isinstance(value, (date, datetime, time, timedelta)):
        return Trouble.DATE
    if cell.data_type == "e" or isinstance(value, bool):
        return Trouble.ERROR
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = str(value)
    return Trouble.FORMULA if text.startswith("=") else text
