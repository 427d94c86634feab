"""An officer uploads a list; the worker carries it out; the report says how it went, and the file is gone."""

from unittest.mock import patch

import pytest
from sqlalchemy import select

from backend.cli.import_job import carry_out
from backend.cli.jobs import run_imports
from backend.foundation.db import session
from backend.people.scopes import over_office
from backend.places import importing, uploads
from backend.places.import_models import DoorImport, ImportProblem
from backend.places.models import Household
from tests.builders.door_files import csv_of, doors, form_of, xlsx_of
from tests.builders.races import at_once

GOOD = ("幸福社区", "城", "第一网格", "1号楼", "2单元", "301")
BAD = ("幸福社区", "市", "第一网格", "1号楼", "2单元", "金丝雀302")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 20)


@pytest.fixture
def phone(street):
    return street.phone(street.gives(street.person("李主任"), "officer", over_office(street.office)))


def sent(phone, content, **fields):
    answer = phone.send("POST", "/imports", data=form_of(file=content, **fields))
    assert answer.status == 201, answer.body
    return answer


def works(street):
    with street.inside():
        return run_imports()


def households(street):
    return len(street.rows(select(Household.id)))


def test_a_good_list_is_written(street, phone):
    uploaded = sent(phone, csv_of(doors(50)))
    assert (uploaded["state"], uploaded["rows"]) == ("waiting", 0)

    assert works(street) == 1

    report = phone.get(f"/imports/{uploaded['id']}")
    assert (report["state"], report["rows"], report["rows_done"]) == ("done", 50, 50)
    assert (report["households_opened"], report["items"]) == (50, [])
    assert households(street) == 50
    assert works(street) == 0


def test_a_dry_run_lists_every_problem_and_writes_nothing(street, phone):
    uploaded = sent(phone, csv_of([GOOD, BAD, (*GOOD[:5], "")]), dry_run="true")
    works(street)

    report = phone.get(f"/imports/{uploaded['id']}")

    assert (report["state"], report["rows"], report["problems"]) == ("checked", 1, 2)
    assert [(item["row"], item["column"]) for item in report["items"]] == [(3, "城乡"), (4, "门牌")]
    assert households(street) == 0


def test_a_list_with_problems_is_refused_unless_they_are_to_be_left_out(street, phone):
    refused = sent(phone, csv_of([GOOD, BAD]))
    works(street)
    assert phone.get(f"/imports/{refused['id']}")["state"] == "refused"
    assert households(street) == 0

    skipped = sent(phone, csv_of([GOOD, BAD]), skip_bad="true")
    works(street)
    report = phone.get(f"/imports/{skipped['id']}")
    assert (report["state"], report["households_opened"], report["problems"]) == ("done", 1, 1)


def test_a_broken_spreadsheet_imported_twice_is_reported_twice_and_written_once(street, phone):
    lines = [GOOD, (*GOOD[:5], "=A1"), ("", "", "第一网格", "1号楼", "3单元", 401), (*GOOD[:5], 402), [], GOOD]
    content = xlsx_of(lines, merge=["A4:A5"], before=[["胜利街道庭户台账"]])
    reports = []
    for _ in range(2):
        uploaded = sent(phone, content, skip_bad="true")
        works(street)
        reports.append(phone.get(f"/imports/{uploaded['id']}"))

    first, second = reports
    assert [(item["row"], item["column"]) for item in first["items"]] == [
        *((4, None), (5, None)),
        *((7, None), (8, "门牌")),
    ]
    assert (first["items"], first["state"]) == (second["items"], second["state"])
    assert (first["households_opened"], second["households_opened"], second["areas_opened"]) == (2, 0, 0)


def test_the_file_is_sealed_while_it_waits_and_gone_afterwards(street, phone):
    content = csv_of([BAD, GOOD])
    uploaded = sent(phone, content)

    (kept,) = street.rows(select(DoorImport.file_sealed))
    assert "金丝雀".encode() not in kept
    assert content[:30] not in kept
    works(street)

    assert street.rows(select(DoorImport.file_sealed)) == [None]
    assert not any("金丝雀" in problem.said for problem in street.rows(select(ImportProblem)))
    assert "金丝雀" not in str(phone.get(f"/imports/{uploaded['id']}").body)


def test_a_worker_killed_between_two_pieces_goes_on_where_it_was(street, phone):
    uploaded = sent(phone, csv_of(doors(70)))
    write, done = uploads.write, []

    def dies_at_the_third(import_id, piece, *, after):
        if len(done) == 2:
            raise KeyboardInterrupt  # as a signal would end the process
        done.append(piece)
        return write(import_id, piece, after=after)

    with patch.object(uploads, "write", dies_at_the_third), pytest.raises(KeyboardInterrupt):
        works(street)
    report = phone.get(f"/imports/{uploaded['id']}")
    assert (report["state"], report["rows_done"], households(street)) == ("running", 40, 40)

    works(street)

    report = phone.get(f"/imports/{uploaded['id']}")
    assert (report["state"], report["rows_done"], report["households_opened"]) == ("done", 70, 70)
    assert households(street) == 70


def test_several_workers_at_once_write_everything_once(street, phone):
    uploaded = sent(phone, csv_of(doors(70)))

    at_once(*[lambda: works(street)] * 4)
    works(street)  # whoever found the list taken left it to the other

    report = phone.get(f"/imports/{uploaded['id']}")
    assert (report["state"], report["rows_done"], report["households_opened"]) == ("done", 70, 70)
    assert households(street) == 70


def test_one_broken_list_keeps_no_other_waiting(street, phone):
    broken, fine = sent(phone, csv_of(doors(5))), sent(phone, csv_of(doors(5)))

    def breaks_the_first(import_id):
        if str(import_id) == broken["id"]:
            raise RuntimeError
        return carry_out(import_id)

    with patch("backend.cli.jobs.carry_out", breaks_the_first):
        works(street)

    assert phone.get(f"/imports/{broken['id']}")["state"] == "waiting"
    assert phone.get(f"/imports/{fine['id']}")["state"] == "done"


def test_a_file_that_cannot_be_read_to_its_end_is_a_problem_of_the_file(street, phone):
    uploaded = sent(phone, csv_of([GOOD]) + '幸福社区,城,,,,"302'.encode())
    works(street)

    report = phone.get(f"/imports/{uploaded['id']}")
    assert (report["state"], [item["row"] for item in report["items"]]) == ("refused", [0])


def test_problems_are_listed_page_by_page_and_counted_beyond(street, phone, monkeypatch):
    monkeypatch.setattr(uploads, "LISTED", 30)
    uploaded = sent(phone, csv_of([(*GOOD[:5], "")] * 45), dry_run="true")
    works(street)

    seen, cursor = [], {}
    while cursor is not None:
        report = phone.get(f"/imports/{uploaded['id']}", limit=20, **cursor)
        seen += [item["row"] for item in report["items"]]
        cursor = report["next"] and {"cursor": report["next"]}

    assert seen == list(range(2, 32))
    assert report["problems"] == 45


def test_what_is_no_list_is_refused_at_once(street, phone):
    for content in (b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"\x00\x01\x02", b""):
        answer = phone.send("POST", "/imports", data=form_of(file=content))
        assert (answer.status, list(answer["errors"])) == (422, ["file"]), content
    assert street.rows(select(DoorImport.id)) == []


@pytest.mark.parametrize("data", [{}, {"file": "text"}])
def test_a_form_without_a_file_is_refused(phone, data):
    answer = phone.send("POST", "/imports", data=data, content_type="multipart/form-data")

    assert (answer.status, list(answer["errors"])) == (422, ["file"])


@pytest.mark.parametrize("megabytes", [10, 11])
def test_a_file_above_ten_megabytes_is_413(phone, megabytes):
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="doors.csv"\r\n\r\n'
    body = head + b"x" * (megabytes * 1024 * 1024 + 1) + b"\r\n--x--\r\n"
    answer = phone.send("POST", "/imports", data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status == 413


@pytest.mark.parametrize("field", [{"dry_run": "1"}, {"skip_bad": "yes"}, {"overwrite": "true"}])
def test_fields_it_does_not_know_are_refused(phone, field):
    answer = phone.send("POST", "/imports", data=form_of(file=csv_of([GOOD]), **field))

    assert (answer.status, list(answer["errors"])) == (422, list(field))


def test_a_body_that_is_no_form_is_415(phone):
    assert phone.send("POST", "/imports", json={"file": "x"}).status == 415


def test_lists_are_listed_newest_first(street, phone):
    ids = [sent(phone, csv_of(doors(2)))["id"] for _ in range(3)]

    assert [each["id"] for each in phone.get("/imports")["items"]] == ids[::-1]
    with street.inside():
        assert session().scalar(select(DoorImport.uploaded_by_id)) == phone.person_id
