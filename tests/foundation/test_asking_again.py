"""Before a 403 or 404 we ask who the caller is now; the view runs again if that is somebody else, and only then."""

from uuid import uuid4

import pytest
from flask import Flask, g

from backend.foundation.admission import allow, requires, visible
from backend.foundation.callers import Caller, Grant, anybody_here, caller
from backend.foundation.errors import Conflict, Forbidden, NotFound, Unauthorized

BEFORE = Caller(1, uuid4(), None, "resident", frozenset())
AFTERWARDS = Caller(1, BEFORE.person_id, None, "resident", frozenset({Grant("officer", "/")}))


class Kept(Forbidden):
    is_recorded = True


def runs(view, *, afterwards):
    """How often the view ran, how often it was asked afresh, and what came of it."""
    seen, asked = [], []

    def authenticate(*, afresh=False):
        asked.append(afresh)
        if afresh and isinstance(afterwards, Exception):
            raise afterwards
        return afterwards if afresh else BEFORE

    app = Flask("tests")
    app.extensions["authenticate"] = authenticate

    @requires(anybody_here)
    def counted():
        seen.append(caller())
        return view()

    with app.test_request_context():
        g.request_id = "asked"
        try:
            outcome = counted()
        except Exception as refusal:
            outcome = type(refusal)
    return len(seen), asked.count(True), outcome


def refusing(refusal):
    def view():
        raise refusal

    return view


def is_officer():
    return caller().holds("officer")


@pytest.mark.parametrize("ask", [allow, visible])
def test_a_new_role_makes_the_view_run_again(ask):
    assert runs(lambda: ask(is_officer()) or "done", afterwards=AFTERWARDS) == (2, 1, "done")


@pytest.mark.parametrize("refusal", [Forbidden, NotFound])
def test_whoever_is_who_they_were_is_refused_at_once(refusal):
    assert runs(refusing(refusal()), afterwards=BEFORE) == (1, 1, refusal)


@pytest.mark.parametrize("refusal", [Forbidden, NotFound])
def test_a_second_refusal_is_final(refusal):
    assert runs(refusing(refusal()), afterwards=AFTERWARDS) == (2, 1, refusal)


@pytest.mark.parametrize("refusal", [Conflict, Unauthorized, ValueError])
def test_any_other_refusal_has_nothing_to_do_with_who_asks(refusal):
    assert runs(refusing(refusal()), afterwards=AFTERWARDS) == (1, 0, refusal)


def test_what_was_written_down_is_not_written_again():
    assert runs(refusing(Kept()), afterwards=AFTERWARDS) == (1, 0, Kept)


def test_whoever_is_nobody_any_more_is_told_that():
    assert runs(refusing(Forbidden()), afterwards=Unauthorized()) == (1, 1, Unauthorized)


def test_what_succeeds_asks_nobody():
    assert runs(lambda: "done", afterwards=AFTERWARDS) == (1, 0, "done")
