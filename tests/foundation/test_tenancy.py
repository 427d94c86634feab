"""Offices do not see, change or reach each other, and without an office nothing is read."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from backend.foundation.db import db, find, insert_once, session
from backend.foundation.errors import NotFound
from backend.foundation.tables import Base
from backend.foundation.tenancy import NoOfficeInForce, acting_in, office_in_force
from backend.places.models import Area, Household, Office

WITHOUT_AN_OFFICE = {
    "rows": lambda: select(Area),
    "one column": lambda: select(Area.name),
    "an alias": lambda: select(aliased(Area)),
    "a count": lambda: select(func.count()).select_from(Area),
    "a join": lambda: select(Household).join(Area, Area.id == Household.area_id),
    "a join from a root": lambda: select(Office.id, Area.name).join(Area, Area.office_id == Office.id),
    "a subquery": lambda: select(Office.id).where(Office.id.in_(select(Area.office_id))),
    "an update": lambda: update(Area).values(name="x"),
    "a deletion": lambda: delete(Area),
}


@pytest.mark.parametrize("statement", WITHOUT_AN_OFFICE)
def test_without_an_office_in_force_nothing_is_asked_of_the_database(app, street, statement):
    sent = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note := lambda *said: sent.append(said[2]))
        try:
            with pytest.raises(NoOfficeInForce):
                session().execute(WITHOUT_AN_OFFICE[statement]())
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    assert sent == []


def test_without_an_office_in_force_nothing_is_written(app, street):
    with app.app_context():
        with pytest.raises(NoOfficeInForce):
            insert_once(Area, kind="community", name="x", path="/x/")
        session().add(Area(kind="community", name="x", path="/x/"))
        with pytest.raises(Exception, match="acting_in"):
            session().flush()
        session().rollback()


def test_a_root_table_needs_no_office(app, street):
    with app.app_context():
        assert street.office_id in session().scalars(select(Office.id)).all()


def test_an_office_finds_nothing_of_another(street, other_street):
    theirs = other_street.community
    alias = aliased(Area)
    with street.inside():
        with pytest.raises(NotFound):
            find(Area, theirs.id)
        assert session().get(Area, (other_street.office_id, theirs.id)) is None
        assert session().scalars(select(Area).where(Area.office_id == other_street.office_id)).all() == []
        assert session().scalars(select(alias.id).where(alias.id == theirs.id)).all() == []
        assert session().scalars(select(Area.id).where(Area.id.in_(select(alias.id)))).all() == [street.community.id]
        assert session().scalar(select(func.count()).select_from(Area)) == 1


def test_another_offices_row_is_as_missing_as_none(street, other_street):
    answers = [
        street.phone(street.resident()).get(f"/groups/{group_id}") for group_id in (other_street.group().id, uuid4())
    ]

    bodies = [{**answer.body, "request_id": ""} for answer in answers]
    assert [answer.status for answer in answers] == [404, 404]
    assert bodies[0] == bodies[1]


def test_an_office_changes_and_deletes_only_its_own_rows(street, other_street):
    street.household()
    other_street.household()

    changed = street.does(lambda: session().execute(update(Area).values(name="新名")).rowcount)
    gone = street.does(lambda: session().execute(delete(Household)).rowcount)

    assert (changed, gone) == (1, 1)
    with other_street.inside():
        assert session().scalars(select(Area.name)).all() == ["幸福社区"]
        assert session().scalar(select(func.count()).select_from(Household)) == 1


def test_a_row_is_born_in_the_office_in_force(street):
    with street.inside():
        assert office_in_force() == street.office_id
    assert street.area().office_id == street.office_id


def test_nobody_acts_in_two_offices_at_once(street, other_street):
    with acting_in(street.office_id):
        with pytest.raises(NoOfficeInForce), acting_in(other_street.office_id):
            pass
        with acting_in(street.office_id):  # again the same is fine
            assert office_in_force() == street.office_id
        assert office_in_force() == street.office_id
    with pytest.raises(NoOfficeInForce):
        office_in_force()


def test_the_database_refuses_to_link_a_row_to_another_office(street, other_street):
    linked = insert(Household.__table__).values(
        office_id=street.office_id, id=uuid4(), area_id=other_street.community.id, door_sealed=b"x"
    )
    with street.app.app_context(), pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(linked)


def test_every_foreign_key_between_offices_rows_names_the_office_on_both_sides():
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table.name == "offices":
                continue
            first = constraint.elements[0]
            assert constraint.columns[0].name in ("office_id", "book_id"), constraint.name
            assert first.column.name == constraint.columns[0].name, constraint.name
