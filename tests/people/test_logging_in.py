"""A WeChat code becomes a person; tokens follow each other and end together."""

import secrets
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people.models import Person, WeChatAccount
from backend.people.persons import openids_of
from backend.people.session_models import RefreshToken
from backend.people.tokens import ACCESS_LASTS
from tests.builders.races import at_once, statuses


def wechat_code(openid: str) -> str:
    return f"stub:{openid}:{secrets.token_hex(8)}"


def log_in(street, openid="mei", **how):
    return street.phone().post("/auth/wechat", {"office_id": street.office_id, "code": wechat_code(openid)} | how)


def me_with(street, token, path="/me"):
    return street.phone().send("GET", path, headers={"Authorization": f"Bearer {token}"})


def refresh(street, token):
    return street.phone().post("/auth/refresh", {"refresh_token": token})


def test_who_is_unknown_becomes_a_new_unverified_person(street):
    answer = log_in(street)

    assert (answer.status, answer["expires_in"]) == (200, 1800)
    person = answer["person"]
    assert (person["verified"], person["household"], person["roles"]) == ("none", None, [])
    assert person["display_name"].startswith("居民")
    assert me_with(street, answer["access_token"]).body == person


def test_the_same_wechat_user_is_the_same_person_again(street):
    assert log_in(street)["person"]["id"] == log_in(street)["person"]["id"]


def test_the_openid_is_kept_sealed_for_messages_and_checks(street):
    person_id = UUID(log_in(street, "openid-of-mei")["person"]["id"])

    with street.inside():
        assert openids_of(person_id) == ["openid-of-mei"]
    (account,) = street.rows(select(WeChatAccount))
    assert b"openid-of-mei" not in account.openid_sealed


def test_who_was_here_before_openids_were_kept_gets_theirs_at_the_next_login(street):
    person_id = UUID(log_in(street)["person"]["id"])
    street.does(lambda: session().execute(update(WeChatAccount).values(openid_sealed=None)))
    with street.inside():
        assert openids_of(person_id) == []

    assert log_in(street)["person"]["id"] == str(person_id)

    with street.inside():
        assert openids_of(person_id) == ["mei"]


def test_the_account_that_logged_in_last_comes_first(street):
    with time_machine.travel(now(), tick=False) as clock:
        person_id = UUID(log_in(street, "work")["person"]["id"])
        log_in(street, "home")
        street.does(lambda: session().execute(update(WeChatAccount).values(person_id=person_id)))  # as a merge does
        with street.inside():
            assert openids_of(person_id) == ["home", "work"]
        clock.shift(60)
        assert log_in(street, "work")["person"]["id"] == log_in(street, "home")["person"]["id"] == str(person_id)
        clock.shift(60)
        log_in(street, "work")

    with street.inside():
        assert openids_of(person_id) == ["work", "home"]


def test_somebody_without_wechat_has_no_openid(street):
    with street.inside():
        assert openids_of(street.person().id) == []


def test_one_wechat_user_is_somebody_else_in_another_office(street, other_street):
    assert log_in(street)["person"]["id"] != log_in(other_street)["person"]["id"]


def test_two_phones_first_login_at_once_make_one_person(street):
    answers = at_once(*[lambda: log_in(street, "twins")] * 10)

    assert statuses(answers) == {200: 10}
    assert len({answer["person"]["id"] for answer in answers}) == 1
    assert len(street.rows(select(Person))) == 1


def test_a_login_code_is_good_once(street):
    code = wechat_code("once")

    assert log_in(street, code=code).status == 200
    again = log_in(street, code=code)
    assert (again.status, again.code) == (401, "login_code_refused")


def test_ten_phones_with_one_login_code_log_in_once(street):
    code = wechat_code("copied")

    assert statuses(at_once(*[lambda: log_in(street, code=code)] * 10)) == {200: 1, 401: 9}


def test_a_code_wechat_does_not_know_is_401(street):
    assert log_in(street, code="nonsense").code == "login_code_refused"
    assert street.rows(select(Person)) == []


def test_a_poster_names_the_office_in_its_scene(street):
    answer = street.phone().post("/auth/wechat", {"scene": f"a=7&o={street.office_id}", "code": wechat_code("mei")})

    assert answer.status == 200
    assert answer["person"]["id"] == log_in(street)["person"]["id"]


@pytest.mark.parametrize("scene", ["a=7", "o=", "oo=1", "o=9999", "o=９９"])
def test_a_scene_without_an_office_we_serve_is_404(street, scene):
    answer = street.phone().post("/auth/wechat", {"scene": scene, "code": wechat_code("mei")})

    assert (answer.status, answer.code) == (404, "office_unknown")


def test_an_unknown_office_is_404_and_costs_no_login_code(street):
    code = wechat_code("mei")

    refused = log_in(street, office_id=9999, code=code)
    assert (refused.status, refused.code) == (404, "office_unknown")
    assert log_in(street, code=code).status == 200


@pytest.mark.parametrize("body", [{}, {"office_id": 1, "scene": "o=1"}, {"office_id": "1"}, {"office_id": 10_000}])
def test_the_office_is_named_in_exactly_one_way(street, body):
    assert street.phone().post("/auth/wechat", {"code": wechat_code("mei")} | body).status == 422


def test_an_access_token_ends_after_half_an_hour(street):
    with time_machine.travel(now(), tick=False) as clock:
        token = log_in(street)["access_token"]
        clock.shift(ACCESS_LASTS - timedelta(seconds=1))
        assert me_with(street, token).status == 200
        clock.shift(1)
        refused = me_with(street, token)
    assert (refused.status, refused.code) == (401, "token_expired")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "abc"])
def test_no_token_is_401(street, header):
    refused = street.phone().send("GET", "/me", headers={"Authorization": header})

    assert (refused.status, refused.code) == (401, "login_required")


def test_who_is_asking_comes_before_what_they_say(street):
    refused = street.phone().post("/groups", {"nonsense": 1})

    assert refused.status == 401


def test_a_refresh_token_is_exchanged_for_new_tokens_of_the_same_person(street):
    first = log_in(street)

    second = refresh(street, first["refresh_token"])

    assert (second.status, second["person"]) == (200, first["person"])
    assert second["refresh_token"] != first["refresh_token"]
    assert me_with(street, second["access_token"]).status == 200


def test_an_exchange_within_twenty_seconds_of_the_first_is_a_lost_answer(street):
    with time_machine.travel(now(), tick=False) as clock:
        first = log_in(street)
        second = refresh(street, first["refresh_token"])
        clock.shift(20)
        third = refresh(street, first["refresh_token"])

        assert third.status == 200
        assert refresh(street, second["refresh_token"]).status == 200
        assert refresh(street, third["refresh_token"]).status == 200


def test_a_later_reuse_ends_the_whole_family_for_good(street):
    with time_machine.travel(now(), tick=False) as clock:
        stolen = log_in(street)
        other_phone = log_in(street)
        newest = refresh(street, stolen["refresh_token"])
        clock.shift(21)

        refused = refresh(street, stolen["refresh_token"])

        assert (refused.status, refused.code) == (401, "refresh_refused")
        assert refresh(street, newest["refresh_token"]).code == "refresh_refused"
        assert refresh(street, other_phone["refresh_token"]).status == 200
    revoked = street.rows(select(RefreshToken.id).where(RefreshToken.revoked_at.is_not(None)))
    assert len(revoked) == 2  # both of the family, kept although the reuse was refused


def test_ten_exchanges_at_once_are_ten_lost_answers_and_no_thief(street):
    first = log_in(street)

    answers = at_once(*[lambda: refresh(street, first["refresh_token"])] * 10)

    assert statuses(answers) == {200: 10}
    assert refresh(street, answers[0]["refresh_token"]).status == 200


def test_a_token_whose_successor_was_used_has_no_grace(street):
    first = log_in(street, "stolen")["refresh_token"]
    second = refresh(street, first)["refresh_token"]
    third = refresh(street, second)["refresh_token"]

    assert refresh(street, first).status == 401
    assert refresh(street, third).status == 401


def test_a_refresh_token_ends_after_sixty_days(street):
    with time_machine.travel(now(), tick=False) as clock:
        first = log_in(street)
        clock.shift(timedelta(days=60))
        assert refresh(street, first["refresh_token"]).code == "refresh_refused"


@pytest.mark.parametrize("token", ["1.unknown", "nonsense", ".", "99999.x", "１.x", "-1.x"])
def test_an_unknown_refresh_token_is_401(street, token):
    assert refresh(street, token).code == "refresh_refused"
    assert street.phone().post("/auth/logout", {"refresh_token": token}).status == 204


def test_logging_out_ends_this_phone_and_no_other(street):
    mine, other_phone = log_in(street), log_in(street)
    newer = refresh(street, mine["refresh_token"])

    assert street.phone().post("/auth/logout", {"refresh_token": mine["refresh_token"]}).status == 204

    assert refresh(street, newer["refresh_token"]).code == "refresh_refused"
    assert refresh(street, other_phone["refresh_token"]).status == 200


def test_no_token_is_stored_as_it_is(street):
    token = log_in(street)["refresh_token"]

    stored = street.rows(select(RefreshToken.fingerprint))
    assert stored
    assert all(token.encode() not in fingerprint for fingerprint in stored)
