"""What a list of doors has to look like: which columns, which levels, and everything that can be wrong with a row.

Problems name a row and a column and never quote a cell: what stands in it may be about somebody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from backend.places.name_rules import door_key, is_printable, tidy

MOST_ROWS = 100_000
LONGEST = 60  # characters of a cell that we use
LOOKED_THROUGH = 10  # lines in which the headings may stand, below a title

# Column → how it is headed, ours first.
HEADINGS = {
    "community": ("社区", "社区名称", "所属社区", "村", "社区/村", "社区(村)", "村(社区)", "村居", "村(居)"),
    "nature": ("城乡", "城/乡", "城乡类型", "城乡属性", "城乡分类", "社区类型"),
    "grid": ("网格", "网格名称", "所属网格", "网格号"),
    "building": ("楼栋", "楼栋号", "楼号", "楼幢", "幢", "栋", "楼"),
    "unit": ("单元", "单元号"),
    "door": ("门牌", "门牌号", "户号", "室号", "房号", "房间号", "室"),
}
NAMES = {column: headings[0] for column, headings in HEADINGS.items()}
_COLUMN_OF = {heading: column for column, headings in HEADINGS.items() for heading in headings}

NATURES = {
    **dict.fromkeys(("城", "城市", "城镇", "城区", "城市社区", "urban"), "urban"),
    **dict.fromkeys(("乡", "村", "乡村", "农村", "农村社区", "rural"), "rural"),
}


class Trouble(Enum):
    """What can stand in a cell of a spreadsheet instead of text."""

    FORMULA = "是公式，请粘贴为数值"
    DATE = "被表格软件变成了日期，请把这一列设为文本格式后重新填写"
    ERROR = "是错误值或不是文字，请重新填写"


@dataclass(frozen=True)
class Line:
    """One line of a file, numbered as the spreadsheet program numbers it."""

    number: int
    cells: Sequence[str | Trouble]
    is_merged: bool = False

    @property
    def is_blank(self) -> bool:
        return not any(isinstance(cell, Trouble) or cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Row:
    """A door and where it is. Levels that a place does not have are empty."""

    number: int
    community: str
    nature: str
    grid: str
    building: str
    unit: str
    door: str


@dataclass(frozen=True)
class Problem:
    """What is wrong, in words, in which row (0: with the file) and in which column if it is one."""

    row: int
    column: str | None
    said: str


@dataclass
class Reading:
    """What a file says, and everything that is wrong with it."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: int = 0  # with something in them, below the headings

    def wrong(self, row: int, said: str, column: str | None = None) -> None:
        self.problems.append(Problem(row, NAMES[column] if column else None, said))


def read(lines: Iterable[Line]) -> Reading:
    """Read every line below the headings. A row that has a problem is not among the rows."""
    reading, following = Reading(), iter(lines)
    columns = _headings(following, reading)
    if columns is None:
        return reading
    doors: dict[tuple[str, ...], int] = {}
    natures: dict[str, tuple[str, int]] = {}
    blank: list[int] = []
    for line in following:
        if line.is_blank:
            blank.append(line.number)
            continue
        for number in blank:  # those at the end of a file are nobody's mistake
            reading.wrong(number, "空行，请删除")
        blank.clear()
        reading.lines += 1
        if reading.lines > MOST_ROWS:
            reading.wrong(line.number, f"超过 {MOST_ROWS:,} 行，请按社区拆成几个文件导入")
            break
        row = _row(line, columns, reading)
        if row is not None and _fits(row, doors, natures, reading):
            reading.rows.append(row)
    return reading


def _headings(lines: Iterator[Line], reading: Reading) -> dict[str, int] | None:
    """Which column stands where; None, and why, if a heading is missing or there twice."""
    for _, line in zip(range(LOOKED_THROUGH), lines, strict=False):
        found = _known(line)
        if len({column for column, _ in found}) < 2:
            continue
        twice = [column for column in HEADINGS if sum(name == column for name, _ in found) > 1]
        missing = [column for column in HEADINGS if column not in dict(found)]
        for column in twice:
            reading.wrong(line.number, "表头重复，请只保留一列", column)
        for column in missing:
            also = "、".join(HEADINGS[column][1:3])
            reading.wrong(line.number, f"缺少表头“{NAMES[column]}”（也可写作 {also}）；没有这一级时单元格留空")
        return None if twice or missing else dict(found)
    reading.wrong(0, f"前 {LOOKED_THROUGH} 行里没有找到表头，需要 {'、'.join(NAMES.values())}")
    return None


def _known(line: Line) -> list[tuple[str, int]]:
    """The headings in a line that we know, and where they stand."""
    texts = [_plain(cell) if isinstance(cell, str) else "" for cell in line.cells]
    return [(_COLUMN_OF[text], place) for place, text in enumerate(texts) if text in _COLUMN_OF]


def _row(line: Line, columns: dict[str, int], reading: Reading) -> Row | None:
    before = len(reading.problems)
    if line.is_merged:
        reading.wrong(line.number, "有合并单元格，请取消合并并逐行填写")
        return None
    if _known(line) == sorted(columns.items(), key=lambda item: item[1]):
        reading.wrong(line.number, "表头又出现了一次，请删除这一行")
        return None
    said = {name: _cell(line, place, name, reading) for name, place in columns.items()}
    if len(reading.problems) == before:
        for name in ("community", "nature", "door"):
            if not said[name]:
                reading.wrong(line.number, f"缺少{NAMES[name]}", name)
        if said["nature"] and said["nature"].casefold() not in NATURES:
            reading.wrong(line.number, "城乡只能填“城”或“乡”", "nature")
        if said["unit"] and not said["building"]:
            reading.wrong(line.number, "有单元而没有楼栋，请填写楼栋", "building")
    if len(reading.problems) > before:
        return None
    return Row(line.number, **{**said, "nature": NATURES[said["nature"].casefold()]})


def _cell(line: Line, place: int, name: str, reading: Reading) -> str:
    """The text of a cell as it is kept; what is wrong with it is noted."""
    cell = line.cells[place] if place < len(line.cells) else ""
    if isinstance(cell, Trouble):
        reading.wrong(line.number, cell.value, name)
        return ""
    if not is_printable(cell):
        reading.wrong(line.number, "含有换行或不能显示的字符，请重新填写", name)
        return ""
    text = tidy(cell)
    if len(text) > LONGEST:
        reading.wrong(line.number, f"超过 {LONGEST} 个字", name)
    return text


def _fits(row: Row, doors: dict[tuple[str, ...], int], natures: dict[str, tuple[str, int]], reading: Reading) -> bool:
    """Does a row agree with those before it?"""
    nature, first = natures.setdefault(row.community, (row.nature, row.number))
    if nature != row.nature:
        reading.wrong(row.number, f"与第 {first} 行同一社区，城乡却不同", "nature")
        return False
    door = (row.community, row.grid, row.building, row.unit, door_key(row.door))
    first = doors.setdefault(door, row.number)
    if first != row.number:
        reading.wrong(row.number, f"与第 {first} 行是同一个门牌", "door")
        return False
    return True


def _plain(heading: str) -> str:
    return tidy(heading).casefold().replace(" ", "").strip("*:")
