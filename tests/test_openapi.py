"""The OpenAPI document is valid, complete and true: whatever is sent, what comes back is documented."""

import re
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as told

from backend.foundation.problems import OF_HTTP, Problem
from tests.builders.street import Street
from tests.test_access import CALLERS, LINES, Stage

METHODS = ("get", "put", "post", "delete")
# Of right and of wrong requests, per operation: for every kind of caller, and more for those who may do much.
EXAMPLES = dict.fromkeys(CALLERS, 1) | dict.fromkeys(("nobody", "resident", "leader", "clerk", "officer", "worker"), 2)

CHECKS = [
    not_a_server_error,
    told.status_code_conformance,
    told.content_type_conformance,
    told.response_schema_conformance,
    told.response_headers_conformance,
]


@pytest.fixture(scope="module")
def document(app: Flask) -> Any:
    with app.test_client() as client:
        return client.get("/api/v1/openapi.json").json


@pytest.fixture(scope="module")
def schema(app: Flask) -> Any:
    # What is sent beyond the documented parameters is ignored, and guessing at it tests nothing.
    config = SchemathesisConfig.from_dict({"generation": {"allow-extra-parameters": False}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)


@pytest.fixture(scope="module")
def stage(app: Flask) -> Stage:
    return Stage(Street.opened_in(app))


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_the_document_is_valid_openapi_3_1(document: Any, schema: Any) -> None:
    assert document["openapi"].startswith("3.1")
    schema.validate()


def test_every_operation_says_what_it_does(document: Any) -> None:
    for name, operation in operations(document):
        assert operation.get("summary"), name
        assert operation["tags"], name
        assert [status for status in operation["responses"] if status.startswith("2")], name


def test_every_operation_says_who_may_ask(document: Any) -> None:
    """Open are choosing an office, logging in and out, and pictures at a signed address; the rest needs a bearer."""
    is_open = {re.sub("{.*?}", "{}", name) for name, operation in operations(document) if "security" not in operation}
    answers_nobody = {
        f"{method} /api/v1{re.sub('{.*?}', '{}', path)}"
        for (method, path), statuses in ((line.row.partition("?")[0].split()[:2], line.statuses) for line in LINES)
        if (statuses["nobody"] or 401) < 300
    }

    assert is_open == answers_nobody
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for name, operation in operations(document):
        if "security" in operation:
            assert operation["security"] == [{"bearer": []}], name
            assert "401" in operation["responses"], name


def test_every_refusal_is_documented_with_an_example_of_each_code(document: Any) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith("2") or status == "304":
                continue
            said = response["content"]["application/json"]
            assert said["schema"] == {"$ref": "#/components/schemas/Problem"}, (name, status)
            assert said["examples"], (name, status)
            for code, example in said["examples"].items():
                assert example["value"]["code"] == code
                assert re.search("[一-鿿]", example["value"]["message"]), (name, code)
                assert Problem().validate(example["value"]) == {}, (name, code)
        assert "default" not in operation["responses"], name


def test_every_operation_documents_what_can_always_happen(document: Any) -> None:
    for name, operation in operations(document):
        expected = {"429", "503"}
        if "requestBody" in operation:
            expected |= {"400", "413", "415", "422"}
        if "security" in operation:
            expected |= {"401"}
        assert expected <= set(operation["responses"]), name


def test_every_write_with_a_key_documents_it(document: Any) -> None:
    keyed = {
        name: parameter
        for name, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    }

    assert {"POST /api/v1/redemptions", "POST /api/v1/funds/{fund_id}/allocations"} <= set(keyed)
    assert all(parameter["in"] == "header" for parameter in keyed.values())
    # A redemption's code is captured once by nature; without one the key is needed.
    assert {name for name, parameter in keyed.items() if not parameter["required"]} == {
        "POST /api/v1/redemptions/capture"
    }


def test_what_flask_refuses_by_itself_is_said_in_chinese() -> None:
    assert all(re.search("[一-鿿]", message) for _, message in OF_HTTP.values())


def asks(role: str, label: str) -> bool:
    """Is this one of the kinds of caller who ask for that operation? Officers are, who may do most, nobody in
    particular, and four others, for each operation other ones: the access table asks for all of them.
    """
    return (
        role in ("officer", "nobody") or role in sorted(CALLERS, key=lambda one: crc32(f"{one} {label}".encode()))[:4]
    )


@pytest.mark.parametrize("role", CALLERS)
def test_whatever_is_sent_is_answered_as_documented(role: str, schema: Any, stage: Stage) -> None:
    """No 5xx, no status and no shape that is not documented, for right and wrong requests of every role."""
    phone = stage.phones[role]
    database = schema.app.config["SQLALCHEMY_DATABASE_URI"].partition(":")[0]
    broken: dict[str, str] = {}
    sent = 0
    for operation in (result.ok() for result in schema.get_all_operations()):
        if not asks(role, operation.label):
            continue
        for mode in GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)

            @seed(crc32(f"{database} {role} {operation.label}".encode()))  # others for each, the same each time
            @settings(
                max_examples=EXAMPLES[role],
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def send(case: Case) -> None:
                nonlocal sent
                sent += 1
                if sent % 2:
                    about_real_objects(case, stage)
                response = case.call(headers=phone._headers() or {"Authorization": "Bearer nobody"})
                case.validate_response(response, checks=CHECKS)

            try:
                send()
                phone.logs_in_again()  # it may have logged itself out
            except FailureGroup as failures:
                broken[operation.label] = str(failures)[:2000]
            except Unsatisfiable:
                pass  # nothing can be wrong with a request that says nothing

    assert not broken, "\n\n".join(f"{name}\n{said}" for name, said in broken.items())
    assert sent > 50 * EXAMPLES[role]


def about_real_objects(case: Case, stage: Stage) -> None:
    """Let a request speak of objects that exist, where it names any by an identifier."""
    names = {f"{name}_id": name for name in ("group", "application", "fund", "allocation", "activity", "offer", "area")}
    names |= {"redemption_id": "held", "check_in_id": "review", "person_id": "somebody", "manager_id": "somebody"}
    names |= {"import_id": "upload", "parent_id": "area", "into_id": "grid"}
    names |= {"role_id": "helper_role", "request_id": "request", "agency_id": "agency", "delegation_id": "asked"}
    names |= {"objection_id": "objection", "thanks_id": "thanks", "spending_id": "spending", "run_id": "run"}
    names |= {"rule_id": "rule"}
    for fields in (case.path_parameters, case.query, case.body):
        if isinstance(fields, dict):
            for field in fields.keys() & names.keys():
                fields[field] = stage.filler("other", "resident")(names[field])
