"""Finding things by Chinese, pinyin or initials: 舞蹈队 is found by 舞蹈, wudao and wdd."""

from typing import Any

from sqlalchemy import ColumnElement


def searchable(*texts: str) -> str:
    """What a row is found by; computed when it is written."""
    # Imported here because its dictionaries take a tenth of a second and most processes never write a name.
    from pypinyin import Style, lazy_pinyin

    forms: list[str] = []
    for text in texts:
        plain = "".join(text.lower().split())  # as `matches` reads what was typed
        forms += [plain, "".join(lazy_pinyin(plain)), "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER))]
    return " ".join(forms)[:600]


def matches(column: Any, wanted: str) -> ColumnElement[bool]:
    """Contains what was typed, letter case and blanks aside; % and _ are letters like others."""
    typed = "".join(wanted.lower().split())
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: ColumnElement[bool] = column.like(f"%{escaped}%", escape="\\")
    return found
