"""A list asks the database as often for 30 rows as for 3: every list there is, on a street with a past."""

import json
import re
import secrets
import sqlite3
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Integer, LargeBinary, SmallInteger, UniqueConstraint, Uuid, event, select

from backend.activities.models import Activity, CheckIn, SignUp
from backend.cli.seeding.beginning import persona
from backend.flags.raising import Odd, raise_flag
from backend.foundation.acting import acted_by, by_command
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import db, find, insert_once, let_go_of_database, session, transactional
from backend.foundation.ids import uuid7
from backend.foundation.outbox import OutboxMessage
from backend.foundation.tenancy import acting_in
from backend.foundation.trail import TrailRow
from backend.funds.models import Allocation, Fund
from backend.groups.filing_models import Filing
from backend.groups.life_models import GroupChange
from backend.groups.models import Application, Group, Membership
from backend.ledger.accounts import fund_account, household_pot, person_wallet
from backend.ledger.drafts import Told, award
from backend.ledger.posting import post_many
from backend.merchants.models import Merchant, Offer, Redemption
from backend.messages.texts import SKILLS
from backend.objections.models import Objection
from backend.people.models import Card, Gift, Person
from backend.people.role_models import Agency, Delegation, Role, RoleRequest
from backend.people.session_models import Block, Device
from backend.people.verification_models import PersonMerge
from backend.places.areas import open_area, open_household
from backend.places.models import Area, AreaChange, Household
from backend.places.offices import the_book
from backend.privacy.reveal_models import Reveal
from backend.safety.models import ContentReview, Picture
from backend.settlement.models import Statement, StatementLine
from backend.skills.models import CapablePerson, SkillContact, SkillListing
from backend.volunteering.models import Certificate, VolunteerLog
from backend.watch.calling_back import draw
from backend.web import create_app
from tests.builders.door_files import csv_of, doors
from tests.builders.phone import Phone
from tests.builders.photos import a_photo, form_of
from tests.conftest import TINY
from tests.conftest import test_config as settings

pytestmark = pytest.mark.xdist_group("seeded")

OFFICE, MANY, FEW = 3, 30, 3

# List → whose list it is. Braces are filled from `Lists.ids`.
LISTS = {
    "/areas": "officer",
    "/areas/{area}/changes": "officer",
    "/areas/{unit}/households": "officer",
    "/imports": "officer",
    "/funds": "officer",
    "/allocations": "officer",
    "/me/pictures": "resident",
    "/content-reviews": "officer",
    "/trail": "officer",
    "/me/trail": "resident",
    "/me/objections": "resident",
    "/objections": "officer",
    "/activities": "resident",
    "/activities/{activity}/sign-ups": "officer",
    "/me/sign-ups": "resident",
    "/flags": "officer",
    "/call-backs": "officer",
    "/me/volunteer-logs": "resident",
    "/volunteer-logs": "officer",
    "/me/certificates": "resident",
    "/activities/{activity}/check-ins": "officer",
    "/reviews": "officer",
    "/me/notices": "resident",
    "/merchants": "resident",
    "/offers": "resident",
    "/redemptions": "resident",
    "/late-voids": "officer",
    "/me/merchants": "resident",
    "/office/merchants": "officer",
    "/offers/review": "officer",
    "/merchants/{merchant}/offers": "officer",
    "/merchants/{merchant}/redemptions": "officer",
    "/statements": "officer",
    "/merchants/{merchant}/statements": "officer",
    "/statements/{statement}/lines": "officer",
    "/groups": "resident",
    "/groups/{group}/history": "officer",
    "/groups/{group}/members": "officer",
    "/groups/{group}/applications": "officer",
    "/me/entries": "resident",
    "/households/{household}/entries": "resident",
    "/me/gifts": "resident",
    "/filings": "officer",
    "/card-holders": "officer",
    "/roles": "officer",
    "/role-requests": "officer",
    "/person-merges": "officer",
    "/people/blocked": "officer",
    "/agencies": "officer",
    "/delegations": "officer",
    "/me/reveals": "resident",
    "/me/devices": "resident",
    "/skills": "resident",
    "/me/skills": "resident",
    "/me/skill-contacts": "resident",
    "/capable-people": "resident",
    "/me/capable-people": "resident",
    "/capable-people/suggestions": "officer",
}


ASKED = {"/person-merges": {"state": "waiting"}, "/filings": {"state": "filed"}}

# Not counted: lists of what happens once in the life of a group or a household, or by rules of the office. The seeded
# street has none of it, and copies of a row would not be what its deeds write.
UNCOUNTED = {
    *("/confirmations", "/dissolutions", "/group-appeals", "/me/invitations", "/me/handovers"),
    *("/groups/{group}/invitations", "/groups/{group}/invitation-codes", "/groups/{group}/entries"),
    *("/groups/{group}/spendings", "/groups/{group}/thanks", "/group-awards", "/group-awards/{award}/groups"),
    *("/group-point-rules", "/head-elections", "/household-claims", "/household-merges", "/spending-requests"),
    "/public/groups",
    # The funds of an office, and the versions of its rule: a handful.
    *("/point-rules", "/office/fund-flows", "/public/fund-flows"),
}


class Lists:
    """A copy of the seeded street, and enough rows for every list."""

    def __init__(self, app):
        self.app = app
        with self.acting():
            who = {word: persona(TINY, word).id for word in ("officer", "officer-2", "resident", "leader", "worker")}
        self.who = who
        self.phones = {word: Phone(app, OFFICE, person_id) for word, person_id in who.items()}
        self._say_the_first_of_each()
        with self.acting():
            self.ids = transactional(self._make_them_many)()

    @contextmanager
    def acting(self):
        with self.app.app_context(), acting_in(OFFICE), acted_by(by_command()):
            yield

    def _say_the_first_of_each(self):
        """What the seeded street has none of, through the API."""
        officer, me, leader = (self.phones[word] for word in ("officer", "resident", "leader"))
        area = me.get("/areas", q="幸福社区").body["items"][0]["id"]
        agency = made(officer.post("/agencies", {"name": "阳光社工", "kind": "agency"}))["id"]
        them = str(self.who["leader"])
        lent = {"manager_id": them, "role": "worker", "scope": {"type": "area", "id": area}}
        ends_at = (now() + timedelta(days=365)).isoformat()
        made(officer.post(f"/agencies/{agency}/delegations", lent | {"ends_at": ends_at}))
        made(officer.put(f"/areas/{area}", {"name": "幸福里社区", "reason": "更名"}))
        made(officer.post("/roles", {"person_id": them, "role": "officer", "scope": {"type": "office"}}))
        made(officer.post(f"/people/{self.who['worker']}/block", {"reason": "手机丢失"}))
        made(me.post("/objections", {"subject": {"type": "other"}, "text": "我的积分不对"}))
        made(me.send("POST", "/pictures", data=form_of(purpose="activity", file=a_photo())))
        skill = {"kind": "skill", "title": "缝纫", "visibility": "community"}
        listing = made(leader.post("/skills", skill))["id"]
        made(me.post("/skills", skill))
        made(leader.post("/capable-people", {"person_id": str(self.who["resident"]), "title": "缝纫", "reason": "好"}))
        asked = made(me.post("/skill-contacts", {"listing_id": listing, "text": "您好"}))["id"]
        made(leader.put(f"/skill-contacts/{asked}", {"decision": "accepted"}))
        for _ in range(MANY):
            made(officer.send("POST", "/imports", data=form_of(file=csv_of(doors(1)))))
        made(officer.post("/cards", {"person_id": str(self.who["resident"]), "pin": "2468"}))
        pair = {"person_id": them, "other_id": str(self.who["worker"]), "reason": "同一个人"}
        made(officer.post("/person-merges", pair))

    def _make_them_many(self):
        me = self.who["resident"]
        home = find(Person, me).household_id
        area = session().scalars(select(Area).where(Area.name == "幸福里社区")).one()
        unit = find(Area, find(Household, home).area_id)
        group = session().scalars(select(Group).where(Group.area_id == area.id)).first()
        activity = session().scalars(select(Activity).where(Activity.state == "settled")).first()
        neighbours = (Person.household_id.is_not(None), Person.household_id != home, Person.age_class == "adult")
        self.people = session().scalars(select(Person.id).where(*neighbours).limit(120)).all()
        mine = {"person_id": me}
        building = find(Area, unit.parent_id)
        for number in range(MANY):
            open_area(f"{number + 10}单元", kind="unit", parent=building)
        self._copies(Fund)
        self._copies(Allocation)
        self._copies(AreaChange, area_id=area.id)
        for number in range(MANY):
            open_household(f"{number + 10}号", area=unit)
        self._copies(Picture, uploader_id=me)
        self._copies(ContentReview, state="waiting")
        self._copies(TrailRow, beneficiary_id=me)
        self._copies(Objection, person_id=me, subject_type="other")
        self._copies(Objection, state="open")
        self._copies(SignUp, activity_id=activity.id)
        others = session().scalars(select(Activity.id).where(Activity.id != activity.id).limit(60)).all()
        waits = {"person_id": me, "state": "waiting", "signed_up_at": now()}
        for other in others:
            insert_once(SignUp, activity_id=other, **waits)
        self._copies(CheckIn, activity_id=activity.id, award_id=None, serve_id=None, points=0)
        self._copies(CheckIn, state="review")
        self._copies(OutboxMessage, person_id=me, topic=SKILLS)
        self._copies(Merchant)
        self._copies(Offer)
        self._copies(Offer, state="review")
        self._copies(Merchant, applicant_id=me)
        for number in range(MANY + 2):
            self._report(me, area, number)
            figures = {"check_ins": 9, "head_count": 1}
            raise_flag(Odd("head_count", f"{number}", "activity", activity.id, area.id, figures))
        self._copies(Redemption, person_id=me)
        self._copies(Redemption, state="captured", void_asker_id=self.who["officer"], void_asked_at=now())
        merchant, statement = self._settle()
        for sold in session().scalars(select(Redemption).where(Redemption.state == "captured").limit(MANY + 2)).all():
            draw(sold.id)
        self._copies(Group)
        self._copies(Membership, group_id=group.id)
        self._copies(Application, group_id=group.id)
        self._copies(GroupChange, group_id=group.id)
        self._copies(Filing, state="filed")
        self._copies(Gift, person_id=me)
        self._copies(Card, blocked_at=None)
        self._copies(RoleRequest, state="requested")
        self._copies(PersonMerge, state="waiting")
        self._copies(Block, lifted_at=None)
        self._copies(Agency)
        self._copies(Role)
        self._copies(Delegation, state="requested")
        for number in range(MANY):
            looked = {"person_id": me, "viewer_id": self.people[number], "day": shanghai_day(now()), "at": now()}
            insert_once(Reveal, **looked, number=1, fields="name", reason="核对")
        self._copies(Device, **mine)
        self._copies(SkillListing, **mine)
        self._copies(SkillContact, **mine)
        self._copies(CapablePerson, **mine)
        self._copies(CapablePerson, state="suggested")
        self._copies(CapablePerson, state="accepted")
        self._earn(me, home)
        ids = {"area": area.id, "unit": unit.id, "household": home, "group": group.id, "activity": activity.id}
        return ids | {"merchant": merchant, "statement": statement}

    @staticmethod
    def _report(me, area, number):
        """Hours somebody reported, and a certificate of theirs."""
        said = {"place": "楼下", "content": "理发", "evidence": "有人在场", "state": "open", "needs_two": False}
        where = {"person_id": me, "area_id": area.id, "day": shanghai_day(now()), "minutes": 1, "reported_at": now()}
        insert_once(VolunteerLog, **where, **said, request_key=f"hours-{number}")
        day = {"since": shanghai_day(now()), "until": shanghai_day(now()), "issued_at": now()}
        insert_once(Certificate, person_id=me, issuer_id=me, number=f"V{number}", minutes=1, said="{}", **day)

    def _settle(self):
        """Statements of one merchant, the last one with many lines."""
        sold = session().scalars(select(Redemption).where(Redemption.state == "captured")).all()[: MANY + 2]
        merchant = sold[0].merchant_id
        self._copies(Offer, merchant_id=merchant)
        self._copies(Redemption, merchant_id=merchant)
        sums = {"lines": 1, "points": 1, "fen": 1, "carried_fen": 0, "state": "closed", "closed_at": now()}
        for number in range(1, MANY + 3):
            until = now() - timedelta(days=MANY + 3 - number)
            statement = insert_once(
                Statement, merchant_id=merchant, number=number, until=until, closer_id=self.who["officer"], **sums
            )
        for number, one in enumerate(sold, start=1):
            line = {"kind": "capture", "redemption_id": one.id, "entry_id": uuid7(), "happened_at": now()}
            insert_once(StatementLine, statement_id=statement.id, number=number, points=1, fen=1, **line)
        return merchant, statement.id

    def _copies(self, model, **kept):
        """Thirty rows and more that have these values: copies of one, with other people and other unique values."""
        columns = model.__table__.columns
        own = {name: value for name, value in kept.items() if value is not None}
        like = [getattr(model, name) == value for name, value in own.items()]
        template = session().scalars(select(model).where(*like)).first() or session().scalars(select(model)).first()
        unique = {
            column.name
            for rule in (*model.__table__.constraints, *model.__table__.indexes)
            if isinstance(rule, UniqueConstraint) or getattr(rule, "unique", False)
            for column in rule.columns
        }
        of_people = {
            column.name
            for key in model.__table__.foreign_key_constraints
            if key.referred_table.name == "people"
            for column in key.columns
        } - {"office_id"}
        made = 0
        for number in range(len(self.people)):
            values = template.as_read()
            others = {
                name: self.people[(number + 40 * place) % len(self.people)]
                for place, name in enumerate(sorted(of_people))
                if values.get(name) is not None
            }
            anew = {
                name: self._anew(columns[name], number)
                for name in unique & values.keys() - of_people - {"office_id", "id"}
                if values[name] is not None and not columns[name].foreign_keys and name not in FACTS
            }
            values |= others | anew | {"id": uuid7()} | kept
            del values["office_id"]
            made += insert_once(model, **values) is not None
            if made == MANY + 2:
                return

    @staticmethod
    def _anew(column, number):
        if isinstance(column.type, Uuid):
            return uuid7()
        if isinstance(column.type, Integer | SmallInteger):
            return number + 2
        return secrets.token_bytes(32) if isinstance(column.type, LargeBinary) else secrets.token_hex(5)

    def _earn(self, me, home):
        """Entries in a wallet and in a pot."""
        fund = str(session().scalars(select(Fund.id).order_by(Fund.id)).first())
        for wallet in (person_wallet(str(me)), household_pot(str(home))):
            told = Told("参加活动", f"person:{me}", f"check_in:{uuid7()}", now())
            paid = {"fund": fund, "payer": fund_account(fund), "wallet": wallet, "points": 1, "undone": 0, "told": told}
            post_many(the_book(), [award(**paid, origin=str(uuid7()), entry_id=uuid7()) for _ in range(MANY + 2)])


FACTS = {"kind", "state", "role", "scope", "subject_type", "action", "day", "area_id"}


@pytest.fixture(scope="module")
def lists(seeded, tmp_path_factory):
    copy = tmp_path_factory.mktemp("lists") / "lists.sqlite3"
    with sqlite3.connect(copy) as there:
        sqlite3.connect(seeded.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")).backup(there)
    app = create_app(settings(f"sqlite:///{copy}"))
    yield Lists(app)
    with app.app_context():
        let_go_of_database()
    app.extensions["wechat"].close()


@contextmanager
def statements(app):
    seen = []

    def note(_, __, statement, *___):
        if "access_feeds" not in statement:  # asked every two seconds, whatever is asked for
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_30_rows_takes_as_many_statements_as_one_of_3(lists, path):
    phone = lists.phones[LISTS[path]]
    filled, asked = path.format(**lists.ids), ASKED.get(path, {})
    seen = {}
    for limit in (MANY, FEW, MANY, FEW):  # the first ones fill what a process remembers
        with statements(lists.app) as sent:
            answer = phone.get(filled, limit=limit, **asked)
        assert (answer.status, len(answer.body.get("items", []))) == (200, limit), answer.body
        seen[limit] = sent

    assert len(seen[MANY]) == len(seen[FEW]), "\n".join(seen[MANY])


def test_every_list_is_here(lists):
    """Whoever adds one adds a line, and thirty rows if the seeded street has none."""
    documented = lists.phones["officer"].get("/api/v1/openapi.json").body["paths"]
    paged = {
        re.sub(r"{[^}]*}", "{}", path.removeprefix("/api/v1"))
        for path, operations in documented.items()
        if "get" in operations and re.search(r"Page\d*\"", json.dumps(operations["get"]["responses"].get("200", {})))
    }

    assert paged - {re.sub(r"{[^}]*}", "{}", path) for path in (*LISTS, *UNCOUNTED)} == set()
    assert len(paged) > 35


def made(answer):
    assert answer.status in (200, 201, 202), answer.body
    return answer
