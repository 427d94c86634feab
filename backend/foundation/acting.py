"""Who acts now and by which way: said at the edge (a request, a command, a job), asked by whoever writes the trail.

Deeds know nothing of requests, and most of them are told only an id. With nobody said to act nothing is recorded, and
therefore nothing done: `acting` fails, as reading does without an office in force.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from uuid import UUID

from backend.foundation.ids import uuid7

BY_THEMSELVES = ("app", "command", "clock")
FOR_SOMEBODY = ("desk", "card", "household")
CHANNELS = BY_THEMSELVES + FOR_SOMEBODY


class NobodyActs(RuntimeError):
    """A deed wants to record who did it, and no edge has said."""


@dataclass(frozen=True)
class Actor:
    """Somebody at a phone, a command somebody typed at the server, or the clock.

    Where they act for somebody who stands beside them, that is the beneficiary of whatever they do.
    """

    person_id: UUID | None
    channel: str
    roles: tuple[str, ...] = ()  # what they held at that moment
    beneficiary_id: UUID | None = None
    doing: str = ""  # the operation, as the API calls it
    request_id: str = field(default_factory=lambda: str(uuid7()))

    @property
    def is_for_somebody(self) -> bool:
        return self.channel in FOR_SOMEBODY


def by_command() -> Actor:
    """Whoever has the server's shell: nobody the office knows by name."""
    return Actor(None, "command")


def by_clock() -> Actor:
    """What happens by itself."""
    return Actor(None, "clock")


_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def acting() -> Actor:
    """Who acts now. Raises `NobodyActs`."""
    actor = _acting.get()
    if actor is None:
        raise NobodyActs("say `with acted_by(…):` first")
    return actor


def somebody_acting() -> Actor | None:
    """The same, None if nobody does."""
    return _acting.get()


@contextmanager
def acting_with(person_id: UUID, channel: str) -> Iterator[None]:
    """The same actor, for somebody who stands beside them and shows a card, say."""
    with acted_by(replace(acting(), beneficiary_id=person_id, channel=channel)):
        yield


@contextmanager
def acted_by(actor: Actor) -> Iterator[None]:
    """What is done in the block is that actor's; the innermost one counts."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)
