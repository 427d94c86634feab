"""Endpoints of blocking: for workers and officers."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.people.blocking import block, blocked_people, unblock, workers_and_officers
from backend.people.errors import NotBlocked, OfficerNeeded
from backend.people.models import Person
from backend.people.schemas import BlockForm, BlockView
from backend.people.session_models import Block

blocking = Blueprint("blocking", __name__, description="停用与恢复账号")


@blocking.get("/people/blocked")
@requires(workers_and_officers)
@blocking.arguments(PageQuery, location="query")
@blocking.response(200, page_of(BlockView))
def list_blocked(asked: dict[str, Any]) -> dict[str, Any]:
    """Who is blocked now, newest first: the people of my area, or everybody."""
    return page(blocked_people(seen_by=caller()), asked, by=(Block.id,), shown=lambda row: _shown(*row))


@blocking.post("/people/<uuid:person_id>/block")
@requires(workers_and_officers)
@blocking.arguments(BlockForm)
@blocking.creates(BlockView)
@refuses(NotFound, OfficerNeeded)
@transactional
def block_somebody(form: dict[str, Any], person_id: UUID) -> Any:
    """Keep somebody out: every login of theirs ends within seconds. Their points stay theirs."""
    person = find(Person, person_id)
    blocked, is_new = block(person, reason=form["reason"], by=caller())
    return _shown(blocked, person), 201 if is_new else 200


@blocking.post("/people/<uuid:person_id>/unblock")
@requires(workers_and_officers)
@blocking.arguments(BlockForm)
@blocking.response(200, BlockView)
@refuses(NotFound, OfficerNeeded, NotBlocked)
@transactional
def unblock_somebody(form: dict[str, Any], person_id: UUID) -> dict[str, Any]:
    """Let somebody in again; they log in anew."""
    person = find(Person, person_id)
    return _shown(unblock(person, reason=form["reason"], by=caller()), person)


def _shown(blocked: Block, person: Person) -> dict[str, Any]:
    fields = ("id", "reason", "blocked_by_id", "blocked_at", "lift_reason", "lifted_by_id", "lifted_at")
    return {name: getattr(blocked, name) for name in fields} | {"person": {"id": person.id, "name": person.name}}
