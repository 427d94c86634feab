"""Acting for somebody: a worker at the desk, a head for the dependants; who, for whom, how and why is on record."""

from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.activities.models import SignUp
from backend.foundation.acting import FOR_SOMEBODY
from backend.foundation.trail import TrailRow
from backend.ledger.recorded import recorded
from backend.merchants.models import Redemption
from backend.people.scopes import over_area
from backend.places.offices import the_book
from tests.builders.phone import a_key

WHY = "老人没有手机，本人在场"


def for_them(person, channel="desk", reason=WHY):
    headers = {"X-On-Behalf-Of": str(getattr(person, "id", person)), "X-Channel": channel}
    return headers | ({"X-Reason": quote(reason)} if reason is not None else {})


@pytest.fixture
def worker(street):
    return street.worker()


@pytest.fixture
def elder(street):
    return street.resident("冯秀珍")


@pytest.fixture
def activity(street):
    return street.activity()


def sign_up(street, helper, activity, headers):
    return street.phone(helper).post(f"/activities/{activity.id}/sign-ups", headers=headers)


def acts(street):
    return street.rows(select(TrailRow).where(TrailRow.channel.in_(FOR_SOMEBODY)).order_by(TrailRow.id))


# at the desk


def test_a_worker_signs_an_elder_up_and_it_is_on_record(street, worker, elder, activity):
    answer = sign_up(street, worker, activity, for_them(elder))

    assert (answer.status, answer["state"]) == (201, "placed")
    assert street.rows(select(SignUp.person_id)) == [elder.id]
    (act,) = acts(street)
    assert (act.actor_id, act.beneficiary_id, act.channel, act.act) == (
        worker.id,
        elder.id,
        "desk",
        "assisted.sign_up",
    )
    assert str(act.subject_id) == answer["id"]
    with street.inside():
        assert act.reason == WHY
    assert WHY.encode() not in act.reason_sealed


def test_a_repeat_is_not_another_act(street, worker, elder, activity):
    sign_up(street, worker, activity, for_them(elder))

    assert sign_up(street, worker, activity, for_them(elder)).status == 200
    assert len(acts(street)) == 1


def test_a_refused_act_leaves_no_record(street, worker, elder):
    draft = street.draft(by=street.resident(), group=street.group())

    assert sign_up(street, worker, draft, for_them(elder)).status == 404
    assert acts(street) == []


def test_a_place_is_given_up_and_a_circle_applied_to(street, worker, elder, activity):
    group = street.group(name="晨练队")
    phone = street.phone(worker)
    sign_up(street, worker, activity, for_them(elder))

    gone = phone.send("DELETE", f"/activities/{activity.id}/sign-ups/mine", headers=for_them(elder))
    applied = phone.post(f"/groups/{group.id}/applications", {"note": "想参加"}, headers=for_them(elder))

    assert (gone.status, gone["state"], applied.status) == (200, "withdrawn", 201)
    assert applied["person_id"] == str(elder.id)
    assert [(act.act, act.subject_type) for act in acts(street)] == [
        ("assisted.sign_up", "sign_ups"),
        ("assisted.withdraw", "sign_ups"),
        ("assisted.apply", "applications"),
    ]


def test_points_and_their_history_are_looked_at_for_somebody(street, worker, elder):
    street.earned(elder, 30)
    phone = street.phone(worker)

    wallet = phone.send("GET", "/me/wallet", headers=for_them(elder))
    entries = phone.send("GET", "/me/entries", headers=for_them(elder))
    why = phone.send("GET", f"/me/entries/{entries['items'][0]['id']}/why", headers=for_them(elder))

    assert (wallet["points"]["available"], len(entries["items"]), why.status) == (30, 1, 200)
    assert [(act.act, act.subject_id) for act in acts(street)] == [
        ("assisted.read_wallet", elder.id),
        *[("assisted.read_entries", elder.id)] * 2,
    ]


def test_an_offer_is_redeemed_for_somebody_within_the_caps(street, worker, elder):
    street.earned(elder, 600)
    offer = street.offer(price_points=100)
    phone = street.phone(worker)

    def redeem(quantity, key=None):
        form = {"offer_id": str(offer.id), "quantity": quantity}
        return phone.post("/redemptions", form, headers=for_them(elder) | {"Idempotency-Key": key or a_key()})

    key = a_key()
    first = redeem(2, key)
    assert (first.status, first["points"], first["channel"]) == (201, 200, "desk")
    assert (redeem(2, key).status, redeem(1, key).code) == (200, "key_reused")
    assert (redeem(3).code, redeem(2).code) == ("assisted_cap_reached", "assisted_cap_reached")
    row = street.rows(select(Redemption))[0]
    assert (row.person_id, row.helper_id, row.channel) == (elder.id, worker.id, "desk")
    with street.inside():
        assert recorded(the_book(), row.hold_id).actor == f"person:{worker.id}"
    assert [(act.act, act.subject_id) for act in acts(street)] == [("assisted.redeem", row.id)]
    mine = phone.send("GET", "/redemptions", headers=for_them(elder))
    assert mine["items"][0]["code"] == first["code"]
    cancelled = phone.send("DELETE", f"/redemptions/{first['id']}", headers=for_them(elder))
    assert (cancelled.status, street.wallet(elder).available) == (200, 600)
    assert street.findings() == set()


def test_the_same_key_for_two_elders_is_a_mistake(street, worker):
    one, other = (street.earned(street.resident(), 20) for _ in range(2))
    offer, key = street.offer(), a_key()
    answers = [
        street.phone(worker).post(
            "/redemptions", {"offer_id": str(offer.id)}, headers=for_them(person) | {"Idempotency-Key": key}
        )
        for person in (one, other)
    ]

    assert [answer.status for answer in answers] == [201, 422]
    assert answers[1].code == "key_reused"


# who may


def test_who_is_of_another_area_or_office_or_nobody_is_as_missing(street, other_street, worker, elder, activity):
    far = street.worker(street.area())
    stranger = other_street.resident()
    said = []
    for helper, person in ((far, elder), (worker, stranger), (worker, uuid4()), (street.resident(), elder)):
        refused = sign_up(street, helper, activity, for_them(person))
        said.append((refused.status, refused.code, refused["message"]))

    assert set(said) == {(404, "not_found", said[0][2])}
    assert acts(street) == []


def test_nobody_serves_themselves_or_their_family_at_the_desk(street, worker, activity):
    home = street.household()
    street.moves(worker, home)
    mother = street.person(household=home)

    for person in (worker, mother):
        refused = sign_up(street, worker, activity, for_them(person))
        assert (refused.status, refused.code) == (403, "own_desk")


def test_the_desk_says_why(street, worker, elder, activity):
    for headers in (
        for_them(elder, reason=None),
        for_them(elder, reason="  "),
        for_them(elder, reason="长" * 201),
        for_them(elder) | {"X-Reason": "%FF%FE"},
        for_them(elder, channel="card"),
        for_them(elder, channel=""),
        for_them("nobody"),
    ):
        refused = sign_up(street, worker, activity, headers)
        assert (refused.status, refused.code) == (422, "invalid"), headers
        assert set(refused["errors"]) & {"X-Reason", "X-Channel", "X-On-Behalf-Of"}


def test_a_role_that_is_a_moment_old_counts(street, elder, activity):
    newcomer = street.resident()
    assert sign_up(street, newcomer, activity, for_them(elder)).status == 404

    street.gives(newcomer, "worker", over_area(street.community))

    assert sign_up(street, newcomer, activity, for_them(elder)).status == 201


def test_whoever_acts_for_an_officer_has_none_of_their_rights(street, worker):
    officer, own = street.officer(), street.activity()
    draft = street.draft(by=street.resident(), group=street.group(name="另一队"))

    assert sign_up(street, officer, draft, {}).code == "sign_ups_closed"
    assert sign_up(street, worker, draft, {}).code == "sign_ups_closed"
    assert sign_up(street, worker, draft, for_them(officer)).status == 404
    assert sign_up(street, worker, own, for_them(officer)).status == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/me", None),
        ("PUT", "/me", {"elder_mode": True}),
        ("GET", "/me/code", None),
        ("POST", "/me/gifts", {"to": "charity_pool", "points": 1}),
        ("POST", "/groups", {"name": "晨练队", "theme": "锻炼", "category": "service"}),
        ("POST", "/check-ins", {"code": "abc"}),
        ("POST", "/roles", {}),
    ],
)
def test_everything_else_is_done_by_oneself(street, worker, elder, method, path, body):
    refused = street.phone(worker).send(method, path, json=body, headers=for_them(elder) | {"Idempotency-Key": a_key()})

    assert (refused.status, refused.code) == (403, "acting_for_others_unavailable")


def test_who_is_asking_comes_first(street, elder, activity):
    assert sign_up(street, None, activity, for_them(elder)).status == 401


# within the household


@pytest.fixture
def home(street):
    return street.household()


@pytest.fixture
def head(street, home):
    return street.person("郑文华", household=home, role="head")


def test_a_head_acts_for_children_and_for_elders_without_a_phone(street, home, head, activity):
    child = street.person("郑小宝", household=home, age_class="14-17", openid=f"child-{uuid4()}")
    mother = street.person("冯秀珍", household=home)

    for person in (child, mother):
        assert sign_up(street, head, activity, for_them(person, "household", None)).status == 201
    assert [(act.channel, act.beneficiary_id, act.reason_sealed) for act in acts(street)] == [
        ("household", child.id, None),
        ("household", mother.id, None),
    ]


def test_a_head_does_not_act_for_adults_with_a_phone_or_for_others(street, home, head, activity):
    grown_up = street.person("郑大宝", household=home, openid=f"adult-{uuid4()}")
    sister = street.person("郑小妹", household=home)

    for helper, person, code in (
        (head, grown_up, "no_dependant"),
        (head, head, "no_dependant"),
        (sister, grown_up, "no_dependant"),
        (head, street.resident(), "not_found"),
    ):
        assert sign_up(street, helper, activity, for_them(person, "household")).code == code


def test_a_child_redeems_nothing_through_the_head(street, home, head):
    child = street.earned(street.person(household=home, age_class="14-17"), 20)

    refused = street.phone(head).post(
        "/redemptions",
        {"offer_id": str(street.offer().id)},
        headers=for_them(child, "household", None) | {"Idempotency-Key": a_key()},
    )

    assert (refused.status, refused.code) == (403, "minor_cannot_spend")


def test_a_leader_who_scans_a_card_at_the_door_is_on_record(street, elder, activity):
    token = street.card(elder)
    leader = street.leader_of(activity)

    for _ in range(2):
        leader.post("/check-ins", {"activity_id": str(activity.id), "card": token})

    (act,) = acts(street)
    assert (act.act, act.channel, act.beneficiary_id) == ("check_ins.arrive", "card", elder.id)
