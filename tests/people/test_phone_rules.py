"""How numbers are written and how little of them is shown."""

import pytest

from backend.people.phone_rules import e164, masked_number


@pytest.mark.parametrize(
    ("written", "is_written"),
    [
        ("13800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("+13105550123", "+13105550123"),  # Los Angeles, and not 131 0555 0123 on the mainland
        ("13105550123", "+8613105550123"),
        ("+85261234567", "+85261234567"),
        ("85261234567", "+85261234567"),
        ("0085261234567", "+85261234567"),
        ("+8601012345678", "+8601012345678"),
    ],
)
def test_one_number_is_written_in_one_way(written, is_written):
    assert e164(written) == is_written


@pytest.mark.parametrize(
    "written", ["", "123", "+", "abc", "１３８００１３８０００", "+0123456789", "1" * 16, "138001380001a"]
)
def test_what_is_no_number_is_none(written):
    assert e164(written) is None


@pytest.mark.parametrize(
    ("number", "shown"), [("+8613812341234", "138****1234"), ("+85261234567", "+852****67"), ("+1310555", "+131****55")]
)
def test_a_number_is_shown_masked(number, shown):
    assert masked_number(number) == shown
