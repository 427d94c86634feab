"""Shapes of places."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import File, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.places.import_models import STATES
from backend.places.models import AREA_KINDS, LONGEST_DOOR, LONGEST_NAME, NATURES
from backend.places.offices import MOST_OFFICES


class OfficeView(Shape):
    id = Whole(required=True)
    name = Text(required=True)


class OfficesView(Shape):
    items = Many(Part(OfficeView), required=True, high=MOST_OFFICES)
    next = Text(required=True, allow_none=True)


class AreaQuery(PageQuery):
    parent_id = Identifier()
    kind = Text(choices=AREA_KINDS)
    nature = Text(choices=NATURES)
    state = Text(choices=("open", "closed"), load_default="open", metadata={"description": "closed: merged away"})
    q = Text(high=40, metadata={"description": "Chinese, pinyin or initials"})


class AreaNameView(Shape):
    id = Identifier(required=True)
    kind = Text(required=True, choices=AREA_KINDS)
    name = Text(required=True)


class AreaView(AreaNameView):
    path = Text(required=True)
    parent_id = Identifier(required=True, allow_none=True)
    nature = Text(required=True, allow_none=True, choices=(*NATURES, None))
    merged_into_id = Identifier(required=True, allow_none=True)


class AreaCountsView(Shape):
    grids = Whole(required=True)
    buildings = Whole(required=True)
    units = Whole(required=True)
    households = Whole(required=True)


class AreaDetailView(AreaView):
    chain = Many(Part(AreaNameView), required=True, metadata={"description": "from the community down to this one"})
    merged_into = Part(AreaNameView, required=True, allow_none=True)
    counts = Part(AreaCountsView, required=True, metadata={"description": "open ones below it"})


class AreaForm(Shape):
    parent_id = Identifier(metadata={"description": "left out for a community"})
    kind = Text(required=True, choices=AREA_KINDS)
    name = Text(required=True, high=LONGEST_NAME)
    nature = Text(choices=NATURES, metadata={"description": "of a community; urban if left out"})

    @validates_schema
    def parent_by_kind(self, data: dict[str, Any], **_: Any) -> None:
        if data["kind"] == "community" and data.get("parent_id"):
            raise ValidationError({"parent_id": ["社区（村）上面没有别的区域，请不要填写"]})
        if data["kind"] != "community" and not data.get("parent_id"):
            raise ValidationError({"parent_id": ["请选择它所在的社区、网格或楼栋"]})
        if data["kind"] != "community" and data.get("nature"):
            raise ValidationError({"nature": ["只有社区（村）分城乡"]})


class AreaEditForm(Shape):
    name = Text(high=LONGEST_NAME)
    nature = Text(choices=NATURES)
    reason = Text(required=True, high=200)

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: Any) -> None:
        if "name" not in data and "nature" not in data:
            raise ValidationError({"name": ["请填写新的名称，或选择城乡"]})


class AreaMergeForm(Shape):
    into_id = Identifier(required=True)
    reason = Text(required=True, high=200)


class AreaChangeView(Shape):
    id = Identifier(required=True)
    what = Text(required=True, choices=("renamed", "nature_changed", "moved", "merged"))
    from_text = Text(required=True)
    to_text = Text(required=True)
    into_id = Identifier(required=True, allow_none=True)
    reason = Text(required=True)
    changed_by_id = Identifier(required=True)
    changed_at = Instant(required=True)


class DoorQuery(PageQuery):
    q = Text(high=LONGEST_DOOR, metadata={"description": "a whole door, however it is written: 301, 301室, ３０１"})


class DoorForm(Shape):
    door = Text(required=True, high=LONGEST_DOOR)


class DoorView(Shape):
    id = Identifier(required=True)
    door = Text(required=True)
    where = Text(required=True, high=300, metadata={"description": "the areas it lies in, from the top"})
    area = Part(AreaNameView, required=True)


class ImportForm(Shape):
    file = File(
        required=True, metadata={"description": "XLSX, or CSV in UTF-8 or GB18030; 10 MB, 100,000 rows at most"}
    )
    dry_run = Text(choices=("true", "false"), load_default="false", metadata={"description": "only check"})
    skip_bad = Text(
        choices=("true", "false"), load_default="false", metadata={"description": "import what has no problem"}
    )


class ImportView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=STATES)
    is_dry_run = Flag(required=True)
    skips_bad = Flag(required=True)
    rows = Whole(required=True, metadata={"description": "without problems"})
    rows_done = Whole(required=True)
    problems = Whole(required=True, metadata={"description": "all; at most 10,000 of them are listed"})
    areas_opened = Whole(required=True)
    households_opened = Whole(required=True)
    uploaded_by_id = Identifier(
        required=True, allow_none=True, metadata={"description": "null: a command at the server"}
    )
    uploaded_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)


class ImportProblemView(Shape):
    row = Whole(required=True, attribute="row_number", metadata={"description": "of the file; 0: the file itself"})
    column = Text(required=True, attribute="column_name", allow_none=True)
    said = Text(required=True)


class ImportReportView(ImportView):
    items = Many(Part(ImportProblemView), required=True, metadata={"description": "the problems, by row"})
    next = Text(required=True, allow_none=True)
