"""A new book for each test."""

import pytest
from flask import Flask

from tests.ledger.bookkeeping import Bookkeeper


@pytest.fixture
def book(app: Flask) -> Bookkeeper:
    """An empty book on each database."""
    return Bookkeeper.of_new_book(app)
