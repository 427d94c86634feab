"""What the life of groups needs on the stage of the table of access: circles that begin anew, clubs to come and go."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, session
from backend.groups.filing_models import Filing
from backend.groups.filings import OPEN
from backend.groups.life_models import Confirmation, Dissolution
from backend.groups.member_models import Handover
from backend.groups.models import Group
from backend.groups.policies import change_policy
from backend.people.models import Person
from backend.people.scopes import over_group

if TYPE_CHECKING:
    from tests.test_access import Stage

READY = {"venue": "社区活动室", "charter_version": "2026-1"}


class GroupLife:
    """A circle on each side, led by whoever leads the group there, in an office that files a group of one."""

    def __init__(self, stage: Stage) -> None:
        self.street = stage.street
        self.leaders = stage.leaders
        self.circles = {
            side: self.street.group(leader=leader, stage="circle", name=f"圈子{side}")
            for side, leader in stage.leaders.items()
        }
        self.clubs: dict[str, Group] = {}
        self.street.does(change_policy, {"members_at_least": 1})

        def move() -> None:
            session().merge(self.circles["there"]).area_id = stage.areas["there"].id
            session().flush()

        self.street.does(move)

    def helps(self, person: Person, role: str = "helper") -> Person:
        """Give somebody here the same role over our circle."""
        circle = self.circles["here"]
        return self.street.gives(person, role, over_group(circle.id, circle.name))

    def anew(self, side: str) -> Group:
        """The circle of that side as if nothing had happened to it yet."""

        def undo() -> Group:
            circle = find(Group, self.circles[side].id)
            circle.stage, circle.level, circle.category = "circle", "emerging", "culture_sports"
            circle.suspended_from = circle.filing_number = circle.filed_at = circle.confirm_due_on = None
            circle.registration_number = circle.registered_on = None
            session().flush()
            open_ones = update(Filing).where(Filing.group_id == circle.id, Filing.state.in_(OPEN))
            session().execute(open_ones.values(state="withdrawn", due_on=None))
            asked = Dissolution.group_id == circle.id, Dissolution.state == "requested"
            session().execute(delete(Dissolution).where(*asked))
            return circle

        return self.street.does(undo)

    def drafted(self, side: str) -> str:
        circle = self.anew(side)
        answer = self.street.phone(self.leaders[side]).post(f"/groups/{circle.id}/filings", READY)
        assert answer.status == 201, answer.body
        return str(answer["id"])

    def handed_in(self, side: str) -> str:
        filing = self.drafted(side)
        answer = self.street.phone(self.leaders[side]).post(f"/filings/{filing}/submit")
        assert answer.status == 200, answer.body
        return filing

    def to_be_confirmed(self, group: Group) -> Group:
        """The group, last year of which nobody has reported."""

        def open_it() -> Group:
            found = find(Group, group.id)
            found.confirm_due_on = date(shanghai_day(now()).year, 3, 31)
            session().execute(delete(Confirmation).where(Confirmation.group_id == group.id))
            session().flush()
            return found

        return self.street.does(open_it)

    def club(self, name: str) -> Group:
        """A group that none of the callers leads."""
        if name not in self.clubs:
            self.clubs[name] = self.street.group(leader=self.street.resident("会长"), name=name)
        return self.clubs[name]

    def removes(self, group: Group, person: Person) -> None:
        leader = self.street.phone_of(group.founder_id)
        answer = leader.post(f"/groups/{group.id}/members/{person.id}/remove", {"reason": "长期不参加"})
        assert answer.status == 200, answer.body

    def nothing_is_handed_over(self, group: Group) -> None:
        open_ones = update(Handover).where(Handover.group_id == group.id, Handover.state == "open")
        self.street.does(lambda: session().execute(open_ones.values(state="withdrawn", closed_at=now())))
