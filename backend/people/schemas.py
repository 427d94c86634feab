"""Shapes of people."""

from typing import Any

from marshmallow import validates_schema

from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole, only_one


class LoginForm(Shape):
    office_id = Whole(low=1, high=9999)
    scene = Text(
        high=32, metadata={"description": "of a poster's code: o=<office id>, perhaps &a=<activity>, see its poster"}
    )
    code = Text(required=True, high=300)
    device = Text(low=0, high=60, metadata={"description": "what the phone calls itself, for the list of my devices"})
    installation_id = Text(low=0, high=64, metadata={"description": "chosen by the phone, the same at every login"})

    @validates_schema
    def one_way_to_name_the_office(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "office_id", "scene")


class RefreshForm(Shape):
    refresh_token = Text(required=True, high=200)


class EverywhereForm(Shape):
    keep_this_one = Flag(load_default=False)


class EverywhereView(Shape):
    ended = Whole(required=True)


class DeviceView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, low=0, allow_none=True)
    first_used_at = Instant(required=True)
    last_used_at = Instant(required=True, metadata={"description": "of its last login or refresh"})
    is_this_one = Flag(required=True)


class BlockForm(Shape):
    reason = Text(required=True, high=200)


class BlockedPersonView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class BlockView(Shape):
    id = Identifier(required=True)
    person = Part(BlockedPersonView, required=True)
    reason = Text(required=True)
    blocked_by_id = Identifier(required=True)
    blocked_at = Instant(required=True)
    lift_reason = Text(required=True, allow_none=True)
    lifted_by_id = Identifier(required=True, allow_none=True)
    lifted_at = Instant(required=True, allow_none=True)


class ScopeView(Shape):
    type = Text(required=True, choices=("office", "area", "group", "merchant"))
    id = Identifier(required=True, allow_none=True)
    name = Text(required=True)


class AgencyNameView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class OwnRoleView(Shape):
    id = Identifier(required=True)
    role = Text(required=True)
    scope = Part(ScopeView, required=True)
    starts_at = Instant(required=True, allow_none=True)
    ends_at = Instant(required=True, allow_none=True)
    agency = Part(AgencyNameView, required=True, allow_none=True, metadata={"description": "I act for, if any"})


class OwnHouseholdView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    role = Text(required=True, choices=("head", "member"))


class PersonView(Shape):
    id = Identifier(required=True)
    display_name = Text(required=True)
    verified = Text(required=True, choices=("none", "phone", "resident"))
    phone = Text(required=True, allow_none=True, metadata={"description": "masked: 138****1234"})
    elder_mode = Flag(required=True)
    household = Part(OwnHouseholdView, required=True, allow_none=True)
    roles = Many(Part(OwnRoleView), required=True, metadata={"description": "`resident` is none: see `verified`"})
    consent_needed = Many(
        Text(), required=True, metadata={"description": "purposes the program is to ask me about, see /policies"}
    )


class LoginView(Shape):
    access_token = Text(required=True, high=2000)
    refresh_token = Text(required=True)
    expires_in = Whole(required=True, metadata={"description": "seconds"})
    person = Part(PersonView, required=True)


class ProfileForm(Shape):
    display_name = Text(high=20)
    elder_mode = Flag()


class PersonCodeView(Shape):
    code = Text(required=True)
    secret = Text(
        required=True,
        metadata={"description": "base64url; the phone computes the last eight digits with it, also without a network"},
    )
    valid_until = Instant(required=True)


class ExpiringView(Shape):
    expires_on = Day(required=True)
    points = Whole(required=True)


class WalletPointsView(Shape):
    available = Whole(required=True)
    held = Whole(required=True)
    expiring = Many(Part(ExpiringView), required=True)


class WalletView(Shape):
    points = Part(WalletPointsView, required=True)
    minutes = Whole(required=True)
    recoverable = Whole(required=True)


class EntryView(Shape):
    id = Identifier(required=True)
    at = Instant(required=True)
    kind = Text(required=True)
    points = Whole(required=True, low=-(2**53) + 1, metadata={"description": "gained (+) or spent (−)"})
    held = Whole(required=True, low=-(2**53) + 1, metadata={"description": "gone on hold (+) or left it (−)"})
    minutes = Whole(required=True, low=-(2**53) + 1)
    reason = Text(required=True)
    origin = Text(required=True)
    balance_after = Whole(required=True)


class GiftForm(Shape):
    to = Text(required=True, choices=("household", "charity_pool"))
    points = Whole(required=True, low=1)
    note = Text(low=0, high=200)


class GiftView(Shape):
    id = Identifier(required=True)
    to = Text(required=True, choices=("household", "charity_pool"))
    points = Whole(required=True)
    note = Text(required=True, low=0, allow_none=True)
    at = Instant(required=True)


class GivenView(GiftView):
    balance = Whole(required=True, metadata={"description": "what I can spend now"})
