"""What a file is, its bytes say; what is no list, is broken or would burst is refused with what to do."""

import io
import re
import zipfile
from datetime import date

import pytest

from backend.places import spreadsheets
from backend.places.door_lists import Trouble
from backend.places.spreadsheets import Unreadable, lines_of
from tests.builders.door_files import HEAD, csv_of, doors, xlsx_of

LINE = ("幸福社区", "城", "第一网格", "1号楼", "2单元", "301")


def read(content):
    return [list(line.cells) for line in lines_of(content)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_csv_is_read_in_utf_8_and_in_what_chinese_programs_write(encoding):
    assert read(csv_of([LINE], encoding=encoding)) == [list(HEAD), list(LINE)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
def test_csv_may_be_separated_by_other_signs(delimiter):
    text = "\r\n".join(delimiter.join(line) for line in (HEAD, LINE))

    assert read(text.encode()) == [list(HEAD), list(LINE)]


def test_xlsx_is_read_and_numbers_are_written_without_a_point():
    assert read(xlsx_of([(*LINE[:5], 301), (*LINE[:5], 302.0), (*LINE[:5], None)]))[1:] == [
        [*LINE[:5], *cells, *[""] * 44] for cells in (["301"], ["302"], [""])
    ]


def test_formulas_dates_and_errors_are_no_text():
    cells = ["=A1", date(2026, 3, 1), "#REF!", True, '="301"', "-101"]
    found = read(xlsx_of([cells]))[1][:6]

    assert found == [Trouble.FORMULA, Trouble.DATE, Trouble.ERROR, Trouble.ERROR, Trouble.FORMULA, "-101"]
    assert read(csv_of([['="301"', "+1", "-101", "@x"]]))[1] == [Trouble.FORMULA, "+1", "-101", "@x"]


def test_lines_with_merged_cells_are_marked():
    content = xlsx_of([LINE] * 4, merge=["A3:A4"])

    assert [line.is_merged for line in lines_of(content)] == [False, False, True, True, False]


def test_only_one_sheet_may_have_something_in_it():
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(xlsx_of([LINE])))
    book.create_sheet("空表")
    assert len(read(saved(book))) == 2

    book.create_sheet("安宁社区").append(list(LINE))
    with pytest.raises(Unreadable, match="2 个工作表"):
        read(saved(book))


def saved(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_excel_writes(content):
    """The same workbook with its texts in a part of their own."""
    texts = []

    def shared(found):
        texts.append(found[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    content = rewritten(content, SHEET, lambda xml: re.sub(rb't="inlineStr"><is>(.*?)</is>', shared, xml))
    content = rewritten(
        content,
        "[Content_Types].xml",
        lambda xml: xml.replace(
            b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
        ),
    )
    part = b'<sst xmlns="%s">%s</sst>' % (main, b"".join(b"<si>%s</si>" % text for text in texts))
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", part)
    return out.getvalue()


def test_texts_may_stand_in_a_part_of_their_own_as_excel_writes_them():
    assert read(as_excel_writes(xlsx_of([LINE]))) == read(xlsx_of([LINE]))


def rewritten(content, part, change):
    """The same workbook with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            data = before.read(info)
            after.writestr(info.filename, change(data) if info.filename == part else data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "空的"),
        (b" \r\n ", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版"),
        (b"PK\x03\x04 and nothing", "损坏"),
        (b"\xff\xfe\x3e\x79\x3a\x53", "无法识别"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "无法识别"),
        ('社区,门牌\n幸福,"301'.encode(), "引号"),
        (b"x" * (10 * 1024 * 1024 + 1), "超过 10 MB"),
    ],
)
def test_what_is_no_list_is_refused(content, part):
    with pytest.raises(Unreadable, match=part):
        read(content)


def test_a_name_says_nothing(street):
    """An XLSX called .csv is an XLSX."""
    from tests.builders.door_files import form_of

    sent = street.phone(street.officer()).send(
        "POST", "/imports", data=form_of(file=xlsx_of(doors(2)), name="../../etc/doors.csv")
    )

    assert sent.status == 201, sent.body


def test_a_broken_workbook_is_refused():
    content = xlsx_of([LINE])

    for broken in (
        content[:-400],
        rewritten(content, SHEET, lambda xml: xml[:200]),
        rewritten(content, SHEET, lambda xml: xml.replace(b'r="A1"', b'r="??"')),
        rewritten(as_excel_writes(content), SHEET, lambda xml: xml.replace(b"<v>0</v>", b"<v>999</v>")),
        rewritten(content, "xl/workbook.xml", lambda xml: b"<x/>"),
    ):
        with pytest.raises(Unreadable):
            read(broken)


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_workbook_that_declares_entities_is_refused(part):
    laughs = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    content = as_excel_writes(xlsx_of([LINE]))
    for spoilt in (
        rewritten(content, part, lambda xml: laughs + xml),
        rewritten(content, part, lambda xml: (laughs.decode() + "<x/>").encode("utf-16")),
    ):
        with pytest.raises(Unreadable, match="不允许"):
            read(spoilt)


def test_a_workbook_that_would_burst_is_refused(monkeypatch):
    content = rewritten(xlsx_of([LINE]), SHEET, lambda xml: xml + b" " * (170 * 1024 * 1024))
    assert len(content) < 1024 * 1024
    with pytest.raises(Unreadable, match="过大"):
        read(content)

    style = rewritten(xlsx_of([LINE]), "xl/styles.xml", lambda xml: xml + b" " * (17 * 1024 * 1024))
    with pytest.raises(Unreadable, match="过大"):
        read(style)


def test_a_row_that_would_fill_the_memory_is_refused():
    cells = b"<row>" + b"<c/>" * 1_000_000 + b"</row></sheetData>"
    content = rewritten(xlsx_of([LINE]), SHEET, lambda xml: xml.replace(b"</sheetData>", cells))

    with pytest.raises(Unreadable, match="过长的一行"):
        read(content)


def test_a_sheet_that_lies_about_its_size_is_read_all_the_same():
    content = rewritten(
        xlsx_of([LINE]), SHEET, lambda xml: xml.replace(b'<dimension ref="A1:F2"', b'<dimension ref="A1:XFD1048576"')
    )
    assert len(read(content)) == 2
    far = rewritten(
        xlsx_of([LINE]),
        SHEET,
        lambda xml: xml.replace(b'<row r="2"', b'<row r="1048576"').replace(b'"A2"', b'"A1048576"'),
    )
    assert len(read(far)) <= spreadsheets.LAST_ROW
