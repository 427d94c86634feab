"""Two accounts of one person become one: everything is added once, nothing is escaped, nothing is lost."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select, update

from backend.activities.models import CheckIn, SignUp
from backend.cli.jobs import JOBS
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, session
from backend.foundation.errors import AppError
from backend.foundation.ids import uuid7
from backend.ledger import reversals
from backend.ledger.accounts import budget_account, person_wallet
from backend.ledger.drafts import Told
from backend.ledger.posting import post
from backend.ledger.reading import wallet_of
from backend.people import merging
from backend.people.models import Person, WeChatAccount
from backend.people.persons import openids_of, person_code
from backend.people.role_models import Role
from backend.people.scopes import over_office
from backend.people.verification_models import CarryOver, PersonMerge
from backend.places.offices import the_book
from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, statuses
from tests.builders.street import phone_code


def decides(street, decider, case, keep, reason="本人换了手机"):
    body = {"decision": "merge", "keep_id": str(keep.id), "reason": reason}
    return street.phone(decider).put(f"/person-merges/{case}", body)


def separates(street, decider, case):
    return street.phone(decider).put(f"/person-merges/{case}", {"decision": "separate", "reason": "母女共用号码"})


def runs(street, *names):
    with street.inside():
        return sum(job.run() for job in JOBS if job.name in names)


def logs_in(street, openid):
    return street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": f"stub:{openid}:{uuid4()}"})


def case_in_rows(street, case):
    return street.rows(select(PersonMerge).where(PersonMerge.id == UUID(case)))[0]


def points(street, person):
    return street.phone(person).get("/me/wallet")["points"]["available"]


def spent(street, person):
    """Somebody who was given 20 points by mistake and gave them away before it was seen; the check-in."""
    street.earned(person, 20)
    street.gives_points(person, 20, to="charity_pool")
    return street.rows(select(CheckIn).where(CheckIn.person_id == person.id))[-1]


class Undone(Exception):
    """No feature undoes awards yet, so it must not stay in a book that other tests verify."""


def while_owing(street, presences, case, keep):
    """What a worker's decision comes to when those awards are undone, and what the kept account has then."""
    worker, outcome = street.caller(street.worker()), []

    def once():
        for presence in presences:
            told = Told("误登记", "person:x", f"check_in:{presence.id}", now())
            payer = budget_account(str(presence.activity_id))
            undone = reversals.reverse(the_book(), entry_id=presence.award_id, payer=payer, told=told, new_id=uuid7())
            post(the_book(), undone)
        try:
            found = find(PersonMerge, UUID(case))
            merging.decide(found, decider=worker, merge=True, keep_id=keep.id, reason="本人换了手机")
        except AppError as refusal:
            outcome.append((refusal.code, refusal.facts))
        else:
            kept = wallet_of(the_book(), person_wallet(str(keep.id)), today=shanghai_day(now()))
            outcome.append((kept.available, kept.recoverable))
        raise Undone

    with pytest.raises(Undone):
        street.does(once)
    return outcome[0]


@pytest.fixture
def before(street):
    """The account of before: a resident with 30 points."""
    return street.earned(street.resident("王小英"), 30)


@pytest.fixture
def later(street):
    """The account of the new phone."""
    return street.person("小英", verified="none")


# what is added


def test_wallets_and_hours_are_added_once(street, before, later):
    street.served(before, 95)
    street.earned(later, 12)

    street.merged(before, later)

    wallet = street.phone(later).get("/me/wallet")
    assert (wallet["points"]["available"], wallet["minutes"]) == (42, 95)
    assert (street.wallet(before).available, street.wallet(before).minutes) == (0, 0)
    assert street.findings() == set()


def test_points_keep_their_fund_and_their_last_day(street, later):
    old = street.resident()
    with time_machine.travel(now() - timedelta(days=365), tick=True):
        street.earned(old, 10)
    street.earned(old, 20)
    expiring = street.wallet(old).expiring

    street.merged(old, later)

    assert len(expiring) == 2
    assert street.wallet(later).expiring == expiring


def test_the_kept_account_shows_where_they_come_from(street, before, later):
    street.served(before, 60)
    street.merged(before, later)

    shown = street.phone(later).get("/me/entries")["items"]

    assert [(line["kind"], line["reason"], line["points"], line["minutes"]) for line in shown] == [
        ("transfer", "合并账号转入服务时长", 0, 60),
        ("transfer", "合并账号转入", 30, 0),
    ]
    why = street.phone(later).get(f"/me/entries/{shown[1]['id']}/why")
    assert (why.status, why["rule"]) == (200, "经两人审批的积分划转，有效期不变")


def test_an_empty_account_is_merged_without_an_entry(street, later):
    street.merged(later, street.earned(street.resident(), 5))

    assert street.rows(select(CarryOver)) == []
    assert street.findings() == set()


def test_the_higher_verification_the_household_and_the_number_go_along(street, later):
    home = street.household("3号楼301")
    old = street.person("王小英", household=home, role="head")
    case = street.case_of(later, old, "13812341234")

    decides(street, street.worker(), case, later)

    me = street.phone(later).get("/me")
    assert (me["verified"], me["phone"]) == ("resident", "138****1234")
    assert me["household"] == {"id": str(home.id), "name": "3号楼301", "role": "head"}
    assert street.rows(select(Person.id).where(Person.household_id == home.id)) == [later.id]


def test_a_household_of_ones_own_stays(street, later):
    old, kept = street.resident(), street.resident()
    street.merged(old, kept)

    with street.inside():
        assert find(Person, kept.id).household_id == kept.household_id
        assert find(Person, old.id).household_id is None


def test_the_class_of_age_that_was_recorded_counts(street, later):
    minor = street.resident("郑小宝", age_class="14-17")

    street.merged(minor, later)

    assert street.gives_points(later, 1, to="charity_pool").code == "minor_cannot_give"


def test_a_number_is_free_again_when_the_kept_account_has_its_own(street, before, later):
    street.proves_phone(before, "13900139000")
    street.proves_phone(later, "13800138000")
    asks = {"person_id": str(before.id), "other_id": str(later.id), "reason": "本人说明"}
    case = street.phone(street.officer()).post("/person-merges", asks)["id"]
    decides(street, street.worker(), case, later)

    assert street.phone(later).get("/me")["phone"] == "138****8000"
    assert street.proves_phone(street.person(verified="none"), "13900139000")["state"] == "verified"


def test_a_card_goes_on_working(street, before, later):
    card = street.card(before)
    activity = street.activity()
    street.merged(before, later)

    came = street.leader_of(activity).post("/check-ins", {"activity_id": str(activity.id), "card": card})

    assert (came.status, came["check_in"]["person_id"]) == (201, str(later.id))


# logging in


def test_both_wechat_accounts_are_one_person_and_tokens_of_the_other_end(street):
    old, new = logs_in(street, "old-phone"), logs_in(street, "new-phone")
    people = [street.rows(select(Person).where(Person.id == UUID(who["person"]["id"])))[0] for who in (old, new)]
    case = street.case_of(people[1], people[0])
    decides(street, street.officer(), case, people[1])

    ended = street.phone().send("GET", "/me", headers={"Authorization": f"Bearer {old['access_token']}"})
    assert (ended.status, ended.code) == (401, "token_invalid")
    assert street.phone().post("/auth/refresh", {"refresh_token": old["refresh_token"]}).code == "refresh_refused"
    assert logs_in(street, "old-phone")["person"]["id"] == logs_in(street, "new-phone")["person"]["id"]
    with street.inside():
        assert sorted(openids_of(people[1].id)) == ["new-phone", "old-phone"]
    assert {account.person_id for account in street.rows(select(WeChatAccount))} == {people[1].id}


def test_a_code_shown_before_the_merge_tells_who_it_is_now(street, before, later):
    activity = street.activity()
    with street.inside():
        code = person_code(before)[0]
    street.merged(before, later)

    seen = street.leader_of(activity).post("/check-ins", {"activity_id": str(activity.id), "person_code": code})

    assert (seen.status, seen["check_in"]["person_id"]) == (201, str(later.id))


# who decides


def test_both_are_shown_masked_with_what_would_be_added(street, before, later):
    street.served(before, 30)
    street.held(before, street.offer(price_points=10))
    case = street.case_of(later, before)

    shown = street.phone(street.worker()).get(f"/person-merges/{case}")

    asker, other = shown["people"]
    assert (shown["state"], shown["by_phone"]) == ("waiting", True)
    assert (asker["name"], other["name"]) == ("小*", "王*英")
    assert other["points"] == {"available": 20, "held": 10, "recoverable": 0}
    assert (other["minutes"], other["has_phone"], other["roles"]) == (30, True, [])
    assert (asker["verified"], asker["household"]) == ("none", None)
    assert "13800138000" not in str(shown.body)


def test_a_worker_sees_the_cases_of_their_area_and_an_officer_all(street, before, later):
    case = street.case_of(later, before)
    nowhere = street.case_of(
        street.person(verified="none"), street.person(verified="none"), "13900139000"
    )  # without a household, so for those of the whole office

    def listed(person, **asked):
        return {item["id"] for item in street.phone(person).get("/person-merges", **asked)["items"]}

    assert listed(street.worker()) == {case}
    assert listed(street.worker(street.area())) == set()
    assert listed(street.officer()) == {case, nowhere}
    assert listed(street.gives(street.resident(), "worker", over_office(street.office))) == {case, nowhere}
    assert listed(street.officer(), state="merged") == set()


def test_those_concerned_and_their_households_neither_see_nor_decide(street, later):
    home = street.household()
    asker = street.gives(street.person("社工", household=home), "worker", over_office(street.office))
    spouse = street.gives(street.person("家属", household=home), "officer", over_office(street.office))
    case = street.case_of(asker, later)

    for who in (asker, spouse):
        assert street.phone(who).get(f"/person-merges/{case}").status == 404
        assert decides(street, who, case, later).status == 404
        assert street.phone(who).get("/person-merges")["items"] == []
    assert case_in_rows(street, case).state == "waiting"


def test_who_opened_a_case_does_not_decide_it(street, before, later):
    opener = street.worker()
    asks = {"person_id": str(before.id), "other_id": str(later.id), "reason": "我认识她"}
    opened = street.phone(opener).post("/person-merges", asks)
    assert (opened.status, opened["by_phone"], opened["reason"]) == (201, False, "我认识她")

    refused = decides(street, opener, opened["id"], later)
    assert (refused.status, refused.code) == (403, "merge_needs_second_person")

    assert decides(street, street.worker(), opened["id"], later).status == 200


def test_opening_again_answers_the_open_case_in_whatever_order(street, before, later):
    first, second = street.worker(), street.worker()
    asks = {"person_id": str(before.id), "other_id": str(later.id), "reason": "我认识她"}
    opened = street.phone(first).post("/person-merges", asks)

    again = street.phone(second).post(
        "/person-merges", {"person_id": str(later.id), "other_id": str(before.id), "reason": "也认识"}
    )

    assert (again.status, again["id"]) == (200, opened["id"])
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_worker_opens_nothing_about_themselves_or_about_people_elsewhere(street, before, later):
    worker = street.worker()
    mine = {"person_id": str(worker.id), "other_id": str(later.id), "reason": "我的"}
    theirs = {"person_id": str(before.id), "other_id": str(later.id), "reason": "她的"}

    assert street.phone(worker).post("/person-merges", mine).code == "own_case"
    assert street.phone(street.worker(street.area())).post("/person-merges", theirs).code == "forbidden"


def test_separate_leaves_both_and_the_door_verifies_the_second(street, before, later):
    case = street.case_of(later, before)
    worker = street.worker()

    assert separates(street, worker, case)["state"] == "separate"

    assert street.phone(later).get("/me")["verified"] == "none"
    assert street.phone(before).get("/me")["phone"] == "138****8000"
    home = {"household_id": str(street.household().id)}
    assert street.phone(worker).post(f"/people/{later.id}/verification", home)["verified"] == "resident"
    assert street.phone(later).get("/me")["phone"] is None


def test_a_decision_is_repeated_and_not_changed(street, before, later):
    case = street.case_of(later, before)
    worker = street.worker()
    first = decides(street, worker, case, later)

    again = decides(street, worker, case, later)
    assert (again.status, again["decided_at"]) == (200, first["decided_at"])
    assert again.headers["Idempotency-Replayed"] == "true"
    for other in (decides(street, worker, case, before), separates(street, worker, case)):
        assert (other.status, other.code) == (409, "merge_decided")
    assert len(street.rows(select(CarryOver))) == 1
    assert points(street, later) == 30


def test_somebody_else_is_not_kept(street, before, later):
    case = street.case_of(later, before)

    assert decides(street, street.worker(), case, street.resident()).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "merge", "reason": "x"},
        {"decision": "separate", "reason": "x", "keep_id": str(UUID(int=1))},
        {"decision": "merge", "keep_id": str(UUID(int=1))},
        {"decision": "waiting", "reason": "x"},
    ],
    ids=str,
)
def test_a_decision_is_whole(street, before, later, body):
    case = street.case_of(later, before)

    assert street.phone(street.worker()).put(f"/person-merges/{case}", body).status == 422


def test_two_who_decide_at_once_have_one_effect(street, before, later):
    street.served(before, 40)
    case = street.case_of(later, before)
    workers = [street.worker() for _ in range(10)]

    answers = at_once(*[lambda who=who: decides(street, who, case, later) for who in workers])

    assert statuses(answers) == {200: 10}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert (points(street, later), street.wallet(later).minutes) == (30, 40)
    assert [(each.n, each.unit) for each in street.rows(select(CarryOver).order_by(CarryOver.n))] == [
        (0, "points"),
        (1, "minutes"),
    ]
    assert street.findings() == set()


def test_two_who_decide_differently_at_once_have_one_effect(street, before, later):
    case = street.case_of(later, before)
    one, other, third = street.worker(), street.worker(), street.officer()

    answers = at_once(
        lambda: decides(street, one, case, later),
        lambda: decides(street, other, case, before),
        lambda: separates(street, third, case),
    )

    assert statuses(answers) == {200: 1, 409: 2}
    assert codes(answers) == {"merge_decided": 2}
    assert points(street, before if case_in_rows(street, case).kept_id != later.id else later) == 30
    assert street.findings() == set()


# what is not escaped


def test_who_owes_is_kept_and_repays_from_what_is_added(street, before):
    debtor = street.resident()
    presence, case = spent(street, debtor), street.case_of(debtor, before)

    assert while_owing(street, [presence], case, before) == ("merge_keeps_debtor", {"recoverable": 20})
    assert while_owing(street, [presence], case, debtor) == (10, 0)


def test_two_who_owe_wait(street):
    one, other = street.resident(), street.resident()
    presences = [spent(street, one), spent(street, other)]

    assert while_owing(street, presences, street.case_of(one, other), one) == ("merge_both_owe", {})


def test_roles_are_settled_before(street, later):
    leader = street.resident("赵队长")
    street.group(leader=leader, name="晨练队")
    case = street.case_of(later, leader)

    refused = decides(street, street.worker(), case, later)

    assert (refused.status, refused.code, refused["facts"]) == (409, "merge_roles_first", {"roles": "晨练队"})
    assert decides(street, street.worker(), case, leader).status == 200


def test_a_household_does_not_lose_its_head_by_a_merge(street):
    home = street.household()
    head, other = street.person(household=home, role="head"), street.resident()
    street.person(household=home)
    case = street.case_of(other, head)

    refused = decides(street, street.worker(), case, other)

    assert (refused.status, refused.code) == (409, "head_stays")


def test_nobody_serves_themselves_by_way_of_an_old_account(street, later):
    shop = street.merchant()
    old, clerk = street.earned(street.resident(), 30), street.clerk(shop)
    held = street.held(old, street.offer(shop, price_points=10))
    street.merged(old, clerk)

    refused = street.phone(clerk).post("/redemptions/capture", {"code": held["code"]})

    assert (refused.status, refused.code) == (403, "own_household")


def test_nobody_confirms_their_own_arrival_by_way_of_an_old_account(street):
    leader, old = street.resident("赵队长"), street.person(verified="none")
    street.phone(old).post("/check-ins", {"code": street.door_code(street.activity(leader=leader))})
    presence = street.rows(select(CheckIn))[0]
    street.does(lambda: session().execute(update(CheckIn).values(state="review")))
    street.merged(old, leader)

    refused = street.phone(leader).put(f"/reviews/{presence.id}", {"decision": "confirmed"})

    assert (refused.status, refused.code) == (403, "second_household_needed")


def test_one_door_pays_one_person_once(street, later):
    old = street.resident()
    activity = street.activity(fund=street.fund())
    code = street.door_code(activity)
    assert street.phone(old).post("/check-ins", {"code": code})["points"] == 20
    street.merged(old, later)

    again = street.phone(later).post("/check-ins", {"code": code})

    assert again.status == 200
    assert again.headers["Idempotency-Replayed"] == "true"
    assert points(street, later) == 20


def test_who_wrote_an_activity_under_an_old_account_is_looked_at_when_they_come(street, later):
    """Anti-collusion does not end where an account does."""
    writer = street.resident("赵队长")
    activity = street.activity(leader=writer, fund=street.fund())
    street.does(lambda: session().execute(update(Role).values(withdrawn_at=now())))
    worker = street.worker()
    code = street.phone(worker).get(f"/activities/{activity.id}/code")["code"]
    street.merged(writer, later)

    came = street.phone(later).post("/check-ins", {"code": code})

    assert (came.status, came["check_in"]["state"]) == (201, "review")


# what is not lost


def test_a_place_taken_before_is_still_theirs(street, later):
    old = street.resident()
    activity = street.activity(starts_at=now() + timedelta(days=1))
    place = street.phone(old).post(f"/activities/{activity.id}/sign-ups")
    street.merged(old, later)
    phone = street.phone(later)

    assert phone.post(f"/activities/{activity.id}/sign-ups").body == place.body
    assert phone.get(f"/activities/{activity.id}")["my"]["sign_up"]["id"] == place["id"]
    assert phone.delete(f"/activities/{activity.id}/sign-ups/mine").status == 200
    assert [each.state for each in street.rows(select(SignUp))] == ["withdrawn"]


def test_an_open_redemption_can_be_shown_fetched_and_cancelled(street, before, later):
    shop = street.merchant()
    offer, clerk = street.offer(shop, price_points=10, per_person=2), street.clerk(shop)
    shown, cancelled = street.held(before, offer), street.held(before, offer)
    street.merged(before, later)
    phone = street.phone(later)

    assert {item["id"] for item in phone.get("/redemptions", state="held")["items"]} == {shown["id"], cancelled["id"]}
    assert phone.get(f"/redemptions/{shown['id']}")["code"] == shown["code"]
    assert {item["id"] for item in phone.get("/home")["waiting"]} == {shown["id"], cancelled["id"]}
    assert street.phone(clerk).post("/redemptions/capture", {"code": shown["code"]}).status == 200
    third = phone.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())
    assert third.code == "limit_reached"
    assert phone.delete(f"/redemptions/{cancelled['id']}").status == 200


def test_what_comes_back_later_is_carried_over_once(street, before, later):
    """A cancelled redemption, one taken back, and points that waited for a budget."""
    shop = street.merchant()
    offer, clerk = street.offer(shop, price_points=10), street.phone(street.clerk(shop))
    cancelled, bought = street.held(before, offer), street.held(before, offer)
    clerk.post("/redemptions/capture", {"code": bought["code"]})
    street.merged(before, later)
    assert points(street, later) == 10
    street.phone(later).delete(f"/redemptions/{cancelled['id']}")
    clerk.post(f"/redemptions/{bought['id']}/void")
    assert (points(street, later), street.wallet(before).available) == (10, 20)

    assert runs(street, "carry-over") == 1
    assert runs(street, "carry-over") == 0

    assert (points(street, later), street.wallet(before).available) == (30, 0)
    carried = street.rows(select(CarryOver).order_by(CarryOver.n))
    assert [(each.n, each.amount) for each in carried] == [(0, 10), (1, 20)]
    assert street.findings() == set()


def test_hours_that_come_later_are_carried_over_too(street, before, later):
    with time_machine.travel(now(), tick=False) as clock:
        activity = street.activity(kind="service", starts_at=now(), fund=street.fund(), hours=3)
        body = {"activity_id": str(activity.id), "person_id": str(before.id), "reason": "忘带手机"}
        street.leader_of(activity).post("/check-ins", body)
        street.merged(before, later)
        clock.shift(timedelta(minutes=50))
        left = street.leader_of(activity).post("/check-ins", body | {"direction": "out"})
        assert (left.status, left["minutes"]) == (201, 50)

        runs(street, "carry-over")
        runs(street, "carry-over")

    assert street.wallet(later).minutes == 50
    assert street.findings() == set()


def test_hours_of_a_merge_that_was_cut_off_half_way_follow(street, before, later):
    """They go in a transaction of their own: whoever is killed between the two leaves them to the worker."""
    street.served(before, 45)
    case, worker = street.case_of(later, before), street.caller(street.worker())

    def decides_and_dies():
        found = find(PersonMerge, UUID(case))
        merging.decide(found, decider=worker, merge=True, keep_id=later.id, reason="本人换了手机")

    street.does(decides_and_dies)
    assert (points(street, later), street.wallet(later).minutes) == (30, 0)

    assert runs(street, "carry-over") == 1

    assert street.wallet(later).minutes == 45
    assert street.findings() == set()


def test_many_workers_at_once_carry_over_once(street, before, later):
    held = street.held(before, street.offer(price_points=25))
    street.merged(before, later)
    street.phone(later).delete(f"/redemptions/{held['id']}")

    done = at_once(*[lambda: street.does(merging.carry_over, before.id)] * 8)

    assert sum(done) == 1
    assert points(street, later) == 30
    assert [each.amount for each in street.rows(select(CarryOver).order_by(CarryOver.n))] == [5, 25]
    assert street.findings() == set()


def test_points_that_expire_meanwhile_stay_with_their_fund(street, before, later):
    offer = street.offer(price_points=30, kind="reserved")
    held = street.held(before, offer)
    street.merged(before, later)
    with time_machine.travel(now() + timedelta(days=800), tick=True):
        runs(street, "release-holds")
        assert runs(street, "carry-over") == 0
        assert runs(street, "expire-points") == 1
    assert held.status == 201
    assert street.findings() == set()


# chains


def test_everybody_merged_before_is_the_last_one_kept(street, before, later):
    newest = street.person("英子", verified="none")
    held = street.held(before, street.offer(price_points=7))
    street.merged(before, later)
    street.merged(later, newest)

    with street.inside():
        assert {find(Person, each.id).merged_into_id for each in (before, later)} == {newest.id}
    assert points(street, newest) == 23
    street.phone(newest).delete(f"/redemptions/{held['id']}")
    runs(street, "carry-over")
    assert points(street, newest) == 30
    assert street.findings() == set()


def test_a_case_about_an_account_that_was_merged_meanwhile_is_about_whom_it_is_now(street, before, later):
    third = street.person("英子", verified="none")
    case = street.case_of(third, before)
    street.phone(street.officer()).post(
        "/person-merges", {"person_id": str(before.id), "other_id": str(later.id), "reason": "我认识她"}
    )
    decides(street, street.worker(), str(street.rows(select(PersonMerge.id))[-1]), later)

    shown = street.phone(street.worker()).get(f"/person-merges/{case}")
    assert {person["id"] for person in shown["people"]} == {str(third.id), str(later.id)}
    assert decides(street, street.worker(), case, before).status == 404
    assert decides(street, street.worker(), case, third).status == 200

    assert points(street, third) == 30
    with street.inside():
        assert {find(Person, each.id).merged_into_id for each in (before, later)} == {third.id}
    assert street.findings() == set()


def test_two_who_became_one_by_a_third_are_one_already(street, before, later):
    third = street.person("英子", verified="none")
    open_case = street.case_of(third, before, "13800138000")
    for one, other in ((before, later), (later, third)):
        asks = {"person_id": str(one.id), "other_id": str(other.id), "reason": "我认识她"}
        case = street.phone(street.officer()).post("/person-merges", asks)["id"]
        assert decides(street, street.worker(), case, other).status == 200

    assert decides(street, street.worker(), open_case, third).status == 200

    assert case_in_rows(street, open_case).merged_id is None
    assert points(street, third) == 30
    assert street.findings() == set()


def test_three_merged_in_a_circle_at_once_end_as_one_or_wait(street):
    people = [street.earned(street.person(verified="none"), 10) for _ in range(3)]
    worker = street.gives(street.resident(), "worker", over_office(street.office))
    opener = street.phone(street.officer())
    cases = []
    for n in range(3):
        pair = {"person_id": str(people[n].id), "other_id": str(people[(n + 1) % 3].id), "reason": "同一个人"}
        cases.append(opener.post("/person-merges", pair)["id"])

    answers = at_once(*[lambda n=n: decides(street, worker, cases[n], people[(n + 1) % 3]) for n in range(3)])

    assert {answer.status for answer in answers} <= {200, 404}  # who was merged meanwhile is not there to be kept
    with street.inside():
        now_are = [find(Person, person.id) for person in people]
    left = [person for person in now_are if person.merged_into_id is None]
    assert len(left) >= 1
    assert all(find_in(now_are, person.merged_into_id) in left for person in now_are if person.merged_into_id)
    assert sum(street.wallet(person).available for person in left) == 30
    assert street.findings() == set()


def find_in(people, person_id):
    return next(person for person in people if person.id == person_id)


def test_a_merged_account_is_verified_by_nobody_and_gets_no_number(street, before, later):
    phone = street.phone(before)
    assert phone.get("/me").status == 200
    street.merged(before, later)
    home = {"household_id": str(street.household().id)}

    assert street.phone(street.worker()).post(f"/people/{before.id}/verification", home).status == 404
    assert phone.post("/me/phone", {"code": phone_code("13700137000")}).status == 401
    asks = {"person_id": str(before.id), "other_id": str(street.person().id), "reason": "x"}
    assert street.phone(street.officer()).post("/person-merges", asks).status == 404


def test_a_merge_while_points_are_spent_loses_none(street, later):
    offer = street.offer(price_points=1)
    old = street.earned(street.resident(), 20)
    case = street.case_of(later, old)
    worker = street.worker()
    phone = street.phone(old)

    at_once(
        *[lambda: phone.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())] * 8,
        lambda: decides(street, worker, case, later),
        *[lambda: phone.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())] * 8,
    )
    runs(street, "carry-over")

    ended, kept = street.wallet(old), street.wallet(later)
    assert ended.available == 0
    assert kept.available + ended.held == 20
    assert street.findings() == set()
