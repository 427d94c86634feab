"""What each feature tells somebody about themselves, for the copy of everything that they may take along.

A feature says which columns of its tables name a person and are told; a test holds that against every table, so that
a new one is forgotten only loudly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.foundation.db import session

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """One feature's part: its name, the columns it follows (`table.column`), and how it tells.

    `tell` gets the ids under which somebody was here (several after a merge) and answers lists of plain rows by stable
    names: ids, instants, days, numbers, texts, yes or no. Nothing secret, and others by masked names only.
    """

    name: str
    follows: tuple[str, ...]
    tell: Callable[[Sequence[UUID]], dict[str, Rows]]


def rows(query: Any, *names: str) -> Rows:
    """The named columns and properties of each row that a query finds."""
    return [{name: getattr(row, name) for name in names} for row in session().scalars(query)]


def joined(query: Any, *names: str) -> Rows:
    """What a query of rows with labelled columns beside them finds: the labels, and the named properties of the row."""
    return [
        {str(label): value for label, value in list(each._mapping.items())[1:]}
        | {name: getattr(each[0], name) for name in names}
        for each in session().execute(query)
    ]


def labelled(query: Any) -> Rows:
    """What a query of labelled columns finds."""
    return [dict(row) for row in session().execute(query).mappings()]
