"""What a group did in twelve months: activities, who came, points and hours, and what is still ahead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from backend.activities.awarding import IN_REVIEW, wallets_for
from backend.activities.models import Activity, BudgetChange, CheckIn, Session, SignUp
from backend.activities.points_rules import default_budget, minutes_between, points_for
from backend.cli.seeding import names
from backend.cli.seeding.beginning import DAYS, began_at, funds, worker_of
from backend.cli.seeding.sizes import Size
from backend.foundation.clock import as_of
from backend.foundation.db import find, session
from backend.foundation.ids import uuid7
from backend.foundation.search import searchable
from backend.groups.models import Group, Membership
from backend.ledger.accounts import Account, Lot, budget_account
from backend.ledger.drafts import Draft, Told, award, give_back, reserve, serve
from backend.ledger.posting import post_many
from backend.ledger.reading import balance_of
from backend.people.models import Person
from backend.places.offices import the_book

SERVING = ("service", "mutual_aid", "public_good")

_FIXED = {"recorded": "scan", "self": "self", "card": "card"}


@dataclass
class Year:
    """What was written down of a group's year; inserted together before a point moves."""

    activities: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    sign_ups: list[dict[str, Any]]
    check_ins: list[dict[str, Any]]

    @property
    def tables(self) -> tuple[tuple[Any, list[dict[str, Any]]], ...]:
        return (
            (Activity, self.activities),
            (Session, self.sessions),
            (BudgetChange, self.changes),
            (SignUp, self.sign_ups),
            (CheckIn, self.check_ins),
        )


def is_there(group_id: UUID) -> bool:
    return session().scalars(select(Activity.id).where(Activity.group_id == group_id).limit(1)).first() is not None


def make(size: Size, group_id: UUID, dice: Random) -> None:
    """Hold activities until the group's part of the participations is reached, the last of them still ahead."""
    group = find(Group, group_id)
    members = _members(group)
    left = round(size.per_group * dice.uniform(0.6, 1.4))
    began = began_at()
    turnouts = _turnouts(left, len(members), dice)
    pause = (DAYS - 20) / len(turnouts)
    for number, turnout in enumerate(turnouts):
        day = began + timedelta(days=10 + number * pause + dice.uniform(0, pause / 2))
        starts_at = day.replace(hour=dice.randint(0, 11), minute=dice.choice((0, 30)), second=0, microsecond=0)
        _Held(group, members, dice).happen(starts_at, turnout)
    _Held(group, members, dice).announce(began + timedelta(days=DAYS + dice.uniform(2, 12)))


def _members(group: Group) -> list[Person]:
    """Whoever belongs to it but its leader and the leader's household, whose presence waits for others."""
    leader = find(Person, group.founder_id)
    belonging = (
        select(Person)
        .join(Membership, (Membership.office_id == Person.office_id) & (Membership.person_id == Person.id))
        .where(Membership.group_id == group.id, Person.household_id != leader.household_id)
    )
    return list(session().scalars(belonging.order_by(Person.id)))


def _turnouts(people: int, members: int, dice: Random) -> list[int]:
    """How many came each time."""
    turnouts = []
    while people > 0:
        turnouts.append(min(max(4, round(dice.lognormvariate(2.9, 0.45))), members, max(people, 4)))
        people -= turnouts[-1]
    return turnouts


class _Held:
    """One activity of a group, from its announcement to its settlement."""

    def __init__(self, group: Group, members: list[Person], dice: Random) -> None:
        self.group, self.members, self.dice = group, members, dice
        self.rows = Year([], [], [], [], [])
        self.fund = str(dice.choice(funds()).id)
        self.is_service = group.category in SERVING
        self.by_hour = self.is_service and dice.random() < 0.2
        self.points = dice.choice((5, 10, 10, 15, 20, 20, 30))
        self.points_max = 30 if self.by_hour else self.points
        self.publisher_id = group.founder_id if group.stage == "filed" else worker_of(group.area_id).id

    def happen(self, starts_at: datetime, turnout: int) -> None:
        """It was published, people came, some stayed away, it was settled and the rest of its budget went back."""
        ends_at = starts_at + timedelta(minutes=self.dice.choice((60, 90, 120, 120, 180)))
        published_at, closed_at = starts_at - timedelta(days=self.dice.uniform(2, 9)), ends_at + timedelta(hours=3)
        coming = _lively(self.members, turnout + max(1, turnout // 10), self.dice)
        there = coming[:turnout]
        with as_of(published_at):
            activity = self._activity(starts_at, ends_at, places=len(coming))
            reserved = self._change(activity, "reserve", activity["budget_points"])
        activity |= {"state": "settled", "published_at": published_at, "closed_at": closed_at}
        activity |= {"head_count": turnout, "report": f"{activity['title']}顺利完成，到场 {turnout} 人。"}
        self._signed_up(activity, coming, published_at)
        came_at = ends_at + timedelta(minutes=5)  # when the leader's phone had a network again
        with as_of(came_at):
            wallets = wallets_for(there)
            paid = [self._came(activity, person, wallets[person.id], starts_at, ends_at) for person in there]
            self._came_and_waits(activity, starts_at)
        with as_of(closed_at):
            given = sum(row["points"] for row in self.rows.check_ins)
            rest = self._change(activity, "return", activity["budget_points"] - given)
        self._write()
        self._reserve(activity, reserved, published_at)
        with as_of(came_at):
            post_many(the_book(), [draft for drafts in paid for draft in drafts])
        _, version = balance_of(the_book(), budget_account(str(activity["id"])), Lot.undated(self.fund))
        with as_of(closed_at):
            told = self._told("活动结项，剩余预算退回", activity, closed_at)
            back = give_back(
                fund=self.fund,
                activity=str(activity["id"]),
                points=rest["points"],
                version=version,
                told=told,
                entry_id=rest["entry_id"],
            )
            post_many(the_book(), [back])

    def announce(self, starts_at: datetime) -> None:
        """It is still ahead: published, and some have signed up."""
        published_at = starts_at - timedelta(days=13)
        coming = _lively(self.members, min(8, len(self.members)), self.dice)
        with as_of(published_at):
            activity = self._activity(starts_at, starts_at + timedelta(hours=2), places=len(coming))
            reserved = self._change(activity, "reserve", activity["budget_points"])
        activity |= {"state": "published", "published_at": published_at}
        self._signed_up(activity, coming, published_at)
        self._write()
        self._reserve(activity, reserved, published_at)

    def _activity(self, starts_at: datetime, ends_at: datetime, *, places: int) -> dict[str, Any]:
        title, place = self.dice.choice(names.ACTIVITIES[self.group.category]), self.dice.choice(names.PLACES)
        capacity = max(20, places + 5)
        activity = {
            **self._key(),
            "group_id": self.group.id,
            "area_id": self.group.area_id,
            "kind": "service" if self.is_service else "participation",
            "title": title,
            "description": f"{self.group.name}邀请您参加。",
            "place": place,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "capacity": capacity,
            "places_taken": places,
            "points_per_hour": 10 if self.by_hour else None,
            "points_fixed": None if self.by_hour else self.points,
            "points_max": self.points_max,
            "check_in": "self",
            "fund_id": UUID(self.fund),
            "budget_points": default_budget(capacity=capacity, points_max=self.points_max, sessions=1),
            "search": searchable(title, place),
            "creator_id": self.group.founder_id,
            "publisher_id": self.publisher_id,
            "closed_at": None,
            "head_count": None,
            "report": None,
        }
        self.rows.activities.append(activity)
        self.session_id = uuid7()
        self.rows.sessions.append(
            {
                "office_id": self.group.office_id,
                "id": self.session_id,
                "activity_id": activity["id"],
                "starts_at": starts_at,
                "ends_at": ends_at,
            }
        )
        return activity

    def _change(self, activity: dict[str, Any], kind: str, points: int) -> dict[str, Any]:
        change = {**self._key(), "activity_id": activity["id"], "kind": kind, "points": points, "entry_id": uuid7()}
        self.rows.changes.append(change)
        return change

    def _signed_up(self, activity: dict[str, Any], people: list[Person], published_at: datetime) -> None:
        for person in people:
            at = published_at + timedelta(hours=self.dice.uniform(1, 40))
            with as_of(at):
                self.rows.sign_ups.append(
                    {
                        **self._key(),
                        "activity_id": activity["id"],
                        "person_id": person.id,
                        "state": "placed",
                        "signed_up_at": at,
                    }
                )

    def _came(
        self, activity: dict[str, Any], person: Person, wallet: Account, starts_at: datetime, ends_at: datetime
    ) -> list[Draft]:
        """A presence, and what it earns: fixed points on arriving, hours and points by the hour on leaving."""
        arrived = starts_at + timedelta(minutes=self.dice.randint(-20, 15))
        left = ends_at - timedelta(minutes=self.dice.randint(0, 15))
        stayed = minutes_between(arrived, left, starts_at=starts_at, ends_at=ends_at)
        points = points_for(stayed, points_per_hour=10, points_max=self.points_max) if self.by_hour else self.points
        row = self._presence(activity, person, arrived) | {
            "checked_out_at": left,
            "minutes": stayed if self.is_service else 0,
            "points": points,
            "points_due": points,
            "award_id": uuid7() if points else None,
            "serve_id": uuid7() if self.is_service and stayed else None,
        }
        row["checked_out_by_id"] = row["recorder_id"]
        self.rows.check_ins.append(row)
        actor, origin = f"person:{row['recorder_id']}", f"check_in:{row['id']}"
        drafts = []
        if row["serve_id"]:
            told = Told(f"服务时长：{activity['title']}", actor, origin, left)
            drafts.append(
                serve(
                    person=str(person.id),
                    minutes=stayed,
                    origin=str(row["id"]),
                    undone=0,
                    told=told,
                    entry_id=row["serve_id"],
                )
            )
        if row["award_id"]:
            told = Told(f"参加活动：{activity['title']}", actor, origin, left if self.by_hour else arrived)
            drafts.append(
                award(
                    fund=self.fund,
                    payer=budget_account(str(activity["id"])),
                    wallet=wallet,
                    points=points,
                    origin=str(row["id"]),
                    undone=0,
                    told=told,
                    entry_id=row["award_id"],
                )
            )
        return drafts

    def _came_and_waits(self, activity: dict[str, Any], starts_at: datetime) -> None:
        """The leader was there too: that waits for somebody of another household."""
        if self.by_hour or self.dice.random() < 0.7:
            return
        leader = find(Person, self.group.founder_id)
        waiting = {"confidence": "self", "recorder_id": leader.id, "state": "review", "unpaid": IN_REVIEW}
        row = self._presence(activity, leader, starts_at) | waiting
        self.rows.check_ins.append(row | {"points_due": self.points})
        self._signed_up(activity, [leader], activity["published_at"])
        activity["places_taken"] += 1

    def _presence(self, activity: dict[str, Any], person: Person, arrived: datetime) -> dict[str, Any]:
        confidence = self.dice.choices(("scan", "self", "card"), (60, 30, 10))[0]
        return {
            **self._key(),
            "activity_id": activity["id"],
            "session_id": self.session_id,
            "person_id": person.id,
            "recorder_id": person.id if confidence == "self" else self.group.founder_id,
            "checked_in_at": arrived,
            "checked_out_at": None,
            "checked_out_by_id": None,
            "confidence": confidence,
            "reason_sealed": None,
            "state": "recorded",
            "minutes": 0,
            "points": 0,
            "points_due": 0,
            "unpaid": None,
            "award_id": None,
            "serve_id": None,
        }

    def _write(self) -> None:
        for table, rows in self.rows.tables:
            if rows:
                session().execute(insert(table), rows)

    def _reserve(self, activity: dict[str, Any], change: dict[str, Any], at: datetime) -> None:
        with as_of(at):
            draft = reserve(
                fund=self.fund,
                activity=str(activity["id"]),
                points=change["points"],
                edit=0,
                told=self._told(f"活动预算：{activity['title']}", activity, at),
                entry_id=change["entry_id"],
            )
            post_many(the_book(), [draft])

    def _told(self, reason: str, activity: dict[str, Any], at: datetime) -> Told:
        return Told(reason, f"person:{self.publisher_id}", f"activity:{activity['id']}", at)

    def _key(self) -> dict[str, Any]:
        return {"office_id": self.group.office_id, "id": uuid7()}


def _lively(people: list[Person], wanted: int, dice: Random) -> list[Person]:
    """Some come often and many now and then: the further down the list, the less often."""
    wanted = min(wanted, len(people))
    marked = sorted(range(len(people)), key=lambda place: (place + 3) * dice.expovariate(1.0))
    return [people[place] for place in marked[:wanted]]
