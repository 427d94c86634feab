"""A day is a day in Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from backend.foundation.clock import SHANGHAI, as_of, now, said_in_shanghai, shanghai_day, start_of_day


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-23T15:59:59.999999+00:00", date(2026, 11, 23)),
        ("2026-11-23T16:00:00+00:00", date(2026, 11, 24)),
        ("2025-12-31T15:59:59+00:00", date(2025, 12, 31)),
        ("2025-12-31T16:00:00+00:00", date(2026, 1, 1)),  # the new year begins eight hours before Greenwich's
        ("2026-01-01T00:00:00+08:00", date(2026, 1, 1)),
        ("2028-02-28T16:00:00+00:00", date(2028, 2, 29)),
    ],
)
def test_the_day_changes_at_midnight_in_shanghai(instant, day):
    assert shanghai_day(datetime.fromisoformat(instant)) == day


def test_a_day_begins_with_its_first_instant():
    begins = start_of_day(date(2026, 1, 1))

    assert begins == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert shanghai_day(begins) == date(2026, 1, 1)
    assert shanghai_day(begins - timedelta(microseconds=1)) == date(2025, 12, 31)


def test_there_is_no_summer_time():
    assert {datetime(2026, month, 1, tzinfo=SHANGHAI).utcoffset() for month in range(1, 13)} == {timedelta(hours=8)}


def test_now_is_an_instant_in_utc():
    with time_machine.travel(datetime(2026, 11, 23, 10, tzinfo=UTC), tick=False):
        assert now() == datetime(2026, 11, 23, 10, tzinfo=UTC)
        assert now().utcoffset() == timedelta()


def test_the_past_of_a_demo_ends_with_its_block():
    with as_of(datetime(2026, 1, 1, tzinfo=UTC)):
        assert abs(now() - datetime(2026, 1, 1, tzinfo=UTC)) < timedelta(minutes=1)
    assert abs(now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_people_are_told_the_time_in_shanghai():
    assert said_in_shanghai(datetime(2026, 11, 23, 16, 5, tzinfo=UTC)) == "11月24日 00:05"
