"""The office in force. Every ORM statement is limited to it; with none in force nothing is read or written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Executable, event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors

_in_force: ContextVar[int | None] = ContextVar("office_in_force", default=None)

IMPOSSIBLE_OFFICE = -1


class NoOfficeInForce(RuntimeError):
    """Code touched an office's rows without saying which office it acts in."""


def office_in_force() -> int:
    """The office whose rows may be touched now. Raises `NoOfficeInForce`."""
    office_id = _in_force.get()
    if office_id is None:
        raise NoOfficeInForce("say `with acting_in(office_id):` first")
    return office_id


@contextmanager
def acting_in(office_id: int) -> Iterator[None]:
    """Act in that office until the block ends; inside another office is refused: no deed spans two."""
    if _in_force.get() not in (None, office_id):
        raise NoOfficeInForce("already acting in another office")
    token = _in_force.set(office_id)
    try:
        yield
    finally:
        _in_force.reset(token)


def keep_to_the_office(session_class: type[Session], marker: type) -> None:
    """Add the office in force to every ORM SELECT, UPDATE and DELETE of classes marked with `marker`."""

    @event.listens_for(session_class, "do_orm_execute")
    def add_office(state: ORMExecuteState) -> None:
        if not state.is_orm_statement or state.is_insert or state.is_column_load:
            return  # Core statements carry their office themselves; a test reads every one of them
        office_id = _in_force.get()
        if office_id is None:
            if _touches(state.statement, marker):
                raise NoOfficeInForce("an office's rows were asked for with no office in force")
            office_id = IMPOSSIBLE_OFFICE
        state.statement = state.statement.options(
            with_loader_criteria(marker, lambda cls: cls.office_id == office_id, include_aliases=True)
        )


def _touches(statement: Executable, marker: type) -> bool:
    """Does it name a class marked with `marker` anywhere, also in a count or a subquery?"""
    entities = (
        getattr(element, "_annotations", {}).get("parententity")
        for element in visitors.iterate(statement)  # type: ignore[arg-type]
    )
    return any(entity is not None and issubclass(entity.mapper.class_, marker) for entity in entities)
