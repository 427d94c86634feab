"""The groups of a community: founded by their leaders, joined by the neighbours, some of them still circles."""

from collections import Counter
from random import Random

from sqlalchemy import insert, select

from backend.cli.demo_filings import file, hand_in
from backend.cli.seeding import names
from backend.cli.seeding.beginning import began_at, caller, communities, hour_of, persona, residents_of, worker_of
from backend.cli.seeding.sizes import Size
from backend.foundation.callers import Caller
from backend.foundation.clock import as_of
from backend.foundation.db import session
from backend.foundation.ids import uuid7
from backend.groups.circles import start_circle
from backend.groups.models import Application, Group, Membership
from backend.groups.suspending import suspend
from backend.people.models import Person
from backend.people.roles import grant_role
from backend.people.scopes import over_group
from backend.places.models import Area


def is_there(number: int) -> bool:
    area = communities()[number]
    return session().scalars(select(Group.id).where(Group.area_id == area.id).limit(1)).first() is not None


def make(size: Size, number: int, dice: Random) -> None:
    """So many groups that they add up over the communities, and as many memberships as there are people."""
    area = communities()[number]
    people = residents_of(area)
    wanted = size.groups * (number + 1) // size.communities - size.groups * number // size.communities
    leaders = dice.sample(people, wanted)
    if number == 0:
        leaders[0] = persona(size, "leader")
    places = size.people * wanted // size.groups
    with as_of(hour_of(number)):
        groups = _found(area, leaders, dice)
        _join(groups, people, places, dice)
        _go_their_ways(groups, caller(worker_of(area.id)), caller(persona(size, "officer")), dice)


def _found(area: Area, leaders: list[Person], dice: Random) -> list[Group]:
    groups: list[Group] = []
    taken: Counter[str] = Counter()
    for leader in leaders:
        category = dice.choices(tuple(names.WEIGHTS), tuple(names.WEIGHTS.values()))[0]
        name, theme = names.group_name(dice, area.name, category)
        taken[name] += 1
        if taken[name] > 1:
            name += f"（{taken[name]}组）"
        group = start_circle(leader, name=name, theme=theme, category=category, area_id=area.id)
        groups.append(group)
    return groups


def _go_their_ways(groups: list[Group], worker: Caller, officer: Caller, dice: Random) -> None:
    """Three of four are filed, and a few of these suspended since; others wait for the community, or stay circles."""
    for number, group in enumerate(groups):
        stage = dice.choices(tuple(names.STAGES), tuple(names.STAGES.values()))[0] if number else "filed"
        if stage == "forming":
            hand_in(group, leader_id=group.founder_id)
        elif stage != "circle":
            file(group, leader_id=group.founder_id, worker=worker, officer=officer)
        if stage == "suspended":
            suspend(group, by=worker, reason="长期没有开展活动")


def _join(groups: list[Group], people: list[Person], places: int, dice: Random) -> None:
    """Groups differ in size; their helpers are members; a few neighbours have just asked to join."""
    shares = [dice.lognormvariate(0, 0.5) for _ in groups]
    members, asking = [], []
    at = began_at()
    for group, share in zip(groups, shares, strict=True):
        many = min(max(15, round(places * share / sum(shares))), len(people) - 10)
        chosen = [person for person in dice.sample(people, many) if person.id != group.founder_id]
        members += [
            {"office_id": group.office_id, "id": uuid7(), "group_id": group.id, "person_id": each.id, "joined_at": at}
            for each in chosen
        ]
        group.members = 1 + len(chosen)
        helper = chosen[0]
        grant_role(helper.id, "helper", over_group(group.id, group.name), granted_by_id=group.founder_id)
        belongs = {person.id for person in chosen} | {group.founder_id}
        asking += [
            {"office_id": group.office_id, "id": uuid7(), "group_id": group.id, "person_id": each.id, "applied_at": at}
            for each in dice.sample(people, 3)
            if each.id not in belongs
        ]
    session().flush()
    session().execute(insert(Membership), members)
    session().execute(
        insert(Application),
        [Application.at_rest(row | {"note": "想和邻居们一起", "state": "applied"}) for row in asking],
    )
