"""What is wrong with a list of doors is said by row and column, and nothing that is right is lost."""

import pytest

from backend.places import door_lists
from backend.places.door_lists import Line, Row, Trouble, read
from tests.builders.door_files import HEAD

GOOD = ("幸福社区", "城", "第一网格", "1号楼", "2单元", "301")


def reading(*lines, head=HEAD):
    return read(Line(number, list(cells)) for number, cells in enumerate([head, *lines], 1))


def said(found):
    return [(problem.row, problem.column, problem.said) for problem in found.problems]


def test_a_row_becomes_a_door_and_where_it_is():
    found = reading(GOOD)

    assert found.rows == [Row(2, "幸福社区", "urban", "第一网格", "1号楼", "2单元", "301")]
    assert found.problems == []


def test_levels_that_a_place_does_not_have_stay_empty():
    found = reading(("东村", "乡", "", "", "", "12号"), ("东村", "乡", "第一网格", "", "", "13号"))

    assert [(row.nature, row.grid, row.building) for row in found.rows] == [
        ("rural", "", ""),
        ("rural", "第一网格", ""),
    ]


def test_text_is_trimmed_and_full_width_letters_are_plain():
    (row,) = reading((" 幸福社区 ", "城", "第一 网格", "１号楼", "２单元\u200b", "\t３０１ ")).rows

    assert (row.community, row.grid, row.building, row.unit, row.door) == (
        *("幸福社区", "第一 网格", "1号楼", "2单元"),
        "301",
    )


@pytest.mark.parametrize(
    "head",
    [
        ("所属社区", "城/乡", "网格名称", "楼号", "单元号", "门牌号"),
        ("村（居）", "城乡类型", "网格号", "幢", "单元", "户号"),
        (" 社区 ", "城 乡", "网格*", "楼栋：", "单元", "门牌"),
    ],
)
def test_headings_have_other_names_too(head):
    assert reading(GOOD, head=head).rows[0].door == "301"


def test_columns_may_stand_in_any_order_among_others_below_a_title():
    lines = [["胜利街道庭户台账"], [], ["序号", "门牌", "单元", "楼栋", "网格", "城乡", "社区", "备注"]]
    lines.append(["1", "301", "2单元", "1号楼", "第一网格", "城", "幸福社区", "空置"])

    found = read(Line(number, cells) for number, cells in enumerate(lines, 1))

    assert (found.rows[0].number, found.rows[0].community) == (4, "幸福社区")
    assert found.problems == []


def test_which_heading_is_missing_is_said_and_nothing_is_read():
    found = reading(("幸福社区", "城", "1号楼", "301"), head=("社区", "城乡", "楼栋", "门牌"))

    assert [problem.said.partition("（")[0] for problem in found.problems] == ["缺少表头“网格”", "缺少表头“单元”"]
    assert found.rows == []


def test_a_file_without_headings_is_said_to_have_none():
    found = reading(GOOD, head=("甲", "乙"))

    assert [(row, said[:14]) for row, _, said in said(found)] == [(0, "前 10 行里没有找到表头，")]


def test_a_heading_that_is_there_twice_is_refused():
    assert said(reading((*GOOD, "302"), head=(*HEAD, "门牌号"))) == [(1, "门牌", "表头重复，请只保留一列")]


@pytest.mark.parametrize(
    ("line", "column", "part"),
    [
        (("", "城", "第一网格", "1号楼", "2单元", "301"), "社区", "缺少社区"),
        (("幸福社区", "", "第一网格", "1号楼", "2单元", "301"), "城乡", "缺少城乡"),
        (("幸福社区", "市", "第一网格", "1号楼", "2单元", "301"), "城乡", "只能填"),
        (("幸福社区", "城", "第一网格", "", "2单元", "301"), "楼栋", "有单元而没有楼栋"),
        (("幸福社区", "城", "第一网格", "1号楼", "2单元", ""), "门牌", "缺少门牌"),
        (("幸福社区", "城", "第一网格", "1号楼", "2单元", "3" * 61), "门牌", "超过 60 个字"),
        (("幸福社区", "城", "第一网格", "1号楼", "2单\n元", "301"), "单元", "换行"),
        (("幸福社区", "城", "第一网格", "1号楼", "2单元", "3\x0001"), "门牌", "不能显示"),
        (("幸福社区", "城", "第一网格", "1号楼", "2单元", Trouble.FORMULA), "门牌", "公式"),
        (("幸福社区", "城", "第一网格", "1号楼", Trouble.DATE, "301"), "单元", "日期"),
        (("幸福社区", Trouble.ERROR, "第一网格", "1号楼", "2单元", "301"), "城乡", "错误值"),
    ],
)
def test_each_thing_that_is_wrong_names_its_row_and_column(line, column, part):
    found = reading(GOOD, line)

    assert [(problem.row, problem.column) for problem in found.problems] == [(3, column)]
    assert part in found.problems[0].said
    assert len(found.rows) == 1


def test_everything_that_is_wrong_with_a_row_is_said():
    assert [column for _, column, _ in said(reading(("", "市", "", "", "2单元", "")))] == [
        "社区",
        "门牌",
        "城乡",
        "楼栋",
    ]


@pytest.mark.parametrize("door", ["301", "301室", "３０１", " 301 ", "301 户"])
def test_one_door_written_in_two_ways_is_there_twice(door):
    assert said(reading(GOOD, (*GOOD[:5], door))) == [(3, "门牌", "与第 2 行是同一个门牌")]


def test_the_same_door_in_another_unit_is_another_one():
    assert len(reading(GOOD, (*GOOD[:4], "3单元", "301")).rows) == 2


def test_a_community_is_urban_or_rural_not_both():
    assert said(reading(GOOD, ("幸福社区", "乡", "", "", "", "9"))) == [(3, "城乡", "与第 2 行同一社区，城乡却不同")]


def test_blank_lines_between_rows_are_named_and_those_at_the_end_are_not():
    assert said(reading(GOOD, ("", " ", ""), (*GOOD[:5], "302"), ("",), ())) == [(3, None, "空行，请删除")]


def test_headings_in_the_middle_are_named():
    assert said(reading(GOOD, HEAD)) == [(3, None, "表头又出现了一次，请删除这一行")]


def test_a_line_of_merged_cells_is_named():
    found = read([Line(1, HEAD), Line(2, GOOD, is_merged=True)])

    assert said(found) == [(2, None, "有合并单元格，请取消合并并逐行填写")]


def test_too_many_rows_end_the_reading(monkeypatch):
    monkeypatch.setattr(door_lists, "MOST_ROWS", 3)
    found = reading(*((*GOOD[:5], str(number)) for number in range(5)))

    assert len(found.rows) == 3
    assert [problem.row for problem in found.problems] == [5]


def test_no_problem_quotes_a_cell():
    secret = "王小英13800138000"
    found = reading(*([secret if place == wrong else cell for place, cell in enumerate(GOOD)] for wrong in range(6)))
    found.problems += reading(GOOD, (*GOOD[:4], "", "301", secret), (secret * 9,) * 6).problems

    assert found.problems
    assert not any(secret in problem.said for problem in found.problems)
