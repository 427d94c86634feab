"""Each login is a device: listed for its owner, ended by them, and with it everything it was given."""

import secrets
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.people.session_models import Device, RefreshToken
from tests.builders.races import at_once


def log_in(street, openid="mei", **said):
    code = f"stub:{openid}:{secrets.token_hex(8)}"
    answer = street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": code} | said)
    assert answer.status == 200, answer.body
    return answer


def sends(street, login, method, path, **rest):
    token = login["access_token"]
    return street.phone().send(method, path, headers={"Authorization": f"Bearer {token}"}, **rest)


def devices_of(street, login):
    answer = sends(street, login, "GET", "/me/devices")
    assert answer.status == 200, answer.body
    return answer["items"]


def refresh(street, login):
    return street.phone().post("/auth/refresh", {"refresh_token": login["refresh_token"]})


def is_out(street, login, code="device_ended"):
    """Neither token of the login does anything any more."""
    refused = sends(street, login, "GET", "/me")
    assert (refused.status, refused.code) == (401, code)
    refused = refresh(street, login)
    assert (refused.status, refused.code) == (401, "refresh_refused")
    return True


def is_in(street, login):
    return sends(street, login, "GET", "/me").status == 200


def test_i_see_where_i_am_logged_in_the_latest_first_and_this_one_marked(street):
    old, new = log_in(street, device="妈妈的手机"), log_in(street, device=" 平板 ", installation_id="i-1")
    log_in(street, "somebody-else", device="别人的手机")

    assert [(device["name"], device["is_this_one"]) for device in devices_of(street, old)] == [
        ("平板", False),
        ("妈妈的手机", True),
    ]
    assert [device["is_this_one"] for device in devices_of(street, new)] == [True, False]
    assert {row.installation_id for row in street.rows(select(Device))} == {"i-1", None}


def test_a_phone_need_not_say_what_it_is_called(street):
    assert [device["name"] for device in devices_of(street, log_in(street))] == [None]
    assert [device["name"] for device in devices_of(street, log_in(street, "li", device=""))] == [None]


@pytest.mark.parametrize(
    "said", [{"device": "x" * 61}, {"device": 5}, {"device": "a\x00"}, {"installation_id": "x" * 65}]
)
def test_a_name_that_is_none_is_refused(street, said):
    refused = street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": "stub:mei:1"} | said)

    assert (refused.status, set(refused["errors"])) == (422, set(said))


def test_the_list_comes_in_pages(street):
    logins = [log_in(street, device=str(n)) for n in range(5)]
    first = sends(street, logins[0], "GET", "/me/devices", query_string={"limit": 3})
    rest = sends(street, logins[0], "GET", "/me/devices", query_string={"limit": 3, "cursor": first["next"]})

    assert [device["name"] for device in first["items"] + rest["items"]] == ["4", "3", "2", "1", "0"]
    assert rest["next"] is None


def test_a_refresh_is_the_same_device_used_later(street):
    with time_machine.travel(now(), tick=False) as clock:
        login = log_in(street)
        (before,) = devices_of(street, login)
        clock.shift(timedelta(minutes=29))
        (after,) = devices_of(street, refresh(street, login))

    assert after["id"] == before["id"]
    assert (after["first_used_at"], after["is_this_one"]) == (before["first_used_at"], True)
    assert after["last_used_at"] > before["last_used_at"] == before["first_used_at"]


def test_a_device_that_could_not_go_on_anyway_is_not_listed(street):
    with time_machine.travel(now(), tick=False) as clock:
        log_in(street, device="旧")
        clock.shift(timedelta(days=60))
        assert [device["name"] for device in devices_of(street, log_in(street, device="新"))] == ["新"]


def test_a_lost_phone_is_logged_out_from_another_one(street):
    lost, mine = log_in(street, device="丢了"), log_in(street, device="新")
    (identifier,) = (device["id"] for device in devices_of(street, mine) if device["name"] == "丢了")
    assert is_in(street, lost)

    assert sends(street, mine, "DELETE", f"/me/devices/{identifier}").status == 204

    assert is_out(street, lost)
    assert is_in(street, mine)
    assert [device["name"] for device in devices_of(street, mine)] == ["新"]
    assert sends(street, mine, "DELETE", f"/me/devices/{identifier}").status == 204  # again
    (row,) = street.rows(select(Device).where(Device.ended_at.is_not(None)))
    assert row.end_reason == "removed"


def test_another_persons_device_is_as_missing_as_none(street):
    mine, theirs = log_in(street), log_in(street, "li")
    (device,) = devices_of(street, theirs)

    foreign, missing = (
        sends(street, mine, "DELETE", f"/me/devices/{identifier}") for identifier in (device["id"], uuid4())
    )

    assert (foreign.status, foreign.code) == (missing.status, missing.code) == (404, "not_found")
    assert is_in(street, theirs)


def test_logging_out_ends_the_access_token_too(street):
    login, other = log_in(street), log_in(street)
    assert street.phone().post("/auth/logout", {"refresh_token": login["refresh_token"]}).status == 204

    assert is_out(street, login)
    assert is_in(street, other)


def test_logging_out_with_a_token_of_before_ends_the_device_all_the_same(street):
    first = log_in(street)
    second = refresh(street, first)

    street.phone().post("/auth/logout", {"refresh_token": first["refresh_token"]})

    assert is_out(street, second)


def test_logging_out_everywhere_ends_every_device_of_mine(street):
    mine = [log_in(street) for _ in range(3)]
    theirs = log_in(street, "li")

    answer = sends(street, mine[0], "POST", "/auth/logout-everywhere", json={})

    assert (answer.status, answer.body) == (200, {"ended": 3})
    assert all(is_out(street, login) for login in mine)
    assert is_in(street, theirs)
    assert is_in(street, log_in(street))


def test_logging_out_everywhere_else_keeps_this_one(street):
    mine = [log_in(street) for _ in range(3)]

    assert sends(street, mine[1], "POST", "/auth/logout-everywhere", json={"keep_this_one": True})["ended"] == 2

    assert is_in(street, mine[1])
    assert refresh(street, mine[1]).status == 200
    assert is_out(street, mine[0])
    assert is_out(street, mine[2])


def test_a_stolen_refresh_token_ends_the_access_tokens_of_its_device(street):
    stolen = log_in(street)
    newer = refresh(street, stolen)
    newest = refresh(street, newer)
    assert is_in(street, newest)

    assert refresh(street, stolen).status == 401

    assert is_out(street, newest)
    (row,) = street.rows(select(Device))
    assert row.end_reason == "reused"


def test_whoever_refreshes_while_being_logged_out_stays_out(street):
    """Either the refresh is refused, or what it handed out ends with the device: no token survives."""
    for _ in range(8):
        login = log_in(street)
        by = log_in(street)
        path = f"/me/devices/{devices_of(street, login)[1]['id']}"
        assert devices_of(street, login)[1]["is_this_one"]

        answers = at_once(
            *[lambda login=login: refresh(street, login)] * 3,
            lambda by=by, path=path: sends(street, by, "DELETE", path),
        )

        assert answers[3].status == 204
        for answer in answers[:3]:
            assert answer.status in (200, 401)
            if answer.status == 200:
                assert is_out(street, answer)
        assert is_out(street, login)
        sends(street, by, "POST", "/auth/logout-everywhere", json={})
    living = select(RefreshToken.id).join(Device, RefreshToken.family_id == Device.id)
    assert street.rows(living.where(Device.ended_at.is_not(None), RefreshToken.revoked_at.is_(None))) == []
