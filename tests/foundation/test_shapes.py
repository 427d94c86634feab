"""Shapes are strict about types and refuse in Chinese."""

from datetime import UTC, date, datetime

import pytest
from marshmallow import ValidationError

from backend.foundation.shapes import (
    MOST,
    Asked,
    Day,
    Flag,
    Identifier,
    Instant,
    Many,
    Part,
    Shape,
    Text,
    Whole,
    only_one,
    said_in_utc,
)


class Inner(Shape):
    n = Whole(required=True, high=9)


class Everything(Shape):
    text = Text(high=5)
    kind = Text(choices=("a", "b"))
    number = Whole(low=1)
    flag = Flag()
    at = Instant()
    day = Day()
    whose = Identifier()
    inner = Part(Inner)
    many = Many(Part(Inner), low=1, high=2)
    asked = Asked(low=1, high=100)


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ({"text": " 五个字 "}, {"text": "五个字"}),
        ({"text": "两\n行"}, {"text": "两\n行"}),
        ({"number": MOST}, {"number": MOST}),
        ({"at": "2026-11-23T18:00:00+08:00"}, {"at": datetime(2026, 11, 23, 10, tzinfo=UTC)}),
        ({"at": "2026-11-23T10:00:00.5Z"}, {"at": datetime(2026, 11, 23, 10, 0, 0, 500_000, tzinfo=UTC)}),
        ({"day": "2028-02-29"}, {"day": date(2028, 2, 29)}),
        ({"many": [{"n": 1}, {"n": 9}]}, {"many": [{"n": 1}, {"n": 9}]}),
        ({"asked": "007"}, {"asked": 7}),
    ],
)
def test_what_is_right_is_understood(said, understood):
    assert Everything().load(said) == understood


@pytest.mark.parametrize(
    "said",
    [
        {"text": ""},
        {"text": "   "},
        {"text": "六个字六个字"},
        {"text": 5},
        {"text": None},
        {"text": ["字"]},
        {"text": "a\x00b"},
        {"text": "a\x1bb"},
        {"text": "\ud800"},
        {"kind": "c"},
        {"kind": 1},
        {"number": 0},
        {"number": MOST + 1},
        {"number": "5"},
        {"number": 5.0},
        {"number": True},
        {"number": float("inf")},
        {"number": []},
        {"flag": 1},
        {"flag": "true"},
        {"flag": None},
        {"at": "2026-11-23T10:00:00"},
        {"at": "2026-11-23"},
        {"at": 1764000000},
        {"at": "0001-01-01T00:00:00+08:00"},
        {"at": "9999-12-31T23:59:59-08:00"},
        {"at": "2026-02-30T10:00:00Z"},
        {"at": "2019-12-31T23:59:59Z"},
        {"day": "2026-02-30"},
        {"day": "26-02-03"},
        {"day": "２０２６-02-03"},
        {"day": 20261123},
        {"whose": "x"},
        {"whose": 5},
        {"whose": {}},
        {"inner": []},
        {"inner": "x"},
        {"inner": {"n": 10}},
        {"inner": {"n": 1, "m": 2}},
        {"many": []},
        {"many": {}},
        {"many": [{"n": 1}] * 3},
        {"many": [{"n": "1"}]},
        {"asked": "1.0"},
        {"asked": "１"},
        {"asked": "101"},
        {"asked": "9" * 5000},
        {"unknown": 1},
        [],
        "text",
        5,
    ],
)
def test_what_is_wrong_is_refused_in_chinese(said):
    with pytest.raises(ValidationError) as refusal:
        Everything().load(said)

    assert all("一" <= text[0] <= "鿿" for text in _texts(refusal.value.messages)), refusal.value.messages


def _texts(messages):
    if isinstance(messages, dict):
        return [text for below in messages.values() for text in _texts(below)]
    return list(messages)


def test_a_missing_field_is_named():
    with pytest.raises(ValidationError) as refusal:
        Inner().load({})

    assert refusal.value.messages == {"n": ["请填写此项"]}


def test_exactly_one_of_several_fields():
    only_one({"a": 1, "b": None}, "a", "b")
    for said in ({}, {"a": 1, "b": 2}):
        with pytest.raises(ValidationError):
            only_one(said, "a", "b")


def test_instants_are_said_in_utc():
    assert said_in_utc(datetime.fromisoformat("2026-11-23T18:00:00+08:00")) == "2026-11-23T10:00:00Z"
