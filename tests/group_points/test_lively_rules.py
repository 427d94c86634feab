"""What makes a group lively, by examples."""

from uuid import uuid4

import pytest

from backend.group_points.lively_rules import Measure, Presence, Turnout, turnout_of, verdict_on
from backend.group_points.rules import DEFAULTS

RULE = Measure(**DEFAULTS)


def turnout(people=5, households=3):
    return Turnout(uuid4(), people, households)


def home(*people):
    door = uuid4()
    return [Presence(person, door) for person in people or (uuid4(),)]


@pytest.mark.parametrize(("people", "households", "counted"), [(5, 3, 1), (4, 3, 0), (5, 2, 0), (50, 2, 0)])
def test_five_people_of_three_households_make_an_activity_count(people, households, counted):
    assert verdict_on("filed", [turnout(people, households)], is_awarded=False, measure=RULE).counted == counted


def test_somebody_who_came_twice_is_one_person():
    wang = home()
    assert turnout_of(uuid4(), wang * 3, own=(), measure=RULE).people == 1


def test_who_has_no_household_is_a_person_and_no_household():
    came = [Presence(uuid4(), None), Presence(uuid4(), None), *home()]
    found = turnout_of(uuid4(), came, own=(), measure=RULE)
    assert (found.people, found.households) == (3, 1)


def test_the_leaders_and_their_households_do_not_count_unless_the_rule_says_so():
    leader, wife = uuid4(), uuid4()
    family, others = home(leader, wife), home() + home()
    lenient = Measure(**DEFAULTS | {"counts_own_households": True})

    strict = turnout_of(uuid4(), family + others, own=family[:1], measure=RULE)
    assert (strict.people, strict.households) == (2, 2)
    assert turnout_of(uuid4(), family + others, own=family[:1], measure=lenient).people == 4


def test_points_are_counted_per_activity_and_capped_per_month():
    six = [turnout() for _ in range(6)]
    assert verdict_on("filed", six[:2], is_awarded=False, measure=RULE).points == 40
    assert verdict_on("filed", six, is_awarded=False, measure=RULE).points == 100


@pytest.mark.parametrize(
    ("stage", "is_awarded", "why", "points"),
    [
        ("filed", False, "in", 20),
        ("filed", True, "already_awarded", 20),
        ("circle", False, "not_filed", 0),
        ("forming", False, "not_filed", 0),
        ("suspended", False, "closed", 0),
        ("dissolved", True, "closed", 0),
    ],
)
def test_only_a_filed_group_is_awarded_and_once(stage, is_awarded, why, points):
    verdict = verdict_on(stage, [turnout()], is_awarded=is_awarded, measure=RULE)
    assert (verdict.why, verdict.points) == (why, points)


def test_fewer_activities_than_needed_are_none():
    busy = Measure(**DEFAULTS | {"activities_needed": 2})
    assert verdict_on("filed", [turnout()], is_awarded=False, measure=busy).why == "too_few_activities"
