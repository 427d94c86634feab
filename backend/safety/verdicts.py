"""A verdict on a picture arrives: pushed by WeChat, perhaps twice, perhaps late, under a trace that names no office."""

import logging
import time
from uuid import UUID

from sqlalchemy import select, update

from backend.foundation.db import done_reading, session, transactional
from backend.foundation.tenancy import acting_in
from backend.places.offices import offices
from backend.safety.checking import hand_over
from backend.safety.models import SUSPICIOUS, UNAVAILABLE, Picture
from backend.wechat.pushes import ImageVerdict

log = logging.getLogger(__name__)

# WeChat may answer faster than we write its trace down; whoever pushed waits five seconds for us.
LOOKS = (0.0, 0.2, 0.6, 1.2)


def verdict_arrives(verdict: ImageVerdict) -> bool:
    """Let the picture of that trace be shown, refused or looked at by a worker, once; whether this call did it.

    The edge of a transaction of its own. A verdict that comes again, too late, or for a trace we do not know changes
    nothing.
    """
    found = _with_trace(verdict.trace_id)
    if found is None:
        log.warning("a verdict for a picture we do not know", extra={"trace_id": verdict.trace_id})
        return False
    office_id, picture_id = found
    with acting_in(office_id):
        return transactional(settle)(picture_id, verdict)


def settle(picture_id: UUID, verdict: ImageVerdict) -> bool:
    """Give a picture that is being checked the state the verdict says; only the first one counts."""
    said = f"{verdict.suggest}:{verdict.label}" if verdict.errcode == 0 else f"errcode:{verdict.errcode}"
    if verdict.errcode != 0:
        return hand_over(picture_id, why=UNAVAILABLE, said=said[:40])
    state = {"pass": "shown", "risky": "refused"}.get(verdict.suggest)
    if state is None:
        return hand_over(picture_id, why=SUSPICIOUS, said=said[:40])
    settled = session().scalar(
        update(Picture)
        .where(Picture.id == picture_id, Picture.state == "checking")
        .values(state=state, said=said[:40])
        .returning(Picture.id)
    )
    if settled is None:  # too late to decide, not too late for the worker who looks at it
        late = update(Picture).where(Picture.id == picture_id, Picture.said.is_(None)).values(said=said[:40])
        session().execute(late)
    return settled is not None


def _with_trace(trace_id: str) -> tuple[int, UUID] | None:
    """The office and the picture; the trace names neither, so every office is asked, by an index."""
    numbers = [office.id for office in offices()]
    for pause in LOOKS:
        time.sleep(pause)
        for office_id in numbers:
            with acting_in(office_id):
                picture_id = session().scalar(select(Picture.id).where(Picture.trace_id == trace_id))
            done_reading()
            if picture_id is not None:
                return office_id, picture_id
    return None
