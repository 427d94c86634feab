"""The database may die while a request ends; the answer that was ready is given all the same."""

from contextlib import contextmanager
from unittest.mock import patch

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.foundation.db import session


@contextmanager
def a_database_that_dies_before_rollback():
    """Closing a session fails once it is closed, as when the server has gone meanwhile."""
    close = Session.close

    def dies(self):
        close(self)
        raise OperationalError("ROLLBACK", {}, Exception("server closed the connection"))

    with patch.object(Session, "close", dies):
        yield


def test_it_takes_no_answer_away(street):
    phone = street.phone(street.resident())
    assert phone.get("/me").status == 200

    with a_database_that_dies_before_rollback():
        assert phone.get("/me").status == 200
    assert phone.get("/me").status == 200


def test_what_comes_next_gets_a_session_of_its_own(street):
    with street.app.app_context():
        first = session()
        with a_database_that_dies_before_rollback():
            street.app.do_teardown_appcontext()

        assert session() is not first
