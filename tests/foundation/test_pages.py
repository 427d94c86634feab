"""Pages of a list neither skip nor repeat, whatever happens between them."""

import base64
import json
from datetime import timedelta

import pytest

from backend.foundation.clock import now


def through(phone, path, *, between=lambda: None, **query):
    """Every item of a list, page by page."""
    items, cursor = [], None
    while True:
        answer = phone.get(path, **query, **({"cursor": cursor} if cursor else {}))
        assert answer.status == 200, answer.body
        items += answer["items"]
        cursor = answer["next"]
        if cursor is None:
            return items
        assert len(answer["items"]) == query["limit"]
        between()


def ids(items):
    return [item["id"] for item in items]


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 100])
def test_pages_together_are_the_whole_list_in_order(street, limit):
    made = [str(street.area(f"第{n}社区").id) for n in range(6)]

    assert ids(through(street.phone(street.resident()), "/areas", limit=limit)) == [str(street.community.id), *made]


def test_what_is_added_meanwhile_neither_shifts_nor_doubles_anything(street):
    groups = [str(street.group(name=f"第{n}队").id) for n in range(6)]

    seen = ids(
        through(street.phone(street.resident()), "/groups", limit=2, between=lambda: street.group(name="新来的队"))
    )

    assert seen == groups[::-1]  # newest first; who came after the first page is on none


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_what_sorts_alike_is_told_apart(street, limit):
    shop = street.merchant()
    made = {str(street.offer(shop, price_points=price).id) for price in (10, 10, 10, 5, 10, 20)}

    items = through(street.phone(street.resident()), "/offers", limit=limit)

    assert len(items) == 6
    assert set(ids(items)) == made
    assert [item["price_points"] for item in items] == [5, 10, 10, 10, 10, 20]


def test_lists_by_time_keep_what_happened_at_the_same_instant(street):
    leader = street.resident("赵队长")
    group = street.group(leader=leader)
    at = now() + timedelta(days=1)
    made = {str(street.activity(leader=leader, group=group, starts_at=at).id) for _ in range(5)}

    items = through(street.phone(leader), "/activities", limit=2)

    assert len(items) == 5
    assert set(ids(items)) == made


def test_an_empty_list_is_one_empty_page(street):
    answer = street.phone(street.resident()).get("/offers")

    assert answer.body == {"items": [], "next": None}


def _cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


UUID_ = "019ab000-0000-7000-8000-000000000000"

BAD_CURSORS = {
    "nonsense": "nonsense",
    "not base64": "%%%",
    "Chinese": "翻页",
    "not JSON": base64.urlsafe_b64encode(b"[").decode(),
    "not a list": base64.urlsafe_b64encode(b"1").decode(),
    "an object": base64.urlsafe_b64encode(b'{"a":1}').decode(),
    "nothing": _cursor(),
    "too little": _cursor("10"),
    "too much": _cursor("10", UUID_, "x"),
    "no identifier": _cursor("10", "x"),
    "a number for an identifier": _cursor("10", 5),
    "null": _cursor("10", None),
    "a list": _cursor("10", []),
    "no number": _cursor("ten", UUID_),
    "a JSON number": _cursor(10, UUID_),
    "a number no column holds": _cursor("9" * 30, UUID_),
    "minus that": _cursor("-" + "9" * 30, UUID_),
    "infinity": base64.urlsafe_b64encode(f'[Infinity, "{UUID_}"]'.encode()).decode(),
}


@pytest.mark.parametrize("name", BAD_CURSORS)
def test_a_cursor_we_did_not_write_is_refused(street, name):
    answer = street.phone(street.resident()).get("/offers", cursor=BAD_CURSORS[name])

    assert (answer.status, answer.code) == (422, "invalid")
    assert "翻页" in answer["errors"]["cursor"][0]


@pytest.mark.parametrize(
    "instant",
    ["yesterday", "2026-11-23T10:00:00", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "2026-11-23", ""],
)
def test_an_instant_we_did_not_write_is_refused(street, instant):
    answer = street.phone(street.resident()).get("/activities", cursor=_cursor(instant, UUID_))

    assert (answer.status, answer.code) == (422, "invalid")


@pytest.mark.parametrize("number", ["2147483648", "-2147483649", "9007199254740991"])
def test_a_number_the_column_cannot_hold_is_refused(street, number):
    answer = street.phone(street.resident()).get("/offers", cursor=_cursor(number, UUID_))

    assert (answer.status, answer.code) == (422, "invalid")


def test_any_number_the_column_can_hold_is_read(street):
    offer = street.offer(price_points=10)
    phone = street.phone(street.resident())

    assert ids(phone.get("/offers", cursor=_cursor("-2147483647", UUID_))["items"]) == [str(offer.id)]
    assert phone.get("/offers", cursor=_cursor("2147483647", UUID_))["items"] == []
