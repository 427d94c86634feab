"""What minutes are worth: arithmetic a community leader could check."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.activities.points_rules import default_budget, minutes_between, points_for

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)  # in Shanghai
ELEVEN = NINE + timedelta(hours=2)


def minutes(arrived, left):
    return minutes_between(
        NINE + timedelta(minutes=arrived), NINE + timedelta(minutes=left), starts_at=NINE, ends_at=ELEVEN
    )


@pytest.mark.parametrize(
    ("stayed", "points"), [(0, 0), (29, 0), (30, 5), (59, 5), (60, 10), (89, 10), (90, 15), (120, 20), (600, 25)]
)
def test_half_an_hour_is_the_smallest_piece_that_counts_up_to_the_most(stayed, points):
    assert points_for(stayed, points_per_hour=10, points_max=25) == points


@pytest.mark.parametrize(("stayed", "points"), [(30, 1), (60, 3), (90, 4), (120, 6)])
def test_points_are_whole_rounded_down_once_at_the_end(stayed, points):
    assert points_for(stayed, points_per_hour=3, points_max=100) == points


@pytest.mark.parametrize(
    ("arrived", "left", "counted"),
    [
        (0, 120, 120),
        (-25, 120, 120),
        (0, 200, 120),
        (-25, -5, 0),
        (10, 10, 0),
        (10, 10.99, 0),
        (10, 11, 1),
        (60, 50, 0),
    ],
)
def test_coming_early_and_staying_on_add_nothing(arrived, left, counted):
    assert minutes(arrived, left) == counted


@given(st.integers(0, 5000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_staying_longer_never_earns_less_and_never_more_than_the_most(stayed, per_hour, most):
    points = points_for(stayed, points_per_hour=per_hour, points_max=most)

    assert 0 <= points <= most
    assert points <= points_for(stayed + 1, points_per_hour=per_hour, points_max=most)
    assert points * 60 <= stayed * per_hour


def test_the_usual_budget_is_enough_for_everybody_at_every_session():
    assert default_budget(capacity=30, points_max=20, sessions=3) == 1800
