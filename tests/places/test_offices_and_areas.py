"""Offices share a server and nothing else; areas lie within each other; doors are sealed."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.foundation.clock import now
from backend.foundation.db import add, find, session
from backend.foundation.errors import NotFound
from backend.foundation.tenancy import NoOfficeInForce, acting_in
from backend.groups.models import Membership
from backend.places.areas import open_area
from backend.places.errors import AreaOutOfOrder
from backend.places.models import Area


def test_anyone_may_see_which_offices_there_are(street, other_street):
    answer = street.phone().get("/offices")

    assert answer.status == 200
    found = {office["id"]: office["name"] for office in answer["items"]}
    assert found[street.office_id] == street.office.name
    assert found[other_street.office_id] == other_street.office.name
    assert [office["id"] for office in answer["items"]] == sorted(found)


def test_areas_of_the_office_are_listed_page_by_page_in_the_order_of_opening(street, other_street):
    names = ["幸福社区"]
    for n in range(4):
        names.append(street.area(f"社区{n}").name)
    phone, seen, cursor = street.phone(street.person()), [], {}
    while cursor is not None:
        answer = phone.get("/areas", limit=2, **cursor)
        seen += [area["name"] for area in answer["items"]]
        cursor = answer["next"] and {"cursor": answer["next"]}

    assert seen == names
    assert other_street.community.id not in {area["id"] for area in phone.get("/areas", limit=100)["items"]}


def test_an_areas_path_begins_with_its_parents(street):
    grid = street.area("第一网格", kind="grid", parent=street.community)
    building = street.area("1号楼", kind="building", parent=grid)

    assert grid.path.startswith(street.community.path)
    assert building.path.startswith(grid.path)


def test_only_a_community_stands_at_the_top(street):
    with pytest.raises(AreaOutOfOrder):
        street.area("无主网格", kind="grid")


def test_there_is_no_area_of_an_unknown_kind(street):
    with pytest.raises(ValueError, match="province"):
        street.does(open_area, "某省", kind="province")


def test_a_worker_of_a_community_works_in_the_grids_below_it(street):
    grid = street.area("第一网格", kind="grid", parent=street.community)
    form = {
        "area_id": str(grid.id),
        "kind": "meeting",
        "title": "楼门议事会",
        "place": "会议室",
        "sessions": [{"starts_at": "2026-12-01T01:00:00Z", "ends_at": "2026-12-01T03:00:00Z"}],
        "capacity": 10,
    }

    assert street.phone(street.worker()).post("/activities", form).status == 201
    assert street.phone(street.worker(area=street.area("安宁社区"))).post("/activities", form).status == 403
    assert street.phone(street.resident()).post("/activities", form).status == 403


def test_another_offices_area_does_not_exist(street, other_street):
    with street.inside(), pytest.raises(NotFound):
        find(Area, other_street.community.id)


def test_the_database_refuses_to_link_rows_of_two_offices(street, other_street):
    group, stranger = street.group(), other_street.resident()

    with pytest.raises(IntegrityError):
        street.does(lambda: add(Membership(group_id=group.id, person_id=stranger.id, joined_at=now())))


def test_without_an_office_in_force_nothing_is_read(street):
    with street.app.app_context(), pytest.raises(NoOfficeInForce):
        session().scalars(select(Area)).all()


def test_nobody_acts_in_two_offices_at_once(street, other_street):
    with street.inside(), pytest.raises(NoOfficeInForce), acting_in(other_street.office_id):
        pass
