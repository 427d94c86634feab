"""Posting takes as long in a book of a million entries as in one of a thousand.

Both books stand in databases of their own on the same server or disk; deeds alternate between them, and with them a
plain transaction of three statements, so that whatever else the machine does meets all three. Medians are compared.
"""

from collections.abc import Callable
from statistics import median

import pytest

from backend.ledger.posting import Book
from tests.benchmarks.till import Lap, Till, plain_transactions

pytestmark = pytest.mark.benchmark

AT_MOST = 1.3
WARMING_UP = 10  # connections are opened, statements compiled

Deed = Callable[[Till, Book], object]


@pytest.mark.parametrize(
    ("name", "deed", "posts", "times"),
    [
        ("award", Till.posts_an_award, 1, 400),
        ("hold", Till.posts_a_hold, 1, 400),
        ("capture", Till.posts_a_capture, 1, 180),
        ("batch of 100 awards", Till.posts_a_hundred_awards, 100, 40),
    ],
    ids=["award", "hold", "capture", "batch"],
)
def test_posting_takes_as_long_in_a_large_book_as_in_a_small_one(
    small_till: Till, big_till: Till, say, database: str, name: str, deed: Deed, posts: int, times: int
):
    small, big, plain = measured(small_till, big_till, deed, times)

    one, other = (median(lap.seconds for lap in laps) for laps in (small, big))
    ratio = other / one
    say(
        f"{database}, {name}: {one * 1000:.2f} ms in a book of {small_till.entries:,} entries, "
        f"{other * 1000:.2f} ms in one of {big_till.entries:,}, ratio {ratio:.2f}"
    )
    before_one, before_other = (median(lap.before_commit for lap in laps) for laps in (small, big))
    say(
        f"{database}, {name}: {before_one * 1000:.2f} and {before_other * 1000:.2f} ms of that before COMMIT, "
        f"ratio {before_other / before_one:.2f}"
    )
    each = posts / other
    say(
        f"{database}, {name}: {each:,.0f} posts a second in the large book, "
        f"{each * median(plain):.2f} of what plain transactions reach ({1 / median(plain):,.0f} a second)"
    )
    assert ratio <= AT_MOST


def measured(small_till: Till, big_till: Till, deed: Deed, times: int) -> tuple[list[Lap], list[Lap], list[float]]:
    """Laps in the small book, in the large one, and of the plain transaction, taken in turns."""
    laps: dict[int, list[Lap]] = {id(small_till): [], id(big_till): []}
    plain = []
    with plain_transactions(big_till) as one:
        for n in range(times + WARMING_UP):
            for till in (small_till, big_till)[:: 1 if n % 2 else -1]:
                laps[id(till)].append(till.times(lambda book, till=till: deed(till, book)))
            plain.append(one())
    return laps[id(small_till)][WARMING_UP:], laps[id(big_till)][WARMING_UP:], plain[WARMING_UP:]
