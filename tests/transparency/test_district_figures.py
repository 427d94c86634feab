"""A district sees figures of its sub-districts, none about fewer than five people, and nothing else of them."""

import ast

import pytest
from sqlalchemy import func, select

from backend.foundation.config import PROJECT
from backend.foundation.db import session
from backend.foundation.ids import uuid7
from backend.places.models import Office
from backend.places.offices import open_office
from backend.transparency.across import across_sub_districts
from backend.transparency.errors import OfficeIsNoDistrict
from tests.builders.phone import a_key
from tests.builders.statements import statements_sent
from tests.builders.street import Street
from tests.test_house_rules import forgets_the_office

WITHHELD = {"value": None, "is_withheld": True}


def shown(value):
    return {"value": value, "is_withheld": False}


@pytest.fixture
def district(app) -> Street:
    """A district office; its community is only there because streets of tests have one."""
    street = Street.opened_in(app)
    street.does(lambda: setattr(session().get(Office, street.office_id), "kind", "district"))
    return street


def lies_in(district, *streets):
    for street in streets:
        street.does(belongs_to, street.office_id, district.office_id)


def belongs_to(office_id, district_id):
    session().get(Office, office_id).district_id = district_id


def figures(district, by=None):
    answer = district.phone(by or district.officer()).get("/district/figures")
    assert answer.status == 200, answer.body
    return {item["office"]["id"]: item for item in answer["items"]}


def test_officers_and_auditors_of_a_district_see_its_sub_districts_only(district, street, other_street):
    lies_in(district, street)

    assert list(figures(district)) == [street.office_id]
    assert list(figures(district, by=district.auditor())) == [street.office_id]
    lies_in(district, other_street)
    assert list(figures(district)) == sorted([street.office_id, other_street.office_id])


def test_a_sub_district_sees_nothing_of_others(district, street, other_street):
    lies_in(district, street, other_street)

    answer = street.phone(street.officer()).get("/district/figures")

    assert (answer.status, answer.code) == (409, "office_is_no_district")
    assert district.phone(district.resident()).get("/district/figures").status == 403


def test_figures_add_up_what_the_features_have(district, street):
    lies_in(district, street)
    people = street.earned_together([street.resident() for _ in range(6)], 20)
    offer = street.offer(price_points=10)
    clerk = street.phone(street.clerk(offer_shop(street, offer)))
    for person in people:
        held = street.held(person, offer)
        assert clerk.post("/redemptions/capture", {"code": held["code"]}, key=a_key()).status == 200

    item = figures(district)[street.office_id]

    assert item["office"]["name"] == street.office.name
    assert (item["communities"], item["groups"], item["activities"]) == (1, 1, 1)
    assert item["participations"] == shown(6)
    assert item["points_issued"] == shown(120)
    assert item["points_redeemed"] == shown(60)
    assert item["people"]["resident"] == shown(count(street, verified="resident"))


def offer_shop(street, offer):
    from backend.foundation.db import find
    from backend.merchants.models import Merchant

    with street.inside():
        return find(Merchant, offer.merchant_id)


def count(street, **facts):
    from backend.people.models import Person

    with street.inside():
        return session().scalar(select(func.count()).select_from(Person).filter_by(**facts))


@pytest.mark.parametrize(("people", "is_withheld"), [(0, True), (4, True), (5, False)])
def test_a_figure_about_fewer_than_five_people_is_withheld(district, street, people, is_withheld):
    lies_in(district, street)
    for _ in range(people):
        street.person(verified="phone")

    cell = figures(district)[street.office_id]["people"]["phone"]

    assert cell == (WITHHELD if is_withheld else shown(people))


def test_many_points_of_few_people_are_withheld_too(district, street):
    lies_in(district, street)
    street.earned(street.resident(), 500)

    item = figures(district)[street.office_id]

    assert (item["points_issued"], item["participations"], item["points_redeemed"]) == (WITHHELD,) * 3


def test_what_was_merged_is_counted_once(district, street):
    lies_in(district, street)
    old = street.area("安宁社区")
    for n in range(6):
        street.household(f"{n}", area=old)
        if n < 3:
            street.household(f"{n}", area=street.community)
    officer = street.officer()
    before = figures(district)[street.office_id]

    street.phone(officer).post(f"/areas/{old.id}/merge", {"into_id": str(street.community.id), "reason": "合并"})
    after = figures(district)[street.office_id]

    assert (before["communities"], after["communities"]) == (2, 1)
    assert before["households"]["value"] - after["households"]["value"] == 3


def test_an_office_without_anything_has_its_line(district):
    number = 90
    district.does(open_office, number, f"空街道{uuid7()}", district_id=district.office_id)

    assert figures(district)[number]["communities"] == 0


def test_it_takes_as_many_statements_for_two_offices_as_for_one_and_each_names_them(district, street, other_street):
    phone = district.phone(district.officer())
    phone.get("/me")  # the first request of a phone learns who it is

    def sent():
        with statements_sent(district.app) as statements:
            assert phone.get("/district/figures").status == 200
        return statements

    lies_in(district, street)
    before = sent()
    lies_in(district, other_street)

    assert len(sent()) == len(before)
    assert [statement for statement in before if forgets_the_office(statement)] == []


def test_nothing_else_of_a_sub_district_is_visible_to_its_district(district, street):
    lies_in(district, street)
    phone = district.phone(district.officer())
    activity, home = street.activity(), street.household()

    for path in (
        *(f"/areas/{street.community.id}", f"/areas/{street.community.id}/households"),
        *(f"/activities/{activity.id}", f"/groups/{activity.group_id}", f"/households/{home.id}/wallet"),
    ):
        assert phone.get(path).status == 404


def test_without_a_district_in_force_nobody_looks_across(street):
    with street.inside(), pytest.raises(OfficeIsNoDistrict), across_sub_districts():
        pass


def test_only_transparency_looks_across():
    users = {
        path.relative_to(PROJECT).parts[1]
        for path in (PROJECT / "backend").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "backend.transparency.across"
    }

    assert users == {"transparency"}
