"""Opening areas and doors, and looking at them: in order, by name once, and however many in as many statements."""

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from backend.foundation.db import find, session
from backend.foundation.ids import uuid7
from backend.places.areas import open_household
from backend.places.errors import AreaNameTaken, AreaOutOfOrder, DoorTaken
from backend.places.models import Area, Household
from tests.builders.door_files import csv_of, doors
from tests.builders.races import at_once, statuses
from tests.builders.statements import statements_sent


@pytest.fixture
def tower(street):
    """A building in a grid of the street's community, from the community down."""
    grid = street.area("第一网格", kind="grid", parent=street.community)
    building = street.area("1号楼", kind="building", parent=grid)
    return street.community, grid, building, street.area("2单元", kind="unit", parent=building)


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        ("community", 0),
        ("grid", 1),
        ("grid", 2),
        ("building", 2),
        ("building", 3),
        ("unit", 0),
        ("unit", 1),
        ("unit", 3),
    ],
)
def test_kinds_lie_within_each_other_in_order(street, tower, kind, parent):
    with pytest.raises(AreaOutOfOrder):
        street.area("放错了", kind=kind, parent=tower[parent])


def test_a_building_may_lie_in_a_community_without_grids(street):
    assert street.area("1号楼", kind="building", parent=street.community).path.startswith(street.community.path)


@pytest.mark.parametrize(
    ("kind", "parent", "rule"),
    [
        ("unit", 0, "kinds_lie_in_order"),
        ("grid", 2, "kinds_lie_in_order"),
        ("grid", None, "kinds_lie_in_order"),
        ("community", 0, "kinds_lie_in_order"),
        ("province", 0, "kinds_lie_in_order"),
    ],
)
def test_the_database_itself_keeps_the_order(street, tower, kind, parent, rule):
    above = None if parent is None else tower[parent]
    columns = {
        "office_id": street.office_id,
        "id": uuid7(),
        "kind": kind,
        "name": "放错了",
        "path": f"/{uuid7().hex}/",
        "parent_id": above and above.id,
        "parent_kind": above and above.kind,
        "nature": "urban" if kind == "community" else None,
        "search": "",
    }

    with pytest.raises(IntegrityError, match=rule):
        street.does(lambda: session().execute(insert(Area).values(columns)))


def test_nobody_lies_to_the_database_about_the_parents_kind(street, tower):
    columns = {
        "office_id": street.office_id,
        "id": uuid7(),
        "kind": "unit",
        "name": "放错了",
        "path": f"/{uuid7().hex}/",
        "parent_id": tower[0].id,
        "parent_kind": "building",
        "search": "",
    }

    with pytest.raises(IntegrityError):
        street.does(lambda: session().execute(insert(Area).values(columns)))


def test_a_name_is_there_once_below_a_parent(street, tower):
    with pytest.raises(AreaNameTaken):
        street.area("第一网格", kind="grid", parent=street.community)
    with pytest.raises(AreaNameTaken):
        street.area("幸福社区")
    assert street.area("第一网格", kind="grid", parent=street.area()).name == "第一网格"


def test_one_name_written_in_two_ways_is_one(street):
    street.area("１号楼", kind="building", parent=street.community)

    with pytest.raises(AreaNameTaken):
        street.area(" 1号楼 ", kind="building", parent=street.community)


def test_many_who_open_the_same_open_it_once(street):
    officers = [street.phone(street.officer()) for _ in range(8)]
    form = {"kind": "grid", "name": "第一网格", "parent_id": str(street.community.id)}

    answers = at_once(*(lambda phone=phone: phone.post("/areas", form) for phone in officers))

    assert statuses(answers) == {201: 1, 409: 7}


def test_a_worker_opens_below_their_own_area_only(street):
    other = street.area()
    phone = street.phone(street.worker(other))
    below = {"kind": "grid", "name": "第一网格"}

    assert phone.post("/areas", below | {"parent_id": str(street.community.id)}).status == 403
    opened = phone.post("/areas", below | {"parent_id": str(other.id)})
    assert (opened.status, opened["parent_id"], opened["nature"]) == (201, str(other.id), None)
    assert [step["name"] for step in opened["chain"]] == [other.name, "第一网格"]


def test_a_community_is_urban_or_rural(street):
    phone = street.phone(street.officer())

    assert phone.post("/areas", {"kind": "community", "name": "东村", "nature": "rural"})["nature"] == "rural"
    assert phone.post("/areas", {"kind": "community", "name": "西社区"})["nature"] == "urban"
    assert [area["name"] for area in phone.get("/areas", nature="rural")["items"]] == ["东村"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "grid", "name": "第一网格"}, "parent_id"),
        ({"kind": "community", "name": "社区", "parent_id": "{area}"}, "parent_id"),
        ({"kind": "grid", "name": "第一网格", "parent_id": "{area}", "nature": "urban"}, "nature"),
        ({"kind": "community", "name": " "}, "name"),
        ({"kind": "community", "name": "字" * 61}, "name"),
        ({"kind": "province", "name": "某省"}, "kind"),
    ],
)
def test_a_wrong_form_names_the_field(street, form, field):
    filled = {name: str(street.community.id) if value == "{area}" else value for name, value in form.items()}
    answer = street.phone(street.officer()).post("/areas", filled)

    assert (answer.status, list(answer["errors"])) == (422, [field])


@pytest.mark.parametrize("q", ["一网", "diyi", "dyw", "第一"])
def test_areas_are_found_by_chinese_pinyin_and_initials(street, tower, q):
    found = street.phone(street.person()).get("/areas", q=q)["items"]

    assert [area["name"] for area in found] == ["第一网格"]


def test_areas_are_listed_by_parent_and_kind(street, tower):
    phone = street.phone(street.person())

    def names(**asked):
        return [area["name"] for area in phone.get("/areas", **asked)["items"]]

    assert names(parent_id=str(tower[1].id)) == ["1号楼"]
    assert names(kind="unit") == ["2单元"]
    assert names(parent_id=str(tower[1].id), kind="unit") == []


def test_an_area_shows_the_way_to_it_and_what_lies_in_it(street, tower):
    for n in range(3):
        street.household(f"{n}", area=tower[3])
    street.household("平房", area=tower[0])

    shown = street.phone(street.person()).get(f"/areas/{tower[1].id}")

    assert [step["kind"] for step in shown["chain"]] == ["community", "grid"]
    assert shown["counts"] == {"grids": 0, "buildings": 1, "units": 1, "households": 3}
    assert street.phone(street.person()).get(f"/areas/{tower[0].id}")["counts"]["households"] == 4


# doors


def test_a_door_is_there_once_in_an_area_however_it_is_written(street, tower):
    street.household("301", area=tower[3])

    for same in ("301", "301室", "３０１", " 301 户"):
        with pytest.raises(DoorTaken):
            street.household(same, area=tower[3])
    assert street.household("301", area=tower[2]).area_id == tower[2].id


def test_many_who_open_one_door_open_it_once(street):
    def opens():
        try:
            return street.does(open_household, "301", area=street.community)
        except DoorTaken:
            return None

    assert len([done for done in at_once(*[opens] * 8) if done]) == 1


def test_a_door_is_stored_as_nobody_can_read_it(street):
    home = street.household("9号楼1单元金丝雀")

    with street.inside():
        row = (
            session().execute(select(Household.door_sealed, Household.door_index).where(Household.id == home.id)).one()
        )
        assert find(Household, home.id).door == "9号楼1单元金丝雀"
    assert "金丝雀".encode() not in row.door_sealed + row.door_index


def test_two_offices_do_not_recognise_each_others_doors(street, other_street):
    ours, theirs = street.household("301"), other_street.household("301")

    assert ours.door_index != theirs.door_index


def test_doors_are_listed_for_whoever_works_there(street, tower):
    home = street.household("301", area=tower[3])
    phone = street.phone(street.worker())

    (door,) = phone.get(f"/areas/{tower[1].id}/households")["items"]

    assert door == {
        "id": str(home.id),
        "door": "301",
        "where": "幸福社区 第一网格 1号楼 2单元",
        "area": {"id": str(tower[3].id), "kind": "unit", "name": "2单元"},
    }
    assert street.phone(street.worker(tower[3])).get(f"/areas/{tower[1].id}/households").status == 403
    assert street.phone(street.worker(tower[3])).get(f"/areas/{tower[3].id}/households").status == 200


@pytest.mark.parametrize("q", ["301", "301室", "３０１", "3 01"])
def test_a_door_is_found_by_its_whole_text_only(street, tower, q):
    home = street.household("301", area=tower[3])
    street.household("3011", area=tower[3])
    phone = street.phone(street.worker())

    assert [door["id"] for door in phone.get(f"/areas/{tower[0].id}/households", q=q)["items"]] == [str(home.id)]
    assert phone.get(f"/areas/{tower[0].id}/households", q="30")["items"] == []


def test_a_worker_writes_down_a_door_that_is_on_no_list(street, tower):
    phone = street.phone(street.worker())

    opened = phone.post(f"/areas/{tower[3].id}/households", {"door": " 地下-101 "})

    assert (opened.status, opened["door"]) == (201, "地下-101")
    assert phone.post(f"/areas/{tower[3].id}/households", {"door": "地下－101"}).code == "door_taken"


def test_lists_take_as_many_statements_for_a_hundred_as_for_one(street, tmp_path):
    phone = street.phone(street.worker())
    paths = ("/areas", f"/areas/{street.community.id}", f"/areas/{street.community.id}/households")

    def sent(path):
        with statements_sent(street.app) as statements:
            answer = phone.get(path, limit=100)
            assert answer.status == 200
        return len(statements)

    phone.get("/me")  # the first request of a phone learns who it is
    before = [sent(path) for path in paths]
    file = tmp_path / "doors.csv"
    file.write_bytes(csv_of(doors(1500)))
    done = street.app.test_cli_runner().invoke(args=["places", "import", str(file), "--office", str(street.office_id)])
    assert done.exit_code == 0, done.output

    assert [sent(path) for path in paths] == before
    assert max(before) <= 5


def test_a_circle_of_somebody_in_a_unit_belongs_to_the_community(street, tower):
    founder = street.person("赵队长", household=street.household(area=tower[3]))

    circle = street.phone(founder).post("/groups", {"name": "晨练队", "theme": "锻炼", "category": "service"})

    assert circle["area_id"] == str(tower[0].id)
    listed = street.phone(founder).get("/groups", area_id=str(tower[0].id))["items"]
    assert [group["id"] for group in listed] == [circle["id"]]
