"""Shapes of volunteering. Days are of Asia/Shanghai."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole, only_one
from backend.volunteering.models import MOST_MINUTES, STATES


class LogForm(Shape):
    """Of a session that missed me: `session_id`. Otherwise where it was: `group_id` or `area_id`, with day and what."""

    session_id = Identifier()
    group_id = Identifier()
    area_id = Identifier()
    day = Day()
    minutes = Whole(required=True, low=1, high=MOST_MINUTES)
    place = Text(high=100)
    content = Text(high=100, metadata={"description": "what was done"})
    evidence = Text(
        required=True, high=500, metadata={"description": "how it can be seen: who was there, what is left"}
    )

    @validates_schema
    def says_where_and_when(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "session_id", "group_id", "area_id")
        if "session_id" in data:
            given = [name for name in ("day", "place", "content") if name in data]
            if given:
                raise ValidationError({name: ["补签时不填，以场次为准"] for name in given})
            return
        missing = [name for name in ("day", "place", "content") if name not in data]
        if missing:
            raise ValidationError({name: ["请填写此项"] for name in missing})


class LogDecisionForm(Shape):
    decision = Text(required=True, choices=("approved", "declined", "withdrawn"))
    reason = Text(low=0, high=200)


class LogQuery(PageQuery):
    state = Text(choices=STATES)


class LogView(Shape):
    id = Identifier(required=True)
    person_id = Identifier(required=True)
    name = Text(required=True)
    area_id = Identifier(required=True)
    group_id = Identifier(required=True, allow_none=True)
    session_id = Identifier(required=True, allow_none=True)
    day = Day(required=True)
    minutes = Whole(required=True)
    place = Text(required=True)
    content = Text(required=True)
    evidence = Text(required=True)
    state = Text(required=True, choices=STATES, metadata={"description": "seen: one approved, a second one has to"})
    needs_two = Flag(required=True)
    points = Whole(required=True, metadata={"description": "where the office's rule pays for reported hours"})
    reported_at = Instant(required=True)
    decided_at = Instant(required=True, allow_none=True)
    answer = Text(required=True, allow_none=True)


class CertificateForm(Shape):
    since = Day(required=True)
    until = Day(required=True)

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["since"] > data["until"]:
            raise ValidationError({"until": ["结束日期不能早于开始日期"]})


class ServicesForm(CertificateForm):
    reason = Text(required=True, high=200)


class IssuerForm(Shape):
    responsible_person = Text(required=True, high=40)
    contact = Text(required=True, high=60)


class CertifiedServiceView(Shape):
    day = Text(required=True)
    activity = Text(required=True)
    content = Text(required=True)
    place = Text(required=True)
    minutes = Whole(required=True)
    responsible_person = Text(required=True)


class CertificateListView(Shape):
    id = Identifier(required=True)
    number = Text(required=True)
    since = Day(required=True)
    until = Day(required=True)
    minutes = Whole(required=True)
    issued_on = Day(required=True)


class CertificateView(CertificateListView):
    name = Text()
    issuer = Text()
    responsible_person = Text()
    contact = Text()
    services = Many(Part(CertifiedServiceView), required=True, high=100_000)


class CheckQuery(Shape):
    surname = Text(required=True, high=4)

    class Meta:
        unknown = PageQuery.Meta.unknown


class CheckedCertificateView(Shape):
    number = Text(required=True)
    issuer = Text(required=True)
    issued_on = Day(required=True)
    since = Day(required=True)
    until = Day(required=True)
    minutes = Whole(required=True)
