"""能力共享: neighbours see what neighbours list, as far as these want it, and never where they live."""

import pytest
from sqlalchemy import select

from backend.skills.models import SkillContact, SkillListing
from tests.builders.races import at_once


@pytest.fixture
def ground(street):
    """A community with two buildings, one of which has two units."""
    one = street.area("1号楼", kind="building", parent=street.community)
    two = street.area("2号楼", kind="building", parent=street.community)
    return {
        "1-1": street.area("1单元", kind="unit", parent=one),
        "1-2": street.area("2单元", kind="unit", parent=one),
        "2-1": street.area("1单元", kind="unit", parent=two),
        "elsewhere": street.area(),
        "building": one,
    }


def living(street, area, name="李邻居", **facts):
    return street.person(name, household=street.household(area=area), **facts)


def lists(street, person, title="家电维修", **facts):
    form = {"kind": "skill", "title": title, "visibility": "community"} | facts
    return street.phone(person).post("/skills", form)


def titles(street, person, **asked):
    return [row["title"] for row in street.phone(person).get("/skills", **asked).body["items"]]


@pytest.mark.parametrize(
    ("visibility", "who"),
    [("unit", ["1-1"]), ("building", ["1-1", "1-2"]), ("community", ["1-1", "1-2", "2-1"])],
)
def test_a_listing_is_seen_from_the_unit_the_building_or_the_community_it_is_for(street, ground, visibility, who):
    listed = lists(street, living(street, ground["1-1"]), visibility=visibility)

    assert listed.status == 201, listed.body
    for place in ("1-1", "1-2", "2-1", "elsewhere"):
        assert titles(street, living(street, ground[place])) == (["家电维修"] if place in who else [])


def test_a_listing_shows_the_name_as_its_person_chooses_and_neither_door_nor_number(street):
    person, neighbour = street.resident("王小英"), street.phone(street.resident())
    lists(street, person, "理发", shown_as="name", note="周末有空")
    lists(street, person, "缝纫")

    shown = neighbour.get("/skills").body["items"]

    assert [row["name"] for row in shown] == ["王*英", "王小英"]
    assert set(shown[0]) == {"id", "kind", "title", "note", "visibility", "name", "is_mine", "listed_at"}


def test_it_is_found_by_chinese_pinyin_initials_kind_and_area(street, ground):
    person, neighbour = living(street, ground["1-1"]), living(street, ground["1-2"])
    lists(street, person)
    lists(street, person, "合唱", kind="interest", visibility="building")

    for typed in ("家电", "jiadian", "jdwx"):
        assert titles(street, neighbour, q=typed) == ["家电维修"]
    assert titles(street, neighbour, kind="interest") == ["合唱"]
    assert titles(street, neighbour, area_id=ground["building"].id) == ["合唱"], "what the community sees tells no door"
    words = street.phone(neighbour).get("/skill-words", q="jdwx", kind="skill").body["items"]
    assert words == [{"kind": "skill", "title": "家电维修"}]


def test_listing_the_same_twice_is_one_and_withdrawing_takes_it_and_its_words_away_at_once(street):
    person, neighbour = street.resident(), street.resident()
    phone = street.phone(person)
    first = lists(street, person, note="周末")
    assert (lists(street, person).status, lists(street, person)["id"]) == (200, first["id"])

    assert [phone.delete(f"/skills/{first['id']}").status for _ in range(2)] == [204, 204]

    assert titles(street, neighbour) == []
    (row,) = street.rows(select(SkillListing).where(SkillListing.person_id == person.id))
    assert (row.title, row.note, row.search, row.withdrawn_at is None) == ("", "", "", False)
    assert lists(street, person).status == 201


def test_the_head_lists_for_grown_ups_of_the_household_and_nobody_lists_a_minor(street):
    home = street.household()
    head, wife = (street.person(household=home, role=role) for role in ("head", "member"))
    child = street.person(household=home, age_class="14-17")

    listed = lists(street, head, person_id=str(wife.id))

    assert (listed.status, listed["is_mine"]) == (201, False)
    assert "庭户长" in street.phone(wife).get("/me/notices").body["items"][0]["text"]
    assert lists(street, head, person_id=str(child.id)).code == "not_to_be_listed"
    assert lists(street, child).code == "not_to_be_listed"
    assert lists(street, wife, person_id=str(head.id)).status == 404
    assert lists(street, head, person_id=str(street.resident().id)).status == 404
    assert street.phone(wife).delete(f"/skills/{listed['id']}").status == 204


def test_a_door_without_a_unit_says_so(street):
    assert lists(street, street.resident(), visibility="unit").code == "ground_unknown"


def test_who_moves_dies_or_is_merged_away_is_found_no_more_and_who_they_became_still_is(street):
    neighbour = street.resident()
    mover, dead = street.resident(), street.resident()
    for person, title in ((mover, "书法"), (dead, "国画")):
        lists(street, person, title)
    street.moves(mover, street.household())
    street.gone(dead)
    assert titles(street, neighbour) == []

    kept = street.resident()
    lists(street, kept, "理发")
    street.merged(street.person(verified="phone"), kept)
    assert titles(street, neighbour) == ["理发"]


def test_neighbours_write_inside_the_system_and_see_a_name_once_both_have_said_yes(street):
    owner, asker = street.resident("王小英"), street.resident("周建国")
    listing = lists(street, owner)["id"]
    form = {"listing_id": listing, "text": "家里的灯坏了，我电话13800138000"}
    sent = street.phone(asker).post("/skill-contacts", form)
    again = street.phone(asker).post("/skill-contacts", form)
    assert (sent.status, again.status, again["id"]) == (201, 200, sent["id"])

    received = street.phone(owner).get("/me/skill-contacts").body["items"][0]
    assert (received["with"], received["text"], received["title"]) == ("周*国", form["text"], "家电维修")
    answer = {"decision": "accepted", "answer": "周六上午来看"}
    assert street.phone(owner).put(f"/skill-contacts/{sent['id']}", answer).status == 200
    assert street.phone(owner).put(f"/skill-contacts/{sent['id']}", {"decision": "declined"}).code == "contact_answered"

    told = street.phone(asker).get("/me/skill-contacts", box="sent").body["items"][0]
    assert (told["with"], told["answer"], told["state"]) == ("王小英", "周六上午来看", "accepted")
    (row,) = street.rows(select(SkillContact))
    assert b"13800138000" not in row.text_sealed
    assert street.phone(owner).post("/skill-contacts", form).code == "own_listing"
    stranger = street.person(household=street.household(area=street.area()))
    assert street.phone(stranger).post("/skill-contacts", form).status == 404


def test_two_taps_at_once_make_one_listing(street):
    person = street.resident()

    answers = at_once(*[lambda: lists(street, person)] * 4)

    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert len(street.rows(select(SkillListing))) == 1
