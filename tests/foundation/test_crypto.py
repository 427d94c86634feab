"""Sealed values open only where they belong; blind indexes find without telling."""

import base64

import pytest

from backend.foundation.crypto import (
    accepted_keys,
    blind_index,
    derived_key,
    fingerprint,
    same,
    seal,
    sign,
    signatures,
    unseal,
)

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def inside(made_app):
    with made_app().app_context():
        yield


def test_what_was_sealed_opens_at_its_place(inside):
    assert unseal(seal("王小英", place="people.name:1:a"), place="people.name:1:a") == "王小英"


def test_the_same_text_is_sealed_differently_each_time_and_not_readable(inside):
    one, other = seal("王小英", place="p"), seal("王小英", place="p")

    assert one != other
    assert "王小英".encode() not in one


def test_a_sealed_value_moved_elsewhere_does_not_open(inside):
    sealed = seal("王小英", place="people.name:1:a")

    for elsewhere in ("people.name:1:b", "people.name:2:a", "households.door:1:a", ""):
        with pytest.raises(Exception, match="does not belong"):
            unseal(sealed, place=elsewhere)


def test_a_sealed_value_altered_in_any_byte_does_not_open(inside):
    sealed = seal("王小英", place="p")

    for n in range(len(sealed)):
        altered = sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :]
        with pytest.raises(Exception):  # noqa: B017, PT011  # InvalidTag, or KeyError for the name of the key
            unseal(altered, place="p")
    for cut in (0, 5, len(sealed) - 1):
        with pytest.raises(Exception):  # noqa: B017, PT011
            unseal(sealed[:cut], place="p")


def test_after_a_new_key_the_old_one_still_opens_and_the_new_one_seals(made_app):
    with made_app(data_keys={"old": OLD}).app_context():
        sealed = seal("王小英", place="p")
    with made_app(data_keys={"new": NEW, "old": OLD}).app_context():
        assert unseal(sealed, place="p") == "王小英"
        fresh = seal("李雷", place="p")
    with made_app(data_keys={"new": NEW}).app_context():
        assert unseal(fresh, place="p") == "李雷"
        with pytest.raises(KeyError):
            unseal(sealed, place="p")


def test_a_value_sealed_under_one_key_does_not_open_under_another_of_that_name(made_app):
    with made_app(data_keys={"k": OLD}).app_context():
        sealed = seal("王小英", place="p")
    with made_app(data_keys={"k": NEW}).app_context(), pytest.raises(Exception, match="does not belong"):
        unseal(sealed, place="p")


def test_a_blind_index_is_equal_for_equal_texts_of_one_purpose_only(inside):
    assert blind_index("o-1", purpose="openid:1") == blind_index("o-1", purpose="openid:1")
    assert blind_index("o-1", purpose="openid:1") != blind_index("o-2", purpose="openid:1")
    assert blind_index("o-1", purpose="openid:1") != blind_index("o-1", purpose="openid:2")
    assert len(blind_index("o-1", purpose="openid:1")) == 32


def test_a_blind_index_survives_a_new_secret_key(made_app):
    with made_app(secret_key="a" * 32).app_context():
        before, signed = blind_index("o-1", purpose="p"), sign(b"m", purpose="p")
    with made_app(secret_key="b" * 32).app_context():
        assert blind_index("o-1", purpose="p") == before
        assert sign(b"m", purpose="p") != signed


def test_what_the_key_before_signed_is_accepted_while_keys_are_exchanged(made_app):
    with made_app(secret_key="a" * 32).app_context():
        before = sign(b"m", purpose="p")
        assert signatures(b"m", purpose="p") == [before]
    with made_app(secret_key="b" * 32, previous_secret_key="a" * 32).app_context():
        assert signatures(b"m", purpose="p") == [sign(b"m", purpose="p"), before]
        assert sign(b"m", purpose="p") != before
        assert next(iter(accepted_keys("p").values())) == derived_key("p")
        assert len(accepted_keys("p")) == 2
        assert not set(accepted_keys("p")) & set(accepted_keys("q"))


def test_a_signature_for_one_purpose_is_worthless_for_another(inside):
    assert sign(b"m", purpose="door-code") != sign(b"m", purpose="person-code")
    assert derived_key("access-token") != derived_key("door-code")


def test_a_fingerprint_recognises_a_token_without_being_it():
    assert fingerprint("1.token") == fingerprint("1.token")
    assert fingerprint("1.token") != fingerprint("1.token ")
    assert b"token" not in fingerprint("1.token")


def test_comparing_knows_text_and_bytes():
    assert same("码", "码".encode())
    assert not same(b"a", b"b")


def test_the_development_key_is_32_bytes():
    from backend.foundation.config import DEVELOPMENT_DATA_KEYS

    assert len(base64.b64decode(DEVELOPMENT_DATA_KEYS.partition(":")[2])) == 32
