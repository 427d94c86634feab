"""Deciding a flag: by somebody who works there and whom it does not concern."""

from sqlalchemy import update

from backend.flags.errors import FlagDecided, OwnFlag
from backend.flags.models import Flag
from backend.foundation import trail
from backend.foundation.callers import Caller
from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.people.models import Person
from backend.people.persons import is_one_of


def decide(flag: Flag, *, by: Caller, upheld: bool, reason: str) -> tuple[Flag, bool]:
    """Say that something was wrong, or that nothing was; and whether that is new. Consequences are other deeds.

    Raises `OwnFlag`, `FlagDecided` when it was decided otherwise.
    """
    if is_one_of(find(Person, by.person_id), flag.people):
        raise OwnFlag()
    state = "upheld" if upheld else "dismissed"
    done = session().scalar(
        update(Flag)
        .where(Flag.id == flag.id, Flag.state == "open")
        .values(state=state, decider_id=by.person_id, decided_at=now(), reason=reason)
        .returning(Flag.id)
    )
    session().refresh(flag)
    if done is None:
        if flag.state != state:
            raise FlagDecided()
        return flag, False
    act = "flags.uphold" if upheld else "flags.dismiss"
    trail.record(act, flag, reason=reason, before={"state": "open"}, after={"state": state})
    return flag, True
