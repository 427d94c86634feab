"""Lists, a page at a time. A cursor is the sort key of the last item, so pages neither skip nor repeat."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE
from sqlalchemy import BigInteger, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from backend.foundation.db import session
from backend.foundation.errors import Unprocessable
from backend.foundation.shapes import MOST, Asked, Many, Part, Shape, Text

_views: dict[type[Shape], type[Shape]] = {}


class PageQuery(Shape):
    """How a list is asked for. Unknown parameters are ignored."""

    class Meta:
        unknown = EXCLUDE

    cursor = Text(low=0, high=300)
    limit = Asked(low=1, high=100, load_default=20)


def page_of(view: type[Shape]) -> type[Shape]:
    """The shape of a page of that view: `{"items": […], "next": cursor or null}`."""
    if view not in _views:
        name = view.__name__.removesuffix("View") + "Page"
        fields = {"items": Many(Part(view), required=True), "next": Text(required=True, allow_none=True)}
        _views[view] = type(name, (Shape,), fields)
    return _views[view]


def page(
    query: Any,
    asked: dict[str, Any],
    *,
    by: Sequence[InstrumentedAttribute[Any]],
    newest_first: bool = True,
    shown: Callable[[Any], Any] = lambda row: row,
) -> dict[str, Any]:
    """One page of rows (the first entity of the query unless it selects several), sorted by unique columns."""
    if cursor := asked.get("cursor"):
        after = _read(cursor, by)
        query = query.where(tuple_(*by) < after if newest_first else tuple_(*by) > after)
    query = query.order_by(*(column.desc() if newest_first else column.asc() for column in by))
    rows = list(session().execute(query.limit(asked["limit"] + 1)))
    more = len(rows) > asked["limit"]
    rows = rows[: asked["limit"]]
    items = [row[0] if len(row) == 1 else row for row in rows]
    last = [getattr(rows[-1][0], column.key) for column in by] if more else None
    return {"items": [shown(item) for item in items], "next": _write(last) if last else None}


def _write(values: list[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _read(cursor: str, by: Sequence[InstrumentedAttribute[Any]]) -> tuple[Any, ...]:
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = tuple(_one(column, text) for column, text in zip(by, plain, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise Unprocessable(errors={"cursor": ["翻页标记无效，请从第一页开始"]}) from None
    return values


def _one(column: InstrumentedAttribute[Any], text: Any) -> Any:
    if not isinstance(text, str):
        raise ValueError("we write text only")
    kind = column.type.python_type
    if kind is datetime:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("naive")
        return at.astimezone(UTC)  # the year 1 has no hour earlier than itself
    if kind is date:
        return date.fromisoformat(text)
    if kind is int and abs(int(text)) > (MOST if isinstance(column.type, BigInteger) else 2**31 - 1):
        raise ValueError("the column cannot hold it")
    return UUID(text) if kind is UUID else kind(text)
