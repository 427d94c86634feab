"""Who may give which role where: the whole truth about `may_grant`, without a database."""

from uuid import UUID

import pytest

from backend.foundation.callers import Grant
from backend.people.permissions import may_grant
from backend.people.role_models import FITS
from backend.people.scopes import Scope

HERE, OTHER = UUID(int=1), UUID(int=2)
OFFICE = Scope("office", None, "街道", "/")
WEST, EAST = Scope("area", HERE, "西社区", "/a/", "/a/"), Scope("area", OTHER, "东社区", "/b/", "/b/")
GRID = Scope("area", HERE, "网格", "/a/1/", "/a/1/")
CHOIR, BAND = (
    Scope("group", HERE, "合唱队", f"group:{HERE}", "/a/1/"),
    Scope("group", OTHER, "乐队", f"group:{OTHER}", "/b/"),
)
BAKERY, TAILOR = (
    Scope("merchant", HERE, "面包房", f"merchant:{HERE}", "/a/"),
    Scope("merchant", OTHER, "裁缝铺", f"merchant:{OTHER}", "/b/"),
)
SCOPES = {
    **{"office": OFFICE, "west": WEST, "east": EAST, "grid": GRID},
    **{"choir": CHOIR, "band": BAND, "bakery": BAKERY, "tailor": TAILOR},
}
ROLES = ("leader", "deputy", "helper", "clerk", "owner", "worker", "officer", "auditor")

# Who holds what → what they may give, as role@scope; everything that is not here is refused.
TRUTH = {
    "officer@office": {
        *("officer@office", "auditor@office", "worker@office", "worker@west", "worker@east", "worker@grid"),
        *("leader@choir", "deputy@choir", "helper@choir", "leader@band", "deputy@band", "helper@band"),
        *("owner@bakery", "clerk@bakery", "owner@tailor", "clerk@tailor"),
    },
    "worker@office": {
        *("leader@choir", "deputy@choir", "helper@choir", "leader@band", "deputy@band", "helper@band"),
        *("owner@bakery", "clerk@bakery", "owner@tailor", "clerk@tailor"),
    },
    "worker@west": {"leader@choir", "deputy@choir", "helper@choir", "owner@bakery", "clerk@bakery"},
    "worker@grid": {"leader@choir", "deputy@choir", "helper@choir"},
    "worker@east": {"leader@band", "deputy@band", "helper@band", "owner@tailor", "clerk@tailor"},
    "leader@choir": {"deputy@choir", "helper@choir"},
    "deputy@choir": {"helper@choir"},
    "owner@bakery": {"clerk@bakery"},
    "helper@choir": set(),
    "clerk@bakery": set(),
    "auditor@office": set(),
}


def held(name: str, **more: bool) -> Grant:
    role, _, scope = name.partition("@")
    return Grant(role, SCOPES[scope].path, **more)


def given_by(*grants: Grant) -> set[str]:
    return {f"{role}@{name}" for role in ROLES for name, scope in SCOPES.items() if may_grant(grants, role, over=scope)}


@pytest.mark.parametrize("name", TRUTH)
def test_what_each_role_may_give(name):
    assert given_by(held(name)) == TRUTH[name]


def test_every_role_has_its_line():
    assert {name.partition("@")[0] for name in TRUTH} == set(ROLES)
    assert {role for roles in FITS.values() for role in roles} == set(ROLES)


def test_who_holds_several_may_give_what_any_of_them_gives_and_no_more():
    assert given_by(held("leader@choir"), held("owner@bakery")) == TRUTH["leader@choir"] | TRUTH["owner@bakery"]
    assert given_by() == set()


@pytest.mark.parametrize("name", TRUTH)
def test_what_is_delegated_gives_nothing(name):
    assert given_by(held(name, is_delegated=True)) == set()


def test_a_role_outranks_whatever_it_gives_except_officers_who_need_a_second_one():
    for name, given in TRUTH.items():
        assert not {each for each in given if each == name} - {"officer@office"}


@pytest.mark.parametrize("strange", [Grant("officer", ""), Grant("root", "/"), Grant("leader", "/"), Grant("", "/")])
def test_a_grant_that_means_nothing_gives_next_to_nothing(strange):
    """A leader of the whole office exists nowhere (the table refuses it) and would still give no more than a leader."""
    assert given_by(strange) <= {"deputy@choir", "helper@choir", "deputy@band", "helper@band"}


def test_a_group_whose_ground_is_unknown_is_reached_by_the_whole_office_only():
    nowhere = Scope("group", HERE, "合唱队", f"group:{HERE}")

    assert not may_grant([held("worker@west")], "leader", over=nowhere)
    assert may_grant([held("worker@office")], "leader", over=nowhere)
