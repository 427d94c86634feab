"""Blueprints of the API: who is asking comes before what they say, and every refusal is documented.

The order of a request is fixed here once: identity (401), shape (400, 413, 415, 422), permission of the
caller's kind (403), key (400); the view goes on with references (404), permission on the object (403) and state (409).
"""

import json
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

import flask_smorest
from flask import Flask, Request, request
from gunicorn.http.errors import ParseException
from webargs.core import missing
from webargs.flaskparser import FlaskParser, abort
from werkzeug.datastructures import CombinedMultiDict

from backend.foundation.admission import View, permit
from backend.foundation.callers import anybody_here
from backend.foundation.errors import (
    ActingForOthersUnavailable,
    AppError,
    BadRequest,
    Busy,
    Forbidden,
    IdempotencyKeyRequired,
    InvalidIdempotencyKey,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from backend.foundation.problems import OF_HTTP, Problem
from backend.foundation.sqlite import AnotherWriter

REPLAYED = {"Idempotency-Replayed": "true"}


class Api(flask_smorest.Api):  # type: ignore[misc]
    """OpenAPI 3.1 of everything registered; errors are answered by `problems`, not by the library."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None: ...

    def init_app(self, app: Flask, **kwargs: Any) -> None:
        super().init_app(app, **kwargs)
        self.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})


class StrictParser(FlaskParser):
    """Malformed JSON is 400, another content type 415, a wrong shape 422, in a form with a file too."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"files": None}

    def _raw_load_json(self, req: Request) -> Any:
        try:
            body = req.get_data(cache=True)
        except (OSError, ParseException):  # pieces whose lengths are none, or a phone that left
            abort(400)
        if not body:
            return missing
        if req.content_length is None and req.max_content_length and len(body) >= req.max_content_length:
            abort(413)  # sent in pieces: Werkzeug stops reading there and says nothing
        if req.mimetype != "application/json":
            abort(415)
        try:
            return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError):  # also a number of 5,000 digits, or 100,000 brackets
            abort(400)

    def load_files(self, req: Request, schema: Any) -> Any:
        """A form with a file in it: its fields and its files together."""
        if req.mimetype != "multipart/form-data":
            abort(415)
        return self._makeproxy(CombinedMultiDict([req.form, req.files]), schema)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose operations document what they refuse."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, **kwargs: Any) -> None:
        super().__init__(name, import_name, **kwargs)
        self._prepare_doc_cbks.append(self._prepare_refusals_doc)

    def response(self, status_code: int, schema: Any = None, **kwargs: Any) -> Callable[[View], View]:
        answer = super().response(status_code, schema, **kwargs)

        def decorator(view: View) -> View:
            @wraps(view)
            def permitted(*args: Any, **kwargs: Any) -> Any:
                permit()
                return view(*args, **kwargs)

            decorated: View = answer(permitted)
            return decorated

        return decorator

    def creates(self, schema: Any) -> Callable[[View], View]:
        """Answers 201 the first time and 200 to a repeat, with the same shape."""
        return lambda view: self.response(201, schema)(self.alt_response(200, schema=schema, success=True)(view))

    @staticmethod
    def _prepare_refusals_doc(
        doc: dict[str, Any], info: dict[str, Any], *, app: Flask, method: str, **_: Any
    ) -> dict[str, Any]:
        doc["responses"].pop("default", None)  # what is not named here is a bug
        refusals: list[type[AppError]] = [*info.get("refusals", ()), TooManyRequests, Busy, Unavailable]
        if method != "get":
            refusals.append(AnotherWriter)
        rule = info.get("requires")
        if rule is not None:
            doc["security"] = [{"bearer": []}]
            refusals += [
                Unauthorized,
                ActingForOthersUnavailable,
                *getattr(app.extensions["authenticate"], "_apidoc", {}).get("refusals", ()),
            ]
            if "assisted" in info:
                refusals += getattr(app.extensions["stand_in"], "_apidoc", {}).get("refusals", ())
                doc.setdefault("parameters", []).extend(_ON_BEHALF)
            if rule is not anybody_here:
                refusals.append(Forbidden)
        if any(parameter.get("in") != "query" for parameter in info.get("arguments", {}).get("parameters", ())) or (
            "requestBody" in doc
        ):
            refusals.append(BadRequest)
            for status in (413, 415):
                doc["responses"][status] = _documented(OF_HTTP[status][1], [(OF_HTTP[status][0], None)])
        if "arguments" in info:
            refusals.append(Unprocessable)
        if info.get("keyed"):
            refusals += [IdempotencyKeyRequired, InvalidIdempotencyKey]
            needed_without = info["keyed"]
            doc.setdefault("parameters", []).append(_KEY if needed_without is True else _KEY | {"required": False})
        by_status: dict[int, list[type[AppError]]] = defaultdict(list)
        for refusal in refusals:
            if refusal not in by_status[refusal.status]:
                by_status[refusal.status].append(refusal)
        for status, those in by_status.items():
            doc["responses"][status] = _documented(
                "; ".join(refusal.code for refusal in those), [(refusal.code, refusal) for refusal in those]
            )
        return doc


_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^[!-~]+$"},
    "description": "Chosen by the client, once per wish; a repeat answers the first result.",
}


_ON_BEHALF = [
    {
        "in": "header",
        "name": name,
        "required": False,
        "schema": schema,
        "description": description,
    }
    for name, schema, description in (
        ("X-On-Behalf-Of", {"type": "string", "format": "uuid"}, "The person for whom this is done."),
        ("X-Channel", {"type": "string", "enum": ["desk", "household"]}, "How: needed with X-On-Behalf-Of."),
        (
            "X-Reason",
            {"type": "string", "maxLength": 1800, "pattern": "^[!-~]*$"},
            "Why, percent-encoded UTF-8 (at most 200 characters): needed at the desk.",
        ),
    )
]


def _documented(description: str, those: list[tuple[str, type[AppError] | None]]) -> dict[str, Any]:
    examples = {}
    for code, refusal in those:
        example = {"code": code, "message": description, "facts": {}, "request_id": "…"}
        if refusal is not None:
            example |= {"message": refusal(**refusal.advice_facts).text, "facts": refusal.advice_facts}
        examples[code] = {"value": example}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/json": {"schema": schema, "examples": examples}}}


def takes_up_to(most_bytes: int) -> Callable[[View], View]:
    """Let a body be longer than the megabyte of all others. Below `requires`: nobody's is read before we know whose."""

    def decorator(view: View) -> View:
        @wraps(view)
        def with_room(*args: Any, **kwargs: Any) -> Any:
            request.max_content_length = most_bytes
            return view(*args, **kwargs)

        return with_room

    return decorator


def refuses(*refusals: type[AppError]) -> Callable[[View], View]:
    """Document the refusals of an operation (or of `authenticate`: of them all), each with its code and example."""

    def decorator(view: View) -> View:
        view._apidoc = dict(getattr(view, "_apidoc", {}))  # type: ignore[attr-defined]
        view._apidoc["refusals"] = [*view._apidoc.get("refusals", ()), *refusals]  # type: ignore[attr-defined]
        return view

    return decorator


def keyed(view: View) -> View:
    """Hand the view the client's `Idempotency-Key` as `key`; without one the operation is refused."""

    @wraps(view)
    def with_key(*args: Any, **kwargs: Any) -> Any:
        return view(*args, key=_idempotency_key(), **kwargs)

    with_key._apidoc = getattr(view, "_apidoc", {}) | {"keyed": True}  # type: ignore[attr-defined]
    return with_key


def keyed_unless(field: str) -> Callable[[View], View]:
    """As `keyed`, but a body with that field happens once by nature: then the view gets None for a key."""

    def decorator(view: View) -> View:
        @wraps(view)
        def with_key(form: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            return view(form, *args, key=None if field in form else _idempotency_key(), **kwargs)

        with_key._apidoc = getattr(view, "_apidoc", {}) | {"keyed": field}  # type: ignore[attr-defined]
        return with_key

    return decorator


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise IdempotencyKeyRequired()
    if len(key) > 120 or not all("!" <= character <= "~" for character in key):
        raise InvalidIdempotencyKey()
    return key
