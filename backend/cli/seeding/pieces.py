"""The pieces of a seeded office in their order, the bar that shows them, and how a piece is done once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import click
from sqlalchemy import select

from backend.cli.seeding import beginning, circles, giving, ground, sharing, shops, year
from backend.cli.seeding.sizes import Size
from backend.foundation.acting import acted_by, by_command
from backend.foundation.db import done_reading, session, transactional
from backend.foundation.tenancy import acting_in
from backend.groups.models import Group
from backend.places.models import Office


class OfficeTaken(click.ClickException):
    def __init__(self, office_id: int, name: str) -> None:
        super().__init__(f"office {office_id} is {name} already: choose another one with --office")


@dataclass(frozen=True)
class Piece:
    """Something made in one transaction, unless it is there; how long it takes beside the others."""

    name: str
    make: Callable[[Random], None]
    is_there: Callable[[], bool]
    weight: int


def seed(size: Size, office_id: int) -> int:
    """Build what is missing of an office of that size; how many pieces were. Raises `OfficeTaken`."""
    with acting_in(office_id), acted_by(by_command()):
        there = session().get(Office, office_id)
        if there is not None and there.name != size.office:
            raise OfficeTaken(office_id, there.name)
        made = 0
        weight = size.people + 2 * size.participations + 30 * size.merchants * size.redemptions // 10
        with click.progressbar(length=weight, label=f"{size.office} {size.people:,}", show_pos=False) as bar:
            for piece in _pieces(size, office_id):
                made += transactional(_once)(size, piece)
                bar.update(piece.weight)
        done_reading()
    return made


def _once(size: Size, piece: Piece) -> bool:
    """Dice of its own, so that it comes out the same whether or not the run was interrupted before."""
    if piece.is_there():
        return False
    piece.make(Random(f"{size.name}:{piece.name}"))  # noqa: S311  # the same street every time
    return True


def _pieces(size: Size, office_id: int) -> Iterator[Piece]:
    yield Piece("beginning", lambda _: beginning.make(size, office_id), lambda: beginning.is_there(office_id), 0)
    for number in range(size.communities):
        yield Piece(
            f"ground {number}",
            lambda dice, n=number: ground.make(size, n, dice),  # type: ignore[misc]
            lambda n=number: ground.is_there(n),  # type: ignore[misc]
            size.people // size.communities,
        )
    for number in range(size.communities):
        yield Piece(
            f"circles {number}",
            lambda dice, n=number: circles.make(size, n, dice),  # type: ignore[misc]
            lambda n=number: circles.is_there(n),  # type: ignore[misc]
            0,
        )
    for number, group_id in enumerate(session().scalars(select(Group.id).order_by(Group.id)).all()):
        yield Piece(
            f"year {number}",
            lambda dice, g=group_id: year.make(size, g, dice),  # type: ignore[misc]
            lambda g=group_id: year.is_there(g),  # type: ignore[misc]
            2 * size.per_group,
        )
    for number in range(size.merchants):
        yield Piece(
            f"shop {number}",
            lambda dice, n=number: shops.make(size, n, dice),  # type: ignore[misc]
            lambda n=number: shops.is_there(n),  # type: ignore[misc]
            3 * size.redemptions,
        )
    yield Piece("giving", lambda dice: giving.make(size, dice), giving.is_there, 0)
    for number in range(size.communities):
        yield Piece(
            f"sharing {number}",
            lambda dice, n=number: sharing.make(size, n, dice),  # type: ignore[misc]
            lambda n=number: sharing.is_there(n),  # type: ignore[misc]
            0,
        )
