"""The decorator of routes that somebody may use for somebody else, and what they say in the headers.

`X-On-Behalf-Of: <person>`, `X-Channel: desk | household`, and at the desk `X-Reason`: a header carries no Chinese, so
it is percent-encoded UTF-8. A route without the decorator refuses the first of them.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from backend.foundation import trail
from backend.foundation.admission import View
from backend.foundation.api import refuses
from backend.foundation.callers import Caller, caller
from backend.foundation.db import transactional
from backend.foundation.errors import NotFound, Unprocessable
from backend.foundation.tables import InOffice
from backend.people.errors import NoDependant, OwnDesk
from backend.people.models import Person
from backend.people.standing_in import stand_in as as_whom

CHANNELS = ("desk", "household")
MOST_LETTERS = 200


def assisted(act: str, *, of: type[InOffice] = Person, reads: bool = False) -> Callable[[View], View]:
    """Let others do this for the person, and leave a row on the trail that they did, as `assisted.<act>`.

    `of` is the table of the row whose id the answer says. Stands below the edge of the transaction; what only `reads`
    has none and gets one of its own, about the person.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def done(*args: Any, **kwargs: Any) -> Any:
            if caller().helper_id is None:
                return view(*args, **kwargs)
            if reads:
                transactional(_record)(act, Person, caller().person_id)
                return view(*args, **kwargs)
            answer = view(*args, **kwargs)
            row, is_new = (answer[0], answer[1] != 200) if isinstance(answer, tuple) else (answer, True)
            if is_new:
                _record(act, of, row["id"])
            else:
                trail.nothing_was_done()
            return answer

        done._apidoc = getattr(view, "_apidoc", {}) | {"assisted": act}  # type: ignore[attr-defined]
        return done

    return decorator


def _record(act: str, table: type[InOffice], row_id: UUID) -> None:
    trail.record_about(f"assisted.{act}", table, row_id, reason=caller().reason)


@refuses(NotFound, Unprocessable, OwnDesk, NoDependant)
def stand_in(helper: Caller, named: str, headers: Mapping[str, str]) -> Caller:
    """As whom a request with those headers goes on."""
    channel = headers.get("X-Channel", "")
    if channel not in CHANNELS:
        raise Unprocessable(errors={"X-Channel": ["代办方式只能是 desk（服务台）或 household（庭户长）"]})
    try:
        person_id = UUID(named)
    except ValueError:
        raise Unprocessable(errors={"X-On-Behalf-Of": ["需要有效的编号"]}) from None
    reason = _said(headers.get("X-Reason", ""))
    if channel == "desk" and reason is None:
        raise Unprocessable(errors={"X-Reason": ["请填写代办原因"]})
    return as_whom(helper, person_id=person_id, channel=channel, reason=reason)


def _said(encoded: str) -> str | None:
    try:
        reason = unquote(encoded, errors="strict").strip()
    except UnicodeDecodeError:
        raise Unprocessable(errors={"X-Reason": ["原因需要按 UTF-8 百分号编码"]}) from None
    if len(reason) > MOST_LETTERS or not reason.isprintable():
        raise Unprocessable(errors={"X-Reason": [f"需要 1 到 {MOST_LETTERS} 个字"]})
    return reason or None
