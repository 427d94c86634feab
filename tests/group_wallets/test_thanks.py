"""A group thanks its members: one leader up to a limit, two above it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.db import find, session
from backend.foundation.outbox import OutboxMessage
from backend.group_wallets.models import Thanks
from backend.groups.models import Group
from backend.people.models import Person
from backend.people.scopes import over_group
from backend.places.models import Household
from tests.builders.lively import rich
from tests.builders.phone import a_key
from tests.builders.races import at_once, codes, statuses


@pytest.fixture
def group(street):
    """240 points, of which one leader may give 100 at once."""
    return rich(street, street.group(name="晨光合唱队"), 240)


@pytest.fixture
def leader(street, group):
    return street.phone_of(group.founder_id)


@pytest.fixture
def deputy(street, group):
    return street.phone(street.gives(street.resident("副队长"), "deputy", over_group(group.id, group.name)))


@pytest.fixture
def member(street, group):
    return street.member(group, street.resident("王小英"))


def thanks(phone, group, person, points, *, key=None, note="辛苦了"):
    body = {"person_id": str(person.id), "points": points, "note": note}
    return phone.post(f"/groups/{group.id}/thanks", body, key=key or a_key())


def confirms(phone, group, asked, decision="confirmed"):
    return phone.put(f"/groups/{group.id}/thanks/{asked['id']}", {"decision": decision})


def there(phone, group):
    return phone.get(f"/groups/{group.id}/wallet")["points"]["available"]


def becomes(street, group, stage):
    street.does(lambda: session().execute(update(Group).where(Group.id == group.id).values(stage=stage)))


def test_a_leader_thanks_a_member_who_is_told_and_reads_why(street, group, leader, member):
    key = a_key()

    given = thanks(leader, group, member, 30, key=key)
    again = thanks(leader, group, member, 30, key=key)

    assert (given.status, given["state"], given["person"]["name"]) == (201, "given", "王小英")
    assert (again.status, again["id"], again.headers["Idempotency-Replayed"]) == (200, given["id"], "true")
    assert thanks(leader, group, member, 31, key=key).code == "key_reused"
    assert (there(leader, group), street.wallet(member).available) == (210, 30)
    mine = street.phone(member)
    (line,) = mine.get("/me/entries")["items"]
    assert (line["kind"], line["points"], line["reason"]) == ("thank", 30, "集体感谢：晨光合唱队")
    why = mine.get(f"/me/entries/{line['id']}/why")
    assert (why["evidence"]["thanks"]["group"]["name"], why["evidence"]["thanks"]["note"]) == ("晨光合唱队", "辛苦了")
    assert (why["approver"]["name"], why["approver"]["act"]) == ("赵*长", "感谢")
    told = street.rows(select(OutboxMessage).where(OutboxMessage.person_id == member.id))
    assert [message.topic for message in told] == ["thanks"]
    assert mine.get("/me/notices")["items"][0]["text"] == "“晨光合唱队”用集体积分感谢您：+30 积分"
    assert street.findings() == set()


def test_above_the_limit_a_second_leader_of_another_household_confirms(street, group, leader, deputy, member):
    asked = thanks(leader, group, member, 101)
    assert (asked.status, asked["state"], there(leader, group)) == (201, "waiting", 240)
    assert deputy.get(f"/groups/{group.id}/thanks", state="waiting")["items"] == [asked.body]
    assert confirms(leader, group, asked).code == "second_leader_needed"

    confirmed = confirms(deputy, group, asked)

    assert (confirmed.status, confirmed["state"]) == (200, "given")
    assert confirms(deputy, group, asked).headers["Idempotency-Replayed"] == "true"
    assert confirms(deputy, group, asked, "declined").code == "leader_request_decided"
    assert (there(leader, group), street.wallet(member).available) == (139, 101)
    mine = street.phone(member)
    (line,) = mine.get("/me/entries")["items"]
    why = mine.get(f"/me/entries/{line['id']}/why")
    assert why["approver"]["act"] == "确认另一位队长的感谢"
    assert "两位队长" in why["rule"]
    assert street.findings() == set()


def test_what_nobody_confirms_in_a_week_is_over(street, group, leader, deputy, member):
    asked = thanks(leader, group, member, 101)

    with time_machine.travel(now() + timedelta(days=7, minutes=1), tick=True):
        assert confirms(deputy, group, asked).code == "leader_request_expired"
        assert deputy.get(f"/groups/{group.id}/thanks", state="waiting")["items"] == []
        (late,) = deputy.get(f"/groups/{group.id}/thanks", state="expired")["items"]
        assert late["state"] == "expired"


def test_a_worker_sets_the_limit_and_those_it_binds_do_not(street, group, leader, deputy, member):
    path, worker = f"/groups/{group.id}/wallet", street.phone(street.worker())
    assert worker.get(path)["two_leaders_above"] == 100
    assert leader.put(path, {"two_leaders_above": 1000}).status == 403
    leading = street.gives(street.officer("刘主任"), "deputy", over_group(group.id, group.name))
    assert street.phone(leading).put(path, {"two_leaders_above": 1000}).code == "second_person_needed"

    assert worker.put(path, {"two_leaders_above": 10})["two_leaders_above"] == 10

    assert thanks(leader, group, member, 11)["state"] == "waiting"
    assert thanks(leader, group, member, 10)["state"] == "given"


def test_nobody_thanks_themselves_their_household_or_a_stranger(street, group, leader, deputy, member):
    with street.inside():
        me = find(Person, group.founder_id)
        home = find(Household, me.household_id)
    wife = street.member(group, street.person("家人", household=home))
    assert thanks(leader, group, me, 5).code == "thanks_for_own_household"
    assert thanks(leader, group, wife, 5).code == "thanks_for_own_household"
    assert thanks(leader, group, street.resident(), 5).code == "thanks_for_members_only"

    asked = thanks(deputy, group, wife, 101)

    assert confirms(leader, group, asked).code == "thanks_for_own_household"


def test_a_closed_group_neither_thanks_nor_confirms(street, group, leader, deputy, member):
    asked = thanks(leader, group, member, 101)
    becomes(street, group, "dissolved")

    assert thanks(leader, group, member, 5).code == "group_closed"
    assert confirms(deputy, group, asked).code == "group_closed"
    assert confirms(deputy, group, asked, "declined")["state"] == "declined"


def test_a_minor_is_thanked_into_the_pot_of_the_household(street, group, leader):
    home = street.household()
    child = street.member(group, street.person("小明", household=home, age_class="under_14"))

    assert thanks(leader, group, child, 8)["state"] == "given"

    assert (street.pot(home).available, street.wallet(child).available) == (8, 0)
    assert street.findings() == set()


def test_members_see_the_wallet_and_others_do_not(street, group, leader, member):
    thanks(leader, group, member, 30)
    path = f"/groups/{group.id}"
    mine, stranger = street.phone(member), street.phone(street.resident())

    assert mine.get(f"{path}/wallet")["points"]["available"] == 210
    lines = mine.get(f"{path}/entries")["items"]
    assert [(line["kind"], line["points"], line["balance_after"]) for line in lines] == [
        ("thank", -30, 210),
        ("award", 240, 240),
    ]
    award = mine.get(f"{path}/entries/{lines[1]['id']}/why")
    assert award["evidence"]["group_award"]["activities"][0]["people"] == 5
    assert (award["evidence"]["group_award"]["counted"], award["caps"]["points_max"]) == (1, 240)
    assert (award["approver"]["name"], award["approver"]["act"]) == ("陈*任", "批准队伍评定")
    assert award["rule"].startswith("队伍评定规则第 1 版")
    assert award["lots"][0]["points"] == 240
    thank = mine.get(f"{path}/entries/{lines[0]['id']}/why")
    assert "王" not in str(thank.body), "whom it was is theirs to tell"
    for sub in ("wallet", "entries", f"entries/{lines[0]['id']}/why"):
        assert stranger.get(f"{path}/{sub}").status == 403
    assert mine.get(f"{path}/thanks").status == 403


def test_two_confirmations_at_once_give_once(street, group, leader, deputy, member):
    others = [street.gives(street.resident("副队长"), "deputy", over_group(group.id, group.name)) for _ in range(5)]
    phones = [street.phone(each) for each in others]
    asked = thanks(leader, group, member, 101)

    answers = at_once(*[lambda phone=phone: confirms(phone, group, asked) for phone in phones])

    assert statuses(answers) == {200: 5}
    assert (there(leader, group), street.wallet(member).available) == (139, 101)
    assert street.findings() == set()


def test_the_last_points_are_given_or_spent_once(street, group, leader, deputy, member):
    """Six want 80 of 240: three get them."""
    offer = street.offer(price_points=80)
    wallet = {"offer_id": str(offer.id), "wallet": f"group:{group.id}"}
    wishes = [lambda phone=phone: thanks(phone, group, member, 80) for phone in (leader, deputy, leader)]
    for phone in (leader, deputy, deputy):
        wishes.append(lambda phone=phone: phone.post("/redemptions", wallet, key=a_key()))

    answers = at_once(*wishes)

    assert statuses(answers) == {201: 3, 409: 3}
    assert codes(answers) == {"insufficient_points": 3}
    assert there(leader, group) == 0
    assert len(street.rows(select(Thanks))) * 80 == street.wallet(member).available
    assert street.findings() == set()
