"""A street under load: people who use it over HTTP until it dies under them, and what each of them was told.

A *line* is one of them at a time, with a diary: what was answered with 2xx is acknowledged, what got no answer (or a
503, or an answer that was lost on the way) is open and is asked again, with the same key or code, once the street is
back. Then each line knows exactly what must be true, and `differences` compares it with what the street says.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx2

from backend.foundation.db import let_go_of_database
from backend.people.scopes import over_merchant
from backend.web import create_app
from tests.builders.street import Street
from tests.conftest import test_config as settings
from tests.serving import Served

AWARD, PRICE = 7, 3
SAVINGS = 10_000  # what each buyer has when the load begins
STOCK = 1_000_000
PLACES = 20_000
LOST = 0.05  # of the answers
BUYERS = 3  # few, so that they meet at their wallets

# What is acknowledged → the entries that must stand in the 明细.
ENTRIES = {
    "held": ["hold"],
    "captured": ["hold", "capture"],
    "released": ["hold", "release"],
    "voided": ["hold", "capture", "refund"],
}
LEADS_TO = {"capture": "captured", "release": "released", "void": "voided"}


@dataclass(frozen=True)
class Town:
    """What was built before the server started."""

    office_id: int
    activity_id: UUID
    offer_id: UUID
    buyers: tuple[str, ...]  # openids, of everybody
    leader: str = "leader"
    clerk: str = "clerk"
    owner: str = "owner"


@dataclass
class Arrival:
    """Somebody who walks in, and what the door told them."""

    openid: str
    is_scanned: bool
    token: str | None = None
    person_id: str | None = None
    told: dict[str, Any] | None = None


@dataclass
class Purchase:
    """A redemption: the last state that was acknowledged, and what was asked and not answered."""

    buyer: str
    key: str
    quantity: int
    open: str | None = "hold"
    state: str | None = None
    id: str | None = None
    code: str | None = None

    @property
    def points(self) -> int:
        return self.quantity * PRICE


class NoAnswer(Exception):
    """The server is gone, or says that it cannot."""


class AnswerLost(NoAnswer):
    """It was done and said, and the phone was in a tunnel."""


class SaidBusy(NoAnswer):
    """503: it may have been done, or not; what is asked next may be answered."""


class Unexpected(Exception):
    """An answer nobody should get, whatever died."""


@dataclass
class Fuse:
    """Burns with every deed that is asked for; at its end something is killed."""

    left: int
    burnt: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def burn(self) -> None:
        with self._lock:
            self.left -= 1
            if self.left <= 0:
                self.burnt.set()


class Staff:
    """Those with a role and those with savings, logged in once and for every line."""

    def __init__(self, town: Town, phone: "Phone") -> None:
        names = (*town.buyers, town.leader, town.clerk, town.owner)
        self.tokens = {name: phone.logs_in(name)["access_token"] for name in names}


class Phone:
    """Sends requests in anybody's name, and knows an answer from none."""

    def __init__(
        self, served: Served, town: Town, fuse: Fuse | None = None, loses: Callable[[], bool] = lambda: False
    ) -> None:
        self.town, self.fuse, self.loses = town, fuse, loses
        # There is no TLS; without `verify` each phone would read the world's certificates first.
        self.http = httpx2.Client(base_url=f"{served.url}/api/v1", trust_env=False, verify=False, timeout=120)
        self.replays = 0

    def __enter__(self) -> "Phone":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def asks(self, token: str | None, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The body of a 2xx answer. Raises `NoAnswer` in one of its kinds, or `Unexpected`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["Idempotency-Key"] = key
        if self.fuse and method != "GET":
            self.fuse.burn()
        try:
            answer = self.http.request(method, path, json=body, headers=headers)
        except httpx2.TransportError as silence:
            raise NoAnswer from silence
        if answer.status_code == 503:
            raise SaidBusy
        if not answer.is_success:
            raise Unexpected(f"{method} {path}: {answer.status_code} {answer.text}")
        if method != "GET" and self.loses():
            raise AnswerLost
        self.replays += "Idempotency-Replayed" in answer.headers
        return answer.json()

    def logs_in(self, openid: str) -> Any:
        code = f"stub:{openid}:{uuid4().hex}"  # WeChat's codes are good once, also for who asks again
        return self.asks(None, "POST", "/auth/wechat", {"office_id": self.town.office_id, "code": code})

    def pages(self, token: str, path: str) -> Iterator[Any]:
        """Every item of a list."""
        query = "?limit=100"
        while True:
            page = self.asks(token, "GET", path + query)
            yield from page["items"]
            if page["next"] is None:
                return
            query = f"?limit=100&cursor={page['next']}"


class Line:
    """One of those who use the street; what it asked for is nobody else's, whose points it is may be."""

    def __init__(self, town: Town, name: str, dice: random.Random) -> None:
        self.town, self.name, self.dice = town, name, dice
        self.arrivals: list[Arrival] = []
        self.purchases: list[Purchase] = []
        self.unexpected: list[str] = []

    def works(self, served: Served, staff: Staff, fuse: Fuse, enough: threading.Event) -> None:
        """One deed after the other until there is no answer."""
        with Phone(served, self.town, fuse, loses=lambda: self.dice.random() < LOST) as phone:
            while not enough.is_set():
                try:
                    self._does_something(phone, staff)
                except AnswerLost:
                    continue
                except SaidBusy:
                    enough.wait(1)  # asking a dead database again and again would only be noise
                except NoAnswer:
                    return
                except Unexpected as answer:
                    self.unexpected.append(str(answer))
                    return

    def repeats(self, phone: Phone, staff: Staff) -> int:
        """Ask again for everything that is open; how often that was."""
        waiting = [arrival for arrival in self.arrivals if arrival.told is None]
        for arrival in waiting:
            self._arrives(phone, staff, arrival)
        unfinished = [purchase for purchase in self.purchases if purchase.open]
        for purchase in unfinished:
            self._goes_on(phone, staff, purchase)
        return len(waiting) + len(unfinished)

    def _does_something(self, phone: Phone, staff: Staff) -> None:
        settled = [purchase for purchase in self.purchases if not purchase.open]
        held = [purchase for purchase in settled if purchase.state == "held"]
        captured = [purchase for purchase in settled if purchase.state == "captured"]
        match self.dice.choices(("arrive", "hold", "capture", "release", "void"), (5, 4, 4, 2, 2))[0]:
            case "arrive":
                number = f"{self.name}-{len(self.arrivals)}"
                self.arrivals.append(Arrival(number, is_scanned=self.dice.random() < 0.3))
                self._arrives(phone, staff, self.arrivals[-1])
            case "capture" | "release" as verb if held:
                self._is_asked(phone, staff, self.dice.choice(held), verb)
            case "void" if captured:
                self._is_asked(phone, staff, self.dice.choice(captured), "void")
            case _:
                buyer, quantity = self.dice.choice(self.town.buyers), self.dice.randint(1, 3)
                self.purchases.append(Purchase(buyer, uuid4().hex, quantity))
                self._goes_on(phone, staff, self.purchases[-1])

    def _arrives(self, phone: Phone, staff: Staff, arrival: Arrival) -> None:
        if arrival.token is None:
            login = phone.logs_in(arrival.openid)
            arrival.token, arrival.person_id = login["access_token"], login["person"]["id"]
        leader, activity = staff.tokens[self.town.leader], str(self.town.activity_id)
        if arrival.is_scanned:
            shown = phone.asks(arrival.token, "GET", "/me/code")["code"]
            body = {"activity_id": activity, "person_code": shown}
            arrival.told = phone.asks(leader, "POST", "/check-ins", body)
        else:
            code = phone.asks(leader, "GET", f"/activities/{activity}/code")["code"]
            arrival.told = phone.asks(arrival.token, "POST", "/check-ins", {"code": code})

    def _is_asked(self, phone: Phone, staff: Staff, purchase: Purchase, verb: str) -> None:
        purchase.open = verb
        self._goes_on(phone, staff, purchase)

    def _goes_on(self, phone: Phone, staff: Staff, purchase: Purchase) -> None:
        """Send what is open, as it was or as it is repeated: there is no difference."""
        town, buyer = self.town, staff.tokens[purchase.buyer]
        match purchase.open:
            case "hold":
                body = {"offer_id": str(town.offer_id), "quantity": purchase.quantity}
                told = phone.asks(buyer, "POST", "/redemptions", body, key=purchase.key)
                purchase.id, purchase.code = told["id"], told["code"]
            case "capture":
                told = phone.asks(staff.tokens[town.clerk], "POST", "/redemptions/capture", {"code": purchase.code})
            case "release":
                told = phone.asks(buyer, "DELETE", f"/redemptions/{purchase.id}")
            case _:
                told = phone.asks(staff.tokens[town.owner], "POST", f"/redemptions/{purchase.id}/void", {})
        if (told["id"], told["points"]) != (purchase.id, purchase.points):
            raise Unexpected(f"{purchase} was answered with {told}")
        if told["state"] != LEADS_TO.get(str(purchase.open), "held"):
            raise Unexpected(f"{purchase} was answered with {told}")
        purchase.state, purchase.open = told["state"], None


@dataclass
class Said:
    """What the street says about itself."""

    redemptions: dict[str, dict[str, Any]]  # by id, with their buyer
    entries: dict[str, list[str]]  # redemption's id → kinds in the 明细, oldest first
    wallets: dict[str, tuple[int, int]]  # buyer → available, held
    check_ins: dict[str, list[tuple[str, int]]]  # person → id and points of each
    awards: dict[str, list[tuple[str, int]]]  # walk-in → origin and points of each line of their 明细
    stock: int
    points_left: int


def asked(phone: Phone, staff: Staff, *, arrivals: Sequence[Arrival]) -> Said:
    """Ask for everything people can see; the 明细 of those arrivals only, because there are many."""
    town, tokens = phone.town, staff.tokens
    redemptions: dict[str, dict[str, Any]] = {}
    entries: dict[str, list[str]] = {}
    wallets: dict[str, tuple[int, int]] = {}
    for buyer in town.buyers:
        for item in phone.pages(tokens[buyer], "/redemptions"):
            redemptions[item["id"]] = item | {"buyer": buyer}
        for entry in phone.pages(tokens[buyer], "/me/entries"):
            about, _, identifier = entry["origin"].partition(":")
            if about == "redemption":
                entries.setdefault(identifier, []).insert(0, entry["kind"])
        points = phone.asks(tokens[buyer], "GET", "/me/wallet")["points"]
        wallets[buyer] = points["available"], points["held"]
    check_ins: dict[str, list[tuple[str, int]]] = {}
    for item in phone.pages(tokens[town.leader], f"/activities/{town.activity_id}/check-ins"):
        check_ins.setdefault(item["person_id"], []).append((item["id"], item["points"]))
    awards = {
        arrival.person_id: [(line["origin"], line["points"]) for line in phone.pages(arrival.token, "/me/entries")]
        for arrival in arrivals
        if arrival.token and arrival.person_id
    }
    offers = phone.asks(tokens[town.leader], "GET", "/offers")["items"]
    activity = phone.asks(tokens[town.leader], "GET", f"/activities/{town.activity_id}")
    return Said(redemptions, entries, wallets, check_ins, awards, offers[0]["stock"], activity["points_left"])


def differences(said: Said, lines: Sequence[Line]) -> list[str]:
    """What was acknowledged and is not so. What is open may have happened or not, once and as a whole."""
    purchases = [purchase for line in lines for purchase in line.purchases]
    arrivals = [arrival for line in lines for arrival in line.arrivals]
    found = [wrong for purchase in purchases if purchase.id for wrong in _about_purchase(said, purchase)]
    found += [wrong for arrival in arrivals if arrival.person_id for wrong in _about_arrival(said, arrival)]
    # Nobody asked for more than that: what is there without an acknowledged id is one of the open requests.
    known = {purchase.id for purchase in purchases}
    unknown = Counter((r["buyer"], r["points"], r["state"]) for r in said.redemptions.values() if r["id"] not in known)
    open_ones = Counter((p.buyer, p.points, "held") for p in purchases if p.id is None)
    found += [f"nobody asked for this redemption: {what}" for what in unknown - open_ones]
    strangers = said.check_ins.keys() - {arrival.person_id for arrival in arrivals}
    found += [f"nobody checked in this person: {person}" for person in strangers]
    return found + list(_about_sums(said))


def build(database_url: str) -> Town:
    """An office with everything the lines need, on a migrated database nobody writes to; it is let go of after."""
    app = create_app(settings(database_url))
    street = Street.opened_in(app)

    def somebody(openid: str) -> Any:
        return street.person(openid, verified="resident", household=street.household(f"{openid} 301"), openid=openid)

    with app.app_context():
        buyers = [somebody(f"buyer-{number}") for number in range(BUYERS)]
        street.earned_together(buyers, SAVINGS)
        activity = street.activity(
            leader=somebody(Town.leader),
            fund=street.fund(AWARD * PLACES),
            points_fixed=AWARD,
            capacity=PLACES,
            hours=24,
        )
        shop = street.merchant()
        for role in (Town.clerk, Town.owner):
            street.gives(somebody(role), role, over_merchant(shop.id, shop.name))
        # A reserved item waits for days, so that no hold times out however long this takes.
        offer = street.offer(shop, price_points=PRICE, stock=STOCK, kind="reserved")
        let_go_of_database()
    app.extensions["wechat"].close()
    return Town(street.office_id, activity.id, offer.id, tuple(f"buyer-{number}" for number in range(BUYERS)))


def _about_purchase(said: Said, purchase: Purchase) -> Iterator[str]:
    there = said.redemptions.get(str(purchase.id))
    if there is None:
        yield f"lost: {purchase}"
        return
    allowed = {purchase.state, LEADS_TO.get(purchase.open or "", purchase.state)}
    if there["state"] not in allowed or (there["points"], there["code"], there["buyer"]) != (
        purchase.points,
        purchase.code,
        purchase.buyer,
    ):
        yield f"{purchase} is now {there}"
    if said.entries.get(there["id"]) != ENTRIES[there["state"]]:
        yield f"{purchase} is {there['state']} with these entries: {said.entries.get(there['id'])}"


def _about_arrival(said: Said, arrival: Arrival) -> Iterator[str]:
    person = str(arrival.person_id)
    there = said.check_ins.get(person, [])
    if arrival.told is not None:
        told = [(arrival.told["check_in"]["id"], arrival.told["points"])]
        if there != told or told[0][1] != AWARD:
            yield f"{arrival} is now {there}"
    elif len(there) > 1 or any(points != AWARD for _, points in there):
        yield f"{arrival} is now {there}"
    if person in said.awards and said.awards[person] != [(f"check_in:{n}", points) for n, points in there]:
        yield f"{arrival} checked in as {there}, with these entries: {said.awards[person]}"


def _about_sums(said: Said) -> Iterator[str]:
    """Wallets, stock and budget are what the redemptions and check-ins say."""
    spent = Counter(dict.fromkeys(said.wallets, SAVINGS))
    held: Counter[str] = Counter()
    stock = STOCK
    for redemption in said.redemptions.values():
        if redemption["state"] in ("held", "captured"):
            spent[redemption["buyer"]] -= redemption["points"]
            stock -= redemption["quantity"]
        if redemption["state"] == "held":
            held[redemption["buyer"]] += redemption["points"]
    for buyer, wallet in said.wallets.items():
        if wallet != (spent[buyer], held[buyer]):
            yield f"{buyer} has {wallet}, and redemptions for {(spent[buyer], held[buyer])}"
    if said.stock != stock:
        yield f"the stock is {said.stock} and not {stock}"
    given = sum(points for there in said.check_ins.values() for _, points in there)
    if said.points_left != AWARD * PLACES - given:
        yield f"the budget has {said.points_left} left after giving {given}"
