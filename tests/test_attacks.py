"""What somebody tries who means harm, and that it changes nothing. Forged tokens: `people/test_forged_tokens.py`."""

import json
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from backend.foundation.db import db
from backend.foundation.tables import Base
from tests.builders.phone import Phone
from tests.builders.street import Street
from tests.test_access import BODIES, Stage, asked, braces, works

ELSEWHERE = "evil.example"

COLUMNS = {column.key for table in Base.metadata.tables.values() for column in table.columns}


@pytest.fixture(scope="module")
def stage(app: Flask) -> Stage:
    return Stage(Street.opened_in(app))


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    with app.test_client() as client:
        return client.get("/api/v1/openapi.json").json


@contextmanager
def written(app: Flask) -> Iterator[list[str]]:
    """The statements that change rows, as they are sent."""
    with app.app_context():
        engine = db.engine
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


# More than was asked for: a field that a table has and the form has not


@pytest.mark.parametrize("row", BODIES)
def test_no_column_of_any_table_can_be_slipped_into_a_body(row: str, app: Flask, document: Any, stage: Stage) -> None:
    case, caller = works(row)
    phone, filled = stage.phones[caller], cache(stage.filler(case, caller))  # each object is made once
    for brace in braces(row):
        filled(brace)  # before anybody counts what is written
    phone.get("/me")  # a phone that logs in is a row too
    strange = sorted(COLUMNS - fields_of(row, app, document))
    with written(app) as statements:
        for value in ("officer", 1, None):
            answer = asked(row, phone, filled, **dict.fromkeys(strange, value))
            assert answer.status == 422
            assert set(answer["errors"]) >= set(strange)
        for column in random.Random(row).sample(strange, 5):  # also one by one
            answer = asked(row, phone, filled, **{column: 1})
            assert (answer.status, set(answer["errors"])) == (422, {column})

    assert len(strange) > 80
    assert statements == []


def fields_of(row: str, app: Flask, document: Any) -> set[str]:
    """What the document lets a body say."""
    method, path = row.split()[:2]
    example = re.sub(r"{\w+}", str(uuid4()), path)
    rule, _ = app.url_map.bind("localhost").match(f"/api/v1{example}", method, return_rule=True)
    operation = document["paths"][re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule)][method.lower()]
    (content,) = operation["requestBody"]["content"].values()
    name = content["schema"]["$ref"].rsplit("/", 1)[1]
    return set(document["components"]["schemas"][name]["properties"])


# A browser that is sent here by another page


def test_a_cookie_is_nobody_and_none_is_ever_set(app: Flask, stage: Stage) -> None:
    """There is no session in a cookie, so another page has nothing to ride on (CSRF)."""
    token = stage.phones["officer"]._headers()["Authorization"].split()[1]
    for name in ("session", "token", "access_token", "Authorization", "jwt"):
        answer = Phone(app, headers={"Cookie": f"{name}={token}"}).post("/funds", BODIES["POST /funds"])
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
    logged_in = stage.phones["nobody"].post(
        "/auth/wechat", {"office_id": stage.street.office_id, "code": f"stub:{uuid4()}:1"}
    )
    assert "Set-Cookie" not in logged_in.headers


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
def test_what_a_form_of_another_page_can_send_is_not_understood(kind: str, stage: Stage) -> None:
    phone = stage.phones["officer"]
    said = phone.send("PUT", "/me", data='{"elder_mode": true}', headers={"Content-Type": kind})

    assert said.status == 415


def test_no_other_origin_is_invited(stage: Stage) -> None:
    asked_first = stage.phones["nobody"].send(
        "OPTIONS",
        "/me",
        headers={"Origin": f"https://{ELSEWHERE}", "Access-Control-Request-Method": "PUT"},
    )

    assert not [name for name, _ in asked_first.headers if name.lower().startswith("access-control-")]


# Being sent somewhere else from here


@pytest.mark.parametrize(
    "path",
    [
        f"//{ELSEWHERE}",
        f"//{ELSEWHERE}/%2e%2e",
        f"/\\{ELSEWHERE}",
        f"/q//{ELSEWHERE}",
        f"/q/%2F%2F{ELSEWHERE}",
        f"/q/https:%2F%2F{ELSEWHERE}",
        f"/h5//{ELSEWHERE}/",
        f"/?next=https://{ELSEWHERE}&url=https://{ELSEWHERE}&redirect=//{ELSEWHERE}",
        f"/api/docs/?url=https://{ELSEWHERE}",
        "/api/v1//me",
        f"/api/v1/%0d%0aLocation:%20https://{ELSEWHERE}",
    ],
)
def test_nobody_is_sent_elsewhere(path: str, app: Flask) -> None:
    with app.test_client() as client:
        answer = client.get("/", environ_overrides={"PATH_INFO": unquote(path), "RAW_URI": path})
    to = answer.headers.get("Location", "/")

    assert ELSEWHERE not in urlsplit(to).netloc
    assert not to.startswith(("//", "/\\"))


def test_the_host_of_a_request_is_not_believed(stage: Stage) -> None:
    """What we write into codes comes from PUBLIC_URL, never from the request."""
    answer = stage.phones["leader"].send(
        "GET",
        f"/activities/{stage.filler('own', 'leader')('activity')}/code",
        headers={"Host": ELSEWHERE, "X-Forwarded-Host": ELSEWHERE, "Forwarded": f"host={ELSEWHERE}"},
    )

    assert answer.status == 200
    assert ELSEWHERE not in json.dumps(answer.body)


# Headers of ours made of what they say


@pytest.mark.parametrize("said", ["x\r\nSet-Cookie: a=b", "x\nX-Evil: 1", "x\x00y", "é" * 50])
def test_no_header_of_ours_is_made_of_theirs(said: str, stage: Stage) -> None:
    phone = stage.phones["resident"]
    for name in ("X-Request-Id", "Idempotency-Key", "X-Installation-Id", "If-None-Match"):
        try:
            answer = phone.send("GET", "/me", headers={name: said})
        except ValueError:
            continue  # not even our own client lets it out
        assert answer.status == 200
        assert "X-Evil" not in answer.headers
        assert "Set-Cookie" not in answer.headers
