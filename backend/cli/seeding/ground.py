"""A community: grids, buildings, units and doors, and who lives behind them."""

import secrets
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import insert, select

from backend.cli.seeding import names
from backend.cli.seeding.beginning import began_at, hour_of
from backend.cli.seeding.sizes import Size
from backend.foundation.clock import as_of
from backend.foundation.crypto import seal
from backend.foundation.db import find, session
from backend.foundation.ids import uuid7
from backend.foundation.keyring import make_keys
from backend.people.consent_models import Consent
from backend.people.consents import GIVEN, Way, note
from backend.people.models import Person
from backend.people.persons import new_person
from backend.people.roles import grant_role
from backend.people.scopes import over_area
from backend.people.standing import move_in
from backend.places.areas import new_area, open_area
from backend.places.models import Area, Household, door_place, index_of_door

BUILDINGS_IN_A_GRID, UNITS, FLOORS, DOORS_ON_A_FLOOR = 6, 4, 6, 2
DOORS_IN_A_BUILDING = UNITS * FLOORS * DOORS_ON_A_FLOOR

# One to six behind a door, after the census of 2020 (2.62 on average), then brought to the number wanted.
_MEMBERS = (1, 2, 3, 4, 5, 6)
_HOW_OFTEN = (18, 29, 28, 15, 7, 3)

PERSONAS = (
    ("leader", "赵志强"),
    ("resident", "王小英"),
    ("neighbour", "周建国"),
    ("clerk", "吴店员"),
    ("owner", "马老板"),
)
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def is_there(number: int) -> bool:
    named = select(Area.id).where(Area.kind == "community", Area.name == names.COMMUNITIES[number])
    return session().scalar(named) is not None


def make(size: Size, number: int, dice: Random) -> None:
    """Open the community and fill it; in the first one live the people a newcomer may log in as."""
    with as_of(hour_of(number)):
        community = open_area(names.COMMUNITIES[number], kind="community", nature="urban" if number % 4 else "rural")
        for word in ("worker", "worker-2"):
            openid = f"{size.name}-{word}" if number == 0 else None
            worker = new_person(f"{names.surname(dice)}社工", openid=openid, verified="resident")
            grant_role(worker.id, "worker", over_area(community), granted_by_id=None)
        doors = _doors(community, _part(size.households, size.communities, number))
        staff = 3 + 2 * size.communities
        _fill(doors, _part(size.people - staff, size.communities, number), dice, size if number == 0 else None)


def _part(whole: int, parts: int, number: int) -> int:
    """What falls to one of several parts, so that they add up."""
    return whole * (number + 1) // parts - whole * number // parts


def _doors(community: Area, wanted: int) -> list[Household]:
    """Grids, buildings and units as far as needed, and so many doors; names and ids only, nothing is opened twice."""
    areas: list[dict[str, Any]] = []
    doors: list[Household] = []

    def below(parent: Area, kind: str, name: str) -> Area:
        columns = new_area(name, kind=kind, parent=parent) | {"office_id": community.office_id, "merged_into_id": None}
        areas.append(columns)
        return Area(**columns)

    for building_number in range(-(-wanted // DOORS_IN_A_BUILDING)):
        if building_number % BUILDINGS_IN_A_GRID == 0:
            grid = below(community, "grid", f"第{building_number // BUILDINGS_IN_A_GRID + 1}网格")
        building = below(grid, "building", f"{building_number + 1}号楼")
        for unit_number in range(1, UNITS + 1):
            unit = below(building, "unit", f"{unit_number}单元")
            for floor in range(1, FLOORS + 1):
                for door in range(1, DOORS_ON_A_FLOOR + 1):
                    household = Household(office_id=community.office_id, id=uuid7(), area_id=unit.id)
                    said = f"{community.name}{building_number + 1}号楼{unit_number}单元{floor}0{door}"
                    household.door_sealed = seal(said, place=door_place(household.id, office_id=community.office_id))
                    household.door_index = index_of_door(said)
                    doors.append(household)
    doors = doors[:wanted]
    session().execute(insert(Area), areas)
    columns = ("office_id", "id", "area_id", "door_sealed", "door_index")
    session().execute(insert(Household), [{name: getattr(door, name) for name in columns} for door in doors])
    return doors


def _fill(doors: list[Household], people: int, dice: Random, personas: Size | None) -> None:
    """So many people behind these doors: a head, grown-ups of three generations, and children."""
    members = _sizes(len(doors), people, dice)
    rows: list[dict[str, Any]] = []
    joined_at = began_at()
    for place, (door, many) in enumerate(zip(doors, members, strict=True)):
        surname, other = names.surname(dice), names.surname(dice)
        first = 0
        if personas is not None and place < len(PERSONAS):
            word, name = PERSONAS[place]
            somebody = new_person(name, openid=f"{personas.name}-{word}", verified="resident")
            move_in(find(Person, somebody.id), door.id, role="head", at=None)
            note(somebody.id, "service", 1, state=GIVEN, way=Way("command"))
            first = 1
        is_old = dice.random() < 0.25
        for member in range(first, many):
            rows.append(
                _somebody(door, member, other if member == 1 else surname, is_old and member < 2, joined_at, dice)
            )
    make_keys(row["id"] for row in rows)
    session().execute(insert(Person), [Person.at_rest(row) for row in rows])
    session().execute(insert(Consent), [_agreed(row, joined_at) for row in rows])


def _agreed(person: dict[str, Any], at: datetime) -> dict[str, Any]:
    """They take part, so they agreed to it."""
    return {
        "office_id": person["office_id"],
        "id": uuid7(),
        "person_id": person["id"],
        "purpose": "service",
        "n": 1,
        "version": 1,
        "state": GIVEN,
        "at": at,
        "channel": "command",
    }


def _sizes(doors: int, people: int, dice: Random) -> list[int]:
    members = dice.choices(_MEMBERS, _HOW_OFTEN, k=doors)
    while (off := sum(members) - people) != 0:
        place = dice.randrange(doors)
        if off > 0 and members[place] > 1:
            members[place] -= 1
        elif off < 0 and members[place] < _MEMBERS[-1]:
            members[place] += 1
    return members


def _somebody(
    door: Household, member: int, surname: str, is_old: bool, joined_at: datetime, dice: Random
) -> dict[str, Any]:
    is_child = member >= 2 and dice.random() < 0.7
    generation = "young" if is_child else "elder" if is_old or (member > 2 and dice.random() < 0.5) else "middle"
    person_id = uuid7()
    name = surname + names.given_name(dice, generation)
    return {
        "office_id": door.office_id,
        "id": person_id,
        "name": name,
        "verified": "resident" if member == 0 or is_child or dice.random() < 0.8 else "phone",
        "household_id": door.id,
        "household_role": "head" if member == 0 else "member",
        "age_class": ("under_14" if dice.random() < 0.7 else "14-17") if is_child else "adult",
        "elder_mode": generation == "elder" and dice.random() < 0.5,
        "code_token": "".join(secrets.choice(_LETTERS) for _ in range(12)),
        "joined_at": joined_at,
    }
