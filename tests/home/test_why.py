"""Why an entry is as it is: every kind that can touch a wallet, from what was stored, and nobody else's data."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from backend.activities.models import Activity, CheckIn
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, session
from backend.foundation.ids import uuid7
from backend.home import why as home
from backend.home.schemas import WhyView
from backend.home.why import EVIDENCE
from backend.ledger import drafts, reversals, sweeps
from backend.ledger.accounts import CHARITY_POOL, fund_account, group_wallet, person_wallet
from backend.ledger.drafts import Told, fingerprint_of
from backend.ledger.posting import post
from backend.ledger.reading import lines_of
from backend.ledger.recorded import Recorded
from backend.merchants import undoing
from backend.people.models import Person
from backend.people.scopes import over_group, over_merchant
from backend.places.models import Household
from backend.places.offices import the_book
from tests.builders.phone import a_key


@pytest.fixture
def fund(street):
    return street.fund(1000, name="惠民资金")


@pytest.fixture
def resident(street, fund):
    return street.earned(street.resident("王小英"), 100, fund=fund)


def entries(street, person, kind):
    return [one for one in street.phone(person).get("/me/entries")["items"] if one["kind"] == kind]


def why(street, person, kind):
    """The explanation of somebody's newest entry of the kind."""
    answer = street.phone(person).get(f"/me/entries/{entries(street, person, kind)[0]['id']}/why")
    assert answer.status == 200, answer.body
    return answer


def told(person, origin="request:1", reason="登记"):
    return Told(reason, f"person:{person.id}", origin, now())


class Undone(Exception):
    """What a feature does not post yet must not stay in a book that other tests verify."""


def without_trace(street, deed):
    """The answer of a deed that is rolled back."""
    answers = []

    def once():
        answers.append(deed())
        raise Undone

    with pytest.raises(Undone):
        street.does(once)
    return answers[0]


def explained(person, entry_id):
    """As the endpoint would answer, inside a deed."""
    return WhyView().dump(home.why(entry_id, person_id=person.id))


def posted(draft):
    return post(the_book(), draft).id


def aid(officer, *, to, points, origin="request:1"):
    """Points of the charity pool for somebody, as two officers will decide it one day."""
    return drafts.transfer(
        source=CHARITY_POOL,
        destination=to,
        points=points,
        request=str(uuid4()),
        told=told(officer, origin, "困难帮扶"),
        entry_id=uuid7(),
    )


def all_lines(person):
    return lines_of(the_book(), person_wallet(str(person.id)), before=None, limit=20)


def relations(answer):
    return [(one["kind"], one["relation"]) for one in answer["related"]]


# what activities earned


def test_points_for_coming_are_explained_by_the_activity_and_who_was_there(street, fund):
    leader, resident = street.resident("赵志强"), street.resident("王小英")
    activity = street.activity(leader=leader, fund=fund, points_fixed=20)
    street.phone(resident).post("/check-ins", {"code": street.door_code(activity)})

    said = why(street, resident, "award")

    assert said["rule"] == "按次计分 20 积分"
    assert said["caps"] == {
        "points_max": 20,
        "points_due": 20,
        "unpaid": None,
        "unpaid_reason": None,
        "cut_points": 0,
        "rule_version": None,
    }
    seen = said["evidence"]["check_in"]
    assert (seen["activity"], seen["place"]) == ({"id": str(activity.id), "title": "周六清洁日"}, "中心花园")
    assert (seen["confidence"], seen["how"]) == ("self", "本人在现场扫动态码签到")
    assert seen["session"]["starts_at"] < seen["checked_in_at"] < seen["session"]["ends_at"]
    assert (said["approver"]["name"], said["approver"]["act"]) == ("赵*强", "发布活动")
    assert said["lots"] == [{"fund": "惠民资金", "expires_on": f"{now().year + 1}-12-31", "points": 20, "held": 0}]
    assert said["entry"] == street.phone(resident).get("/me/entries")["items"][0]
    assert said["evidence"]["redemption"] is said["evidence"]["gift"] is None


@pytest.mark.parametrize(
    ("stayed", "points", "points_max", "rule"),
    [
        (150, 25, 40, "每小时 10 积分，按半小时计，共 2 小时 30 分"),
        (45, 5, 40, "每小时 10 积分，按半小时计，共 45 分"),
        (180, 15, 15, "每小时 10 积分，按半小时计，共 3 小时，每人每场最多 15 积分"),
    ],
)
def test_points_by_the_hour_are_explained_by_the_time_that_was_seen(street, fund, stayed, points, points_max, rule):
    resident, worker = street.resident(), street.worker()
    with time_machine.travel(datetime(2026, 11, 23, 1, tzinfo=UTC), tick=False) as clock:
        activity = street.activity(
            fund=fund,
            points_per_hour=10,
            points_max=points_max,
            starts_at=now(),
            hours=4,
            kind="training",
            budget_points=40,
        )
        body = {"activity_id": str(activity.id), "person_id": str(resident.id), "reason": "忘带手机"}
        street.leader_of(activity).post("/check-ins", body)
        clock.shift(timedelta(minutes=stayed))
        street.phone(worker).post("/check-ins", body | {"direction": "out"})
        said = why(street, resident, "award")

    assert (said["entry"]["points"], said["rule"]) == (points, rule)
    assert said["evidence"]["check_in"]["minutes"] == stayed
    assert said["evidence"]["check_in"]["how"] == "负责人按姓名登记"
    assert said["evidence"]["check_in"]["reason"] == "忘带手机"
    assert (said["approver"]["name"], said["approver"]["act"]) == ("社**张", "登记签退")


def test_minutes_say_why_the_points_beside_them_are_not_paid(street):
    fund = street.fund(1000)
    first, second = street.resident(), street.resident()
    with time_machine.travel(datetime(2026, 11, 23, 1, tzinfo=UTC), tick=False) as clock:
        activity = street.activity(
            fund=fund, kind="service", points_per_hour=10, points_max=20, budget_points=20, starts_at=now(), hours=2
        )
        door = street.leader_of(activity)
        for direction, later in (("in", 120), ("out", 0)):
            for person in (first, second):
                body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "名单"}
                door.post("/check-ins", body | {"direction": direction})
            clock.shift(timedelta(minutes=later))
        said = why(street, second, "serve")

    assert said["rule"] == "服务时长按实际在场时间记到分钟，共 2 小时，长期有效"
    assert said["caps"]["unpaid"] == "budget_exhausted"
    assert said["caps"]["unpaid_reason"] == "活动预算已用完，补充后按到场先后发放"
    assert said["lots"] == []
    assert said["entry"]["minutes"] == 120


def test_what_was_in_review_names_who_confirmed_it(street, fund):
    leader, worker = street.resident("赵志强"), street.worker()
    activity = street.activity(leader=leader, fund=fund, points_fixed=20)
    came = street.phone(leader).post("/check-ins", {"code": street.door_code(activity)})
    street.phone(worker).put(f"/reviews/{came['check_in']['id']}", {"decision": "confirmed"})

    said = why(street, leader, "award")

    assert (said["approver"]["name"], said["approver"]["act"]) == ("社**张", "复核确认")


# what points became


def test_a_redemption_is_explained_from_the_tap_to_the_counter_and_back(street, resident):
    shop = street.merchant("幸福面包房")
    clerk = street.phone(street.gives(street.resident("吴大力"), "clerk", over_merchant(shop.id, shop.name)))
    held = street.held(resident, street.offer(shop, price_points=10), 3)
    clerk.post("/redemptions/capture", {"code": held["code"]})
    clerk.post(f"/redemptions/{held['id']}/void")

    hold, capture, refund = (why(street, resident, kind) for kind in ("hold", "capture", "refund"))

    assert (hold["approver"]["name"], hold["approver"]["act"]) == ("本人", "兑换")
    assert (capture["approver"]["name"], capture["approver"]["act"]) == ("吴*力", "交付商品")
    assert (refund["approver"]["name"], refund["approver"]["act"]) == ("吴*力", "退回")
    assert [[(lot["points"], lot["held"]) for lot in said["lots"]] for said in (hold, capture, refund)] == [
        [(-30, 30)],
        [(0, -30)],
        [(30, 0)],
    ]
    assert relations(hold) == [("capture", "resolved_by")]
    assert relations(capture) == [("hold", "resolves"), ("refund", "undone_by")]
    assert relations(refund) == [("capture", "undoes")]
    seen = capture["evidence"]["redemption"]
    assert (seen["offer"]["name"], seen["merchant"]["name"], seen["quantity"]) == ("馒头一袋", "幸福面包房", 3)
    assert seen["captured_at"] is not None
    assert "fen" not in str(capture.body)
    assert held["code"] not in str(hold.body)


def test_a_cancelled_and_a_timed_out_code_say_who_ended_them(street, resident):
    offer = street.offer(price_points=10)
    street.phone(resident).delete(f"/redemptions/{street.held(resident, offer)['id']}")
    assert why(street, resident, "release")["approver"]["name"] == "本人"

    late = street.held(resident, offer)
    with time_machine.travel(now() + timedelta(minutes=16), tick=True):
        street.does(undoing.expire, UUID(late["id"]))
        said = why(street, resident, "release")
    assert said["approver"]["name"] == "系统"
    assert relations(said) == [("hold", "resolves")]


def test_a_gift_is_explained_with_its_note_and_lots_of_every_fund(street, resident):
    street.earned(resident, 20, fund=street.fund(20, name="商户赞助"))
    street.gives_points(resident, 110, note="给爷爷")

    said = why(street, resident, "gift")

    assert said["evidence"]["gift"]["to"] == "household"
    assert (said["evidence"]["gift"]["points"], said["evidence"]["gift"]["note"]) == (110, "给爷爷")
    assert {lot["fund"] for lot in said["lots"]} == {"惠民资金", "商户赞助"}
    assert sum(lot["points"] for lot in said["lots"]) == said["entry"]["points"] == -110
    assert (said["approver"]["name"], said["caps"]) == ("本人", None)


# what no feature speaks for yet


def test_an_award_taken_back_and_what_is_repaid_later_name_each_other(street, fund):
    worker, resident = street.worker(), street.earned(street.resident(), 100, fund=fund)
    award = UUID(entries(street, resident, "award")[0]["id"])
    street.held(resident, street.offer(price_points=70))
    (presence,) = street.rows(select(CheckIn).where(CheckIn.award_id == award))
    payer = fund_account(str(fund.id))

    def correct():
        undone = told(worker, f"check_in:{presence.id}", "签到有误，撤回积分")
        reverse = posted(reversals.reverse(the_book(), entry_id=award, payer=payer, told=undone, new_id=uuid7()))
        later = posted(
            drafts.award(
                fund=str(fund.id),
                payer=payer,
                wallet=person_wallet(str(resident.id)),
                points=20,
                origin="later",
                undone=0,
                told=told(worker),
                entry_id=uuid7(),
            )
        )
        recover = next(line.id for line in all_lines(resident) if line.kind == "recover")
        return [explained(resident, entry) for entry in (award, reverse, later, recover)]

    award, reverse, later, recover = without_trace(street, correct)

    assert relations(award) == [("reverse", "undone_by")]
    assert (reverse["entry"]["points"], relations(reverse)) == (-30, [("award", "undoes")])
    assert (reverse["approver"]["name"], reverse["approver"]["act"]) == ("社**张", "更正")
    assert reverse["evidence"]["check_in"]["id"] == str(presence.id)
    assert relations(later) == [("recover", "followed_by")]
    assert (recover["entry"]["points"], relations(recover)) == (-20, [("award", "follows")])
    assert recover["rule"] == "此前误发而已经用掉的积分，从之后得到的积分里扣回"
    assert [lot["points"] for lot in recover["lots"]] == [-20]


def test_an_award_taken_back_after_it_was_spent_says_so_although_no_points_moved(street, fund):
    worker, resident = street.worker(), street.earned(street.resident(), 100, fund=fund)
    award = UUID(entries(street, resident, "award")[0]["id"])
    street.held(resident, street.offer(price_points=100))

    def correct():
        payer = fund_account(str(fund.id))
        posted(reversals.reverse(the_book(), entry_id=award, payer=payer, told=told(worker), new_id=uuid7()))
        return [line.kind for line in all_lines(resident)], explained(resident, award)

    kinds, said = without_trace(street, correct)

    assert kinds == ["hold", "award"]
    assert relations(said) == [("reverse", "undone_by")]


def test_what_a_sweep_takes_back_follows_no_entry():
    one, told_at = uuid7(), now()
    facts = {"reason": "扣回", "actor": "system:clock", "origin": "sweep:1", "resolves_id": None, "reverses_id": None}

    def taken(key):
        return Recorded(id=uuid7(), key=key, kind="recover", occurred_at=told_at, **facts)

    assert taken(f"recover:{one}").follows_id == one
    assert taken(f"recover:{one}:7").follows_id is None


def test_thanks_of_a_group_and_help_from_the_pool_are_explained_from_the_ledger(street, resident):
    leader, officer, other = street.resident("赵志强"), street.officer("李主任"), street.resident()
    street.gives_points(resident, 60, to="charity_pool")
    group = str(uuid4())

    def help_out():
        posted(aid(officer, to=group_wallet(group), points=20))
        transfer = posted(aid(officer, to=person_wallet(str(other.id)), points=15))
        thank = posted(
            drafts.thank(
                group=group,
                to=person_wallet(str(other.id)),
                points=5,
                by=str(leader.id),
                key=a_key(),
                fingerprint=fingerprint_of("thank", points=5),
                told=told(leader, reason="感谢帮忙"),
                entry_id=uuid7(),
            )
        )
        return explained(other, thank), explained(other, transfer)

    thank, transfer = without_trace(street, help_out)

    assert (thank["entry"]["points"], thank["approver"]["name"], thank["approver"]["act"]) == (5, "赵*强", "感谢")
    assert (transfer["entry"]["points"], transfer["approver"]["name"]) == (15, "李*任")
    assert thank["lots"][0]["fund"] == transfer["lots"][0]["fund"] == "惠民资金"
    for said in (thank, transfer):
        assert said["evidence"] == dict.fromkeys(EVIDENCE)
        assert (said["caps"], said["related"]) == (None, [])


def test_expired_points_say_where_they_went_and_that_nobody_decided_it(street):
    resident = street.resident()
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=True):
        street.earned(resident, 20)
    with time_machine.travel(datetime(2028, 1, 1, tzinfo=UTC), tick=True):
        system = Told("积分到期", "system:clock", "sweep:1", now())
        with street.inside():
            (place,) = sweeps.expired(the_book(), today=shanghai_day(now()), limit=10)
        assert street.does(lambda: sweeps.expire(the_book(), place, told=system))
        said = why(street, resident, "expire")

    assert said["rule"] == "积分有效到得到后次年的 12月31日，过期未用的退回出资的资金"
    assert (said["approver"]["name"], said["approver"]["act"]) == ("系统", "到期")
    assert [(lot["expires_on"], lot["points"]) for lot in said["lots"]] == [(date(2027, 12, 31).isoformat(), -20)]


# nobody else's


def test_an_entry_of_somebody_else_is_as_missing_as_none(street, other_street, resident):
    theirs = entries(street, resident, "award")[0]["id"]
    street.gives_points(resident, 10)
    strangers = [
        street.phone(street.earned(street.resident(), 5)),
        street.phone(street.officer()),
        other_street.phone(other_street.resident()),
    ]
    (home,) = street.rows(select(Household).where(Household.id == resident.household_id))
    family = street.phone(street.moves(street.resident(), home))

    for phone in [*strangers, family]:
        for entry in (theirs, entries(street, resident, "gift")[0]["id"], UUID(int=2**128 - 1)):
            seen, missing = (phone.get(f"/me/entries/{one}/why") for one in (entry, uuid4()))
            assert seen.status == missing.status == 404
            assert seen.body | {"request_id": ""} == missing.body | {"request_id": ""}


def test_an_origin_that_is_somebody_elses_is_explained_from_the_ledger_alone(street, resident):
    """Somebody is helped with what another person gave into the pool: the giver stays unnamed."""
    given = street.gives_points(resident, 10, to="charity_pool", note="悄悄的")
    other, officer = street.resident(), street.officer()

    def help_out():
        wallet = person_wallet(str(other.id))
        return explained(other, posted(aid(officer, to=wallet, points=10, origin=f"gift:{given['id']}")))

    said = without_trace(street, help_out)

    assert said["evidence"]["gift"] is None
    assert "悄悄的" not in str(said)
    assert "王*英" not in str(said)


def test_names_are_masked_and_a_minors_is_not_said_at_all(street, fund):
    leader, resident = street.resident("赵志强"), street.resident("王小英")
    activity = street.activity(leader=leader, fund=fund, points_fixed=5)
    teenager = street.resident("郑小宝")
    with street.inside():
        group = find(Activity, activity.id).group_id
    street.gives(teenager, "helper", over_group(group, "清晨志愿队"))

    def found_out() -> None:  # after they were made a helper: no minor becomes one
        find(Person, teenager.id).age_class = "14-17"
        session().flush()

    street.does(found_out)
    body = {"activity_id": str(activity.id), "person_id": str(resident.id), "reason": "忘带手机"}
    assert street.phone(teenager).post("/check-ins", body).status == 201

    said = why(street, resident, "award")

    assert said["approver"]["name"] == "志愿者"
    assert all(name not in str(said.body) for name in ("郑小宝", "郑*宝", "赵志强", "王小英"))
