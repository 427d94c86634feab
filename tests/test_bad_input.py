"""Whatever is sent, the answer is a refusal that says what to do: never 500, and nothing half-written."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.foundation.db import session
from backend.foundation.tables import Base
from tests.builders.phone import Answer, Phone, a_key
from tests.builders.street import Street

# Where a wrong value may stand: method, path, a right body, and the field it is put into.
FORMS = {
    "a circle": ("POST", "/groups", {"name": "晨练队", "theme": "锻炼", "category": "culture_sports"}, "name"),
    "a redemption": ("POST", "/redemptions", {"offer_id": "{offer}", "quantity": 1}, "quantity"),
    "a check-in": ("POST", "/check-ins", {"code": "x"}, "code"),
    "a profile": ("PUT", "/me", {"elder_mode": True}, "elder_mode"),
    "a login": ("POST", "/auth/wechat", {"office_id": "{office}", "code": "stub:x:1"}, "office_id"),
    "a fund": (
        "POST",
        "/funds",
        {"name": "新资金", "source": "fiscal", "fen_per_100_points": 50},
        "fen_per_100_points",
    ),
    "points": ("POST", "/funds/{fund}/allocations", {"points": 5}, "points"),
    "an application": ("POST", "/groups/{group}/applications", {"note": "你好"}, "note"),
    "an agency": ("POST", "/agencies", {"name": "阳光社工", "kind": "agency"}, "name"),
}

NUMBERS = ("a redemption", "points", "a login")
TEXTS = ("a circle", "a check-in", "an application", "an agency")

DEEP = "[" * 100_000
NOT_JSON = {
    "cut off": '{"name": ',
    "two of them": "{}{}",
    "NaN": '{"name": NaN}',
    "infinity": '{"name": Infinity}',
    "minus infinity": '{"name": -Infinity}',
    "100,000 brackets": DEEP,
    "100,000 closed brackets": DEEP + "]" * 100_000,
    "a number of 5,000 digits": '{"name": ' + "9" * 5000 + "}",
    "single quotes": "{'name': 'x'}",
    "a trailing comma": '{"name": "x",}',
    "a comment": '{"name": "x"} // x',
    "a control character in a text": '{"name": "a\x00b"}',
    "a byte order mark": "﻿{}",
    "blanks": "   ",
    "XML": "<name>x</name>",
}

WRONG_NUMBERS = ["5", 5.0, 1.5, True, False, None, [], [5], {}, 0, -1, 2**53, 2**63, 10**100, "", "NaN"]
WRONG_TEXTS = [5, 1.5, True, None, [], ["x"], {}, "a\x00b", "a\x1bb", "\ud800", "x\udfff", "x" * 5001]


@pytest.fixture(scope="module")
def street(app) -> Street:
    """The street that everything here is sent to, and that nothing here changes."""
    return Street.opened_in(app)


@pytest.fixture(scope="module")
def places(street: Street) -> dict[str, Any]:
    return {
        "office": street.office_id,
        "offer": str(street.offer(stock=5).id),
        "fund": str(street.fund(1000).id),
        "group": str(street.group().id),
        "activity": str(street.activity().id),
    }


@pytest.fixture(scope="module")
def clerk(street: Street) -> Phone:
    return street.phone(street.clerk(street.merchant()))


@pytest.fixture(scope="module")
def phone(street: Street, places: dict[str, Any], clerk: Phone) -> Iterator[Phone]:
    """An officer with points: whatever is refused is refused for what was sent. In the end no table has changed."""
    officer = street.phone(street.earned(street.officer(), 50))
    assert {each.get("/me").status for each in (officer, clerk)} == {200}  # they are logged in
    before = census(street)
    yield officer
    assert census(street) == before


def census(street: Street) -> dict[str, int]:
    """How many rows of the office each table has."""
    with street.inside():
        return {
            table.name: session()
            .execute(text(f"SELECT count(*) FROM {table.name} WHERE {table.c.keys()[0]} = {street.office_id}"))
            .scalar_one()
            for table in Base.metadata.sorted_tables
        }


def send(
    phone: Phone, form: str, places: dict[str, Any], *, raw: Any = None, headers: Any = None, **field: Any
) -> Answer:
    """Send a form of `FORMS` with another value in its field, or with a body of one's own."""
    method, path, body, _ = FORMS[form]
    path = path.format(**places)
    if raw is None:
        raw = json.dumps({**filled(body, places), **field})
    said = {"Content-Type": "application/json", "Idempotency-Key": a_key()} | (headers or {})
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    return phone.send(method, path, data=data, headers=said)


def filled(body: dict[str, Any], places: dict[str, Any]) -> dict[str, Any]:
    return {name: places[value[1:-1]] if str(value).startswith("{") else value for name, value in body.items()}


def is_said_well(answer: Answer, status: int) -> None:
    """A refusal of that status, in Chinese, that says nothing about the program."""
    assert answer.status == status, (answer.status, answer.body)
    assert {"code", "message", "facts", "request_id"} <= set(answer.body)
    said = [answer["message"], *[each for texts in answer.body.get("errors", {}).values() for each in texts]]
    for each in said:
        assert re.search("[一-鿿]", each), each
        assert not re.search(r"Traceback|sqlalchemy|psycopg|sqlite|marshmallow|Error", each), each


@pytest.fixture(scope="module")
def elsewhere(app) -> tuple[Phone, dict[str, Any]]:
    """Another street, for what is right and does change something."""
    street = Street.opened_in(app)
    places = {"office": street.office_id, "offer": str(street.offer().id), "group": str(street.group().id)}
    return street.phone(street.earned(street.officer(), 50)), places | {"fund": str(street.fund().id)}


@pytest.mark.parametrize("form", FORMS)
def test_the_forms_are_right_before_they_are_spoilt(elsewhere, form):
    """Or the rest of this file would be refused for another reason."""
    answer = send(elsewhere[0], form, elsewhere[1])

    assert answer.status in (200, 201) or answer.code == "code_invalid", answer.body


@pytest.mark.parametrize("what", NOT_JSON)
def test_what_is_not_json_is_400(phone, places, what):
    for form in FORMS:
        is_said_well(send(phone, form, places, raw=NOT_JSON[what]), 400)


@pytest.mark.parametrize("raw", [b"\xff\xfe{\x00}\x00", b'{"name": "\xed\xa0\x80"}', b"\x80", b"\x1f\x8b\x08"])
def test_what_is_not_utf_8_is_400(phone, places, raw):
    for form in FORMS:
        is_said_well(send(phone, form, places, raw=raw), 400)


@pytest.mark.parametrize("raw", ["[]", '"text"', "5", "true", "null", "[{}]"])
def test_a_body_that_is_no_object_is_422(phone, places, raw):
    for form in FORMS:
        is_said_well(send(phone, form, places, raw=raw), 422)


@pytest.mark.parametrize("value", WRONG_NUMBERS, ids=lambda value: json.dumps(value)[:12])
def test_what_is_no_right_number_is_422_and_names_the_field(phone, places, value):
    for form in NUMBERS:
        field = FORMS[form][3]
        answer = send(phone, form, places, **{field: value})

        is_said_well(answer, 422)
        assert field in answer["errors"]


@pytest.mark.parametrize("value", WRONG_TEXTS, ids=lambda value: json.dumps(value)[:12])
def test_what_is_no_right_text_is_422_and_names_the_field(phone, places, value):
    for form in TEXTS:
        field = FORMS[form][3]
        answer = send(phone, form, places, **{field: value})

        is_said_well(answer, 422)
        assert field in answer["errors"]


@pytest.mark.parametrize("value", ["true", 1, 0, None, "on", []])
def test_what_is_no_yes_or_no_is_422(phone, places, value):
    is_said_well(send(phone, "a profile", places, elder_mode=value), 422)


@pytest.mark.parametrize("name", ["office", "__proto__", "字段", "", "a" * 10_000, "\x00", "\ud800"])
def test_an_unknown_field_is_422(phone, places, name):
    for form in FORMS:
        answer = send(phone, form, places, **{name: 1})

        is_said_well(answer, 422)


@pytest.mark.parametrize("form", ["a circle", "a redemption", "a login", "a fund", "points"])
def test_a_missing_field_is_422_and_named(phone, places, form):
    body = FORMS[form][2]
    needed = next(name for name in body if form != "a redemption" or name == "offer_id")
    rest = {name: value for name, value in filled(body, places).items() if name != needed}
    answer = send(phone, form, places, raw=json.dumps(rest))

    is_said_well(answer, 422)
    assert needed in answer["errors"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x/y;z"]
)
def test_another_content_type_is_415(phone, places, kind):
    for form in FORMS:
        is_said_well(send(phone, form, places, headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_content_type_may_be_written_as_people_do(phone, places, kind):
    assert send(phone, "a profile", places, headers={"Content-Type": kind}).status == 200


MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("form", FORMS)
def test_more_than_a_megabyte_is_413(phone, places, form):
    is_said_well(send(phone, form, places, raw='{"name": "' + "x" * MEGABYTE + '"}'), 413)


@pytest.mark.parametrize("form", ["a circle", "a redemption", "a login"])
def test_more_than_a_megabyte_in_pieces_is_413(phone, places, form):
    """Chunked: the length is not announced, and the server says that the stream ends."""
    method, path, _, _ = FORMS[form]
    endless = io.BytesIO(b'{"name": "' + b"x" * (2 * MEGABYTE))
    answer = phone.send(
        method,
        path,
        input_stream=endless,
        headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked", "Idempotency-Key": a_key()},
        environ_overrides={"wsgi.input_terminated": True},
    )

    is_said_well(answer, 413)


def test_a_body_of_no_announced_length_is_no_body(phone):
    answer = phone.send(
        "POST",
        "/groups",
        input_stream=io.BytesIO(b'{"name": "x"}'),
        headers={"Content-Type": "application/json"},
    )

    is_said_well(answer, 422)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/me", {"GET", "PUT"}),
        ("DELETE", "/me", {"GET", "PUT"}),
        ("GET", "/check-ins", {"POST"}),
        ("POST", "/reviews", {"GET"}),
        ("PUT", "/redemptions", {"GET", "POST"}),
        ("TRACE", "/groups", {"GET", "POST"}),
        ("FROBNICATE", "/groups", {"GET", "POST"}),
    ],
)
def test_a_wrong_method_is_405_and_says_which_are_right(phone, method, path, allowed):
    answer = phone.send(method, path)

    is_said_well(answer, 405)
    assert allowed <= {each.strip() for each in answer.headers["Allow"].split(",")} <= allowed | {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("form", [form for form in FORMS if form != "a login"])
@pytest.mark.parametrize(
    "bearer",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Basic dTpw",
        "Bearer " + "x" * 5000,
        "Bearer 令牌".encode().decode("latin-1"),
        "Bearer \x7f",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    ],
    ids=lambda bearer: str(bearer)[:12],
)
def test_who_is_asking_comes_before_what_they_say(street, places, form, bearer):
    stranger = Phone(street.app, headers={} if bearer is None else {"Authorization": bearer})

    for raw in (None, "not JSON", "[]"):
        is_said_well(send(stranger, form, places, raw=raw), 401)


@pytest.mark.parametrize("form", ["a redemption", "points"])
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "idempotency_key_required"),
        ("x" * 121, "idempotency_key_invalid"),
        ("钥匙".encode().decode("latin-1"), "idempotency_key_invalid"),
        ("with blank", "idempotency_key_invalid"),
        ("tab\there", "idempotency_key_invalid"),
        ("\x7f", "idempotency_key_invalid"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_key_that_is_no_key_is_400(phone, places, form, key, code):
    answer = send(phone, form, places, headers={"Idempotency-Key": key})

    is_said_well(answer, 400)
    assert answer.code == code


def test_a_key_of_120_characters_is_a_key(elsewhere):
    assert send(elsewhere[0], "points", elsewhere[1], headers={"Idempotency-Key": "~" * 120}).status == 201


def test_the_shape_is_looked_at_before_the_key_and_the_key_before_the_object(phone, places):
    nothing = {**places, "offer": str(uuid4()), "fund": str(uuid4())}

    for form in ("a redemption", "points"):
        field = FORMS[form][3]
        assert send(phone, form, nothing, headers={"Idempotency-Key": ""}, **{field: "x"}).status == 422
        assert send(phone, form, nothing, headers={"Idempotency-Key": ""}).status == 400
        assert send(phone, form, nothing).status == 404


LISTS = (
    *("/groups", "/activities", "/offers", "/merchants", "/redemptions", "/me/entries", "/reviews", "/funds"),
    *("/roles", "/role-requests", "/agencies", "/delegations"),
)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "abc"),
        ("limit", "1.5"),
        ("limit", ""),
        ("limit", "１０"),
        ("limit", "9" * 5000),
        ("cursor", "nonsense"),
        ("cursor", "翻页"),
        ("cursor", "%00"),
        ("cursor", "\x00"),
        ("cursor", "x" * 301),
        ("cursor", "WyIxIl0"),
    ],
    ids=lambda value: repr(value)[:14],
)
def test_a_list_asked_for_wrongly_is_422(phone, path, name, value):
    answer = phone.get(path, **{name: value})

    is_said_well(answer, 422)
    assert name in answer["errors"]


@pytest.mark.parametrize("path", LISTS)
def test_unknown_parameters_of_a_list_are_ignored(phone, path):
    answer = phone.get(path, utm_source="poster", limit=1, **{"字": "x", "a" * 2000: "\x00", "__proto__": "1"})

    assert answer.status == 200


@pytest.mark.parametrize("path", ["/groups", "/activities", "/offers", "/merchants"])
@pytest.mark.parametrize(
    ("q", "status"),
    [
        ("%", 200),
        ("_", 200),
        ("\\", 200),
        ("%\\%", 200),
        ("'", 200),
        ("😀", 200),
        ("*", 200),
        ("a\x00b", 422),
        ("\x1b", 422),
        ("x" * 41, 422),
    ],
)
def test_a_search_takes_every_letter_and_no_control_character(phone, path, q, status):
    answer = phone.get(path, q=q)

    if status == 200:
        assert (answer.status, answer.body) == (200, {"items": [], "next": None})
    else:
        is_said_well(answer, status)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/activities", {"day": "2026-02-30"}),
        ("/activities", {"day": "0001-01-01"}),
        ("/activities", {"day": "9999-12-31"}),
        ("/activities", {"day": "today"}),
        ("/activities", {"area_id": "x"}),
        ("/activities", {"group_id": "\x00"}),
        ("/activities", {"kind": "party"}),
        ("/activities", {"state": "deleted"}),
        ("/offers", {"merchant_id": "5"}),
        ("/redemptions", {"state": "'"}),
        ("/allocations", {"fund_id": "x"}),
    ],
)
def test_a_filter_that_means_nothing_is_422(phone, path, query):
    answer = phone.get(path, **query)

    is_said_well(answer, 422)
    assert set(answer["errors"]) == set(query)


WRONG_INSTANTS = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+08:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-08:00",
    "2026-11-23T10:00:00",
    "2026-11-23",
    "2026-02-30T10:00:00Z",
    "2026-11-23T25:00:00Z",
    "tomorrow",
    "",
    "\x00",
    1764000000,
    None,
    {},
    [],
    True,
]


@pytest.mark.parametrize("instant", WRONG_INSTANTS, ids=str)
def test_an_instant_that_is_none_is_422(phone, places, instant):
    body = {
        "group_id": places["group"],
        "kind": "meeting",
        "title": "碰头会",
        "place": "花园",
        "capacity": 5,
        "sessions": [{"starts_at": instant, "ends_at": "2026-12-01T10:00:00Z"}],
    }
    answer = phone.post("/activities", body)

    is_said_well(answer, 422)
    assert list(answer["errors"]) == ["sessions.0.starts_at"]
    is_said_well(phone.post("/check-ins", {"code": "x", "scanned_at": instant}), 422)


@pytest.mark.parametrize(
    "path",
    [
        "/groups/x",
        "/groups/00000000-0000-0000-0000-00000000000g",
        "/groups/%00",
        "/groups/../me",
        "/groups/%2e%2e/%2e%2e",
        "/groups/" + "9" * 3000,
        "/groups/{group} ",
        "/activities/{group}",
        "/activities/'; DROP TABLE people; --",
        "/redemptions/by-code/%00",
        "/redemptions/by-code/%ED%A0%80",
        "/redemptions/by-code/" + "A" * 5000,
        "/redemptions/by-code/码",
        "/nowhere",
        "//me",
        "/me/",
        "/ME",
    ],
)
def test_an_address_that_leads_nowhere_is_404(clerk, places, path):
    """Also for a clerk, who may look codes up."""
    answer = clerk.get(path.format(**places))

    if answer.status == 308:  # two slashes are one
        assert path == "//me"
    else:
        is_said_well(answer, 404)


@pytest.mark.parametrize(
    "refresh", ["x", "1.x", "9999.x", "99999.x", ".", "..", "-1.x", "１.x", "1." + "x" * 190, "令.牌"]
)
def test_a_refresh_token_that_is_none_is_401_and_logs_out_nobody(phone, refresh):
    is_said_well(phone.post("/auth/refresh", {"refresh_token": refresh}), 401)
    assert phone.post("/auth/logout", {"refresh_token": refresh}).status == 204


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"office_id": 9999, "code": "stub:x:1"}, 404),
        ({"scene": "o=9999", "code": "stub:x:1"}, 404),
        ({"scene": "nothing", "code": "stub:x:1"}, 404),
        ({"scene": "o=１", "code": "stub:x:1"}, 404),
        ({"scene": "o=" + "9" * 31, "code": "x"}, 422),
        ({"office_id": 1, "scene": "o=1", "code": "stub:x:1"}, 422),
        ({"code": "stub:x:1"}, 422),
        ({"office_id": "{office}", "code": "nonsense"}, 401),
        ({"office_id": "{office}", "code": "stub::"}, 401),
        ({"office_id": "{office}", "code": "x" * 301}, 422),
    ],
    ids=str,
)
def test_a_login_that_cannot_be_is_refused_and_makes_nobody(phone, places, body, status):
    is_said_well(phone.post("/auth/wechat", filled(body, places)), status)


@pytest.mark.parametrize(
    "code",
    [
        "x",
        "1-abcdefghijkl-12345678",
        "9999-abcdefghijkl-12345678",
        "A" * 60,
        "AQ" + "A" * 43,
        "码" * 20,
        "=" * 40,
        "-" * 48,
        "_" * 47,
    ],
)
def test_a_code_that_is_none_is_422(phone, places, code):
    answer = phone.post("/check-ins", {"code": code})
    is_said_well(answer, 422)
    assert answer.code in ("code_invalid", "invalid")
    if len(code) <= 60:
        answer = phone.post("/check-ins", {"activity_id": places["activity"], "person_code": code})
        is_said_well(answer, 422)
