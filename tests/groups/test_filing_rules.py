"""What a group needs to be filed, what is none of ours by its name, and when an answer is due."""

from datetime import date

import pytest

from backend.groups.filing_rules import (
    Asked,
    confirmation_due,
    confirmation_opens,
    missing,
    name_key,
    refused_as,
    working_days_after,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("幸福小区业主委员会", "业主自治机构"),
        ("幸福小区业 委 会", "业主自治机构"),
        ("物业管理委员会", "业主自治机构"),
        ("安宁社区居委会", "居（村）委会及其下属机构"),
        ("安宁社区居民委员会", "居（村）委会及其下属机构"),
        ("李家村村务监督小组", "居（村）委会及其下属机构"),
        ("社区人民调解委员会", "居（村）委会及其下属机构"),
        ("阳光家政有限公司", "营利性机构"),
        ("老王摄影工作室", "营利性机构"),
    ],
)
def test_owners_committees_bodies_of_the_residents_committee_and_businesses_are_refused_by_name(name, kind):
    assert refused_as(name) == kind


@pytest.mark.parametrize("name", ["企业退休职工合唱团", "邻里议事会", "居民书画社", "公司路晨练队", "青藤舞蹈队"])
def test_a_name_that_only_sounds_like_it_is_not_refused(name):
    assert refused_as(name) is None


def test_names_are_compared_without_blanks_punctuation_and_letter_case():
    assert name_key("邻里 Ａ·花友会（一队）") == name_key("邻里a花友会一队")


def test_everything_that_is_missing_is_said_at_once():
    nothing = Asked(
        name="业委会",
        is_name_taken=True,
        venue=" ",
        has_charter=False,
        members=3,
        members_needed=10,
        leaders=0,
    )

    said = {each.code: each.text for each in missing(nothing)}

    assert list(said) == ["name_refused", "name_taken", "leader", "members", "venue", "charter"]
    assert "还差 7 人" in said["members"]


def test_nothing_is_missing_of_a_group_that_can_be_filed():
    ready = Asked(
        name="花友会", is_name_taken=False, venue="花园", has_charter=True, members=10, members_needed=10, leaders=1
    )

    assert missing(ready) == []


def test_saturdays_and_sundays_are_no_working_days():
    thursday = date(2026, 11, 26)

    assert working_days_after(thursday, 1) == date(2026, 11, 27)
    assert working_days_after(thursday, 2) == date(2026, 11, 30)
    assert working_days_after(thursday, 7) == date(2026, 12, 7)


def test_a_year_is_confirmed_from_1_january_to_31_march_of_the_next():
    assert confirmation_due(2026) == date(2027, 3, 31)
    assert confirmation_opens(confirmation_due(2026)) == date(2027, 1, 1)
