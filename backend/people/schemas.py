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

    @validates_schema
    def one_way_to_name_the_office(self, data: dict[str, Any], **_: Any) -> None:
        only_one(data, "office_id", "scene")


class RefreshForm(Shape):
    refresh_token = Text(required=True, high=200)


class ScopeView(Shape):
    type = Text(required=True, choices=("office", "area", "group", "merchant"))
    id = Identifier(required=True, allow_none=True)
    name = Text(required=True)


class RoleView(Shape):
    role = Text(required=True)
    scope = Part(ScopeView, required=True)


class OwnHouseholdView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    role = Text(required=True, choices=("head", "member"))


class PersonView(Shape):
    id = Identifier(required=True)
    display_name = Text(required=True)
    verified = Text(required=True, choices=("none", "phone", "resident"))
    elder_mode = Flag(required=True)
    household = Part(OwnHouseholdView, required=True, allow_none=True)
    roles = Many(Part(RoleView), required=True)


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
