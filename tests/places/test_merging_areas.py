"""Two areas become one: what is in them, who works over them and what names them follows; history stays readable."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.funds.models import Fund
from backend.people.role_models import Role
from backend.people.scopes import over_area, over_office
from backend.places.areas import community_of, open_household, standing
from backend.places.errors import AreaClosed
from backend.places.models import Area, AreaChange, Household
from tests.builders.races import at_once, statuses


@pytest.fixture
def old(street):
    """A community that will be merged into the street's own."""
    return street.area("安宁社区")


def merges(street, area, into, *, by=None, reason="社区合并"):
    return street.phone(by or homeless_officer(street)).post(
        f"/areas/{area.id}/merge", {"into_id": str(into.id), "reason": reason}
    )


def homeless_officer(street):
    """One who adds no door to what is counted."""
    return street.gives(street.person("李主任"), "officer", over_office(street.office))


def fresh(street, area):
    with street.inside():
        return find(Area, area.id)


def paths(street):
    """Open areas: name → name of the parent; every path has to begin with the parent's."""
    areas = {area.id: area for area in street.rows(select(Area))}
    for area in areas.values():
        hangs_on = areas.get(area.merged_into_id or area.parent_id)
        assert area.path == f"{hangs_on.path if hangs_on else '/'}{area.id.hex[-12:]}/"
        assert area.merged_into_id is None or not areas[area.merged_into_id].is_closed
    return {
        area.name: areas[area.parent_id].name if area.parent_id else None
        for area in areas.values()
        if not area.is_closed
    }


def test_everything_below_moves_over(street, old):
    grid = street.area("第一网格", kind="grid", parent=old)
    building = street.area("1号楼", kind="building", parent=grid)
    street.area("1单元", kind="unit", parent=building)
    direct = street.household("平房1", area=old)

    answer = merges(street, old, street.community)

    assert (answer.status, answer["id"]) == (200, str(street.community.id))
    assert answer["counts"] == {"grids": 1, "buildings": 1, "units": 1, "households": 1}
    assert paths(street) == {"幸福社区": None, "第一网格": "幸福社区", "1号楼": "第一网格", "1单元": "1号楼"}
    with street.inside():
        assert find(Household, direct.id).area_id == street.community.id


def test_what_has_the_same_name_below_becomes_one_too(street, old):
    here, there = (street.area("第一网格", kind="grid", parent=area) for area in (street.community, old))
    for grid, name in ((here, "1号楼"), (there, "1号楼"), (there, "2号楼")):
        building = street.area(name, kind="building", parent=grid)
        street.household(f"{name}{grid.id}", area=building)

    answer = merges(street, old, street.community)

    assert answer["counts"] == {"grids": 1, "buildings": 2, "units": 0, "households": 3}
    assert paths(street) == {"幸福社区": None, "第一网格": "幸福社区", "1号楼": "第一网格", "2号楼": "第一网格"}
    assert fresh(street, there).merged_into_id == here.id


def test_a_grid_may_move_into_one_of_another_community(street, old):
    here = street.area("第一网格", kind="grid", parent=street.community)
    there = street.area("第九网格", kind="grid", parent=old)
    street.household(area=there)

    assert merges(street, there, here)["counts"]["households"] == 1
    assert [area["name"] for area in street.phone(street.person()).get(f"/areas/{here.id}")["chain"]] == [
        "幸福社区",
        "第一网格",
    ]


def test_whoever_worked_over_the_merged_one_works_over_the_new_one(street, old):
    grid = street.area("第一网格", kind="grid", parent=old)
    street.household(area=street.community)
    worker, of_grid = street.worker(old), street.worker(grid)
    phone, grid_phone = street.phone(worker), street.phone(of_grid)
    assert phone.get(f"/areas/{street.community.id}/households").status == 403

    merges(street, old, street.community)

    assert len(phone.get(f"/areas/{street.community.id}/households")["items"]) >= 1
    assert phone.get("/me")["roles"][0]["scope"] == {
        "type": "area",
        "id": str(street.community.id),
        "name": "幸福社区",
    }
    assert grid_phone.get(f"/areas/{grid.id}/households").status == 200
    assert grid_phone.get(f"/areas/{street.community.id}/households").status == 403


def test_roles_over_same_named_areas_below_follow_too(street, old):
    here, there = (street.area("第一网格", kind="grid", parent=area) for area in (street.community, old))
    phone = street.phone(street.worker(there))

    merges(street, old, street.community)

    assert phone.get(f"/areas/{here.id}/households").status == 200
    assert {role.scope_id for role in street.rows(select(Role).where(Role.scope_id.in_([here.id, there.id])))} == {
        here.id
    }


def test_groups_activities_shops_and_funds_of_the_merged_one_belong_to_the_new_one(street, old):
    leader = street.person("赵队长", household=street.household(area=old))
    phone = street.phone(leader)
    circle = phone.post("/groups", {"name": "晨练队", "theme": "锻炼", "category": "culture_sports"})
    fund = street.fund(1000, area_id=old.id)
    worker_here, worker_there = street.worker(), street.worker(old)
    form = {
        "group_id": circle["id"],
        "kind": "meeting",
        "title": "楼门议事会",
        "place": "会议室",
        "sessions": [{"starts_at": "2026-12-01T01:00:00Z", "ends_at": "2026-12-01T03:00:00Z"}],
        "capacity": 10,
    }
    draft = street.phone(worker_there).post("/activities", form)
    assert (circle.status, draft.status) == (201, 201)

    merges(street, old, street.community)

    here = street.phone(worker_here)
    listed = here.get("/groups", area_id=str(street.community.id))["items"]
    assert circle["id"] in [group["id"] for group in listed]
    assert here.put(f"/activities/{draft['id']}", {"title": "新的名字"}).status == 200
    new = here.post("/activities", form)
    assert (new.status, new["area_id"]) == (201, str(street.community.id))
    in_area = {"area_id": str(street.community.id), "fund_id": str(fund.id), "points_fixed": 5}
    assert here.post("/activities", {**{k: v for k, v in form.items() if k != "group_id"}, **in_area}).status == 201
    shown = next(each for each in street.phone(street.officer()).get("/funds")["items"] if each["id"] == str(fund.id))
    assert shown["area"] == {"id": str(street.community.id), "name": "幸福社区"}


def test_nothing_new_begins_in_what_was_merged_away(street, old):
    officer = street.phone(street.officer())
    street.household(area=old)
    merges(street, old, street.community)

    refused = [
        officer.post("/groups", {"name": "晨练队", "theme": "锻炼", "category": "service"} | {"area_id": str(old.id)}),
        officer.post("/funds", {"name": "资金", "source": "fiscal", "fen_per_100_points": 5, "area_id": str(old.id)}),
        officer.post("/areas", {"parent_id": str(old.id), "kind": "grid", "name": "第一网格"}),
        officer.post(f"/areas/{old.id}/households", {"door": "301"}),
        officer.put(f"/areas/{old.id}", {"name": "新名", "reason": "改名"}),
        merges(street, old, street.community),
        merges(street, street.community, old),
    ]

    assert {(answer.status, answer.code) for answer in refused} == {(409, "area_closed")}
    assert refused[0]["message"] == "安宁社区已并入幸福社区，请改选幸福社区"


def test_what_was_merged_stays_readable_and_is_not_listed(street, old):
    merges(street, old, street.community, reason="两社区合署办公")
    phone = street.phone(street.officer())

    shown = phone.get(f"/areas/{old.id}")
    assert (shown["name"], shown["merged_into"]["name"]) == ("安宁社区", "幸福社区")
    assert str(old.id) not in [area["id"] for area in phone.get("/areas")["items"]]
    assert [area["id"] for area in phone.get("/areas", state="closed")["items"]] == [str(old.id)]
    (change,) = phone.get(f"/areas/{old.id}/changes")["items"]
    assert (change["what"], change["from_text"], change["to_text"], change["reason"]) == (
        *("merged", "安宁社区", "幸福社区"),
        "两社区合署办公",
    )
    assert phone.get(f"/areas/{street.community.id}/changes")["items"] == [change]


def test_the_name_is_free_again(street, old):
    merges(street, old, street.community)

    assert street.area("安宁社区").id != old.id


def test_merges_after_merges_lead_to_the_last(street, old):
    third = street.area("和谐社区")
    street.household(area=old)
    merges(street, old, street.community)
    merges(street, street.community, third)

    assert paths(street) == {"和谐社区": None}
    with street.inside():
        assert standing(old.id).id == community_of(old.id).id == third.id
    assert street.phone(street.person()).get(f"/areas/{third.id}")["counts"]["households"] == 1


def test_a_merged_grid_follows_when_its_community_is_merged(street, old):
    kept, gone = (street.area(name, kind="grid", parent=old) for name in ("第一网格", "第二网格"))
    merges(street, gone, kept)
    merges(street, old, street.community)

    assert paths(street) == {"幸福社区": None, "第一网格": "幸福社区"}
    assert fresh(street, gone).merged_into_id == kept.id


def test_only_what_is_of_one_kind_is_merged(street, old):
    grid = street.area("第一网格", kind="grid", parent=street.community)

    for area, into in ((grid, old), (old, grid), (old, old)):
        answer = merges(street, area, into)
        assert (answer.status, answer.code) == (409, "merge_of_different_kinds")


def test_an_empty_household_behind_the_same_door_is_joined_with_the_other(street, old):
    lived_in, empty = street.household("301", area=old), street.household("301室", area=street.community)
    both_empty = [street.household("302", area=area) for area in (old, street.community)]
    person = street.person(household=lived_in, role="head")

    assert merges(street, old, street.community)["counts"]["households"] == 2
    with street.inside():
        assert find(Household, empty.id).merged_into_id == lived_in.id
        assert find(Household, both_empty[0].id).merged_into_id == both_empty[1].id
    assert street.phone(person).get("/me")["household"]["id"] == str(lived_in.id)


def test_two_households_with_people_behind_one_door_are_not_joined(street, old):
    for area in (old, street.community):
        street.person(household=street.household("301", area=area))

    answer = merges(street, old, street.community)

    assert (answer.status, answer.code, answer["facts"]["doors"]) == (409, "doors_lived_in_twice", 1)
    assert "301" not in answer["message"]
    assert fresh(street, old).merged_into_id is None
    assert street.rows(select(AreaChange)) == []


def test_points_in_the_pot_keep_a_household_from_being_joined_away(street, old):
    left, other = street.household("301", area=old), street.household("301", area=street.community)
    giver = street.earned(street.person(household=left), 30)
    assert street.gives_points(giver, 10).status == 201
    street.moves(giver, street.household("9号楼"))
    street.person(household=other)

    assert merges(street, old, street.community).code == "doors_lived_in_twice"


def test_two_merges_at_once_have_one_effect(street, old):
    officers = [homeless_officer(street) for _ in range(6)]

    answers = at_once(
        *(
            lambda officer=officer, n=n: merges(
                street, *((old, street.community) if n % 2 else (street.community, old)), by=officer
            )
            for n, officer in enumerate(officers)
        )
    )

    assert statuses(answers) == {200: 1, 409: 5}
    assert len(paths(street)) == 1


def test_households_opened_while_merging_are_not_lost(street, old):
    def opens(n):
        try:
            street.does(open_household, f"{n}", area=old)
        except AreaClosed:
            return False
        return True

    opened = at_once(
        *(lambda n=n: opens(n) for n in range(12)), lambda: merges(street, old, street.community).status == 200
    )

    with street.inside():
        here = session().scalars(select(Household).where(Household.area_id == street.community.id)).all()
        assert session().scalars(select(Household).where(Household.area_id == old.id)).all() == []
    assert opened[-1]
    assert len(here) >= sum(opened[:-1])


def test_the_ledger_still_verifies(street, old):
    resident = street.earned(street.person(household=street.household(area=old)), 30)
    merges(street, old, street.community)

    assert street.wallet(resident).available == 30
    assert street.findings() == set()


def test_a_fund_of_another_community_still_does_not_pay(street, old):
    fund = street.fund(100, area_id=street.area("和谐社区").id)
    merges(street, old, street.community)

    with street.inside():
        assert find(Fund, fund.id).area_id not in (old.id, street.community.id)


def test_who_worked_over_both_works_once_over_the_new_one(street, old):
    worker = street.worker()
    street.gives(worker, "worker", over_area(old))
    phone = street.phone(worker)
    assert len(phone.get("/me")["roles"]) == 2

    assert merges(street, old, street.community).status == 200

    (role,) = phone.get("/me")["roles"]
    assert role["scope"]["id"] == str(street.community.id)
    assert phone.get(f"/areas/{street.community.id}/households").status == 200


def test_what_is_delegated_to_an_agency_follows(street, old):
    officers = [street.phone(homeless_officer(street)) for _ in range(2)]
    manager, sent = street.resident("机构主管"), street.resident("机构社工")
    agency = officers[0].post("/agencies", {"name": "阳光社工", "kind": "agency"})
    form = {"manager_id": str(manager.id), "role": "worker", "scope": {"type": "area", "id": str(old.id)}}
    ends_at = (now() + timedelta(days=300)).isoformat()
    asked = officers[0].post(f"/agencies/{agency['id']}/delegations", form | {"ends_at": ends_at})
    assert officers[1].put(f"/delegations/{asked['id']}", {"decision": "approved"}).status == 200

    merges(street, old, street.community)

    given = street.phone(manager).post(
        "/roles",
        {"person_id": str(sent.id), "role": "worker", "delegation_id": asked["id"]}
        | {"scope": {"type": "area", "id": str(street.community.id)}},
    )
    assert given.status == 201, given.body
    assert street.phone(sent).get(f"/areas/{street.community.id}/households").status == 200


def test_no_role_is_given_over_what_was_merged_away(street, old):
    merges(street, old, street.community)
    form = {"person_id": str(street.resident().id), "role": "worker", "scope": {"type": "area", "id": str(old.id)}}

    assert street.phone(homeless_officer(street)).post("/roles", form).code == "area_closed"


def test_who_is_verified_at_a_door_that_was_joined_lives_in_the_one_that_stayed(street, old):
    gone, stayed = (street.household("301", area=area) for area in (old, street.community))
    merges(street, old, street.community)
    newcomer = street.person("新来的", verified="none")

    answer = street.phone(street.worker()).post(
        f"/people/{newcomer.id}/verification", {"household_id": str(gone.id), "reason": "核对房本"}
    )

    assert answer.status == 200, answer.body
    assert street.phone(newcomer).get("/me")["household"]["id"] == str(stayed.id)
