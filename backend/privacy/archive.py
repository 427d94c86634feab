"""The copy itself: a ZIP with JSON of each part for machines, and a page for people. Made in memory, kept nowhere."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.foundation.clock import now
from backend.foundation.own_copy import Part, Rows
from backend.foundation.shapes import said_in_utc
from backend.people.persons import selves_of
from backend.privacy.reading_page import page_of

FORMAT = 1  # raised when a name in the JSON changes its meaning
PAGE = "我的资料.html"

Told = dict[str, dict[str, Rows]]


def told(person_id: UUID, parts: Sequence[Part]) -> Told:
    """Part → list → rows: everything that the features tell about somebody."""
    selves = selves_of(person_id)
    return {part.name: part.tell(selves) for part in parts}


def zipped(everything: Told, *, office: str) -> bytes:
    """The whole copy. Times in the JSON are UTC, on the page those of Asia/Shanghai."""
    at = now()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", _json({"format": FORMAT, "office": office, "made_at": at}))
        for name, lists in everything.items():
            archive.writestr(f"{name}.json", _json(lists))
        archive.writestr(PAGE, page_of(everything, office=office, at=at))
    return held.getvalue()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return said_in_utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a copy")
