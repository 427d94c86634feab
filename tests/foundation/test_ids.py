"""Identifiers are version 7 and sort by birth."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import time_machine

from backend.foundation.ids import born_ms, uuid7

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_each_identifier_is_greater_than_the_one_before():
    made = [uuid7() for _ in range(20_000)]

    assert made == sorted(made)
    assert [each.bytes for each in made] == sorted(each.bytes for each in made)  # as PostgreSQL compares them
    assert [each.hex for each in made] == sorted(each.hex for each in made)  # as SQLite does
    assert len(set(made)) == len(made)


def test_threads_never_make_the_same_one():
    with ThreadPoolExecutor(4) as pool:
        made = [each for part in pool.map(lambda _: [uuid7() for _ in range(3000)], range(4)) for each in part]

    assert len(set(made)) == len(made)


def test_they_are_version_7_of_rfc_9562():
    assert {(each.version, each.variant) for each in (uuid7() for _ in range(100))} == {(7, "specified in RFC 4122")}


def test_they_say_when_they_were_born():
    with time_machine.travel(NOON + timedelta(days=9000), tick=False):  # after whatever this process made before
        assert born_ms(uuid7()) == int((NOON + timedelta(days=9000)).timestamp() * 1000)
    uuid7()


def test_more_than_a_millisecond_holds_still_sort():
    with time_machine.travel(NOON + timedelta(days=9100), tick=False):
        made = [uuid7() for _ in range(10_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_clock_set_back_a_little_is_waited_out():
    later = NOON + timedelta(days=9200)
    with time_machine.travel(later, tick=False):
        before = uuid7()
    with time_machine.travel(later - timedelta(milliseconds=900), tick=False):
        after = uuid7()

    assert before < after


def test_a_clock_set_back_by_more_is_believed():
    later = NOON + timedelta(days=9300)
    with time_machine.travel(later, tick=False):
        uuid7()
    with time_machine.travel(later - timedelta(seconds=2), tick=False):
        assert born_ms(uuid7()) == int(later.timestamp() * 1000) - 2000
