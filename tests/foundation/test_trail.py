"""The trail names who did what, for whom and why; it is added to and never changed, and holds nothing personal."""

from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from backend.foundation import trail
from backend.foundation.acting import Actor, NobodyActs, acted_by, acting, by_clock, by_command
from backend.foundation.db import add, db, session, transactional
from backend.foundation.errors import Conflict
from backend.foundation.ids import uuid7
from backend.foundation.sqlite import WRITES
from backend.foundation.tenancy import acting_in
from backend.foundation.trail import TrailRow
from backend.places.areas import open_area
from backend.places.models import Area

SOMEBODY, ANOTHER = uuid7(), uuid7()


def rows(street):
    return street.rows(select(TrailRow).order_by(TrailRow.id))


def records(street, act="areas.open", *, by=None, **more):
    def deed():
        with acted_by(by or Actor(SOMEBODY, "app", roles=("officer", "worker"), request_id="r-1")):
            trail.record(act, street.community, **more)

    street.does(deed)


def test_a_row_says_who_what_when_for_whom_by_which_way_and_why(street):
    records(
        street,
        beneficiary_id=ANOTHER,
        reason="家属说：王小英不识字",
        before={"state": "draft", "fund": None},
        after={"state": "published", "fund": SOMEBODY},
    )

    (row,) = rows(street)
    assert (row.act, row.actor_id, row.roles, row.channel) == ("areas.open", SOMEBODY, ["officer", "worker"], "app")
    assert (row.beneficiary_id, row.subject_type, row.subject_id) == (ANOTHER, "areas", street.community.id)
    assert row.before == {"state": "draft", "fund": None}
    assert row.after == {"state": "published", "fund": str(SOMEBODY)}
    with street.inside():
        assert (row.reason, row.request_id) == ("家属说：王小英不识字", "r-1")


def test_a_reason_is_sealed_and_opens_at_its_own_row_only(street):
    records(street, reason="家属说：王小英不识字")
    records(street, reason="另一条")

    first, second = rows(street)
    assert "王小英".encode() not in first.reason_sealed
    second.reason_sealed = first.reason_sealed
    with street.inside(), pytest.raises(InvalidTag, match="does not belong"):
        _ = second.reason


@pytest.mark.parametrize(
    "said", ["王小英", "13800138000", "wang xiaoying", "Wang", 5, True, 1.5, ["x"], "x" * 41, "a1", ""]
)
def test_before_and_after_are_ids_and_state_words_and_nothing_else(street, said):
    with pytest.raises(ValueError, match="ids and state words"):
        records(street, after={"state": said})
    with pytest.raises(ValueError, match="ids and state words"):
        records(street, before={str(said): "x"})

    assert rows(street) == []


def test_what_nobody_is_said_to_do_is_not_done(street):
    def deed():
        open_area("没有人", kind="community")
        trail.record("areas.open", street.community)

    with street.app.app_context(), acting_in(street.office_id), pytest.raises(NobodyActs):
        transactional(deed)()

    assert "没有人" not in street.rows(select(Area.name))


def test_a_deed_and_its_row_happen_together_or_not_at_all(street):
    def deed():
        trail.record("areas.open", street.community)
        raise Conflict()

    with pytest.raises(Conflict):
        street.does(deed)

    assert rows(street) == []


def test_the_innermost_actor_counts_and_then_the_outer_one_again(app):
    outer, inner = by_command(), Actor(SOMEBODY, "app")
    with acted_by(outer):
        with acted_by(inner):
            assert acting() == inner
        assert acting() == outer
    with pytest.raises(NobodyActs):
        acting()


def test_commands_and_the_clock_are_nobody_and_people_are_somebody(street):
    records(street, by=by_command())
    records(street, by=by_clock())
    assert [(row.actor_id, row.channel) for row in rows(street)] == [(None, "command"), (None, "clock")]

    for wrong in (Actor(None, "app"), Actor(SOMEBODY, "clock"), Actor(SOMEBODY, "fax")):
        with pytest.raises(IntegrityError):
            records(street, by=wrong)


def at_the_desk(street, deed, *, doing="activities.sign_up"):
    actor = Actor(SOMEBODY, "desk", roles=("worker",), beneficiary_id=ANOTHER, doing=doing)

    def acted():
        with acted_by(actor):
            return transactional(deed)()

    with street.inside():
        return acted()


def test_whatever_is_done_for_somebody_who_stands_beside_is_recorded_without_being_told(street):
    at_the_desk(street, lambda: open_area("代办", kind="community"))

    (row,) = rows(street)
    assert (row.act, row.channel, row.actor_id) == ("assisted.sign_up", "desk", SOMEBODY)
    assert (row.beneficiary_id, row.subject_type, row.subject_id) == (ANOTHER, "people", ANOTHER)


def test_a_deed_for_somebody_that_records_itself_is_recorded_once(street):
    at_the_desk(street, lambda: trail.record("areas.open", street.community))
    at_the_desk(street, lambda: open_area("第二次", kind="community"))  # the first one is forgotten by then

    assert [(row.act, row.beneficiary_id) for row in rows(street)] == [
        ("areas.open", ANOTHER),
        ("assisted.sign_up", ANOTHER),
    ]


def test_an_assisted_act_without_a_beneficiary_is_refused_by_the_table(street):
    with pytest.raises(IntegrityError):
        records(street, by=Actor(SOMEBODY, "card"))


def test_what_one_does_for_oneself_needs_no_row(street):
    street.does(lambda: add(Area(id=uuid4(), name="x", search="x", kind="community", nature="urban", path="/x/")))

    assert rows(street) == []


def by_hand(street, statement):
    """Run one statement as somebody with the database's password would."""
    with street.app.app_context(), db.engine.connect().execution_options(**{WRITES: True}) as connection:
        connection.execute(statement)
        connection.commit()


def plain(street):
    return [(row.id, row.act, row.channel) for row in rows(street)]


@pytest.mark.parametrize("edit", [update(TrailRow).values(act="x.y"), delete(TrailRow)], ids=["update", "delete"])
def test_the_trail_is_not_edited_even_by_hand(street, edit):
    records(street)
    before = plain(street)

    with pytest.raises(DatabaseError, match="append-only"):
        by_hand(street, edit.where(TrailRow.office_id == street.office_id))

    assert plain(street) == before


def test_the_trail_is_not_emptied_on_postgresql_or_replaced_on_sqlite(street):
    records(street)
    before = plain(street)
    with street.inside():
        is_sqlite = session().get_bind().dialect.name == "sqlite"
        row = session().execute(select(TrailRow.__table__).where(TrailRow.office_id == street.office_id)).one()
        session().rollback()
    if is_sqlite:
        by_hand(street, insert(TrailRow.__table__).prefix_with("OR REPLACE").values(row._asdict() | {"act": "x.y"}))
    else:
        with pytest.raises(DatabaseError, match="append-only"):
            by_hand(street, text("TRUNCATE trail"))

    assert plain(street) == before
