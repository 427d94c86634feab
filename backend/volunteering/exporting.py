"""Service records for the national system (全国志愿服务信息系统), as CSV.

One row per service with the fields of 民政部令第67号 art. 5–7. Names are in full, because the national system finds
volunteers by them; so whoever takes it says why, and it is on the trail. Identity numbers are filled in there.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from backend.foundation.tenancy import office_in_force
from backend.people.queries import people_now
from backend.places.offices import office
from backend.volunteering.records import services

HEADINGS = (
    *(
        "记录编号",
        "志愿者编号",
        "姓名",
        "身份证件号码",
        "服务日期",
        "活动名称",
        "服务内容",
        "服务地点",
        "服务时长（分钟）",
    ),
    *("活动负责人", "记录人", "记录单位"),
)

AT_ONCE = 500  # names opened at once


def rows_of(*, since: date, until: date) -> Iterator[Sequence[Any]]:
    """Every service between two days, both included, by day."""
    unit = office(office_in_force()).name
    found = services(since=since, until=until)
    for batch in (found[at : at + AT_ONCE] for at in range(0, len(found), AT_ONCE)):
        people = people_now(service.person_id for service in batch)
        for service in batch:
            person = people[service.person_id]
            yield (
                str(service.id),
                str(person.id),
                person.name,
                "",
                service.day.isoformat(),
                service.activity,
                service.content,
                service.place,
                service.minutes,
                service.responsible,
                service.recorder,
                unit,
            )
