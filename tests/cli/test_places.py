"""flask places: offices are opened, and their doors imported from a file."""

import csv

import pytest
from sqlalchemy import select

from backend.foundation.ids import uuid7
from backend.places.models import Household
from tests.builders.door_files import csv_of, doors, xlsx_of

GOOD = ("幸福社区", "城", "第一网格", "1号楼", "2单元", "301")
BAD = ("幸福社区", "城", "第一网格", "1号楼", "2单元", "")


@pytest.fixture
def imports(street, tmp_path):
    """Import what is given, with these options; exit code and output."""

    def run(content, *options):
        file = tmp_path / "doors"
        file.write_bytes(content)
        args = ["places", "import", str(file), "--office", str(street.office_id), *options]
        done = street.app.test_cli_runner().invoke(args=args)
        return done.exit_code, done.output

    return run


def households(street):
    return len(street.rows(select(Household.id)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_imported_and_a_second_time_nothing_is_new(street, imports, encoding):
    content = csv_of(doors(30), encoding=encoding)

    assert imports(content) == (
        0,
        "30 rows, 30 without problems, 0 problems\n72 new areas, 30 new households, 0 rows skipped\n",
    )
    assert "0 new areas, 0 new households" in imports(content)[1]
    assert households(street) == 30


def test_an_xlsx_is_imported(street, imports):
    assert imports(xlsx_of(doors(30)))[0] == 0
    assert households(street) == 30


def test_a_dry_run_lists_what_is_wrong_and_writes_nothing(street, imports):
    code, said = imports(csv_of([GOOD, BAD]), "--dry-run")

    assert (code, said) == (0, "第 3 行 门牌: 缺少门牌\n2 rows, 1 without problems, 1 problems\n")
    assert households(street) == 0


def test_a_file_with_problems_is_refused_unless_they_are_left_out(street, imports):
    code, said = imports(csv_of([GOOD, BAD]))
    assert (code, households(street)) == (1, 0)
    assert "--skip-bad" in said

    assert imports(csv_of([GOOD, BAD]), "--skip-bad")[0] == 0
    assert households(street) == 1


def test_ten_thousand_problems_are_counted_a_hundred_shown_and_all_written_to_a_file(imports, tmp_path):
    report = tmp_path / "problems.csv"
    code, said = imports(csv_of([BAD] * 10_000), "--dry-run", "--problems", str(report))

    assert code == 0
    assert said.count("缺少门牌") == 100
    assert "… and 9,900 more" in said
    with report.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert (len(lines), lines[0], lines[-1]) == (10_001, ["行", "列", "问题"], ["10001", "门牌", "缺少门牌"])


def test_a_file_that_is_no_list_says_so(imports):
    code, said = imports(b"\xd0\xcf\x11\xe0")

    assert code == 1
    assert "另存为 .xlsx" in said


def test_an_office_that_does_not_exist_says_so(app, tmp_path):
    file = tmp_path / "doors.csv"
    file.write_bytes(csv_of([GOOD]))
    done = app.test_cli_runner().invoke(args=["places", "import", str(file), "--office", "9998"])

    assert (done.exit_code, done.output) == (1, "Error: 没有这个街道，请从街道列表里选择\n")


def opens(app, *args):
    done = app.test_cli_runner().invoke(args=["places", "open-office", *map(str, args)])
    return done.exit_code, done.output


def test_a_district_is_opened_and_a_sub_district_in_it(app):
    assert opens(app, 60, f"某区{uuid7()}", "--kind", "district")[0] == 0
    assert opens(app, 61, f"街道{uuid7()}", "东村", "--district", 60, "--nature", "rural")[0] == 0

    with app.test_client() as client:
        served = [office["id"] for office in client.get("/api/v1/offices").json["items"]]
    assert 61 in served
    assert 60 not in served


def test_what_cannot_be_an_office_is_refused(app, street):
    assert opens(app, street.office_id, "另一个")[0] == 1
    assert opens(app, 62, street.office.name)[0] == 1
    code, said = opens(app, 63, f"街道{uuid7()}", "--district", street.office_id)
    assert (code, "不是区级机构" in said) == (1, True)
    assert opens(app, 64, f"某区{uuid7()}", "东社区", "--kind", "district")[0] == 2
