"""Figures of an office: what they count, the list behind each, and a month that is over stays what it was."""

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import time_machine
from openpyxl import load_workbook
from sqlalchemy import select

from backend.cli.jobs import JOBS
from backend.foundation.clock import now
from backend.foundation.db import find
from backend.groups.history import change_stage
from backend.groups.models import Group
from backend.transparency.figure_models import FigureSnapshot
from tests.builders.statements import statements_sent

OCTOBER = datetime(2026, 10, 15, 4, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 2, 4, tzinfo=UTC)


def filed(street, name):
    """A group that was filed at this moment."""
    group = street.group(name=name, stage="circle")

    def file() -> Group:
        row = find(Group, group.id)
        change_stage(row, "filed")
        row.level, row.filing_number, row.filed_at = "filed", f"测备{row.id.hex[-8:]}", now()
        return row

    return street.does(file)


def figures(street, by=None, month=None):
    """The figures of the street's community, by name."""
    asked = {"month": month} if month else {}
    answer = street.phone(by or street.auditor()).get("/office/figures", **asked)
    assert answer.status == 200, answer.body
    return next(item["figures"] for item in answer["items"] if item["area"]["id"] == str(street.community.id))


def test_groups_residents_and_those_among_them_who_belong_and_take_part_are_counted(street):
    group = filed(street, "清晨志愿队")
    people = [street.resident(f"居民{n}") for n in range(4)]
    stranger = street.person("外来的", verified="phone")
    for person in (*people[:2], stranger):
        street.member(group, person)
    street.earned_together([people[0], people[3]], 5)

    shown = figures(street)

    assert (shown["filed"]["value"], shown["filed"]["target"], shown["filed"]["is_reached"]) == (1, 15, False)
    assert shown["filed_this_year"]["value"] == 1
    assert shown["organised"]["value"] == 4  # with both leaders
    assert shown["participants"]["value"] == 2
    assert shown["participants"]["per_mille"] == 2 * 1000 // shown["residents"]["value"]


def test_every_number_has_the_list_behind_it_page_by_page(street):
    group = filed(street, "清晨志愿队")
    people = [street.member(group, street.resident(f"居民{n}")) for n in range(4)]
    auditor, asked = street.phone(street.auditor()), {"area_id": str(street.community.id)}

    first = auditor.get("/office/figures/organised", limit=3, **asked)
    second = auditor.get("/office/figures/organised", limit=3, cursor=first["next"], **asked)

    assert (first["value"], len(first["items"]), len(second["items"]), second["next"]) == (5, 3, 2, None)
    listed = {item["id"] for page in (first, second) for item in page["items"]}
    assert {str(person.id) for person in people} < listed
    assert all("*" in item["name"] for item in first["items"])


def test_a_worker_reads_lists_of_their_own_area_only(street):
    elsewhere = street.area("安宁社区")
    asked = {"area_id": str(elsewhere.id)}

    assert street.phone(street.worker()).get("/office/figures/residents", **asked).status == 403
    assert street.phone(street.worker(elsewhere)).get("/office/figures/residents", **asked).status == 200
    assert street.phone(street.resident()).get("/office/figures").status == 403


def test_a_circle_of_five_is_fostered_and_a_brand_is_a_filed_group_somebody_named(street):
    circle, group = street.group(name="棋友圈", stage="circle"), filed(street, "清晨志愿队")
    for n in range(4):
        street.member(circle, street.resident(f"棋友{n}"))
    officer = street.phone(street.officer())

    assert officer.put(f"/groups/{circle.id}/brand", {"is_brand": True, "reason": "好"}).code == "not_filed"
    assert officer.put(f"/groups/{group.id}/brand", {"is_brand": True, "reason": "多年服务"}).status == 200
    assert officer.put(f"/groups/{group.id}/brand", {"is_brand": True, "reason": "多年服务"}).code == "nothing_changed"

    shown = figures(street)
    assert (shown["fostered"]["value"], shown["brands"]["value"]) == (1, 1)


def test_a_month_that_is_over_stays_what_it_was(street):
    with time_machine.travel(OCTOBER, tick=True):
        group = filed(street, "清晨志愿队")
        moved = street.member(group, street.resident())
    with time_machine.travel(NOVEMBER, tick=True):
        with street.inside():
            job = next(job for job in JOBS if job.name == "take-figures")
            assert (job.run(), job.run()) == (1, 0)
        october = figures(street, month="2026-10")
        street.moves(moved, street.household(area=street.area("安宁社区")))
        filed(street, "晚到的队")

        again, running = figures(street, month="2026-10"), figures(street)

    assert again == october
    assert again["organised"]["taken_at"] is not None
    assert (october["organised"]["value"], running["organised"]["value"]) == (2, 2)  # one left, a leader came
    assert (october["filed"]["value"], running["filed"]["value"]) == (1, 2)
    kept = street.rows(select(FigureSnapshot).where(FigureSnapshot.figure == "organised"))
    assert {row.month for row in kept} == {"2026-10"}
    assert UUID(str(moved.id)) in kept[0].ids


def test_a_month_that_nobody_took_down_is_counted_from_dates(street):
    with time_machine.travel(OCTOBER, tick=True):
        filed(street, "清晨志愿队")
    with time_machine.travel(NOVEMBER, tick=True):
        filed(street, "晚到的队")

        assert figures(street, month="2026-10")["filed"]["value"] == 1
        assert figures(street, month="2026-09")["filed"]["value"] == 0
        assert street.phone(street.auditor()).get("/office/figures", month="2026-12").status == 422


def test_the_public_reads_no_figure_about_fewer_than_five_people(street):
    group = filed(street, "清晨志愿队")
    for n in range(5):
        street.member(group, street.resident(f"居民{n}"))
    street.earned_together([street.resident()], 5)

    answer = street.phone().get("/public/figures", office_id=street.office_id)

    shown = answer["items"][0]["figures"]
    assert (shown["organised"]["value"], shown["organised"]["is_withheld"]) == (7, False)
    assert (shown["participants"]["value"], shown["participants"]["is_withheld"]) == (None, True)
    assert shown["participants"]["per_mille"] is None
    assert shown["filed"]["value"] == 1  # groups are nobody in particular


def test_one_hidden_figure_does_not_stand_alone_among_its_neighbours(street):
    elsewhere = street.area("安宁社区")
    for n in range(6):
        street.resident(f"居民{n}")
    for n in range(2):
        street.person(f"邻居{n}", household=street.household(area=elsewhere))

    answer = street.phone().get("/public/figures", office_id=street.office_id)

    assert [item["figures"]["residents"]["value"] for item in answer["items"]] == [None, None]


def test_the_register_is_public_and_names_nobody(street):
    group = filed(street, "清晨志愿队")
    street.group(name="还没备案的圈", stage="circle")

    listed = street.phone().get("/public/groups", office_id=street.office_id, q="qczyd")

    assert [item["name"] for item in listed["items"]] == ["清晨志愿队"]
    item = listed["items"][0]
    assert (item["filing_number"], item["members"]) == (group.filing_number, {"value": None, "is_withheld": True})
    assert "赵" not in str(listed.body)
    assert street.phone().get("/public/groups", office_id=9998).status == 404


def test_tables_carry_no_formula(app, street):
    filed(street, "=HYPERLINK(1)队")
    officer = street.phone(street.officer())

    def taken(phone, path):
        with app.test_client() as client:
            answer = client.get(f"/api/v1{path}", headers=phone._headers())
            assert answer.status_code == 200
            return answer.data, answer.headers

    public, _ = taken(street.phone(), f"/public/groups.csv?office_id={street.office_id}")
    assert public.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(public.decode("utf-8-sig"))))
    assert [len(rows), rows[1][0]] == [2, "'=HYPERLINK(1)队"]
    office, headers = taken(officer, "/office/group-register")
    assert headers["Content-Disposition"].startswith('attachment; filename="groups-')
    sheet = load_workbook(io.BytesIO(office)).active
    assert [cell.value for cell in sheet[2]][:2] == ["'=HYPERLINK(1)队", "服务"]
    assert (sheet[2][0].data_type, sheet[2][9].value) == ("s", "赵*长")


def test_figures_ask_the_database_as_often_for_ten_communities_as_for_one(app, street):
    auditor = street.phone(street.auditor())
    auditor.get("/office/figures")
    with statements_sent(app) as for_one:
        auditor.get("/office/figures")
    for n in range(9):
        street.area(f"社区{n}")
    with statements_sent(app) as for_ten:
        auditor.get("/office/figures")

    assert len(for_ten) == len(for_one)
