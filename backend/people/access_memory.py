"""What one process remembers of the access feeds, so that no request has to ask who its caller is.

A token says what was true when the feed had reached its version. As long as no later change names the person or the
device, it is still true. The feed of an office is read when somebody of it asks, at most every two seconds.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from backend.foundation.db import session
from backend.foundation.tenancy import office_in_force
from backend.people.access_feed import changes_after, changes_within, offices_told, reached
from backend.people.facts import Facts, facts_of
from backend.people.session_models import AccessChange
from backend.people.tokens import ACCESS_LASTS, Claims

READ_EVERY_SECONDS = 2.0
MARGIN = timedelta(minutes=10)  # that the clocks of two servers may be apart, and more
MOST_CHANGES = 100_000  # remembered per office: about 20 MB
MOST_FACTS = 20_000

_AS_LONG_AS = ACCESS_LASTS + MARGIN  # no token lives that was made before an older change

_memories: WeakKeyDictionary[Engine | Connection, dict[int, "Memory"]] = WeakKeyDictionary()
_making = threading.Lock()


def current_facts(claims: Claims, *, afresh: bool = False) -> Facts | None:
    """What is true of the bearer, as far as this process can have heard; `afresh` asks the database whatever it heard.

    None when the office has no such person. The office of the claims is in force.
    """
    memory = memory_of(session(), office_in_force())
    known = memory.kept(claims)
    if claims.facts is not None and (known is None or known.version < claims.version):
        known = claims.facts
    memory.catch_up(with_at_least=max(claims.version, known.version if known else 0))
    if not afresh and known is not None and memory.last_change(claims) <= known.version <= memory.number:
        return known
    fresh = facts_of(claims.person_id, device_id=claims.device_id)
    if fresh is not None:
        memory.keep(claims, fresh)
    return fresh


def memory_of(current: Session, office_id: int) -> "Memory":
    """What this process remembers of the office's feed in that database."""
    with _making:
        return _memories.setdefault(current.get_bind(), {}).setdefault(office_id, Memory())


@event.listens_for(Session, "after_commit")
def _read_what_we_wrote(current: Session) -> None:
    for office_id in offices_told(current):
        memory_of(current, office_id).read_soon()


class Memory:
    """The changes of one office that living tokens may not know of, and the facts read because of them."""

    def __init__(self) -> None:
        self.number = -1  # of the last change read; −1: nothing was ever read
        self._read_at = 0.0
        self._news = 0  # how often this process has changed something itself
        self._read_news = -1  # how often when the feed was read last
        self._lock = threading.Lock()
        self._changed: OrderedDict[UUID, tuple[int, float]] = OrderedDict()  # person or device → number, noticed at
        self._everybody = 0  # up to this change, anybody may have been meant
        self._facts: OrderedDict[tuple[UUID, UUID], Facts] = OrderedDict()

    def catch_up(self, *, with_at_least: int) -> None:
        """Read what is new, if the last time is two seconds ago or somebody knows of a later change."""
        if self._is_fresh(with_at_least):
            return
        with self._lock:
            if self._is_fresh(with_at_least):  # Another thread has read it meanwhile.
                return
            at, news = time.monotonic(), self._news
            number = reached()
            if number < self.number:  # The database was put back to an earlier state, and numbers come again.
                self._forget()
            if number > self.number:
                self._learn(
                    changes_within(_AS_LONG_AS, at_most=MOST_CHANGES)
                    if self.number < 0
                    else changes_after(self.number, at_most=MOST_CHANGES),
                    at=at,
                )
                self.number = max(number, self.number)
            self._drop_old(at)
            self._read_at, self._read_news = at, news

    def read_soon(self) -> None:
        """This process has changed something itself: the next request is not to wait two seconds for it."""
        self._news += 1

    def last_change(self, claims: Claims) -> int:
        """The number of the last change that may concern the bearer."""
        about_person, _ = self._changed.get(claims.person_id, (0, 0.0))
        about_device, _ = self._changed.get(claims.device_id, (0, 0.0))
        return max(about_person, about_device, self._everybody)

    def kept(self, claims: Claims) -> Facts | None:
        return self._facts.get((claims.person_id, claims.device_id))

    def keep(self, claims: Claims, facts: Facts) -> None:
        """Remember what was read, so that it is read once per process and change."""
        with self._lock:
            self._facts[claims.person_id, claims.device_id] = facts
            self._facts.move_to_end((claims.person_id, claims.device_id))
            if len(self._facts) > MOST_FACTS:
                self._facts.popitem(last=False)

    def _is_fresh(self, with_at_least: int) -> bool:
        is_new = self._read_news == self._news and time.monotonic() - self._read_at < READ_EVERY_SECONDS
        return is_new and self.number >= with_at_least

    def _learn(self, changes: Sequence[AccessChange], *, at: float) -> None:
        if len(changes) == MOST_CHANGES:  # Who was named before these is no longer known.
            self._everybody = changes[0].number
        for change in changes:
            subject = change.device_id or change.person_id
            if subject is None:
                self._everybody = change.number
            else:
                self._changed[subject] = (change.number, at)
                self._changed.move_to_end(subject)
            self.number = max(self.number, change.number)

    def _drop_old(self, at: float) -> None:
        oldest_kept = at - _AS_LONG_AS.total_seconds()
        while self._changed:
            subject, (number, noticed_at) = next(iter(self._changed.items()))
            if len(self._changed) > MOST_CHANGES:
                self._everybody = max(self._everybody, number)
            elif noticed_at >= oldest_kept:
                break
            del self._changed[subject]

    def _forget(self) -> None:
        self.number, self._everybody = -1, 0
        self._changed.clear()
        self._facts.clear()
