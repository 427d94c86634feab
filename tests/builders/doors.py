"""A door without a network: an activity, a leader's phone that keeps what it scanned, and what it brings back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from backend.activities.drafting import sessions_of
from backend.activities.models import CheckIn
from backend.foundation.clock import as_of, now
from backend.foundation.db import find
from backend.people.models import Person
from backend.people.persons import person_code
from backend.people.scopes import over_group
from tests.builders.phone import Answer, Phone
from tests.builders.street import Street

AHEAD = timedelta(hours=3)  # of the clock of a phone that is wrong


class Door:
    """An activity, its leader with a phone, and the codes of people as they were at some moment."""

    def __init__(self, street: Street, *, budget: int = 1000, **facts: Any) -> None:
        self.street = street
        gives = {"fund": street.fund(budget), "points_fixed": 20, "budget_points": budget}
        self.activity = street.activity(**(gives | facts))
        group = over_group(self.activity.group_id, "清晨志愿队")
        self.leader = street.phone(street.gives(street.resident("钱副队长"), "leader", group))
        with street.inside():
            self.session = str(sessions_of(self.activity.id)[0].id)

    def code(self, person: Person, at: datetime | None = None) -> str:
        with self.street.inside(), as_of(at or now()):
            return person_code(find(Person, person.id))[0]

    def scan(
        self, person: Person | None = None, *, at: datetime | None = None, clock: timedelta = timedelta(), **more: Any
    ) -> dict[str, Any]:
        """What the phone keeps of one scan, by its own clock."""
        at = at or now()
        code = {} if person is None else {"person_code": self.code(person, at)}
        facts = {"scan_id": uuid4().hex, "session_id": self.session, "scanned_at": (at + clock).isoformat()}
        return facts | code | more

    def brings(
        self,
        *items: dict[str, Any],
        phone: Phone | None = None,
        device: str = "phone-of-qian",
        clock: timedelta = timedelta(),
        done: tuple[str, ...] = (),
    ) -> Answer:
        body = {"device_id": device, "sent_at": (now() + clock).isoformat(), "items": list(items), "done": list(done)}
        answer = (phone or self.leader).post("/check-ins/batch", body)
        assert answer.status == 200, answer.body
        return answer

    def presences(self) -> list[CheckIn]:
        return self.street.rows(select(CheckIn).where(CheckIn.activity_id == self.activity.id))


def results(answer: Answer) -> list[str]:
    return [item["result"] for item in answer["items"]]
