"""A household with a head and a spouse, and a worker of the area."""

import pytest


@pytest.fixture
def home(street):
    return street.household("5号楼502")


@pytest.fixture
def head(street, home):
    return street.person("郑文华", household=home, role="head", openid="head-of-the-home")


@pytest.fixture
def spouse(street, home, head):
    return street.person("林美玲", household=home, openid="spouse-of-the-head")


@pytest.fixture
def worker(street):
    return street.worker()
