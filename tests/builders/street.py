"""A street to test in: an office and the people, groups, funds and shops a rule needs. Speaks deeds, not HTTP."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from backend.activities import check_ins, drafting, publishing
from backend.activities.check_ins import Seen
from backend.activities.models import Activity, CheckIn
from backend.foundation.acting import acted_by, by_command
from backend.foundation.callers import Caller
from backend.foundation.clock import as_of, now, shanghai_day
from backend.foundation.db import find, session, transactional
from backend.foundation.ids import uuid7
from backend.foundation.tenancy import acting_in
from backend.funds import allocations
from backend.funds.models import Fund
from backend.funds.opening import open_fund
from backend.groups.applications import join
from backend.groups.circles import start_circle
from backend.groups.models import Group
from backend.households.guardians import write
from backend.ledger.accounts import Account, Lot, budget_account, fund_account, person_wallet
from backend.ledger.reading import Wallet, balances_of, wallet_of
from backend.ledger.verify import verify
from backend.merchants.models import Merchant, Offer
from backend.merchants.onboarding import open_merchant, open_offer
from backend.people.cards import issue_card, new_card_token
from backend.people.consents import GIVEN, Way, note
from backend.people.models import Person
from backend.people.parting import part
from backend.people.persons import new_person
from backend.people.policies import publish_first
from backend.people.roles import grant_role, grants_of
from backend.people.scopes import over_area, over_group, over_merchant, over_office
from backend.people.standing import move_in
from backend.people.verification_models import PersonMerge
from backend.places.areas import open_area, open_household
from backend.places.models import Area, Household, Office
from backend.places.offices import the_book
from backend.privacy import erasing
from backend.transparency.evidence import evidence_of
from tests.builders.phone import Answer, Phone, a_key

_counter = itertools.count(1)


class Street:
    """One office. Each method writes in a transaction of its own and returns the row."""

    def __init__(self, app: Flask, office: Office, community: Area) -> None:
        self.app = app
        self.office = office
        self.office_id = office.id
        self.community = community
        self._funders: tuple[Person, Person] | None = None
        self._rewarding: tuple[Person, Group] | None = None

    @classmethod
    def opened_in(cls, app: Flask) -> "Street":
        with app.app_context():
            office = transactional(_next_office)()
            with acting_in(office.id):
                community = transactional(open_area)("幸福社区", kind="community")
                transactional(publish_first)()
        return cls(app, office, community)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Act in this office, to look or to call a deed."""
        with self.app.app_context(), acting_in(self.office_id), acted_by(by_command()):
            yield

    def does(self, deed: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a deed as an edge would: one transaction, committed."""
        with self.inside():
            return transactional(deed)(*args, **kwargs)

    # people

    def person(
        self,
        name: str = "王小英",
        *,
        verified: str = "resident",
        household: Household | None = None,
        role: str = "member",
        agreed_to: tuple[str, ...] = ("service",),
        guardian: bool = True,
        **facts: Any,
    ) -> Person:
        """Somebody, who agreed, as did a child's guardian; whoever has a household has lived there since long ago."""
        home = {"household": household, "role": role}
        return self.does(_entered, name, verified=verified, agreed_to=agreed_to, guardian=guardian, **home, **facts)

    def resident(self, name: str = "王小英", **facts: Any) -> Person:
        """Somebody verified, alone behind a door of their own."""
        return self.does(lambda: _entered(name, household=self._new_door(), **facts))

    def wechat_user(self, openid: str) -> Person:
        return self.does(lambda: new_person("", openid=openid))

    def proves_phone(self, person: Person, number: str) -> Answer:
        """Somebody taps WeChat's phone button, whatever comes of it."""
        return self.phone(person).post("/me/phone", {"code": phone_code(number)})

    def case_of(self, asker: Person, other: Person, number: str = "13800138000") -> str:
        """A case that waits: the asker has the number of the other one."""
        assert self.proves_phone(other, number)["state"] == "verified"
        assert self.proves_phone(asker, number)["state"] == "waiting"
        wanted = select(PersonMerge.id).where(PersonMerge.person_id == asker.id, PersonMerge.state == "waiting")
        return str(self.rows(wanted)[0])

    def merged(self, merged: Person, kept: Person) -> Answer:
        """Two accounts made one by an officer who has nothing to do with either."""
        case = self.case_of(merged, kept, f"139{next(_counter):08d}")
        answer = self.phone(self.officer("另一位主任")).put(
            f"/person-merges/{case}", {"decision": "merge", "keep_id": str(kept.id), "reason": "本人换了手机"}
        )
        assert answer.status == 200, answer.body
        return answer

    def gone(self, person: Person, *, cause: str = "death") -> Person:
        """Somebody died, as a worker recorded, or left for good."""
        facts = {"died_on": shanghai_day(now())} if cause == "death" else {}
        let_go = self.app.extensions["let_go"]
        self.does(part, person.id, cause=cause, recorder_id=self.worker().id, let_go=let_go, **facts)
        return person

    def household(self, door: str | None = None, *, area: Area | None = None) -> Household:
        """Somebody's door, another one each time unless it is said which."""
        return self.does(self._new_door, door, area=area)

    def _new_door(self, door: str | None = None, *, area: Area | None = None) -> Household:
        return open_household(door or f"1号楼2单元{next(_counter)}", area=area or self.community)

    def area(self, name: str | None = None, **facts: Any) -> Area:
        return self.does(open_area, name or f"安宁社区{next(_counter)}", **({"kind": "community"} | facts))

    def gives(self, person: Person, role: str, scope: Any) -> Person:
        self.does(grant_role, person.id, role, scope, granted_by_id=None)
        return person

    def somebody_with(self, role: str, scope: Any, *, name: str) -> Person:
        """Somebody who lives alone and has that role."""

        def enter() -> Person:
            person = _entered(name, household=self._new_door())
            grant_role(person.id, role, scope, granted_by_id=None)
            return person

        return self.does(enter)

    def officer(self, name: str = "李主任") -> Person:
        return self.somebody_with("officer", over_office(self.office), name=name)

    def auditor(self) -> Person:
        return self.somebody_with("auditor", over_office(self.office), name="审计员")

    def worker(self, area: Area | None = None) -> Person:
        return self.somebody_with("worker", over_area(area or self.community), name="社工小张")

    def helper(self, group: Group) -> Person:
        return self.somebody_with("helper", over_group(group.id, group.name), name="志愿者")

    def clerk(self, merchant: Merchant, role: str = "clerk") -> Person:
        return self.somebody_with(role, over_merchant(merchant.id, merchant.name), name="店员")

    def phone(self, person: Person | None = None) -> Phone:
        return Phone(self.app, self.office_id, person.id if person else None)

    def phone_of(self, person_id: Any) -> Phone:
        return Phone(self.app, self.office_id, person_id)

    def leader_of(self, activity: Activity) -> Phone:
        """The phone of whoever wrote the activity."""
        return self.phone_of(activity.creator_id)

    def moves(self, person: Person, household: Household) -> Person:
        """Somebody goes to live behind another door, from now on."""

        def move() -> None:
            move_in(find(Person, person.id), household.id, role="member", at=now())
            session().flush()

        self.does(move)
        return person

    def caller(self, person: Person) -> Caller:
        with self.inside():
            fresh = find(Person, person.id)
            return Caller(self.office_id, fresh.id, fresh.household_id, fresh.verified, grants_of(person.id))

    def card(self, person: Person, *, pin: str = "2468") -> str:
        """The token on a paper card of somebody."""
        token = new_card_token(self.office_id)
        self.does(issue_card, person, token=token, pin=pin)
        return token

    def erased(self, person: Person) -> Person:
        """Somebody who asked to be erased a week ago, and was."""
        with as_of(now() - erasing.THINK_IT_OVER):
            request, _ = self.does(erasing.ask, person, helper_id=None)
        assert self.does(erasing.carry_out, request.id, let_go=self.app.extensions["let_go"])
        return person

    # groups, funds, activities

    def group(self, *, leader: Person | None = None, stage: str = "filed", name: str = "清晨志愿队") -> Group:
        founder = leader or self.resident("赵队长")

        def found() -> Group:
            group = start_circle(
                find(Person, founder.id), name=name, theme="清洁家园", category="service", area_id=self.community.id
            )
            group.stage = stage
            session().flush()
            return group

        return self.does(found)

    def member(self, group: Group, person: Person) -> Person:
        self.does(join, group.id, person.id)
        return person

    def fund(self, points: int = 100_000, *, rate: int = 50, **facts: Any) -> Fund:
        """A fund that the same two officers of the street open and fill."""
        first, second = self._funders or (self.officer(), self.officer("陈主任"))
        self._funders = first, second
        said = {"name": f"资金{next(_counter)}", "source": "fiscal"} | facts
        decider = self.caller(second)

        def fill() -> Fund:
            fund = open_fund(fen_per_100_points=rate, opener_id=first.id, **said)
            if points:
                _allocate(fund, points, asked_by=first, decider=decider)
            return fund

        return self.does(fill)

    def allocate(self, fund: Fund, points: int, first: Person, second: Person) -> None:
        decider = self.caller(second)
        self.does(lambda: _allocate(find(Fund, fund.id), points, asked_by=first, decider=decider))

    def draft(self, *, by: Person, group: Group | None = None, fund: Fund | None = None, **facts: Any) -> Activity:
        form = self.activity_form(group=group, fund=fund, **facts)
        return self.does(drafting.draft, form, creator_id=by.id)

    def activity_form(self, *, group: Group | None = None, fund: Fund | None = None, **facts: Any) -> dict[str, Any]:
        """A form as the API would load it: running now, 20 points for coming, unless the rule says otherwise."""
        at = now()
        hours = facts.pop("hours", 2)
        starts_at = facts.pop("starts_at", at - timedelta(minutes=10))
        form = {
            "kind": "participation",
            "title": "周六清洁日",
            "description": "",
            "place": "中心花园",
            "capacity": 30,
            "check_in": "self",
            "sessions": [{"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)}],
        } | facts
        if group is not None:
            form["group_id"] = group.id
        elif "area_id" not in form:
            form["area_id"] = self.community.id
        if fund is not None:
            form["fund_id"] = fund.id
            if "points_per_hour" not in form:
                form.setdefault("points_fixed", 20)
        return form

    def activity(self, *, leader: Person | None = None, fund: Fund | None = None, **facts: Any) -> Activity:
        """A published activity of a filed group; pass `fund` to give points."""
        leads_it = leader or self.resident("赵队长")
        group = facts.pop("group", None) or self.group(leader=leads_it)
        form = self.activity_form(group=group, fund=fund, **facts)
        as_leader = self.caller(leads_it)
        return self.does(lambda: publishing.publish(drafting.draft(form, creator_id=leads_it.id), publisher=as_leader))

    # shops

    def merchant(self, name: str | None = None, **facts: Any) -> Merchant:
        return self.does(
            open_merchant, name or f"幸福面包房{next(_counter)}", area=self.community, address="幸福路1号", **facts
        )

    def offer(
        self, merchant: Merchant | None = None, *, price_points: int = 10, stock: int = 1000, **facts: Any
    ) -> Offer:
        return self.does(
            open_offer,
            merchant or self.merchant(),
            facts.pop("name", "馒头一袋"),
            price_points=price_points,
            stock=stock,
            **facts,
        )

    def door_code(self, activity: Activity) -> str:
        """What the screen at the door shows now."""
        answer = self.leader_of(activity).get(f"/activities/{activity.id}/code")
        assert answer.status == 200, answer.body
        return str(answer["code"])

    def held(self, person: Person, offer: Offer, quantity: int = 1) -> Answer:
        """A redemption somebody made with their phone."""
        answer = self.phone(person).post("/redemptions", {"offer_id": str(offer.id), "quantity": quantity}, key=a_key())
        assert answer.status == 201, answer.body
        return answer

    # what became of it

    def points(self, *places: tuple[Account, Lot]) -> list[int]:
        """Balances in the ledger."""
        with self.inside():
            found = balances_of(the_book(), list(places))
            return [found[place] for place in places]

    def fund_points(self, fund: Fund) -> int:
        """What the fund can still set aside."""
        return self.points((fund_account(str(fund.id)), Lot.undated(str(fund.id))))[0]

    def budget_points(self, activity: Activity) -> int:
        """What is set aside for the activity and not given out."""
        return self.points((budget_account(str(activity.id)), Lot.undated(str(activity.fund_id))))[0]

    def pot(self, household: Household) -> Wallet:
        with self.inside():
            return wallet_of(the_book(), Account("household", str(household.id)), today=shanghai_day(now()))

    def rows(self, query: Any) -> list[Any]:
        """What the database has, in this office."""
        with self.inside():
            return list(session().scalars(query))

    def earned(self, person: Person, points: int, *, fund: Fund | None = None) -> Person:
        """Somebody who came to an activity and got that many points for it; always of the same group of the street."""
        if self._rewarding is None:
            leader = self.resident("赵队长")
            self._rewarding = leader, self.group(leader=leader)
        leader, group = self._rewarding
        paid_by = fund or self.fund(points)
        activity = self.activity(leader=leader, group=group, fund=paid_by, points_fixed=points, budget_points=points)
        recorder = self.caller(leader)

        def seen() -> CheckIn:
            ticked = Seen(find(Person, person.id), "listed", reason="忘带手机")
            return check_ins.arrive(drafting.sessions_of(activity.id)[0], ticked, recorder=recorder)[0]

        assert self.does(seen).points == points
        return person

    def served(self, person: Person, minutes: int) -> Person:
        """Somebody who served that many minutes, now over."""
        began = now() - timedelta(minutes=minutes)
        with as_of(began):
            activity = self.activity(kind="service", starts_at=began, hours=24)
        recorder = self.caller(self.worker())

        def seen(deed: Callable[..., Any]) -> None:
            deed(drafting.sessions_of(activity.id)[0], Seen(find(Person, person.id), "scan"), recorder=recorder)

        with as_of(began):
            self.does(seen, check_ins.arrive)
        self.does(seen, check_ins.leave)
        return person

    def earned_together(self, people: list[Person], points: int) -> list[Person]:
        """People who came to one activity and got that many points each for it."""
        fund = self.fund(points * len(people))
        activity = self.activity(fund=fund, points_fixed=points, capacity=len(people))
        code = self.door_code(activity)
        for person in people:
            answer = self.phone(person).post("/check-ins", {"code": code})
            assert (answer.status, answer["points"]) == (201, points), answer.body
        return people

    def gives_points(self, person: Person, points: int, *, to: str = "household", **more: Any) -> Answer:
        """A gift somebody made with their phone, whatever came of it."""
        return self.phone(person).post("/me/gifts", {"to": to, "points": points} | more, key=a_key())

    def findings(self) -> set[str]:
        """The rules that `flask ledger verify` finds broken in this office."""
        with self.inside():
            return verify(the_book(), evidence_of(self.office_id)).rules

    def wallet(self, person: Person) -> Wallet:
        with self.inside():
            return wallet_of(the_book(), person_wallet(str(person.id)), today=shanghai_day(now()))


def phone_code(number: str) -> str:
    """What WeChat's phone button gives the mini-program, for the stub."""
    return f"stub:phone:{number}:{secrets.token_hex(8)}"


def _entered(
    name: str,
    *,
    verified: str = "resident",
    household: Household | None = None,
    role: str = "member",
    agreed_to: tuple[str, ...] = ("service",),
    guardian: bool = True,
    **facts: Any,
) -> Person:
    person = new_person(name, verified=verified, **facts)
    for purpose in agreed_to:
        note(person.id, purpose, 1, state=GIVEN, way=Way("command"))
    if household is not None:
        person.household_id, person.household_role = household.id, role
        session().flush()
    if guardian and person.age_class == "under_14":
        by = new_person("监护人", verified="resident")
        write(person, guardian_id=by.id, said="given", policy_version="x", recorder_id=by.id, at=now())
    return person


def _allocate(fund: Fund, points: int, *, asked_by: Person, decider: Caller) -> None:
    allocation, _ = allocations.request_allocation(
        fund, points=points, requester_id=asked_by.id, key=secrets.token_hex(8)
    )
    allocations.decide(allocation, decider=decider, approved=True)


def _next_office() -> Office:
    taken = session().scalar(select(func.coalesce(func.max(Office.id), 100))) or 100
    office = Office(id=taken + 1, name=f"测试街道{taken + 1}-{uuid7().hex[-6:]}")
    session().add(office)
    session().flush()
    return office
