"""A message is laid out once per key, in the transaction of its cause."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.foundation.db import session
from backend.foundation.outbox import OutboxMessage, laid_out, put


def lies_there(street):
    return [(row.key, row.facts) for row in street.rows(select(OutboxMessage).order_by(OutboxMessage.id))]


def test_a_message_is_laid_out_once_per_key_and_the_first_one_stays(street):
    to = uuid4()

    assert street.does(put, "a", topic="t", person_id=to, facts={"n": 1, "说": "好"}) is True
    assert street.does(put, "a", topic="t", person_id=to, facts={"n": 2}) is False

    assert lies_there(street) == [("a", {"n": 1, "说": "好"})]


def test_a_cause_that_fails_leaves_no_message(street):
    def fails():
        put("a", topic="t", person_id=uuid4(), facts={})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        street.does(fails)

    assert lies_there(street) == []


def test_the_same_key_in_another_office_is_another_message(street, other_street):
    for office in (street, other_street):
        assert office.does(put, "a", topic="t", person_id=uuid4(), facts={}) is True


def test_what_lies_there_is_known_by_key(street):
    street.does(put, "a", topic="t", person_id=uuid4(), facts={})

    with street.inside():
        assert laid_out(["a", "b"]) == {"a"}
        assert laid_out([]) == set()
        assert session().scalar(select(OutboxMessage.sent_at)) is None
