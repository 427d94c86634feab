"""Scopes: over what a role holds. The office and its areas are known here, groups and merchants on higher floors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation.errors import NotFound
from backend.foundation.tenancy import office_in_force
from backend.places.areas import open_ground
from backend.places.models import Area, Office
from backend.places.offices import office


@dataclass(frozen=True)
class Scope:
    """What a grant compares and a person reads; `within` is the ground it lies on, an area's path or the office `/`."""

    type: str
    id: UUID | None
    name: str
    path: str
    within: str = "/"  # unknown is the whole office: then only those over the whole office reach it


@dataclass(frozen=True)
class ScopeKind:
    """How scopes of one type are looked up: one by its id (or `NotFound`), and the ids of all that lie in an area."""

    find: Callable[[UUID], Scope]
    ids_within: Callable[[str], Select[UUID]]


ScopeKinds = Mapping[str, ScopeKind]  # by type; put together in web.py, because higher floors bring theirs


def over_office(office: Office) -> Scope:
    return Scope("office", None, office.name, "/")


def over_area(area: Area) -> Scope:
    return Scope("area", area.id, area.name, area.path, area.path)


def over_group(group_id: UUID, name: str, *, within: str = "/") -> Scope:
    return Scope("group", group_id, name, f"group:{group_id}", within)


def over_merchant(merchant_id: UUID, name: str, *, within: str = "/") -> Scope:
    return Scope("merchant", merchant_id, name, f"merchant:{merchant_id}", within)


def scope_of(type_: str, scope_id: UUID | None, kinds: ScopeKinds) -> Scope:
    """The scope of that type and id in the office in force; the office itself needs no id. Raises `NotFound`."""
    if type_ == "office":
        return over_office(office(office_in_force()))
    if scope_id is None:
        raise NotFound()
    return kinds[type_].find(scope_id)


def area_scope(area_id: UUID) -> Scope:
    """An area as a scope; it stays as it is until the deed ends. Raises `NotFound` or `AreaClosed`."""
    return over_area(open_ground(area_id))


def areas_within(path: str) -> Select[UUID]:
    """The ids of an area and of everything below it."""
    return select(Area.id).where(Area.path.startswith(path, autoescape=True))
