"""What is typed in Chinese, pinyin or initials finds it; % and _ are letters like others."""

import pytest

from backend.foundation.search import searchable


@pytest.fixture
def found(street):
    """The names a search finds, among a few groups."""
    for name in ("清晨舞蹈队", "100%志愿者", "100个志愿者", "a_b队", "aXb队", "Tai Chi 早锻炼", "反斜杠\\队"):
        street.group(name=name)
    phone = street.phone(street.resident())

    def search(typed):
        answer = phone.get("/groups", q=typed)
        assert answer.status == 200, answer.body
        return {item["name"] for item in answer["items"]}

    return search


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("舞蹈", {"清晨舞蹈队"}),
        ("wudao", {"清晨舞蹈队"}),
        ("WuDao", {"清晨舞蹈队"}),
        ("wu dao", {"清晨舞蹈队"}),
        ("qcwdd", {"清晨舞蹈队"}),
        ("舞 蹈", {"清晨舞蹈队"}),
        ("wd队", set()),
        ("100%", {"100%志愿者"}),
        ("%", {"100%志愿者"}),
        ("a_b", {"a_b队"}),
        ("_", {"a_b队"}),
        ("\\", {"反斜杠\\队"}),
        ("tai chi", {"Tai Chi 早锻炼"}),
        ("TAICHI", {"Tai Chi 早锻炼"}),
        ("没有这个", set()),
        ("'; DROP TABLE groups; --", set()),
    ],
)
def test_a_search_finds(found, typed, names):
    assert found(typed) == names


def test_what_a_row_is_found_by_fits_its_column():
    assert len(searchable("志" * 60, "愿" * 200)) == 600
    assert "志" * 60 in searchable("志" * 60, "愿" * 200)


def test_words_do_not_run_into_each_other():
    assert searchable("舞蹈", "花园") == "舞蹈 wudao wd 花园 huayuan hy"
