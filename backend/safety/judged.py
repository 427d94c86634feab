"""The decorator of routes that write what others will read.

WeChat is asked before the transaction begins, because it may take seconds and a deed may run again; what it cannot
judge is laid before a worker within the transaction that writes it. So `judged` is the edge, in place of
`transactional`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.foundation.admission import View
from backend.foundation.api import refuses
from backend.foundation.callers import caller
from backend.foundation.db import done_reading, find, session, transactional
from backend.foundation.errors import Busy
from backend.foundation.limits import count_one_more
from backend.foundation.tables import InOffice
from backend.safety.errors import TextRefused
from backend.safety.reviews import lay_before_a_worker, no_longer_said
from backend.safety.texts import Judge, doubts_about
from backend.wechat.text_safety import TextScene

EACH_AUTHOR = "60 per minute"  # of the 4,000 texts a minute that WeChat judges for everybody together


def judged(
    *fields: str,
    about: type[InOffice],
    edits: Callable[[dict[str, Any]], UUID] | None = None,
    scene: TextScene = TextScene.SOCIAL_LOG,
    **stored_as: str,
) -> Callable[[View], View]:
    """Have those fields of the form judged, and make the view the edge of one transaction.

    They are stored in a row of `about`, under the same name or as `stored_as` says. `edits` finds the row that is
    changed from the view's arguments, so that what it says already is not judged again; the id of a new one is in the
    answer.
    """
    place = _Place(about, {field: field for field in fields} | stored_as, edits)

    def decorator(deed: View) -> View:
        @transactional
        def write(said: dict[str, str], doubts: dict[str, str], form: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            if edits and place.new_in(form, kwargs, locked=True).keys() - said.keys():
                # While WeChat thought, the row came to say something else: what this form repeats was taken away.
                raise Busy()
            answer = deed(form, *args, **kwargs)
            if said:
                _lay_open(place, said, doubts, find(about, edits(kwargs) if edits else _id_in(answer)))
            return answer

        @refuses(TextRefused)
        @wraps(deed)
        def asked(form: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            said = place.new_in(form, kwargs)
            worded = {field: text for field, text in said.items() if text}
            if worded:
                count_one_more("texts", limit=EACH_AUTHOR, who=f"{caller().office_id}:{caller().person_id}")
            doubts = doubts_about(worded, _judge(scene)) if worded else {}
            return write(said, doubts, form, *args, **kwargs)

        asked._apidoc["judged"] = tuple(place.columns)  # type: ignore[attr-defined]  # a test asks what nobody judges
        return asked

    return decorator


@dataclass(frozen=True)
class _Place:
    """Where the texts of a form are stored: in a new row, or in the one the request edits."""

    about: type[InOffice]
    columns: dict[str, str]
    edits: Callable[[dict[str, Any]], UUID] | None

    def new_in(self, form: dict[str, Any], arguments: dict[str, Any], *, locked: bool = False) -> dict[str, str]:
        """The texts that the row does not say already; of a row that does not exist none: the deed will not find it."""
        texts = {field: form[field] or "" for field in self.columns if field in form}
        if self.edits is None or not texts:
            return texts
        query = select(self.about).where(self.about.id == self.edits(arguments))
        row = session().scalar(query.with_for_update() if locked else query)
        return {field: text for field, text in texts.items() if row is not None and self.of(row, field) != text}

    def of(self, row: InOffice, field: str) -> str:
        """What the row says there."""
        return getattr(row, self.columns[field]) or ""


def _lay_open(place: _Place, said: dict[str, str], doubts: dict[str, str], subject: InOffice) -> None:
    """Let a worker look at what is in doubt and was written; nobody need look at what stood there before."""
    # A repeat may answer a row of an earlier request, which says something else.
    stand = [field for field, text in said.items() if place.of(subject, field) == text]
    no_longer_said(subject, [place.columns[field] for field in stand])
    for field in stand:
        if field in doubts:
            lay_before_a_worker(
                subject, place.columns[field], text=said[field], author_id=caller().person_id, why=doubts[field]
            )


def _judge(scene: TextScene) -> Judge | None:
    """WeChat, asked for the caller; None if they have no openid. The database is let go of meanwhile."""
    openids = current_app.extensions["openids_of"](caller().person_id)
    done_reading()
    if not openids:
        return None
    return partial(current_app.extensions["wechat"].judge_text, openid=openids[0], scene=scene)


def _id_in(answer: Any) -> UUID:
    row = answer[0] if isinstance(answer, tuple) else answer
    found: UUID = row["id"] if isinstance(row, dict) else row.id
    return found
