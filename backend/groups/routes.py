"""Endpoints of groups: starting one, finding one, asking to join."""

from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.groups import applications
from backend.groups.circles import start_circle
from backend.groups.errors import AlreadyMember, ApplicationDecided, AreaNeeded, GroupClosed, NameRefused
from backend.groups.history import changes_of
from backend.groups.life_models import GroupChange
from backend.groups.models import Application, Group, Membership
from backend.groups.queries import (
    groups_asked_for,
    members_asked_for,
    runs,
    shown_application,
    shown_changes,
    shown_members,
)
from backend.groups.schemas import (
    ApplicationForm,
    ApplicationView,
    ChangeView,
    CircleForm,
    DecisionForm,
    GroupQuery,
    GroupView,
    MemberQuery,
    MemberView,
)
from backend.people.assisted import assisted
from backend.people.errors import ResidentNeeded
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.people.role_errors import AdultNeeded
from backend.places.errors import AreaClosed
from backend.safety.judged import judged

groups = Blueprint("groups", __name__, description="社区社会组织")


@groups.get("/groups")
@requires(anybody_here)
@groups.arguments(GroupQuery, location="query")
@groups.response(200, page_of(GroupView))
@refuses(NotFound)
def list_groups(asked: dict[str, Any]) -> dict[str, Any]:
    """Groups of the office, or of an area and what lies below it; `q` finds by Chinese, pinyin or initials.

    `without_leader=true` and `confirmation=overdue` are what a worker has to look after.
    """
    return page(groups_asked_for(asked, by=caller()), asked, by=(Group.id,))


@groups.post("/groups")
@requires(anybody_here)
@groups.arguments(CircleForm)
@groups.response(201, GroupView)
@refuses(AreaNeeded, NotFound, AreaClosed, ResidentNeeded, AdultNeeded, NameRefused)
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


@groups.get("/groups/<uuid:group_id>/history")
@requires(anybody_here)
@groups.arguments(PageQuery, location="query")
@groups.response(200, page_of(ChangeView))
@refuses(NotFound)
def list_changes(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """What became of its stage, category, legal level, name and leader, newest first; also of a dissolved group."""
    found = page(changes_of(find(Group, group_id).id), asked, by=(GroupChange.id,))
    return {**found, "items": shown_changes(found["items"])}


@groups.get("/groups/<uuid:group_id>/members")
@requires(anybody_here)
@groups.arguments(MemberQuery, location="query")
@groups.response(200, page_of(MemberView))
@refuses(NotFound)
def list_members(asked: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Who belongs to the group; full names, and finding by them, only for those who lead or look after it."""
    group = find(Group, group_id)
    runs_it = runs(group, by=caller())
    query = members_asked_for(group, q=asked.get("q") if runs_it else None)
    found = page(query, asked, by=(Membership.id,))
    return {**found, "items": shown_members(group, found["items"], in_full=runs_it)}


@groups.post("/groups/<uuid:group_id>/applications")
@requires(anybody_here)
@groups.arguments(ApplicationForm)
@groups.creates(ApplicationView)
@refuses(NotFound, GroupClosed, AlreadyMember)
@judged("note", about=Application)
@assisted("apply", of=Application)
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
    allow(runs(group, by=caller()))
    query = (
        select(Application, Person)
        .join(Person, (Person.office_id == Application.office_id) & (Person.id == Application.person_id))
        .where(Application.group_id == group.id)
    )
    return page(query, asked, by=(Application.id,), shown=lambda row: shown_application(*row))


@groups.put("/groups/<uuid:group_id>/applications/<uuid:application_id>")
@requires(anybody_here)
@groups.arguments(DecisionForm)
@groups.response(200, ApplicationView)
@refuses(NotFound, Forbidden, ApplicationDecided, GroupClosed)
@judged("reason", about=Application, edits=itemgetter("application_id"))
def decide(form: dict[str, Any], group_id: UUID, application_id: UUID) -> dict[str, Any]:
    """Approve or decline an application; or withdraw mine."""
    group = find(Group, group_id)
    application = find(Application, application_id)
    runs_it = runs(group, by=caller())
    is_mine = application.person_id in selves_of(caller().person_id)
    visible(application.group_id == group.id and (runs_it or is_mine))
    if form["decision"] == "withdrawn":
        allow(is_mine)
        return _shown(applications.withdraw(application))
    allow(runs_it)
    decided = applications.decide(
        application, decider=caller(), approved=form["decision"] == "approved", reason=form.get("reason")
    )
    return _shown(decided)


def _shown(application: Application) -> dict[str, Any]:
    return shown_application(application, find(Person, application.person_id))
