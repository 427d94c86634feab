"""Shapes of the desk: entering somebody without a phone, and their paper card."""

from marshmallow import validate

from backend.foundation.shapes import Flag, Identifier, Instant, Many, Part, Shape, Text
from backend.people.assisted_models import CHANGES
from backend.people.consent_schemas import PaperConsentForm


class PersonForm(Shape):
    name = Text(required=True, high=30)
    age_class = Text(required=True, choices=("adult", "14-17", "under_14"))
    reason = Text(required=True, high=200)
    household_id = Identifier(metadata={"description": "the door they live behind, if it is known"})
    area_id = Identifier(metadata={"description": "where they belong without a door; absent: the worker's own area"})
    consent = Part(PaperConsentForm, metadata={"description": "what they signed; a card needs `service`"})


class Pin(Text):
    """4 to 6 digits, typed by the holder of the card."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(low=4, high=6, **kwargs)
        self.validators = [validate.Regexp("^[0-9]{4,6}$", error="PIN 需要 4 到 6 位数字")]


class CardForm(Shape):
    person_id = Identifier(required=True)
    pin = Pin(required=True, metadata={"description": "typed by the holder at the desk"})


class NewPinForm(Shape):
    pin = Pin(required=True, metadata={"description": "typed by the holder at the desk"})
    reason = Text(required=True, high=200)


class CardReasonForm(Shape):
    reason = Text(required=True, high=200)


class CardTokenForm(Shape):
    token = Text(required=True, low=6, high=60)


class CardQuery(Shape):
    person_id = Identifier(required=True)


class CardChangeView(Shape):
    change = Text(required=True, choices=CHANGES)
    changed_at = Instant(required=True)
    changer = Text(required=True, metadata={"description": "masked"})
    reason = Text(required=True, allow_none=True)


class CardView(Shape):
    id = Identifier(required=True)
    person_id = Identifier(required=True)
    number = Text(required=True, metadata={"description": "printed on the card; it opens nothing"})
    issued_at = Instant(required=True)
    blocked_at = Instant(required=True, allow_none=True)
    is_locked = Flag(required=True, metadata={"description": "five wrong PINs: only the desk unlocks"})
    replaces_id = Identifier(required=True, allow_none=True)


class IssuedCardView(CardView):
    token = Text(required=True, metadata={"description": "told this once; what the QR on the card says"})


class ListedCardView(CardView):
    history = Many(Part(CardChangeView), required=True)


class CardsView(Shape):
    items = Many(Part(ListedCardView), required=True)


class CardHolderView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked"})


class FoundCardView(Shape):
    id = Identifier(required=True)
    number = Text(required=True)
    person = Part(CardHolderView, required=True)
    is_blocked = Flag(required=True)
    is_locked = Flag(required=True)
