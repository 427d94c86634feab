"""Who lives in the demo street: the personas a newcomer logs in as, and their neighbours."""

import random
from dataclasses import dataclass

from backend.foundation.crypto import sign
from backend.people.cards import issue_card
from backend.people.consents import GIVEN, Way, note
from backend.people.models import Person
from backend.people.persons import new_person
from backend.people.standing import move_in
from backend.places.areas import open_household
from backend.places.models import Area, Household

CARD_PIN = "135790"

# openid, name, household (personas of one household share a letter), age class, elder mode
PERSONAS = (
    ("demo-resident", "王小英", "a", "adult", False),
    ("demo-neighbour", "周建国", "b", "adult", False),
    ("demo-elder", "孙桂兰", "c", "adult", True),
    ("demo-head", "郑文华", "d", "adult", False),
    ("demo-child", "郑小宝", "d", "14-17", False),
    ("demo-leader", "赵志强", "e", "adult", False),
    ("demo-spouse", "林美玲", "e", "adult", False),
    ("demo-helper", "何晓梅", "f", "adult", False),
    ("demo-clerk", "吴店员", "g", "adult", False),
    ("demo-clerk-2", "徐店员", "h", "adult", False),
    ("demo-owner", "马老板", "i", "adult", False),
    ("demo-worker", "张社工", "j", "adult", False),
    ("demo-officer", "李主任", "k", "adult", False),
    ("demo-officer-2", "陈主任", "l", "adult", False),
    ("demo-auditor", "黄审计", "m", "adult", False),
)

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = (
    "秀英",
    "建华",
    "桂花",
    "志明",
    "丽娟",
    "国强",
    "淑珍",
    "春梅",
    "海涛",
    "玉兰",
    "永福",
    "晓东",
    "婷婷",
    "文斌",
)


@dataclass(frozen=True)
class Cast:
    """Personas by openid, an elder with nothing but a card, and grown-up neighbours without a role."""

    personas: dict[str, Person]
    card_holder: Person
    neighbours: list[Person]

    def __getitem__(self, openid: str) -> Person:
        return self.personas[openid]


def enter_people(communities: list[Area], dice: random.Random, *, families: int = 106) -> Cast:
    """Enter the personas, an elder with a paper card, and so many families of one to four."""
    personas, card_holder = _enter_personas(communities[0])
    return Cast(personas, card_holder, _enter_families(communities, dice, families))


def card_token(office_id: int) -> str:
    """The token on the demo elder's card; the same at every start, so that it can be printed at every start."""
    return f"{office_id}.{sign(b'demo', purpose=f'demo-card:{office_id}').hex()[:22]}"


def _enter_personas(community: Area) -> tuple[dict[str, Person], Person]:
    doors: dict[str, Household] = {}
    personas: dict[str, Person] = {}
    for openid, name, letter, age_class, elder_mode in PERSONAS:
        is_first = letter not in doors
        if is_first:
            doors[letter] = open_household(f"1号楼1单元{101 + len(doors)}", area=community)
        person = _agreed(new_person(name, openid=openid, verified="resident", age_class=age_class))
        person.elder_mode = elder_mode
        move_in(person, doors[letter].id, role="head" if is_first else "member", at=None)
        personas[openid] = person
    elder = _agreed(new_person("冯秀珍", verified="resident"))
    elder.elder_mode = True
    move_in(elder, open_household("1号楼1单元100", area=community).id, role="head", at=None)
    issue_card(elder, token=card_token(elder.office_id), pin=CARD_PIN)
    return personas, elder


def _enter_families(communities: list[Area], dice: random.Random, families: int) -> list[Person]:
    neighbours = []
    for number in range(families):
        home = open_household(
            f"{dice.randint(2, 30)}号楼{dice.randint(1, 4)}单元{number + 201}",
            area=communities[number % len(communities)],
        )
        surname = dice.choice(_SURNAMES)
        for member in range(dice.randint(1, 4)):
            name = surname + dice.choice(_GIVEN)
            person = _agreed(new_person(name, verified="resident" if member == 0 else "phone"))
            move_in(person, home.id, role="head" if member == 0 else "member", at=None)
            if member == 0:
                neighbours.append(person)
    return neighbours


def _agreed(person: Person) -> Person:
    """They take part, so they agreed to it."""
    note(person.id, "service", 1, state=GIVEN, way=Way("command"))
    return person
