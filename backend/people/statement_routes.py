"""Endpoints of what is printed for card holders: who they are, and each one's month."""

from typing import Any
from uuid import UUID

from flask import Response

from backend.foundation import trail
from backend.foundation.admission import requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import NotFound
from backend.foundation.pages import page, page_of
from backend.people.cards import cards_of
from backend.people.home_areas import home_path
from backend.people.models import Card
from backend.people.permissions import workers_and_officers, works_over
from backend.people.persons import person_now
from backend.people.statement_schemas import CardHolderListView, HolderQuery, StatementQuery
from backend.people.statement_sheets import sheet_of
from backend.people.statements import card_holders, statement_of
from backend.places.models import Area

printed = Blueprint("printed", __name__, description="纸质对账单")


@printed.get("/card-holders")
@requires(workers_and_officers)
@printed.arguments(HolderQuery, location="query")
@printed.response(200, page_of(CardHolderListView))
@refuses(NotFound)
def list_holders(asked: dict[str, Any]) -> dict[str, Any]:
    """Whoever has a card in my areas: the list for printing each one's month."""
    below = find(Area, asked["area_id"]) if "area_id" in asked else None
    return page(card_holders(caller(), below=below), asked, by=(Card.id,), newest_first=False, shown=_holder)


@printed.get("/people/<uuid:person_id>/statement")
@requires(workers_and_officers)
@printed.arguments(StatementQuery, location="query")
@printed.response(200, {"type": "string"}, content_type="text/html")
@refuses(NotFound)
def print_statement(asked: dict[str, Any], person_id: UUID) -> Response:
    """A month on paper: the entries, what is left and until when, and who acted for them. Printing is on record."""
    person = person_now(person_id)
    visible(works_over(caller(), home_path(person)))
    transactional(trail.record)("statements.print", person, beneficiary_id=person.id)
    number = next((card.number for card in cards_of(person)), "—")
    sheet = sheet_of(statement_of(person, asked["month"]), name=person.masked_name, number=number)
    return Response(sheet, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


def _holder(row: Any) -> dict[str, Any]:
    card, person, home = row
    return {
        "card_id": card.id,
        "number": card.number,
        "issued_at": card.issued_at,
        "person": {"id": person.id, "name": person.masked_name},
        "household": home and {"id": home.id, "name": home.door, "role": person.household_role},
    }
