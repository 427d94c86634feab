"""Whatever is tried with a token, it is ours and of now, or it is 401. Forged by hand: no library helps or refuses."""

import base64
import hmac
import json
import secrets
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from backend.activities.door_codes import door_code
from backend.activities.drafting import sessions_of
from backend.foundation.callers import Grant
from backend.foundation.clock import now
from backend.foundation.crypto import accepted_keys
from backend.foundation.db import find, session
from backend.people.devices import end_devices_of
from backend.people.facts import Facts
from backend.people.models import Person
from backend.people.persons import new_person
from backend.people.session_models import Device
from backend.people.tokens import LONGEST, access_token, read_access_token
from tests.people.test_oneself import digits_by_rfc_6238


def encoded(part):
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def signed(head, claims, key, digest="sha256"):
    message = f"{encoded(head)}.{encoded(claims)}"
    return f"{message}.{encoded(hmac.digest(key, message.encode(), digest))}"


@pytest.fixture
def ours(street):
    """A resident's token, and the key it is signed with: header, claims, key."""
    token = street.phone(street.resident())._headers()["Authorization"].partition(" ")[2]
    with street.app.app_context():
        (key,) = accepted_keys("access-token").values()
    head, claims, _ = token.split(".")
    return decoded(head), decoded(claims), key


def answer_to(street, token, path="/me"):
    return street.phone().send("GET", path, headers={"Authorization": f"Bearer {token}"})


def is_refused(street, token, code="token_invalid"):
    answer = answer_to(street, token)
    return (answer.status, answer.code) == (401, code)


def test_a_token_made_as_we_make_it_is_good(street, ours):
    assert answer_to(street, signed(*ours)).status == 200


def test_a_header_says_nothing_but_the_algorithm_and_which_key(ours):
    head, claims, _ = ours

    assert head == {"alg": "HS256", "typ": "JWT", "kid": head["kid"]}
    assert len(head["kid"]) == 12
    assert set(claims) == {
        *("iss", "aud", "sub", "office", "fam", "ver", "home", "verified", "grants", "jti", "iat", "exp")
    }


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None])
def test_an_unsigned_token_is_none(street, ours, algorithm):
    head, claims, key = ours
    bare = f"{encoded(head | {'alg': algorithm})}.{encoded(claims)}"

    assert is_refused(street, f"{bare}.")
    assert is_refused(street, bare)
    assert is_refused(street, signed(head | {"alg": algorithm}, claims, key))


def test_an_empty_signature_signs_nothing(street, ours):
    head, claims, _ = ours

    assert is_refused(street, f"{encoded(head)}.{encoded(claims)}.")


@pytest.mark.parametrize("key", [b"", b"\x00" * 32, b"null", b"xingfu:access-token"])
def test_a_key_that_anybody_has_signs_nothing(street, ours, key):
    head, claims, _ = ours

    assert is_refused(street, signed(head, claims, key))


@pytest.mark.parametrize(("algorithm", "digest"), [("HS384", "sha384"), ("HS512", "sha512"), ("hs256", "sha256")])
def test_another_hash_under_our_own_key_is_refused(street, ours, algorithm, digest):
    head, claims, key = ours

    assert is_refused(street, signed(head | {"alg": algorithm}, claims, key, digest))
    if digest != "sha256":
        assert is_refused(street, signed(head, claims, key, digest))


@pytest.mark.parametrize("algorithm", ["RS256", "HS256"])
def test_a_signature_by_somebodys_own_key_pair_is_refused(street, ours, algorithm):
    head, claims, _ = ours
    pair = rsa.generate_private_key(65537, 2048)
    message = f"{encoded(head | {'alg': algorithm})}.{encoded(claims)}"
    signature = pair.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())

    assert is_refused(street, f"{message}.{encoded(signature)}")


KIDS = [
    None,
    "",
    "0" * 12,
    0,
    True,
    [],
    {},
    ["x"],
    "../../../../dev/null",
    "/dev/null",
    "access-token",
    "' OR '1'='1",
    "x' UNION SELECT 'key'--",
    "\x00",
    "钥",
    "x" * 500,
]


@pytest.mark.parametrize("kid", KIDS, ids=str)
def test_a_kid_is_the_name_of_a_key_we_have_and_nothing_else(street, ours, kid):
    head, claims, key = ours

    for tried in (key, b"", b"key"):
        assert is_refused(street, signed(head | {"kid": kid}, claims, tried))


def test_a_token_without_a_kid_is_refused(street, ours):
    _, claims, key = ours

    assert is_refused(street, signed({"alg": "HS256", "typ": "JWT"}, claims, key))


def test_the_key_of_another_purpose_signs_no_token(street, ours):
    head, claims, _ = ours
    for purpose in ("door-code", "person-code", "refresh-token", ""):
        with street.app.app_context():
            ((kid, key),) = accepted_keys(purpose).items()

        assert is_refused(street, signed(head, claims, key))
        assert is_refused(street, signed(head | {"kid": kid}, claims, key))


@pytest.mark.parametrize(
    "more",
    [
        {"jku": "https://evil.example/keys.json"},
        {"x5u": "https://evil.example/chain.pem"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"typ": "at+jwt"},
        {"typ": None},
    ],
    ids=str,
)
def test_a_header_that_says_more_than_ours_is_refused_whoever_signed_it(street, ours, more):
    head, claims, key = ours

    assert is_refused(street, signed(head | more, claims, key))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "another-api"},
        {"aud": ["another-api"]},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": "future"},
        {"sub": "not-a-uuid"},
        {"sub": 5},
        {"sub": None},
        {"office": None},
        {"office": "1"},
        {"office": "own"},
        {"office": True},
        {"office": 1.0},
        {"office": [1]},
        {"office": -1},
        {"office": 0},
        {"office": 10_000},
        {"office": 2**70},
        {"fam": None},
        {"fam": "x"},
        {"ver": None},
        {"ver": "0"},
        {"ver": -1},
        {"ver": True},
        {"verified": None},
        {"home": "x"},
        {"grants": "officer"},
        {"grants": [["officer"]]},
        {"grants": [["officer", "/", "now", None]]},
        {"grants": [["officer", "/", 10**30, None]]},
        {"grants": [[["officer"], "/", None, None]]},
        {"jti": None},
        {"iat": None},
    ],
    ids=str,
)
def test_claims_that_are_not_as_ours_are_refused_even_signed(street, ours, changes):
    head, claims, key = ours
    if changes == {"nbf": "future"}:
        changes = {"nbf": int(now().timestamp()) + 60}
    if changes == {"office": "own"}:
        changes = {"office": str(street.office_id)}

    assert is_refused(street, signed(head, claims | changes, key))


@pytest.mark.parametrize(
    "name", ["iss", "aud", "sub", "office", "fam", "ver", "verified", "home", "grants", "exp", "jti"]
)
def test_no_claim_may_be_missing(street, ours, name):
    head, claims, key = ours

    assert is_refused(street, signed(head, {other: said for other, said in claims.items() if other != name}, key))


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"[" * 300])
def test_what_is_no_object_is_refused(street, ours, payload):
    head, _, key = ours

    assert is_refused(street, signed(head, payload, key))
    assert is_refused(street, signed(payload, {"sub": "x"}, key))


def test_an_expired_token_says_so(street, ours):
    head, claims, key = ours

    assert is_refused(street, signed(head, claims | {"exp": int(now().timestamp()) - 1}, key), "token_expired")


def test_a_token_from_a_server_whose_clock_is_ahead_is_good(street, ours):
    """Or whose clock was set back since: somebody who has just logged in stays logged in."""
    head, claims, key = ours

    assert answer_to(street, signed(head, claims | {"iat": int(now().timestamp()) + 90}, key)).status == 200


def test_edited_claims_do_not_verify(street, ours):
    head, claims, key = ours
    good = signed(head, claims, key).split(".")
    officer = street.officer()
    for edited in (
        {"sub": str(officer.id)},
        {"grants": [["officer", "/", None, None]]},
        {"exp": claims["exp"] + 1},
        {"ver": claims["ver"] + 1},
    ):
        assert is_refused(street, f"{good[0]}.{encoded(claims | edited)}.{good[2]}")


def test_a_signature_is_good_in_one_spelling(street, ours):
    head, body, signature = signed(*ours).split(".")

    assert is_refused(street, f"{head}.{body}.{signature[:-2]}")
    assert is_refused(street, f"{head}.{body}.{signature}A")
    assert is_refused(street, f"{head}.{body}")
    assert is_refused(street, f"{head}.{body}.{signature}.{signature}")
    assert is_refused(street, f".{body}.{signature}")


def test_a_person_of_this_office_is_nobody_under_another_offices_number(street, other_street, ours):
    """Even with our signature, the token of somebody who does not exist there shows and changes nothing of theirs."""
    head, claims, key = ours

    assert is_refused(street, signed(head, claims | {"office": other_street.office_id}, key))


def test_a_signed_token_for_nobody_is_refused_where_they_would_see_something(street, ours):
    head, claims, key = ours

    assert is_refused(street, signed(head, claims | {"sub": str(uuid4())}, key))


def logged_in(street):
    body = {"office_id": street.office_id, "code": f"stub:{secrets.token_hex(4)}:{secrets.token_hex(8)}"}
    return street.phone().post("/auth/wechat", body)


def test_a_refresh_token_is_no_access_token(street):
    assert is_refused(street, logged_in(street)["refresh_token"])


def test_an_access_token_is_no_refresh_token(street):
    token = logged_in(street)["access_token"]
    for tried in (token[:200], f"{street.office_id}.{token}"[:200], token[-150:]):
        refused = street.phone().post("/auth/refresh", {"refresh_token": tried})
        assert (refused.status, refused.code) == (401, "refresh_refused")
    assert street.phone().post("/auth/refresh", {"refresh_token": token}).status == 422


def test_a_megabyte_of_token_is_just_an_invalid_one(street):
    assert is_refused(street, "a" * 2**20)
    assert is_refused(street, ".".join(["a" * 2**18] * 3))
    assert street.phone().post("/auth/refresh", {"refresh_token": "1." + "a" * 2**19}).status == 422


def test_a_token_of_a_person_who_is_no_more_is_invalid(street):
    person = street.does(new_person, "王小英", verified="resident")
    phone = street.phone(person)
    assert phone.get("/me").status == 200

    def remove():
        # Nobody is ever deleted; this is somebody of whom nothing was written down yet.
        for device in session().query(Device).where(Device.person_id == person.id):
            session().delete(device)
        session().flush()
        session().delete(find(Person, person.id))

    street.does(remove)

    assert (phone.get("/groups").status, phone.get("/groups").code) == (401, "token_invalid")


def test_a_token_of_a_person_who_was_merged_with_another_ends_with_their_devices(street):
    person = street.resident()
    phone = street.phone(person)
    assert phone.get("/me").status == 200

    street.does(end_devices_of, person.id, reason="merged")

    assert (phone.get("/me").status, phone.get("/me").code) == (401, "device_ended")


@pytest.mark.parametrize("name", ["session", "token", "access_token", "Authorization", "remember_token", "jwt"])
def test_a_cookie_authenticates_nothing(street, ours, name):
    """So that no other site can let a browser act for somebody (CSRF): what is sent by itself counts for nothing."""
    token = signed(*ours)
    for cookie in (token, f"Bearer {token}"):
        for method, path in (("GET", "/me"), ("PUT", "/me"), ("POST", "/auth/logout-everywhere")):
            sent = {} if method == "GET" else {"json": {}}
            refused = street.phone().send(method, path, headers={"Cookie": f"{name}={cookie}"}, **sent)
            assert (refused.status, refused.code) == (401, "login_required")


def test_no_answer_sets_a_cookie(street):
    answers = [logged_in(street), street.phone().get("/offices"), street.phone(street.resident()).get("/me")]
    answers.append(street.phone().post("/auth/refresh", {"refresh_token": answers[0]["refresh_token"]}))

    assert [answer.status for answer in answers] == [200] * 4
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_a_token_in_the_address_authenticates_nothing(street, ours):
    token = signed(*ours)

    assert street.phone().get("/me", access_token=token, token=token, Authorization=f"Bearer {token}").status == 401


# Exchanging the key that signs

OLD, NEW = "the key of before, long enough to be one", "the key of afterwards, long enough as well"


@pytest.fixture
def keys(street, monkeypatch):
    """Let the server run with other keys from here on."""

    def exchange(current, previous=None):
        config = replace(street.app.extensions["config"], secret_key=current, previous_secret_key=previous)
        monkeypatch.setitem(street.app.extensions, "config", config)

    exchange(OLD)
    return exchange


def test_while_keys_are_exchanged_both_are_good_and_afterwards_one(street, keys):
    before = logged_in(street)["access_token"]
    keys(OLD, NEW)  # every server learns the new one before one signs with it
    assert answer_to(street, before).status == 200
    keys(NEW, OLD)
    after = logged_in(street)["access_token"]
    assert [answer_to(street, token).status for token in (before, after)] == [200, 200]
    keys(OLD, NEW)  # a server that has not changed places yet
    assert answer_to(street, after).status == 200
    keys(NEW)
    assert answer_to(street, after).status == 200
    assert is_refused(street, before)
    keys("a third key after a leak, and none before it")
    assert is_refused(street, before)
    assert is_refused(street, after)


def test_a_token_under_one_key_does_not_pass_with_the_name_of_the_other(street, keys):
    head, claims, _ = logged_in(street)["access_token"].split(".")
    keys(NEW, OLD)
    with street.app.app_context():
        (new, new_key), (old, old_key) = accepted_keys("access-token").items()

    assert is_refused(street, signed(decoded(head) | {"kid": new}, decoded(claims), old_key))
    assert is_refused(street, signed(decoded(head) | {"kid": old}, decoded(claims), new_key))


def test_a_refresh_token_outlives_the_key(street, keys):
    first = logged_in(street)
    keys(NEW)

    second = street.phone().post("/auth/refresh", {"refresh_token": first["refresh_token"]})

    assert (second.status, second["person"]) == (200, first["person"])


def test_a_code_a_phone_computes_with_the_secret_of_before_is_good_while_keys_are_exchanged(street, keys):
    activity = street.activity()
    person = street.resident()
    shown = street.phone(person).get("/me/code")
    leader = street.leader_of(activity)

    def scanned():
        code = shown["code"][:-8] + digits_by_rfc_6238(shown["secret"], now().timestamp())
        leader.logs_in_again()
        return leader.post("/check-ins", {"activity_id": str(activity.id), "person_code": code})

    keys(NEW, OLD)
    assert scanned().status == 201
    with time_machine.travel(now() + timedelta(seconds=90), tick=False):  # and is told what it is: too old
        stale = leader.post("/check-ins", {"activity_id": str(activity.id), "person_code": shown["code"]})
    assert stale.code == "code_expired"
    keys(NEW)
    assert scanned().code == "code_invalid"


def test_a_door_code_of_before_is_good_while_keys_are_exchanged(street, keys):
    with street.inside():
        code = door_code(sessions_of(street.activity().id)[0]).code
    keys(NEW)
    assert street.phone(street.resident()).post("/check-ins", {"code": code}).code == "code_invalid"
    keys(NEW, OLD)
    assert street.phone(street.resident()).post("/check-ins", {"code": code}).status == 201


# What a token carries


def a_token(street, grants):
    facts = Facts(7, uuid4(), "resident", frozenset(grants))
    with street.app.app_context():
        token = access_token(facts, office_id=1, person_id=uuid4(), device_id=uuid4())
        return facts, token, read_access_token(token)


def test_a_token_carries_what_is_true_of_somebody(street):
    grants = [
        Grant("officer", "/"),
        Grant("leader", f"group:{uuid4()}", ends_at=now() + timedelta(days=1)),
        Grant("worker", "/a/b/", starts_at=now(), ends_at=now() + timedelta(days=365)),
    ]

    facts, token, read = a_token(street, grants)

    assert read.facts == facts
    assert len(token) < 1000


def test_many_roles_are_left_out_of_a_token_and_it_stays_short(street):
    few, many = ([Grant("leader", f"group:{uuid4()}") for _ in range(number)] for number in (10, 60))

    assert a_token(street, few)[2].facts is not None
    _, token, read = a_token(street, many)
    assert read.facts is None
    assert (len(token) < 700, read.version, len(token) < LONGEST) == (True, 7, True)
