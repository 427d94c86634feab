"""Shapes of exports."""

from marshmallow import EXCLUDE

from backend.foundation.shapes import Identifier, Instant, Shape, Text


class ExportView(Shape):
    id = Identifier(required=True)
    asked_at = Instant(required=True)
    expires_at = Instant(required=True)


class ExportQuery(Shape):
    class Meta:
        unknown = EXCLUDE

    shape = Text(
        data_key="as",
        choices=("archive", "page"),
        load_default="archive",
        metadata={"description": "the ZIP, or only the page in it; at the desk it is always the page"},
    )
