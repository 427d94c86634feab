"""Shapes of activities."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from backend.activities.models import KINDS
from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole, only_one

MOST_PEOPLE = 20_000
MOST_POINTS = 10_000  # one person, one session
STATES = ("draft", "published", "ended", "settled", "cancelled")
UNPAID = ("budget_exhausted", "activity_full", "review", "cap_reached")


class SessionForm(Shape):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)

    @validates_schema
    def ends_after_it_starts(self, data: dict[str, Any], **_: Any) -> None:
        if data["starts_at"] >= data["ends_at"]:
            raise ValidationError({"ends_at": ["结束时间要晚于开始时间"]})
        if (data["ends_at"] - data["starts_at"]).days >= 2:
            raise ValidationError({"ends_at": ["一场最长两天，更长的活动请分成多场"]})


class HostForm(Shape):
    group_id = Identifier(required=True)
    share_percent = Whole(required=True, low=1, high=99)


class ActivityEditForm(Shape):
    """What can be edited; what is not given stays. A client may send the whole form back with what it changed."""

    group_id = Identifier(allow_none=True)
    area_id = Identifier(allow_none=True)
    kind = Text(choices=KINDS)
    title = Text(low=2, high=60)
    description = Text(low=0, high=5000)
    place = Text(high=100)
    responsible_person = Text(high=40, allow_none=True)
    sessions = Many(Part(SessionForm), low=1, high=60)
    capacity = Whole(low=1, high=MOST_PEOPLE)
    points_per_hour = Whole(high=MOST_POINTS, allow_none=True)
    points_fixed = Whole(high=MOST_POINTS, allow_none=True)
    points_max = Whole(high=MOST_POINTS)
    check_in = Text(choices=("self", "scan"))
    fund_id = Identifier(allow_none=True)
    budget_points = Whole(high=10**12)
    hosts = Many(
        Part(HostForm), high=5, metadata={"description": "other groups that hold it, with shares of the budget"}
    )
    cover_id = Identifier(allow_none=True, metadata={"description": "a picture sent with purpose `activity`"})
    for_area_id = Identifier(allow_none=True, metadata={"description": "only who lives there sees it"})

    @validates_schema
    def one_way_to_earn(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("points_fixed") is not None and data.get("points_per_hour") is not None:
            raise ValidationError({"points_fixed": ["固定积分与按小时积分只能填写一项"]})


class ActivityForm(ActivityEditForm):
    kind = Text(required=True, choices=KINDS)
    title = Text(required=True, low=2, high=60)
    place = Text(required=True, high=100)
    sessions = Many(Part(SessionForm), required=True, low=1, high=60)
    capacity = Whole(required=True, low=1, high=MOST_PEOPLE)
    check_in = Text(choices=("self", "scan"), load_default="self")

    @validates_schema
    def one_organiser(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "group_id", "area_id")


class SettleForm(Shape):
    head_count = Whole(high=MOST_PEOPLE)
    report = Text(low=0, high=5000)
    photos = Many(Identifier(), high=9, metadata={"description": "sent with purpose `report`"})


class SeriesForm(Shape):
    times = Whole(required=True, low=1, high=30)
    weeks = Whole(low=1, high=8, load_default=1, metadata={"description": "every so many weeks"})
    skip = Many(Day(), high=30, metadata={"description": "days that are left out, holidays for example"})


class CopyForm(Shape):
    starts_at = Instant()


class SignUpForm(Shape):
    """Nothing: me. Otherwise people of my household."""

    people = Many(Identifier(), low=1, high=12)


class CancelForm(Shape):
    reason = Text(low=0, high=200)


class ActivityQuery(PageQuery):
    q = Text(low=0, high=40)
    area_id = Identifier()
    group_id = Identifier()
    series_id = Identifier()
    kind = Text(choices=KINDS)
    day = Day()
    state = Text(choices=STATES)
    awaiting = Text(choices=("worker",))


class SessionView(Shape):
    id = Identifier(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class ActivityGroupView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class SignUpView(Shape):
    id = Identifier(required=True)
    state = Text(required=True, choices=("placed", "offered", "waiting", "withdrawn"))
    position = Whole(required=True, allow_none=True)
    answer_by = Instant(required=True, allow_none=True, metadata={"description": "an offered place is kept so long"})
    person_id = Identifier(required=True)


class SignUpsView(SignUpView):
    party = Many(Part(SignUpView), required=True, metadata={"description": "everybody, where several signed up"})


class ListedSignUpView(SignUpView):
    signed_up_at = Instant(required=True)
    party = Identifier(required=True, allow_none=True, metadata={"description": "the same for who signed up together"})
    missed = Flag(required=True, metadata={"description": "had a place and did not come"})
    late = Flag(required=True, metadata={"description": "given up less than two hours before the start"})


class SignedUpView(ListedSignUpView):
    name = Text(required=True)


class SignedUpToView(Shape):
    id = Identifier(required=True)
    title = Text(required=True)
    place = Text(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class MySignUpView(ListedSignUpView):
    activity = Part(SignedUpToView, required=True)


class CheckInView(Shape):
    id = Identifier(required=True)
    activity_id = Identifier(required=True)
    session_id = Identifier(required=True)
    person_id = Identifier(required=True)
    checked_in_at = Instant(required=True)
    checked_out_at = Instant(required=True, allow_none=True)
    confidence = Text(required=True, choices=("listed", "self", "card", "scan"))
    state = Text(required=True, choices=("recorded", "review", "undone"))


class PresenceView(CheckInView):
    """A check-in as those who run the activity see it."""

    name = Text(required=True)
    points = Whole(required=True)
    minutes = Whole(required=True)
    unpaid = Text(required=True, allow_none=True, choices=UNPAID)
    reason = Text(required=True, allow_none=True)
    left_unseen = Flag(required=True, metadata={"description": "nobody saw them leave; closed with the session"})


class ArrivalView(Shape):
    check_in_id = Identifier(required=True)
    name = Text(required=True)
    checked_in_at = Instant(required=True)
    confidence = Text(required=True, choices=("listed", "self", "card", "scan"))
    state = Text(required=True, choices=("recorded", "review"))


class LiveView(Shape):
    signed_up = Whole(required=True)
    waiting = Whole(required=True)
    arrived = Whole(required=True)
    here = Whole(required=True, metadata={"description": "arrived and not left"})
    left = Whole(required=True)
    in_review = Whole(required=True)
    unpaid = Whole(required=True)
    latest = Many(Part(ArrivalView), required=True)
    ask_again_in = Whole(required=True, metadata={"description": "seconds"})


class ConfirmedView(Shape):
    confirmed = Whole(required=True)
    left = Whole(required=True, metadata={"description": "one's own household, and oneself: for somebody else"})


class ConfirmAllForm(Shape):
    reason = Text(low=0, high=200)


class MineView(Shape):
    sign_up = Part(SignUpView, required=True, allow_none=True)
    check_in = Part(CheckInView, required=True, allow_none=True)


class HostView(Shape):
    group = Part(ActivityGroupView, required=True)
    share_percent = Whole(required=True)
    budget_points = Whole(required=True)
    awarded_points = Whole(required=True)


class ActivityView(Shape):
    id = Identifier(required=True)
    group = Part(ActivityGroupView, required=True, allow_none=True)
    area_id = Identifier(required=True)
    kind = Text(required=True, choices=KINDS)
    title = Text(required=True)
    description = Text(required=True, low=0, high=5000)
    place = Text(required=True)
    responsible_person = Text(required=True, allow_none=True)
    state = Text(required=True, choices=STATES)
    sessions = Many(Part(SessionView), required=True)
    capacity = Whole(required=True)
    places_left = Whole(required=True)
    points_per_hour = Whole(required=True, allow_none=True)
    points_fixed = Whole(required=True, allow_none=True)
    points_max = Whole(required=True)
    points_left = Whole(required=True)
    budget_points = Whole(required=True)
    fund_id = Identifier(required=True, allow_none=True)
    check_in = Text(required=True, choices=("self", "scan"))
    cancel_reason = Text(required=True, allow_none=True, low=0)
    hosts = Many(
        Part(HostView), required=True, metadata={"description": "where several groups hold it; the first one first"}
    )
    cover = Text(required=True, allow_none=True, metadata={"description": "its address, once judged"})
    for_area_id = Identifier(required=True, allow_none=True)
    series_id = Identifier(required=True, allow_none=True)
    head_count = Whole(required=True, allow_none=True)
    report = Text(required=True, allow_none=True, low=0, high=5000)
    photos = Many(Text(), required=True, metadata={"description": "addresses of the report's photos that were judged"})
    my = Part(MineView, required=True, allow_none=True)
    can = fields.List(fields.String(), required=True)


class SeriesView(Shape):
    series_id = Identifier(required=True)
    items = Many(Part(ActivityView), required=True)


class CodeQuery(Shape):
    session = Identifier()

    class Meta:
        unknown = PageQuery.Meta.unknown


class CodeView(Shape):
    code = Text(required=True)
    url = Text(required=True, metadata={"description": "what the screen shows as a QR code"})
    valid_until = Instant(required=True)
    next_in = Whole(required=True, metadata={"description": "seconds until the next code"})


class CheckInForm(Shape):
    """Own phone: `code`. At the door: `activity_id` and one of `person_code`, `card`, `person_id` with `reason`."""

    code = Text(high=200)
    activity_id = Identifier()
    session_id = Identifier()
    person_code = Text(high=60)
    card = Text(high=200)
    person_id = Identifier()
    reason = Text(high=200)
    direction = Text(choices=("in", "out"), load_default="in")
    scanned_at = Instant()

    @validates_schema
    def one_way_to_be_seen(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "code", "person_code", "card", "person_id")
        if "code" not in data and "activity_id" not in data:
            raise ValidationError({"activity_id": ["请选择活动"]})
        if "person_id" in data and "reason" not in data:
            raise ValidationError({"reason": ["代为签到请填写原因"]})


class CheckedInView(Shape):
    check_in = Part(CheckInView, required=True)
    points = Whole(required=True)
    minutes = Whole(required=True)
    balance = Whole(required=True, metadata={"description": "points available to the person now"})
    expected = Whole(metadata={"description": "points for staying to the end, where they are paid at the check-out"})
    unpaid = Text(choices=UNPAID)


class UndoForm(Shape):
    reason = Text(required=True, high=200)


class ShortenForm(UndoForm):
    minutes = Whole(required=True, low=1, high=2880)


class ReviewForm(Shape):
    decision = Text(required=True, choices=("confirmed", "declined"))
    reason = Text(low=0, high=200)
