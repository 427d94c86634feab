"""Endpoints of reveals: a worker looks, and the person sees who did."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import transactional
from backend.foundation.errors import NotFound
from backend.foundation.limits import fails_closed
from backend.foundation.pages import PageQuery, page, page_of
from backend.people.errors import OwnDesk
from backend.people.permissions import workers_and_officers
from backend.people.persons import selves_of
from backend.people.queries import people_by_id
from backend.privacy import revealing
from backend.privacy.errors import RevealsUsedUp
from backend.privacy.reveal_models import REVEALS_A_DAY, Reveal
from backend.privacy.reveal_schemas import RevealedView, RevealForm, RevealView

reveals = Blueprint("reveals", __name__, description="隐私：查看完整信息")


@reveals.post("/people/<uuid:person_id>/reveals")
@requires(workers_and_officers)
@reveals.arguments(RevealForm)
@reveals.response(201, RevealedView)
@refuses(NotFound, OwnDesk, RevealsUsedUp)
@fails_closed
@transactional
def reveal(form: dict[str, Any], person_id: UUID) -> Any:
    """See a name, a number or a door in full, once: the person sees who looked and why; so many a day."""
    noted, values = revealing.reveal(person_id, **form, by=caller())
    seen = {"id": noted.id, "person_id": noted.person_id, "at": noted.at, "left_today": REVEALS_A_DAY - noted.number}
    return seen | values, 201, {"Cache-Control": "no-store"}


@reveals.get("/me/reveals")
@requires(anybody_here)
@reveals.arguments(PageQuery, location="query")
@reveals.response(200, page_of(RevealView))
def list_who_looked(asked: dict[str, Any]) -> dict[str, Any]:
    """Who saw my name, number or door in full, when and why; newest first."""
    mine = select(Reveal).where(Reveal.person_id.in_(selves_of(caller().person_id)))
    found = page(mine, asked, by=(Reveal.id,))
    viewers = people_by_id(row.viewer_id for row in found["items"])
    return {**found, "items": [_shown(row, viewers[row.viewer_id].masked_name) for row in found["items"]]}


def _shown(row: Reveal, by: str) -> dict[str, Any]:
    return {"id": row.id, "at": row.at, "by": by, "shown": row.shown, "reason": row.reason}
