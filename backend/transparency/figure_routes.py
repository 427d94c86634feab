"""Endpoints of figures and of the register: for the office, with the list behind each number, and for everybody."""

from typing import Any
from uuid import UUID

from flask import Response

from backend.foundation.admission import allow, requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import Caller, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find
from backend.foundation.errors import Forbidden, NotFound, Unprocessable
from backend.foundation.pages import page, page_of
from backend.foundation.sheets import CSV, XLSX, as_csv, as_xlsx
from backend.foundation.tenancy import acting_in
from backend.groups.models import Group
from backend.people.permissions import officers_and_auditors, works_over
from backend.places.models import Area
from backend.places.offices import sub_districts
from backend.transparency.figure_definitions import BY_NAME
from backend.transparency.figure_models import fingerprint_of
from backend.transparency.figure_schemas import (
    BehindPageView,
    BehindQuery,
    FiguresQuery,
    FiguresView,
    PublicFiguresQuery,
    PublicRegisterQuery,
    RegisteredGroupView,
    RegisterQuery,
)
from backend.transparency.figures import behind, figures_of, public_figures_of, shown_behind
from backend.transparency.months import Month, this_month
from backend.transparency.register import (
    OFFICE_HEADINGS,
    PUBLIC_HEADINGS,
    filed_groups,
    office_rows,
    public_rows,
    shown_in_public,
)

figures = Blueprint("figures", __name__, description="台账与统计")

_FILE = {"type": "string", "format": "binary"}


def staff(by: Caller) -> bool:
    return by.holds("worker", "officer", "auditor")


@figures.get("/office/figures")
@requires(staff)
@figures.arguments(FiguresQuery, location="query")
@figures.response(200, FiguresView)
def show_figures(asked: dict[str, Any]) -> dict[str, Any]:
    """Each community against its targets, 居民组织化程度 and 参与率 of a month (Asia/Shanghai)."""
    month = _month(asked)
    return {"month": str(month), "at": now(), "items": figures_of(month), "next": None}


@figures.get("/office/figures/<string:figure>")
@requires(staff)
@figures.arguments(BehindQuery, location="query")
@figures.response(200, BehindPageView)
@refuses(NotFound, Forbidden)
def show_behind(asked: dict[str, Any], figure: str) -> dict[str, Any]:
    """The exact list behind one figure of one community; workers for their own area."""
    if figure not in BY_NAME:
        raise NotFound()
    area = find(Area, asked["area_id"])
    allow(officers_and_auditors(caller()) or works_over(caller(), area.path))
    month = _month(asked)
    counted = behind(month, figure, area.id)
    after = _after(asked.get("cursor"))
    later = [each for each in counted.ids if after is None or each.bytes > after.bytes]
    shown = later[: asked["limit"]]
    return {
        "month": str(month),
        "value": len(counted.ids),
        "query_version": counted.query_version,
        "taken_at": counted.taken_at,
        "fingerprint": fingerprint_of(counted.ids).hex(),
        "items": shown_behind(BY_NAME[figure], shown),
        "next": str(shown[-1]) if len(later) > len(shown) else None,
    }


@figures.get("/office/group-register")
@requires(officers_and_auditors)
@figures.arguments(RegisterQuery, location="query")
@figures.response(200, _FILE, content_type=XLSX)
@refuses(NotFound)
def take_register(asked: dict[str, Any]) -> Response:
    """The register of filed groups as a table, XLSX: with leaders (masked), venues and due days."""
    return _table(as_xlsx("社会组织台账", OFFICE_HEADINGS, office_rows(asked)), XLSX, "xlsx")


@figures.get("/office/group-register.csv")
@requires(officers_and_auditors)
@figures.arguments(RegisterQuery, location="query")
@figures.response(200, _FILE, content_type="text/csv")
@refuses(NotFound)
def take_register_as_csv(asked: dict[str, Any]) -> Response:
    """The same as CSV."""
    return _table(as_csv(OFFICE_HEADINGS, list(office_rows(asked))), CSV, "csv")


@figures.get("/public/figures")
@figures.arguments(PublicFiguresQuery, location="query")
@figures.response(200, FiguresView)
@refuses(NotFound)
def show_public_figures(asked: dict[str, Any]) -> dict[str, Any]:
    """The figures of an office for everybody; none about fewer than five people."""
    month = _month(asked)
    with acting_in(_open_office(asked)):
        return {"month": str(month), "at": now(), "items": public_figures_of(month), "next": None}


@figures.get("/public/groups")
@figures.arguments(PublicRegisterQuery, location="query")
@figures.response(200, page_of(RegisteredGroupView))
@refuses(NotFound)
def list_public_groups(asked: dict[str, Any]) -> dict[str, Any]:
    """The filed groups of an office, for everybody: by community, category and words."""
    with acting_in(_open_office(asked)):
        return page(filed_groups(asked), asked, by=(Group.id,), newest_first=False, shown=shown_in_public)


@figures.get("/public/groups.csv")
@figures.arguments(PublicRegisterQuery, location="query")
@figures.response(200, _FILE, content_type="text/csv")
@refuses(NotFound)
def take_public_register(asked: dict[str, Any]) -> Response:
    """The same as a table."""
    with acting_in(_open_office(asked)):
        return _table(as_csv(PUBLIC_HEADINGS, list(public_rows(asked))), CSV, "csv")


def _month(asked: dict[str, Any]) -> Month:
    """The month asked for. What has not begun has no figures."""
    month = Month.read(asked["month"]) if "month" in asked else this_month()
    if month.begins > now():
        raise Unprocessable(errors={"month": ["这个月还没有开始，请选择更早的月份"]})
    return month


def _open_office(asked: dict[str, Any]) -> int:
    """An office that serves residents. Raises `NotFound`."""
    office_id: int = asked["office_id"]
    if office_id not in {office.id for office in sub_districts()}:
        raise NotFound()
    return office_id


def _after(cursor: str | None) -> UUID | None:
    if not cursor:
        return None
    try:
        return UUID(cursor)
    except ValueError:
        raise Unprocessable(errors={"cursor": ["翻页标记无效，请从第一页开始"]}) from None


def _table(content: Any, kind: str, ending: str) -> Response:
    """A file to be kept."""
    name = f"groups-{shanghai_day(now())}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, content_type=kind, headers=headers)
