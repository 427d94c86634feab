"""Who may do what: every endpoint × every kind of caller, in one table.

Each number answers a right request about an object of the first office. `{braces}` name an object of `Stage`, or of
the caller; it is made anew after each success. "Another office" is an officer there. What follows a blank in a path
only tells two rows of one endpoint apart. An endpoint without a row fails the build.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.activities.door_codes import door_code
from backend.activities.drafting import sessions_of
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people import log_in
from backend.people.models import Role
from backend.people.persons import person_code
from backend.people.roles import over_group
from backend.safety.models import ContentReview
from tests.builders.phone import Answer, Phone, a_key
from tests.builders.photos import a_photo, form_of
from tests.builders.street import Street

CALLERS = (
    *("nobody", "fresh", "resident", "leader", "other leader", "helper", "clerk", "other clerk", "owner"),
    *("worker", "other worker", "officer", "auditor", "another office"),
)

ACCESS = """
#                                                 no-  new  resi lead oth. help shop oth. own- wor- oth. offi audi oth.
#                                                 body one  dent er   lea. er   clk. clk. er   ker  wor. cer  tor  off.
GET    /offices                                    200  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /auth/wechat                                200  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /auth/refresh                               200  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /auth/logout                                204  204  204  204  204  204  204  204  204  204  204  204  204  204
GET    /me                                         401  200  200  200  200  200  200  200  200  200  200  200  200  200
PUT    /me                                         401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /me/code                                    401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /me/wallet                                  401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /me/entries                                 401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /me/entries/{entry}/why                     401  404  200  404  404  404  404  404  404  404  404  404  404  404
POST   /me/gifts                                   401  403  201  201  201  201  201  201  201  201  201  201  201  201
POST   /me/gifts to-the-pool                       401  403  201  201  201  201  201  201  201  201  201  201  201  201
GET    /me/gifts                                   401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /me/notices                                 401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /me/subscriptions                           401  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /me/subscriptions                           401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /me/pictures                                401  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /pictures                                   401  201  201  201  201  201  201  201  201  201  201  201  201  201
GET    /pictures/{picture}?s={seal}                200  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /content-reviews                            401  403  403  403  403  403  403  403  403  200  200  200  403  200
PUT    /content-reviews/{content_review}           401  403  403  403  403  403  403  403  403  200  404  200  403  404
GET    /households/{home}/wallet                   401  404  200  404  404  404  404  404  404  404  404  404  404  404
GET    /households/{home}/entries                  401  404  200  404  404  404  404  404  404  404  404  404  404  404
GET    /home                                       401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /areas                                      401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /groups                                     401  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /groups                                     401  403  201  201  201  201  201  201  201  201  201  201  201  404
GET    /groups/{group}                             401  200  200  200  200  200  200  200  200  200  200  200  200  404
GET    /groups/{group}/members                     401  200  200  200  200  200  200  200  200  200  200  200  200  404
POST   /groups/{group}/applications                401  201  201  409  201  201  201  201  201  201  201  201  201  404
GET    /groups/{group}/applications                401  403  403  200  403  403  403  403  403  200  403  200  403  404
PUT    /groups/{group}/applications/{application}  401  404  404  200  404  404  404  404  404  200  404  200  404  404
GET    /funds                                      401  403  403  200  200  403  403  403  403  200  200  200  200  200
POST   /funds                                      401  403  403  403  403  403  403  403  403  403  403  201  403  404
POST   /funds/{fund}/allocations                   401  403  403  403  403  403  403  403  403  403  403  201  403  404
GET    /allocations                                401  403  403  403  403  403  403  403  403  403  403  200  200  200
PUT    /allocations/{allocation}                   401  403  403  403  403  403  403  403  403  403  403  200  403  404
GET    /activities                                 401  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /activities                                 401  403  403  201  403  403  403  403  403  201  403  201  403  404
POST   /activities of-an-area                      401  403  403  403  403  403  403  403  403  201  403  201  403  404
GET    /activities/{activity}                      401  200  200  200  200  200  200  200  200  200  200  200  200  404
GET    /activities/{draft}                         401  404  404  200  404  404  404  404  404  200  404  200  404  404
PUT    /activities/{draft}                         401  404  404  200  404  404  404  404  404  200  404  200  404  404
PUT    /activities/{activity}                      401  403  403  200  403  403  403  403  403  200  403  200  403  404
POST   /activities/{draft}/publish                 401  404  404  200  404  404  404  404  404  200  404  200  404  404
POST   /activities/{activity}/publish              401  403  403  200  403  403  403  403  403  200  403  200  403  404
POST   /activities/{draft}/cancel                  401  404  404  200  404  404  404  404  404  200  404  200  404  404
POST   /activities/{activity}/cancel               401  403  403  200  403  403  403  403  403  200  403  200  403  404
POST   /activities/{activity}/settle               401  403  403  200  403  403  403  403  403  200  403  200  403  404
GET    /activities/{activity}/poster               401  403  403  200  403  200  403  403  403  200  403  200  403  404
GET    /activities/{draft}/poster                  401  404  404  200  404  404  404  404  404  200  404  200  404  404
GET    /activities/{activity}/code                 401  403  403  200  403  200  403  403  403  200  403  200  403  404
GET    /activities/{draft}/code                    401  404  404  409  404  404  404  404  404  409  404  409  404  404
POST   /activities/{activity}/sign-ups             401  201  201  201  201  201  201  201  201  201  201  201  201  404
POST   /activities/{draft}/sign-ups                401  404  404  409  404  404  404  404  404  409  404  409  404  404
DELETE /activities/{joined}/sign-ups/mine          401  200  200  200  200  200  200  200  200  200  200  200  200  404
GET    /activities/{activity}/sign-ups             401  403  403  200  403  200  403  403  403  200  403  200  403  404
POST   /check-ins                                  401  201  201  201  201  201  201  201  201  201  201  201  201  409
POST   /check-ins of-a-name                        401  403  403  201  403  201  403  403  403  201  403  201  403  404
POST   /check-ins of-a-code                        401  403  403  201  403  201  403  403  403  201  403  201  403  404
POST   /check-ins of-a-card                        401  403  403  201  403  201  403  403  403  201  403  201  403  404
GET    /activities/{activity}/check-ins            401  403  403  200  403  200  403  403  403  200  403  200  403  404
GET    /reviews                                    401  200  200  200  200  200  200  200  200  200  200  200  200  200
PUT    /reviews/{review}                           401  404  404  200  404  200  404  404  404  200  404  200  404  404
GET    /merchants                                  401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /offers                                     401  200  200  200  200  200  200  200  200  200  200  200  200  200
POST   /redemptions                                401  403  201  201  201  201  201  201  201  201  201  201  201  404
GET    /redemptions                                401  200  200  200  200  200  200  200  200  200  200  200  200  200
GET    /redemptions/{held}                         401  404  200  404  404  404  200  404  200  404  404  404  404  404
GET    /redemptions/by-code/{held_code}            401  403  403  403  403  403  200  404  200  403  403  403  403  403
POST   /redemptions/capture                        401  403  403  403  403  403  200  404  200  403  403  403  403  403
DELETE /redemptions/{held}                         401  404  200  404  404  404  404  404  404  404  404  404  404  404
POST   /redemptions/{captured}/void                401  403  403  403  403  403  200  404  200  403  403  403  403  403
"""

BODIES: dict[str, dict[str, Any]] = {
    "POST /auth/wechat": {"office_id": "{office}", "code": "{login_code}"},
    "POST /auth/refresh": {"refresh_token": "{refresh_token}"},
    "POST /auth/logout": {"refresh_token": "{refresh_token}"},
    "PUT /me": {"elder_mode": False},
    "POST /me/subscriptions": {"templates": {"stub-expiry": "accept"}},
    "POST /pictures": {"purpose": "activity", "file": "{photo}"},
    "PUT /content-reviews/{content_review}": {"decision": "passed"},
    "POST /me/gifts": {"to": "household", "points": 1},
    "POST /me/gifts to-the-pool": {"to": "charity_pool", "points": 1},
    "POST /groups": {"name": "晨练队", "theme": "锻炼", "category": "culture_sports", "area_id": "{area}"},
    "PUT /groups/{group}/applications/{application}": {"decision": "approved"},
    "POST /funds": {"name": "{new_name}", "source": "fiscal", "fen_per_100_points": 50, "area_id": "{area}"},
    "POST /funds/{fund}/allocations": {"points": 10},
    "PUT /allocations/{allocation}": {"decision": "declined"},
    "POST /activities": {"group_id": "{group}", "fund_id": "{fund}", "points_fixed": 5, "sessions": "{sessions}"},
    "POST /activities of-an-area": {"area_id": "{area}", "sessions": "{sessions}"},
    "PUT /activities/{draft}": {"title": "新的名字"},
    "PUT /activities/{activity}": {"title": "新的名字"},
    "POST /check-ins": {"code": "{door_code}"},
    "POST /check-ins of-a-name": {"activity_id": "{activity}", "person_id": "{somebody}", "reason": "没带手机"},
    "POST /check-ins of-a-code": {"activity_id": "{activity}", "person_code": "{persons_code}"},
    "POST /check-ins of-a-card": {"activity_id": "{activity}", "card": "{card}"},
    "PUT /reviews/{review}": {"decision": "confirmed"},
    "POST /redemptions": {"offer_id": "{offer}"},
    "POST /redemptions/capture": {"code": "{held_code}"},
}
for _row in ("POST /activities", "POST /activities of-an-area"):
    BODIES[_row] |= {"kind": "participation", "title": "清洁日", "place": "花园", "capacity": 5}


class Stage:
    """An office with one caller of each kind, and how to make whatever a row names."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.group = street.group(leader=(leader := street.resident("赵队长")))
        street.group(leader=(other_leader := street.resident("钱队长")))
        self.shop, other_shop = street.merchant(), street.merchant()
        self.fund = street.fund(1_000_000)
        self.founder = leader
        self.people = {
            "fresh": street.person("新来的", verified="none"),
            "resident": street.resident(),
            "leader": leader,
            "other leader": other_leader,
            "helper": street.helper(self.group),
            "clerk": street.clerk(self.shop),
            "other clerk": street.clerk(other_shop),
            "owner": street.clerk(self.shop, "owner"),
            "worker": street.worker(),
            "other worker": street.worker(street.area()),
            "officer": street.officer(),
            "auditor": street.auditor(),
        }
        self.phones = {name: street.phone(person) for name, person in self.people.items()} | {"nobody": street.phone()}
        self.made: dict[str, Any] = {}
        self._give_everybody_points()
        self.static = {
            "office": street.office_id,
            "area": str(street.community.id),
            "group": str(self.group.id),
            "fund": str(self.fund.id),
            "offer": str(street.offer(self.shop, price_points=1, stock=10_000).id),
            "home": str(self.people["resident"].household_id),
        }

    def value(self, name: str, phone: Phone) -> Any:
        """The object of that name, made if there is none."""
        if name in self.static:
            return self.static[name]
        if name not in self.made:
            self.made[name] = getattr(self, name)(phone)
        return self.made[name]

    def used_up(self, names: list[str]) -> None:
        for name in names:
            self.made.pop(name, None)

    def take_back_the_lead(self, group_id: str) -> None:
        ended = update(Role).where(Role.scope == f"group:{group_id}").values(withdrawn_at=now())
        self.street.does(lambda: session().execute(ended))

    # what rows name

    def login_code(self, _: Phone) -> str:
        return f"stub:{uuid4()}:{uuid4()}"

    def refresh_token(self, _: Phone) -> str:
        return self.street.does(log_in.log_in, str(uuid4()), office_id=self.street.office_id).refresh_token

    def new_name(self, _: Phone) -> str:
        return f"资金{uuid4().hex[:8]}"

    def sessions(self, _: Phone) -> list[dict[str, str]]:
        at = now() + timedelta(days=1)
        return [{"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=2)).isoformat()}]

    def photo(self, _: Phone) -> bytes:
        return a_photo()

    def picture(self, _: Phone) -> str:
        """A picture of the resident's, and with it `seal`, under which anybody may look at it for now."""
        sent = made(self.phones["resident"].send("POST", "/pictures", data=form_of(purpose="activity", file=a_photo())))
        self.made["seal"] = sent["url"].partition("?s=")[2]
        return sent["id"]

    def seal(self, phone: Phone) -> str:
        self.value("picture", phone)
        return self.made["seal"]

    def content_review(self, _: Phone) -> str:
        """A title in our community that WeChat could not judge: whoever wrote it has no openid."""
        body = {
            **BODIES["POST /activities"],
            "group_id": str(self.group.id),
            "sessions": self.sessions(self.phones["leader"]),
        }
        body = {name: value for name, value in body.items() if name not in ("fund_id", "points_fixed")}
        draft = made(self.phones["leader"].post("/activities", body))
        (review,) = self.street.rows(
            select(ContentReview.id).where(
                ContentReview.subject_id == UUID(draft["id"]), ContentReview.field == "title"
            )
        )
        return str(review)

    def application(self, _: Phone) -> str:
        applicant = self.street.phone(self.street.resident())
        return made(applicant.post(f"/groups/{self.group.id}/applications", {"note": ""}))["id"]

    def allocation(self, _: Phone) -> str:
        asks = self.street.phone(self.street.officer("另一位"))
        return made(asks.post(f"/funds/{self.fund.id}/allocations", {"points": 10}, key=a_key()))["id"]

    def draft(self, _: Phone) -> str:
        return str(self.street.draft(by=self.founder, group=self.group, fund=self.fund, points_fixed=5).id)

    def activity(self, _: Phone) -> str:
        return str(self._published().id)

    def joined(self, phone: Phone) -> str:
        """An activity at which the caller has a place."""
        activity = self._published()
        if phone.person_id is not None and phone.office_id == self.street.office_id:
            made(phone.post(f"/activities/{activity.id}/sign-ups"))
        return str(activity.id)

    def door_code(self, _: Phone) -> str:
        return self._code_of(self._published())

    def somebody(self, _: Phone) -> str:
        return str(self.street.resident().id)

    def persons_code(self, _: Phone) -> str:
        person = self.street.resident()
        with self.street.inside():
            return person_code(person)[0]

    def card(self, _: Phone) -> str:
        return self.street.card(self.street.resident())

    def review(self, _: Phone) -> str:
        """A check-in of somebody who runs the group, so it waits."""
        runner = self.street.gives(self.street.resident(), "helper", over_group(self.group.id, self.group.name))
        came = made(self.street.phone(runner).post("/check-ins", {"code": self._code_of(self._published())}))
        assert came["check_in"]["state"] == "review"
        return came["check_in"]["id"]

    def entry(self, _: Phone) -> str:
        """An entry of the resident's wallet."""
        return self.phones["resident"].get("/me/entries").body["items"][0]["id"]

    def held(self, _: Phone) -> str:
        return self._held()["id"]

    def held_code(self, _: Phone) -> str:
        return self._held()["code"]

    def captured(self, _: Phone) -> str:
        held = self._held()
        made(self.phones["clerk"].post("/redemptions/capture", {"code": held["code"]}))
        return held["id"]

    def _held(self) -> Any:
        return made(self.phones["resident"].post("/redemptions", {"offer_id": self.static["offer"]}, key=a_key()))

    def _published(self, **facts: Any) -> Any:
        return self.street.activity(leader=self.founder, group=self.group, fund=self.fund, points_fixed=5, **facts)

    def _code_of(self, activity: Any) -> str:
        with self.street.inside():
            return door_code(sessions_of(activity.id)[0]).code

    def _give_everybody_points(self) -> None:
        leader = self.street.resident("发积分的")
        activity = self.street.activity(leader=leader, fund=self.fund, points_fixed=1000)
        ticks = self.street.phone(leader)
        for person in self.people.values():
            body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "现场登记"}
            assert made(ticks.post("/check-ins", body))["points"] == 1000


def made(answer: Answer) -> Answer:
    assert answer.status in (200, 201), answer.body
    return answer


def rows() -> dict[str, dict[str, int]]:
    """Method and path → caller → status."""
    table = {}
    for line in ACCESS.splitlines():
        if line and not line.startswith("#"):
            *name, statuses = re.fullmatch(r"(.*?)((?:\s+\d{3}){14})", line).groups()
            table[re.sub(r"\s+", " ", name[0])] = dict(zip(CALLERS, map(int, statuses.split()), strict=True))
    return table


ROWS = rows()


@pytest.fixture(scope="module")
def stages(app: Flask) -> tuple[Stage, Stage]:
    """Our office and another one, each with everybody in it."""
    return Stage(Street.opened_in(app)), Stage(Street.opened_in(app))


def asked(row: str, phone: Phone, filled: Callable[[str], Any]) -> Answer:
    """Send the request of a row, its braces filled."""
    method, path = row.split()[:2]
    body = json.loads(json.dumps(BODIES.get(row, {})))
    for name, value in body.items():
        if isinstance(value, str) and value.startswith("{"):
            body[name] = filled(value.strip("{}"))
    path = re.sub(r"{(\w+)}", lambda found: str(filled(found[1])), path)
    sent = {} if method in ("GET", "DELETE") else {"data": form_of(**body)} if "file" in body else {"json": body}
    return phone.send(method, path, headers={"Idempotency-Key": a_key()}, **sent)


def braces(row: str) -> list[str]:
    return re.findall(r"{(\w+)}", row.split()[1] + json.dumps(BODIES.get(row, {})))


@pytest.mark.parametrize("row", ROWS)
def test_access(row: str, stages: tuple[Stage, Stage]) -> None:
    ours, theirs = stages
    answered = {}
    for name in CALLERS:
        phone = theirs.phones["officer"] if name == "another office" else ours.phones[name]
        answer = asked(row, phone, lambda brace, phone=phone: ours.value(brace, phone))
        answered[name] = answer.status
        if (answer.status < 300 and not row.startswith("GET")) or "joined" in row:
            ours.used_up(braces(row))
        if row == "POST /groups" and answer.status == 201:
            ours.take_back_the_lead(answer["id"])  # or everybody would lead something from here on

    assert answered == ROWS[row]


@pytest.mark.parametrize("row", [row for row in ROWS if braces(row)])
def test_another_offices_object_is_as_missing_as_none(row: str, stages: tuple[Stage, Stage]) -> None:
    """Whoever may do it here gets 404 for an object of another office, in the path and in the body, and for none."""
    ours, theirs = stages
    may = next(name for name in ("officer", *CALLERS) if ROWS[row][name] not in (401, 403, 404))
    phone = ours.phones[may]
    for foreign in braces(row):
        if not is_id(theirs.value(foreign, theirs.phones[may])):
            continue
        said = []
        for value in (theirs.value(foreign, theirs.phones[may]), str(uuid4())):
            answer = asked(
                row,
                phone,
                lambda brace, foreign=foreign, value=value: value if brace == foreign else ours.value(brace, phone),
            )
            said.append((answer.status, {**answer.body, "request_id": ""}))
        assert said[0][0] == 404, (foreign, said[0])
        assert said[0] == said[1], foreign


def is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def test_every_endpoint_has_a_row(app: Flask) -> None:
    served = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api-docs.openapi_json"
    }
    address = app.url_map.bind("localhost")
    listed = {}
    for row in ROWS:
        method, path = row.partition("?")[0].split()[:2]
        example = re.sub(r"{(\w+)}", lambda found: "CODE" if found[1] == "held_code" else str(uuid4()), path)
        rule, _ = address.match(f"/api/v1{example}", method, return_rule=True)
        listed[row] = f"{method} {rule.rule}"

    assert served - set(listed.values()) == set()
