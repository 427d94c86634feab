"""Finding things by Chinese, pinyin or initials: 舞蹈队 is found by 舞蹈, wudao and wdd."""

from functools import lru_cache
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


def is_found_by(text: str, wanted: str) -> bool:
    """Would `matches` find that text by what was typed? For a few hundred texts that the database cannot read."""
    plain, typed = "".join(text.lower().split()), "".join(wanted.lower().split())
    if typed in plain:
        return True
    if not typed.isascii():  # Chinese is in no pinyin, and that takes most of the time
        return False
    syllables = _syllables(plain)
    return typed in "".join(syllables) or typed in "".join(syllable[:1] for syllable in syllables)


@lru_cache(maxsize=10_000)
def _syllables(plain: str) -> tuple[str, ...]:
    """Kept in memory for a while: who looks for somebody looks through the same names again with the next letter."""
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(plain))


def matches(column: Any, wanted: str) -> ColumnElement[bool]:
    """Contains what was typed, letter case and blanks aside; % and _ are letters like others."""
    typed = "".join(wanted.lower().split())
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: ColumnElement[bool] = column.like(f"%{escaped}%", escape="\\")
    return found
