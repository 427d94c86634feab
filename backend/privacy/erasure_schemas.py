"""Shapes of erasure."""

from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole

CONFIRMATION = "注销账号"


class ErasureForm(Shape):
    confirmation = Text(required=True, choices=(CONFIRMATION,), metadata={"description": "typed by the person"})


class StaysView(Shape):
    what = Text(required=True)
    why = Text(required=True, metadata={"description": "the rule that orders it"})
    until = Day(required=True, allow_none=True, metadata={"description": "the last day; null: as long as the ledger"})


class ErasureView(Shape):
    id = Identifier(required=True, allow_none=True, metadata={"description": "of the request; null: there is none"})
    is_waiting = Flag(required=True)
    asked_at = Instant(required=True, allow_none=True)
    due_at = Instant(required=True, allow_none=True, metadata={"description": "until then it may be withdrawn"})
    hindrances = Many(Text(), required=True, metadata={"description": "what has to be handed over before"})
    goes = Many(Text(), required=True)
    stays = Many(Part(StaysView), required=True)
    points_to_the_pool = Whole(required=True, metadata={"description": "what is in the wallet now goes there"})


class KeptForm(Shape):
    reason = Text(required=True, high=200)


class KeptView(Shape):
    person_id = Identifier(required=True)
    name = Text(required=True)
    minutes = Whole(required=True)
    kept_at = Instant(required=True)
    until = Day(required=True)
    why = Text(required=True)
