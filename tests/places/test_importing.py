"""A list of doors is written once, however often, by however many, and wherever it was killed."""

import pytest
from sqlalchemy import func, select

from backend.foundation.db import session
from backend.places import importing, merging
from backend.places.importing import in_pieces
from backend.places.models import Area, Household
from backend.places.uploads import read_all
from tests.builders.door_files import csv_of, doors
from tests.builders.races import at_once

LINE = ("幸福社区", "城", "第一网格", "1号楼", "2单元", "301")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 20)


def rows(lines):
    reading = read_all(csv_of(lines))
    assert reading.problems == []
    return reading.rows


def imports(street, lines):
    return [street.does(importing.write, piece) for piece in in_pieces(rows(lines))]


def problems(street, lines):
    with street.inside():
        reading = read_all(csv_of(lines))
        importing.hold_against_office(reading)
        return [(problem.row, problem.column, problem.said) for problem in reading.problems]


def census(street):
    with street.inside():
        count = select(func.count())
        return tuple(session().scalar(count.select_from(model)) for model in (Area, Household))


def test_a_list_becomes_areas_and_doors(street):
    written = imports(street, [LINE, (*LINE[:5], "302"), ("东村", "乡", "", "", "", "12号")])

    assert [(each.areas, each.households, each.skipped) for each in written] == [(4, 3, 0)]
    areas = {area.name: area for area in street.rows(select(Area))}
    assert (areas["东村"].nature, areas["幸福社区"].id) == ("rural", street.community.id)
    assert areas["2单元"].path.startswith(areas["1号楼"].path)
    with street.inside():
        doors_there = session().scalars(select(Household).where(Household.area_id == areas["2单元"].id)).all()
        assert sorted(home.door for home in doors_there) == ["301", "302"]


def test_twice_is_once(street):
    lines = doors(70, communities=2)
    imports(street, lines)
    before = census(street)

    again = imports(street, lines)

    assert census(street) == before
    assert [(each.areas, each.households) for each in again] == [(0, 0)] * 4


def test_several_at_once_write_everything_once(street):
    lines = doors(60, communities=3)

    at_once(*[lambda: imports(street, lines)] * 4)

    areas, households = census(street)
    assert households == 60
    assert areas == len({line[:depth] for line in lines for depth in (1, 3, 4, 5)}) + 1  # the street's own community


@pytest.mark.parametrize("piece", [0, 1, 3])
def test_killed_between_two_pieces_it_is_complete_after_another_run(street, piece):
    lines = doors(70)
    for number, part in enumerate(in_pieces(rows(lines))):
        if number == piece:
            break
        street.does(importing.write, part)

    imports(street, lines)

    assert census(street)[1] == 70


def test_killed_within_a_piece_nothing_of_it_is_there(street, monkeypatch):
    lines = doors(40)

    def dies(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(importing, "_open_households", dies)
        with pytest.raises(KeyboardInterrupt):
            imports(street, lines)
    assert census(street) == (1, 0)

    imports(street, lines)
    assert census(street)[1] == 40


def test_what_the_office_says_otherwise_is_a_problem(street):
    assert problems(street, [LINE, ("幸福社区二", "乡", "", "", "", "1")]) == []
    assert problems(street, [("幸福社区", "乡", "", "", "", "1")]) == [(2, "城乡", "系统中登记的是“城”，请先核对")]


def test_names_of_what_was_merged_away_are_a_problem(street):
    old = street.area("安宁社区")
    officer = street.officer()
    followers = street.app.extensions["followers"]
    street.does(
        merging.merge, old.id, into_id=street.community.id, reason="合并", by_id=officer.id, followers=followers
    )

    assert problems(street, [LINE, ("安宁社区", "城", "", "", "", "1")]) == [
        (3, "社区", "已并入别的区域，请改为现在的名称")
    ]


def test_rows_of_an_area_merged_away_meanwhile_are_left_out(street):
    old = street.area("安宁社区")
    line = ("安宁社区", "城", "", "", "", "1")
    checked = rows([LINE, line])
    street.does(
        merging.merge,
        old.id,
        into_id=street.community.id,
        reason="合并",
        by_id=street.officer().id,
        followers=street.app.extensions["followers"],
    )

    assert street.does(importing.write, checked).skipped == 1
    assert [area.name for area in street.rows(select(Area).where(Area.name == "安宁社区"))] == ["安宁社区"]


def test_an_import_stays_in_its_office(street, other_street):
    imports(street, doors(10))

    assert census(other_street) == (1, 0)
