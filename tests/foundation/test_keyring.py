"""A key for each person: what is sealed about them opens as long as it exists."""

from dataclasses import replace
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from backend.foundation.crypto import fresh_key
from backend.foundation.db import find, session
from backend.foundation.keyring import KEPT, SubjectKey, destroy_keys, read, rewrap, seal_about
from backend.people.models import ERASED, Person
from tests.builders.statements import statements_sent

SOMEBODY, ANOTHER = uuid4(), uuid4()


def test_each_has_a_key_and_a_value_moved_to_another_place_does_not_open(street):
    def seals():
        return [seal_about(whom, "喜欢下棋", place="p") for whom in (SOMEBODY, SOMEBODY, ANOTHER)]

    one, again, other = street.does(seals)

    assert one[:17] == again[:17] != other[:17]
    with street.inside():
        assert {read(sealed, place="p") for sealed in (one, again, other)} == {"喜欢下棋"}
        with pytest.raises(InvalidTag):
            read(one, place="q")
        with pytest.raises(InvalidTag):
            read(other[:17] + one[17:], place="p")


def test_a_destroyed_key_opens_nothing_ever_again_and_what_is_said_later_is_not_lost(street, other_street):
    sealed = street.does(seal_about, SOMEBODY, "喜欢下棋", place="p")
    kept = street.does(seal_about, SOMEBODY, "服务时长", place="p", purpose=KEPT)
    elsewhere = other_street.does(seal_about, SOMEBODY, "另一个街道", place="p")

    assert street.does(destroy_keys, [SOMEBODY]) == 1
    assert street.does(destroy_keys, [SOMEBODY]) == 0

    later = street.does(seal_about, SOMEBODY, "来人查询", place="p")
    with street.inside():
        assert [read(each, place="p") for each in (sealed, kept, later)] == [None, "服务时长", "来人查询"]
    with other_street.inside():
        assert read(elsewhere, place="p") == "另一个街道"
        with pytest.raises(KeyError):
            read(sealed, place="p")


def test_who_never_had_a_key_can_be_kept_from_getting_one(street):
    street.does(destroy_keys, [SOMEBODY])

    assert not street.does(seal_about, SOMEBODY, "x", place="p").startswith(b"#")


def test_a_hundred_names_take_as_many_statements_as_two(street):
    for number in range(12):
        street.person(f"居民{number}")

    def statements(limit):
        with street.inside(), statements_sent(street.app) as sent:
            names = [person.name for person in session().scalars(select(Person).limit(limit))]
        assert len(names) == limit
        return len(sent)

    assert statements(2) == statements(12) <= 3  # BEGIN, the people, their keys


def test_a_name_reads_as_erased_once_the_key_is_gone_also_in_the_same_session(street):
    person = street.person("王小英")

    def destroys():
        mine = find(Person, person.id)
        assert mine.masked_name == "王*英"
        destroy_keys([person.id])
        return mine.name, mine.masked_name

    assert street.does(destroys) == (ERASED, ERASED)


def test_a_new_data_key_takes_over_by_wrapping_keys_anew_and_the_old_one_may_go(street):
    sealed = street.does(seal_about, SOMEBODY, "喜欢下棋", place="p")
    config = street.app.extensions["config"]
    newest = {"fresh": fresh_key()}
    try:
        street.app.extensions["config"] = replace(config, data_keys=newest | config.data_keys)
        assert street.does(rewrap, 1000) >= 1
        assert street.does(rewrap, 1000) == 0
        street.app.extensions["config"] = replace(config, data_keys=newest)
        with street.inside():
            assert read(sealed, place="p") == "喜欢下棋"
            assert all(key.opened for key in session().scalars(select(SubjectKey)))
    finally:
        street.app.extensions["config"] = config
