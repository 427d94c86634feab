"""What must happen once happens once, however many try."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from backend.foundation.db import find, insert_once, session
from backend.merchants.models import Offer
from backend.places.models import Area


def test_of_eight_who_insert_the_same_exactly_one_wins(street):
    together = threading.Barrier(8)

    def deed(n):
        return insert_once(Area, kind="community", nature="urban", name=f"第{n}个", path="/the-same/", search="")

    def rush(n):
        together.wait(10)
        return street.does(deed, n)

    with ThreadPoolExecutor(8) as pool:
        won = [row for row in pool.map(rush, range(8)) if row is not None]

    assert len(won) == 1
    with street.inside():
        assert find(Area, won[0].id).name == won[0].name
        assert session().scalar(select(func.count()).select_from(Area).where(Area.path == "/the-same/")) == 1


def test_who_comes_second_finds_none_and_the_first_row_as_it_was(street):
    first = street.does(insert_once, Area, kind="community", nature="urban", name="先", path="/p/", search="")

    assert street.does(insert_once, Area, kind="community", nature="urban", name="后", path="/p/", search="") is None
    with street.inside():
        assert find(Area, first.id).name == "先"


def test_only_a_taken_key_is_forgiven(street):
    with pytest.raises(IntegrityError):
        street.does(insert_once, Area, kind="no such kind", name="x", path="/x/")


def test_400_increments_by_4_threads_end_at_400(street):
    offer = street.offer(stock=0)

    def deed():
        mine = find(Offer, offer.id, locked=True)
        mine.stock = mine.stock + 1

    def hundred(_):
        for _ in range(100):
            street.does(deed)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(hundred, range(4)))

    with street.inside():
        assert find(Offer, offer.id).stock == 400
