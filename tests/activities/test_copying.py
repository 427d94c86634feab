"""The same activity again: three taps; and who is told of what happens to one."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.outbox import OutboxMessage
from backend.messages.texts import text_of

DAY = timedelta(days=1)


def told(street, person):
    wanted = select(OutboxMessage).where(OutboxMessage.person_id == person.id).order_by(OutboxMessage.id)
    return [text_of(message.topic, message.facts) for message in street.rows(wanted)]


def test_a_copied_activity_is_published_in_three_taps(street):
    earlier = street.activity(
        fund=street.fund(5000), points_fixed=20, capacity=30, starts_at=now() - 3 * DAY, hours=200
    )
    leader = street.leader_of(earlier)

    opened = leader.get(f"/activities/{earlier.id}")
    copied = leader.post(f"/activities/{opened['id']}/copy")
    published = leader.post(f"/activities/{copied['id']}/publish")

    assert (copied.status, copied["state"], published["state"]) == (201, "draft", "published")
    kept = ("title", "place", "capacity", "points_fixed", "points_max", "budget_points", "fund_id", "check_in", "kind")
    assert {name: published[name] for name in kept} == {name: opened[name] for name in kept}
    assert published["points_left"] == 600
    begins = earlier.starts_at + timedelta(weeks=1)
    assert published["sessions"][0]["starts_at"] == begins.isoformat().replace("+00:00", "Z")


def test_an_old_one_is_copied_to_the_next_such_weekday_and_hour(street):
    with time_machine.travel(now() - 20 * DAY, tick=False):
        old = street.activity()

    copied = street.leader_of(old).post(f"/activities/{old.id}/copy")

    begins = old.starts_at + timedelta(weeks=3)
    assert copied["sessions"][0]["starts_at"] == begins.isoformat().replace("+00:00", "Z")


def test_a_copy_begins_when_it_is_said_and_keeps_the_distance_of_its_sessions(street):
    first = now() + DAY
    spans = [{"starts_at": first + n * DAY, "ends_at": first + n * DAY + timedelta(hours=1)} for n in range(3)]
    weekly = street.activity(sessions=spans)
    wanted = now() + 30 * DAY

    copied = street.leader_of(weekly).post(f"/activities/{weekly.id}/copy", {"starts_at": wanted.isoformat()})

    begins = [(wanted + n * DAY).isoformat().replace("+00:00", "Z") for n in range(3)]
    assert [sitting["starts_at"] for sitting in copied["sessions"]] == begins


def test_a_resident_copies_nothing(street):
    activity = street.activity()

    assert street.phone(street.resident()).post(f"/activities/{activity.id}/copy").status == 403


def test_the_members_of_the_group_are_told_of_a_new_activity_once(street):
    leader = street.resident("赵队长")
    group = street.group(leader=leader)
    member = street.member(group, street.resident())
    stranger = street.resident()
    activity = street.activity(leader=leader, group=group, starts_at=now() + DAY)

    street.phone(leader).post(f"/activities/{activity.id}/publish")

    assert len(told(street, member)) == 1
    assert told(street, member)[0].startswith("新活动“周六清洁日”")
    assert told(street, stranger) == told(street, leader) == []


def test_a_community_tells_whoever_came_lately(street):
    worker, came = street.worker(), street.resident()
    earlier = street.draft(by=worker)
    street.phone(worker).post(f"/activities/{earlier.id}/publish")
    street.phone(came).post("/check-ins", {"code": street.phone(worker).get(f"/activities/{earlier.id}/code")["code"]})

    another = street.draft(by=worker, starts_at=now() + DAY)
    street.phone(worker).post(f"/activities/{another.id}/publish")

    assert [text.startswith("新活动") for text in told(street, came)] == [True]


def test_who_signed_up_is_told_of_another_time_or_place_and_of_a_cancellation(street):
    activity = street.activity(starts_at=now() + DAY)
    leader, resident, stranger = street.leader_of(activity), street.resident(), street.resident()
    street.phone(resident).post(f"/activities/{activity.id}/sign-ups")
    later = {"starts_at": (now() + 2 * DAY).isoformat(), "ends_at": (now() + 2 * DAY + timedelta(hours=2)).isoformat()}

    moved = leader.put(f"/activities/{activity.id}", {"sessions": [later], "place": "社区礼堂"})
    leader.put(f"/activities/{activity.id}", {"description": "请带手套"})
    leader.post(f"/activities/{activity.id}/cancel", {"reason": "下雨"})

    assert (moved.status, moved["sessions"][0]["id"]) == (
        200,
        street.phone(resident).get(f"/activities/{activity.id}")["sessions"][0]["id"],
    )
    texts = told(street, resident)
    assert len(texts) == 2
    assert "时间改为" in texts[0]
    assert "地点改为 社区礼堂" in texts[0]
    assert "已取消" in texts[1]
    assert told(street, stranger) == []


def test_times_stay_once_somebody_came_and_are_never_moved_into_the_past(street):
    activity = street.activity()
    leader = street.leader_of(activity)
    past = {"starts_at": (now() - DAY).isoformat(), "ends_at": (now() - DAY + timedelta(hours=2)).isoformat()}
    later = {"starts_at": (now() + DAY).isoformat(), "ends_at": (now() + DAY + timedelta(hours=2)).isoformat()}

    assert leader.put(f"/activities/{activity.id}", {"sessions": [past]}).code == "activity_over"
    assert leader.put(f"/activities/{activity.id}", {"sessions": [later, later]}).code == "times_fixed"
    street.phone(street.resident()).post("/check-ins", {"code": street.door_code(activity)})
    assert leader.put(f"/activities/{activity.id}", {"sessions": [later]}).code == "times_fixed"
