"""Endpoints of flags: what looks odd, for those who work there."""

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from backend.flags import deciding
from backend.flags.errors import FlagDecided, OwnFlag
from backend.flags.kinds import said_of
from backend.flags.models import Flag
from backend.flags.schemas import FlagDecisionForm, FlagQuery, FlagView
from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, refuses
from backend.foundation.callers import Caller, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import page, page_of
from backend.people.permissions import officers_and_auditors, scopes_worked_over, works_over
from backend.places.models import Area

flags = Blueprint("flags", __name__, description="异常提示")


def who_looks(by: Caller) -> bool:
    return by.holds("worker", "officer", "auditor")


@flags.get("/flags")
@requires(who_looks)
@flags.arguments(FlagQuery, location="query")
@flags.response(200, page_of(FlagView))
def list_flags(asked: dict[str, Any]) -> dict[str, Any]:
    """What looks odd in the areas I work over, newest first; `state=open` waits for somebody."""
    query = select(Flag)
    if not officers_and_auditors(caller()):
        mine = [
            Flag.area_id.in_(select(Area.id).where(Area.path.startswith(path, autoescape=True)))
            for path in scopes_worked_over(caller())
        ]
        query = query.where(or_(*mine))
    for name in ("state", "kind", "about_id"):
        if asked.get(name):
            query = query.where(getattr(Flag, name) == asked[name])
    return page(query, asked, by=(Flag.id,), shown=_shown)


@flags.put("/flags/<uuid:flag_id>")
@requires(who_looks)
@flags.arguments(FlagDecisionForm)
@flags.response(200, FlagView)
@refuses(NotFound, Forbidden, OwnFlag, FlagDecided)
@transactional
def decide(form: dict[str, Any], flag_id: UUID) -> Any:
    """Uphold or dismiss a flag, with a reason. Nothing else follows by itself; a shop's statement may be paid again.

    About a merchant only officers decide.
    """
    flag = find(Flag, flag_id)
    works_here = works_over(caller(), find(Area, flag.area_id).path)
    visible(works_here or officers_and_auditors(caller()))
    allow(works_here and (flag.about_type == "activity" or caller().holds("officer")))
    decided, is_new = deciding.decide(flag, by=caller(), upheld=form["decision"] == "upheld", reason=form["reason"])
    return _shown(decided) if is_new else (_shown(decided), 200, REPLAYED)


def _shown(flag: Flag) -> dict[str, Any]:
    return flag.as_read() | {"facts": flag.facts, "said": said_of(flag.kind, flag.facts)}
