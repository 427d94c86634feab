"""The decorator of routes that write what others will read.

WeChat is asked before the transaction begins, because it may take seconds and a deed may run again; what it cannot
judge is laid before a worker within the transaction that writes it. So `judged` is the edge, in place of
`transactional`.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from backend.foundation.api import View, refuses
from backend.foundation.callers import caller
from backend.foundation.db import done_reading, find, session, transactional
from backend.foundation.tables import InOffice
from backend.safety.errors import TextRefused
from backend.safety.reviews import lay_before_a_worker, no_longer_said
from backend.safety.texts import Judge, doubts_about
from backend.wechat.text_safety import TextScene


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
    columns = {field: field for field in fields} | stored_as

    def decorator(deed: View) -> View:
        @transactional
        def write(said: dict[str, str], doubts: dict[str, str], *args: Any, **kwargs: Any) -> Any:
            answer = deed(*args, **kwargs)
            if said:
                subject = find(about, edits(kwargs) if edits else _id_in(answer))
                # A repeat may answer a row of an earlier request, which says something else.
                stand = [field for field, text in said.items() if (getattr(subject, columns[field]) or "") == text]
                no_longer_said(subject, [columns[field] for field in stand])
                for field in stand:
                    if field in doubts:
                        lay_before_a_worker(
                            subject, columns[field], text=said[field], author_id=caller().person_id, why=doubts[field]
                        )
            return answer

        @refuses(TextRefused)
        @wraps(deed)
        def asked(form: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            said = {field: form[field] or "" for field in columns if field in form}
            if said and edits:
                said = _new_in(said, columns, session().scalar(select(about).where(about.id == edits(kwargs))))
            worded = {field: text for field, text in said.items() if text}
            doubts = doubts_about(worded, _judge(scene)) if worded else {}
            return write(said, doubts, form, *args, **kwargs)

        asked._apidoc["judged"] = tuple(columns)  # type: ignore[attr-defined]  # a test asks which texts nobody judges
        return asked

    return decorator


def _new_in(said: dict[str, str], columns: dict[str, str], row: Any) -> dict[str, str]:
    """What the row does not say already. Of a row that does not exist nothing is judged: the deed will not find it."""
    if row is None:
        return {}
    return {field: text for field, text in said.items() if (getattr(row, columns[field]) or "") != text}


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
