"""What a group needs to be filed, what is none at all, and when somebody has to have answered. No database, no clock.

Sources: 民政部《关于大力培育发展社区社会组织的意见》(民发〔2017〕191号) lets the sub-district manage groups that are
too small to register; 民政部办公厅《培育发展社区社会组织专项行动方案（2021—2023年）》 asks for charters. What is
demanded besides (ten members or more, somebody responsible, a venue, a charter) is common to the rules of provinces.
四川省《社区社会组织登记备案管理暂行办法》(2023), article 2, says what is none of them: bodies of the residents'
committee, owners' committees, and whoever works for profit.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

# What a name may not say → what such a body is. Read without blanks and punctuation.
REFUSED = (
    (r"业主委员会|业委会|业主大会|业主代表|物业管理委员会|物管会|物管委", "业主自治机构"),
    (
        r"居民?委员?会|村民?委员?会|[居村]务监督|人民调解(委员)?会|治安保卫(委员)?会|公共卫生委员会|妇女和?儿童工作委员会",
        "居（村）委会及其下属机构",
    ),
    (
        r"有限(责任)?公司|(公司|集团|企业|工作室|经营部|商行|商店|超市|中介|门市部?|合伙|连锁店?|加盟店?|培训学校|幼儿园|诊所|事务所)$",
        "营利性机构",
    ),
)

CONFIRMED_BY = (3, 31)  # month and day of the following year


@dataclass(frozen=True)
class Missing:
    """One thing a group still needs: a word for machines, and what to do, in Chinese."""

    code: str
    text: str


@dataclass(frozen=True)
class Asked:
    """What a filing says and what is there."""

    name: str
    is_name_taken: bool
    venue: str
    has_charter: bool  # a template in force was accepted
    members: int  # adult residents
    members_needed: int
    leaders: int  # who are adult residents


def missing(asked: Asked) -> list[Missing]:
    """Everything that is missing, at once; nothing for a group that can be filed."""
    found = []
    if (kind := refused_as(asked.name)) is not None:
        found.append(Missing("name_refused", f"名称属于{kind}，不在社区社会组织备案范围，请换一个名称"))
    if asked.is_name_taken:
        found.append(Missing("name_taken", "已有同名的备案组织，请换一个名称"))
    if asked.leaders == 0:
        found.append(Missing("leader", "需要一位完成居民认证的成年队长"))
    if asked.members < asked.members_needed:
        short = asked.members_needed - asked.members
        found.append(Missing("members", f"成年居民成员至少 {asked.members_needed} 人，还差 {short} 人"))
    if not asked.venue.strip():
        found.append(Missing("venue", "请填写活动场所"))
    if not asked.has_charter:
        found.append(Missing("charter", "请阅读并采用现行的章程范本"))
    return found


def refused_as(name: str) -> str | None:
    """What kind of body the name says it is, if that is none of ours; None for a name that can be filed."""
    plain = name_key(name)
    return next((kind for words, kind in REFUSED if re.search(words, plain)), None)


def name_key(name: str) -> str:
    """A name as it is compared: widths, letter case, blanks and punctuation aside."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())


def working_days_after(day: date, days: int) -> date:
    """The day on which the n-th working day after it ends. Saturdays and Sundays do not count; public holidays, which
    the State Council announces each year, do: nobody is told a day later than the rule's.
    """
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def confirmation_opens(due_on: date) -> date:
    """The first day on which the year before can be reported."""
    return date(due_on.year, 1, 1)


def confirmation_due(year: int) -> date:
    """The last day on which a year is confirmed: 31 March of the next."""
    return date(year + 1, *CONFIRMED_BY)
