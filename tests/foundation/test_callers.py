"""A grant covers what lies below it; nobody decides for their own."""

from uuid import uuid4

import pytest

from backend.foundation.callers import Caller, Grant


@pytest.mark.parametrize(
    ("scope", "covered", "other"),
    [
        ("/", ["/", "/a/", "/a/b/", "group:1", "merchant:1"], []),
        ("/a/", ["/a/", "/a/b/"], ["/", "/b/", "/ab/", "group:1", "/a"]),
        ("group:1", ["group:1"], ["group:12", "group:", "/", "merchant:1"]),
    ],
)
def test_a_grant_covers_what_lies_below_it_and_nothing_else(scope, covered, other):
    grant = Grant("worker", scope)

    assert [grant.covers(each) for each in covered] == [True] * len(covered)
    assert [grant.covers(each) for each in other] == [False] * len(other)


def caller(*, household_id=None, grants=()):
    return Caller(1, uuid4(), household_id, "resident", frozenset(grants))


def test_a_role_counts_only_where_it_holds():
    asking = caller(grants=[Grant("worker", "/a/"), Grant("leader", "group:1")])

    assert asking.holds("worker")
    assert asking.holds("officer", "worker", over="/a/b/")
    assert not asking.holds("worker", over="/b/")
    assert not asking.holds("leader", over="/a/")
    assert not asking.holds("officer")


def test_somebody_is_close_to_themselves_and_their_household():
    home = uuid4()
    alone, housed = caller(), caller(household_id=home)

    assert alone.is_close_to(alone.person_id, None)
    assert not alone.is_close_to(uuid4(), None)  # two people without a household are no family
    assert housed.is_close_to(uuid4(), home)
    assert not housed.is_close_to(uuid4(), uuid4())
    assert not housed.is_close_to(uuid4(), None)
