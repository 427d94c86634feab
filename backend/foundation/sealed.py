"""A text of a row that is personal data: `note = Sealed[str | None](about="person_id")` is stored in `note_sealed`.

It is sealed under the key of the person whom it is about, and bound to office, table, column and row. Once that
person's key is destroyed it reads as what `gone` says.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload
from uuid import UUID

from backend.foundation.ids import uuid7
from backend.foundation.keyring import OWN, read, seal_about
from backend.foundation.tables import InOffice, is_sealed
from backend.foundation.tenancy import office_in_force

T = TypeVar("T", bound=str | None)

GONE = "（已注销）"

Whom = Callable[[Any], UUID | None]


class Sealed(Generic[T]):
    """The text itself for whoever has the row; bytes that tell nobody anything for the database.

    `about` is the column that says whom it is about, or a function of the row, which may say nobody. `purpose` is the
    one of their keys that it lies under.
    """

    def __init__(self, *, about: str | Whom, gone: T, purpose: str = OWN) -> None:
        self._about = about
        self._gone = gone
        self._purpose = purpose

    def __set_name__(self, owner: type[InOffice], name: str) -> None:
        self.name = name
        self.column = f"{name}_sealed"
        is_sealed(owner, self.column)

    @overload
    def __get__(self, row: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(self, row: InOffice, owner: type[Any]) -> T: ...
    def __get__(self, row: InOffice | None, owner: type[Any]) -> Self | T:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        if sealed is None:
            return None  # type: ignore[return-value]  # the column is empty, so T says that it may be
        text = read(sealed, place=self._place(row))
        return self._gone if text is None else text  # type: ignore[return-value]

    def __set__(self, row: InOffice, text: T) -> None:
        """Whom it is about, if a column says so, has to be there before."""
        if row.id is None:
            row.id = uuid7()
        if row.office_id is None:
            row.office_id = office_in_force()
        setattr(row, self.column, self._sealed(row, text))

    def at_rest(self, row: InOffice, text: T) -> dict[str, bytes | None]:
        """What an UPDATE of that row writes."""
        return {self.column: self._sealed(row, text)}

    def resealed(self, row: InOffice) -> bool:
        """Put what the row says under the key of the person whom it is about; whether it lay under another one."""
        before = getattr(row, self.column)
        text = None if before is None else read(before, place=self._place(row))
        if text is None or (whom := self._whom(row)) is None:
            return False
        setattr(row, self.column, seal_about(whom, text, place=self._place(row), purpose=self._purpose))
        return True

    def _sealed(self, row: InOffice, text: T) -> bytes | None:
        if text is None:
            return None
        return seal_about(self._whom(row), text, place=self._place(row), purpose=self._purpose)

    def _whom(self, row: InOffice) -> UUID | None:
        if callable(self._about):
            return self._about(row)
        whom: UUID | None = getattr(row, self._about)
        if whom is None:
            raise ValueError(f"say {self._about} before {self.name}: it is sealed under the key of that person")
        return whom

    def _place(self, row: Any) -> str:
        return f"{row.__tablename__}.{self.name}:{row.office_id}:{row.id}"
