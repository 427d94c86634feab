"""Base schema and fields: strict about types, and in Chinese when they refuse.

A JSON `"5"`, `5.0` or `true` is no whole number; an instant without a zone is none; text carries no control
characters (PostgreSQL cannot store U+0000, and none of them means anything to a reader).
"""

import re
from datetime import UTC, date, datetime
from typing import Any

from flask_smorest.fields import Upload
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import FileStorage

MOST = 2**53 - 1  # the largest whole number every JSON reader keeps exactly

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SAID: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "请填写此项",
    "null": "此项不能为空",
    "validator_failed": "填写的内容不符合要求",
}


class Shape(Schema):
    """What goes in or out. Unknown fields of a body are refused."""

    error_messages = {"unknown": "没有这个字段", "type": "需要一个 JSON 对象"}  # noqa: RUF012

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """Text without control characters, trimmed, between `low` and `high` characters long."""

    default_error_messages = _SAID | {
        "invalid": "需要文字",
        "invalid_utf8": "文字编码有误",
        "unprintable": "含有不能显示的字符",
    }

    def __init__(self, *, low: int = 1, high: int = 200, choices: Any = None, **kwargs: Any) -> None:
        rule: validate.Validator
        if choices is not None:
            rule = validate.OneOf(tuple(choices), error="只能是其中之一：{choices}")
        else:
            rule = validate.Length(min=low, max=high, error=f"需要 {low} 到 {high} 个字")
        super().__init__(validate=rule, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if _UNPRINTABLE.search(text):
            raise self.make_error("unprintable")
        return text.strip()


class Whole(fields.Integer):
    """A whole number between `low` and `high`, written as a JSON number without a point."""

    default_error_messages = _SAID | {"invalid": "需要整数", "too_large": "数字过大"}

    def __init__(self, *, low: int = 0, high: int = MOST, **kwargs: Any) -> None:
        rule = validate.Range(min=low, max=high, error=f"需要 {low} 到 {high} 之间的整数")
        super().__init__(strict=True, validate=rule, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        return value


class Asked(fields.Integer):
    """A whole number in a query string."""

    default_error_messages = _SAID | {"invalid": "需要整数", "too_large": "数字过大"}

    def __init__(self, *, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(low, high, error=f"需要 {low} 到 {high} 之间的整数"), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not re.fullmatch("-?[0-9]{1,15}", str(value)):
            raise self.make_error("invalid")
        return int(value)


class Flag(fields.Boolean):
    default_error_messages = _SAID | {"invalid": "需要 true 或 false"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Identifier(fields.UUID):
    default_error_messages = _SAID | {"invalid": "需要有效的编号", "invalid_uuid": "需要有效的编号"}


class Instant(fields.AwareDateTime):
    """An instant, RFC 3339 with a zone on the way in, UTC on the way out."""

    default_error_messages = _SAID | {
        "invalid": "需要带时区的时间，例如 2026-11-23T10:00:00Z",
        "invalid_awareness": "时间需要带时区，例如 2026-11-23T10:00:00Z",
        "far": "时间需要在 2020 年到 2099 年之间",
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        at = super()._deserialize(value, attr, data, **kwargs)
        if not 2020 <= at.year <= 2099:  # before any arithmetic: the year 1 has no hour earlier than itself
            raise self.make_error("far")
        return at.astimezone(UTC)

    def _serialize(self, value: datetime | None, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else said_in_utc(value)


class Day(fields.Date):
    """A day in Asia/Shanghai, YYYY-MM-DD."""

    default_error_messages = _SAID | {"invalid": "需要日期，例如 2026-11-23", "format": "无法识别的日期"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"20[2-9]\d-\d\d-\d\d", value, re.ASCII):
            raise self.make_error("invalid", input=value, obj_type="date")
        day: date = super()._deserialize(value, attr, data, **kwargs)
        return day


class MonthText(Text):
    """A month in Asia/Shanghai, YYYY-MM."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(low=7, high=7, **kwargs)
        self.validators = [validate.Regexp("^20[2-9][0-9]-(0[1-9]|1[0-2])$", error="需要月份，例如 2026-11")]


class Many(fields.List[Any]):
    """Between `low` and `high` items."""

    default_error_messages = _SAID | {"invalid": "需要一个列表"}

    def __init__(self, item: Any, *, low: int = 0, high: int = 500, **kwargs: Any) -> None:
        rule = validate.Length(min=low, max=high, error=f"需要 {low} 到 {high} 项")
        super().__init__(item, validate=rule, **kwargs)


class File(Upload):  # type: ignore[misc]
    """A file of a form. Its name and what it says about its type are the sender's, and prove nothing."""

    default_error_messages = _SAID | {"invalid": "请选择一个文件"}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, FileStorage):
            raise self.make_error("invalid")
        return value


class Part(fields.Nested):
    default_error_messages = _SAID | {"type": "需要一个 JSON 对象"}


def said_in_utc(at: datetime) -> str:
    """RFC 3339 with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def only_one(data: dict[str, Any], *names: str) -> None:
    """Refuse a body that names more than one of these fields, or none."""
    given = [name for name in names if data.get(name) is not None]
    if len(given) != 1:
        raise ValidationError({name: [f"{'、'.join(names)} 需要且只能填写一项"] for name in given or names})
