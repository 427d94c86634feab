"""What is kept for a time only goes after that time, and not before."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.cli.jobs import keep_no_longer
from backend.foundation import outbox
from backend.foundation.clock import as_of, now
from backend.foundation.db import session
from backend.foundation.outbox import OutboxMessage
from backend.people import log_in
from backend.people.devices import end_devices_of
from backend.people.session_models import AccessChange, Device, RefreshToken
from backend.privacy.erasing import ask, think_better_of_it
from backend.privacy.erasure_models import ErasureRequest
from backend.privacy.retention import RULES
from backend.safety.models import ContentReview, Picture, PictureFile
from backend.safety.reviews import lay_before_a_worker
from tests.builders.photos import a_photo, form_of


@pytest.fixture
def lived_in(street):
    """An office with one row of each kind that may go: all of them are over now."""
    person = street.resident()
    street.does(log_in.log_in, "stub:somebody-of-retention:1", office_id=street.office_id)
    street.does(outbox.put, "k", topic="expiry", person_id=person.id, facts={})
    street.does(update_all, OutboxMessage, seen_at=now(), channel="app")
    street.does(lay_before_a_worker, person, "name", text="王小英", author_id=person.id, why="no_openid")
    street.does(update_all, ContentReview, state="replaced")
    assert (
        street.phone(person).send("POST", "/pictures", data=form_of(purpose="activity", file=a_photo())).status == 201
    )
    street.does(update_all, Picture, state="refused")
    street.does(ask, person, helper_id=None)
    street.does(think_better_of_it, person.id)
    for each in street.rows(select(Device.person_id)):
        street.does(end_devices_of, each, reason="everywhere")
    street.does(update_all, RefreshToken, expires_at=now())
    return street


def update_all(model, **values):
    session().execute(update(model).values(**values))


def test_each_kind_goes_after_its_term_and_no_kind_is_forgotten(lived_in):
    street = lived_in
    models = {
        "refresh-tokens": RefreshToken,
        "devices": Device,
        "access-changes": AccessChange,
        "messages": OutboxMessage,
        "content-reviews": ContentReview,
        "refused-pictures": PictureFile,
        "withdrawn-erasures": ErasureRequest,
    }
    assert models.keys() == {rule.name for rule in RULES}

    for term in sorted({rule.term for rule in RULES}):
        for later, expected in ((term - timedelta(hours=1), True), (term + timedelta(hours=1), False)):
            with as_of(now() + later), street.inside():
                keep_no_longer()
            for rule in RULES:
                if rule.term == term:
                    assert bool(street.rows(select(models[rule.name].id))) is expected, rule.name
    assert len(street.rows(select(Picture))) == 1, "the row of a picture stays: it counts against the day"
