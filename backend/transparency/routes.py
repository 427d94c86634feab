"""Endpoints of transparency."""

from typing import Any

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.clock import now
from backend.people.permissions import officers_and_auditors
from backend.transparency.across import across_sub_districts
from backend.transparency.district_figures import figures
from backend.transparency.errors import OfficeIsNoDistrict
from backend.transparency.schemas import DistrictFiguresView

transparency = Blueprint("transparency", __name__, description="公示与统计")


@transparency.get("/district/figures")
@requires(officers_and_auditors)
@transparency.response(200, DistrictFiguresView)
@refuses(OfficeIsNoDistrict)
def show_district_figures() -> dict[str, Any]:
    """How the sub-districts of my district are doing, in figures; nothing else of them is shown to a district."""
    with across_sub_districts() as across:
        return {"at": now(), "items": figures(across), "next": None}
