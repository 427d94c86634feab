"""Endpoints of groups."""

from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import Caller, anybody_here, caller
from backend.foundation.db import find
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.foundation.search import matches
from backend.groups import applications
from backend.groups.circles import start_circle
from backend.groups.errors import AlreadyMember, ApplicationDecided, AreaNeeded, GroupClosed
from backend.groups.models import Application, Group, Membership
from backend.groups.schemas import (
    ApplicationForm,
    ApplicationView,
    CircleForm,
    DecisionForm,
    GroupQuery,
    GroupView,
    MemberView,
)
from backend.people.assisted import assisted
from backend.people.errors import ResidentNeeded
from backend.people.models import Person
from backend.people.permissions import leads, works_over
from backend.people.role_errors import AdultNeeded
from backend.places.areas import within
from backend.places.errors import AreaClosed
from backend.places.models import Area
from backend.safety.judged import judged

groups = Blueprint("groups", __name__, description="社区社会组织")


@groups.get("/groups")
@requires(anybody_here)
@groups.arguments(GroupQuery, location="query")
@groups.response(200, page_of(GroupView))
@refuses(NotFound)
def list_groups(asked: dict[str, Any]) -> dict[str, Any]:
    """Groups of the office, or of an area and what lies below it; `q` finds by Chinese, pinyin or initials."""
    query = select(Group).where(Group.stage != "dissolved")
    if q := asked.get("q"):
        query = query.where(matches(Group.search, q))
    if asked.get("category"):
        query = query.where(Group.category == asked["category"])
    if asked.get("area_id"):
        query = query.where(Group.area_id.in_(within(find(Area, asked["area_id"]).path)))
    return page(query, asked, by=(Group.id,))


@groups.post("/groups")
@requires(anybody_here)
@groups.arguments(CircleForm)
@groups.response(201, GroupView)
@refuses(AreaNeeded, NotFound, AreaClosed, ResidentNeeded, AdultNeeded)
@judged("name", "theme", about=Group)
def start(form: dict[str, Any]) -> Group:
    """Start a circle (幸福圈); I lead it."""
    return start_circle(find(Person, caller().person_id), **form)


@groups.get("/groups/<uuid:group_id>")
@requires(anybody_here)
@groups.response(200, GroupView)
@refuses(NotFound)
def show(group_id: UUID) -> Group:
    """One group."""
    return find(Group, group_id)


@groups.get("/groups/<uuid:group_id>/members")
@requires(anybody_here)
@groups.arguments(PageQuery, location="query")
@groups.response(200, page_of(MemberView))
@refuses(NotFound)
def list_members(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Who belongs to the group; full names only for those who lead or look after it."""
    group = find(Group, group_id)
    runs_it = _runs(group)
    query = (
        select(Membership, Person)
        .join(Person, (Person.office_id == Membership.office_id) & (Person.id == Membership.person_id))
        .where(Membership.group_id == group.id)
    )

    def shown(row: Any) -> dict[str, Any]:
        membership, person = row
        name = person.name if runs_it else person.masked_name
        return {"person_id": person.id, "name": name, "joined_at": membership.joined_at}

    return page(query, asked, by=(Membership.id,), shown=shown)


@groups.post("/groups/<uuid:group_id>/applications")
@requires(anybody_here)
@groups.arguments(ApplicationForm)
@groups.creates(ApplicationView)
@refuses(NotFound, GroupClosed, AlreadyMember)
@judged("note", about=Application)
@assisted("apply")
def apply(form: dict[str, Any], group_id: UUID) -> Any:
    """Ask to join; asking again answers the open application."""
    application, is_new = applications.apply(find(Group, group_id), person_id=caller().person_id, **form)
    return _shown(application), 201 if is_new else 200


@groups.get("/groups/<uuid:group_id>/applications")
@requires(anybody_here)
@groups.arguments(PageQuery, location="query")
@groups.response(200, page_of(ApplicationView))
@refuses(NotFound, Forbidden)
def list_applications(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Who asked to join, newest first."""
    group = find(Group, group_id)
    allow(_runs(group))
    query = (
        select(Application, Person)
        .join(Person, (Person.office_id == Application.office_id) & (Person.id == Application.person_id))
        .where(Application.group_id == group.id)
    )
    return page(query, asked, by=(Application.id,), shown=lambda row: _with_name(*row))


@groups.put("/groups/<uuid:group_id>/applications/<uuid:application_id>")
@requires(anybody_here)
@groups.arguments(DecisionForm)
@groups.response(200, ApplicationView)
@refuses(NotFound, Forbidden, ApplicationDecided)
@judged("reason", about=Application, edits=itemgetter("application_id"))
def decide(form: dict[str, Any], group_id: UUID, application_id: UUID) -> dict[str, Any]:
    """Approve or decline an application."""
    group = find(Group, group_id)
    application = find(Application, application_id)
    runs_it = _runs(group)
    visible(application.group_id == group.id and (runs_it or application.person_id == caller().person_id))
    allow(runs_it)
    decided = applications.decide(
        application, decider=caller(), approved=form["decision"] == "approved", reason=form.get("reason")
    )
    return _shown(decided)


def _runs(group: Group) -> bool:
    asking: Caller = caller()
    return leads(asking, group.id) or works_over(asking, find(Area, group.area_id).path)


def _shown(application: Application) -> dict[str, Any]:
    return _with_name(application, find(Person, application.person_id))


def _with_name(application: Application, person: Person) -> dict[str, Any]:
    fields = ("id", "group_id", "person_id", "state", "applied_at", "reason")
    shown = {name: getattr(application, name) for name in fields}
    return shown | {"note": application.note or "", "name": person.name}
