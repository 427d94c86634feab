"""The leader's screen: counts and last arrivals, and nothing sent while nothing changes."""

from tests.activities.test_waiting import sign_up


def test_the_screen_counts_as_people_come_and_says_nothing_new_while_nobody_does(street):
    activity = street.activity(fund=street.fund(30), points_fixed=20, budget_points=20, capacity=2)
    leader, path = street.leader_of(activity), f"/activities/{activity.id}/live"
    people = [street.resident(name) for name in ("王小英", "李雷")]
    sign_up(street, activity, people[0])
    first = leader.get(path)

    for person in people:
        body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "忘带手机"}
        assert street.phone(street.worker()).post("/check-ins", body).status == 201
    then = leader.get(path)
    same = leader.send("GET", path, headers={"If-None-Match": then.headers["ETag"]})

    assert (first["signed_up"], first["arrived"], first["latest"]) == (1, 0, [])
    assert (then["signed_up"], then["arrived"], then["here"], then["left"], then["unpaid"]) == (2, 2, 2, 0, 1)
    assert [one["name"] for one in then["latest"]] == ["李*", "王*英"]
    assert (same.status, same.body, same.headers["ETag"]) == (304, None, then.headers["ETag"])
    street.phone(street.worker()).post(f"/check-ins/{then['latest'][0]['check_in_id']}/undo", {"reason": "不是本人"})
    changed = leader.send("GET", path, headers={"If-None-Match": then.headers["ETag"]})
    assert (changed.status, changed["arrived"]) == (200, 1)


def test_only_those_at_the_door_see_it(street):
    activity = street.activity()

    assert street.phone(street.resident()).get(f"/activities/{activity.id}/live").status == 403
