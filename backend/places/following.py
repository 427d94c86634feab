"""What higher floors have to do when the ground moves below them; wired in `web.py`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.places.models import Area


@dataclass(frozen=True)
class Followers:
    """Whoever stores an area's path or name, or knows who lives behind a door."""

    follow: Callable[[Mapping[UUID, Area]], None]  # what named the area of that id now belongs to this one
    inhabited: Callable[[Collection[UUID]], set[UUID]]  # which of these households have people
