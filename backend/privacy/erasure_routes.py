"""Endpoints of erasure: for oneself, for somebody at the desk, and for the officer who reads what was kept."""

from typing import Any
from uuid import UUID

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, transactional
from backend.ledger.accounts import person_wallet
from backend.ledger.reading import wallet_of
from backend.people.assisted import assisted
from backend.people.models import Person
from backend.people.permissions import officers
from backend.places.offices import the_book
from backend.privacy.erasing import ask, hindrances, think_better_of_it, waiting_of
from backend.privacy.erasure_errors import HandOverFirst, NothingKept, OnlyOneself
from backend.privacy.erasure_models import ErasureRequest
from backend.privacy.erasure_schemas import ErasureForm, ErasureView, KeptForm, KeptView
from backend.privacy.kept_records import SERVICE_RULE, read_kept, what_stays

erasure = Blueprint("erasure", __name__, description="注销账号")

GOES = [
    "姓名、手机号、微信登录",
    "卡片和密码",
    "您填写的和别人为您填写的原因、备注",
    "异议的内容和答复",
    "登录过的设备",
]


@erasure.get("/me/erasure")
@requires(anybody_here)
@erasure.response(200, ErasureView)
@assisted("look_at_erasure", reads=True)
def look_at_my_erasure() -> dict[str, Any]:
    """What goes when I leave for good, what stays, why and until when; and whether I asked for it."""
    return _shown(find(Person, caller().person_id), waiting_of(caller().person_id))


@erasure.post("/me/erasure")
@requires(anybody_here)
@erasure.arguments(ErasureForm)
@erasure.creates(ErasureView)
@refuses(HandOverFirst, OnlyOneself)
@transactional
@assisted("ask_for_erasure")
def ask_for_my_erasure(_: dict[str, Any]) -> Any:
    """Ask to leave for good: it is done in seven days unless I think better of it, and cannot be undone then."""
    _refuse_the_household()
    person = find(Person, caller().person_id)
    request, is_new = ask(person, helper_id=caller().helper_id)
    return _shown(person, request), 201 if is_new else 200


@erasure.delete("/me/erasure")
@requires(anybody_here)
@erasure.response(200, ErasureView)
@refuses(OnlyOneself)
@transactional
@assisted("keep_account")
def think_better_of_my_erasure() -> dict[str, Any]:
    """Stay after all; where nothing waits, nothing happens."""
    _refuse_the_household()
    think_better_of_it(caller().person_id)
    return _shown(find(Person, caller().person_id), None)


@erasure.post("/people/<uuid:person_id>/kept-record")
@requires(officers)
@erasure.arguments(KeptForm)
@erasure.response(200, KeptView)
@refuses(NothingKept)
@transactional
def read_a_kept_record(form: dict[str, Any], person_id: UUID) -> dict[str, Any]:
    """The name and the minutes of somebody who left for good, for a certificate say; on the trail with the reason."""
    record = read_kept(person_id, reason=form["reason"], by=caller())
    fields = ("person_id", "name", "minutes", "kept_at", "until")
    return {name: getattr(record, name) for name in fields} | {"why": SERVICE_RULE}


def _refuse_the_household() -> None:
    """A head may do much for those who depend on them, and may not make them go."""
    if caller().channel not in (None, "desk"):
        raise OnlyOneself()


def _shown(person: Person, request: ErasureRequest | None) -> dict[str, Any]:
    wallet = wallet_of(the_book(), person_wallet(str(person.id)), today=shanghai_day(now()))
    return {
        "id": request and request.id,
        "is_waiting": request is not None,
        "asked_at": request and request.asked_at,
        "due_at": request and request.due_at,
        "hindrances": hindrances(person),
        "goes": GOES,
        "stays": what_stays(person),
        "points_to_the_pool": wallet.available + wallet.held,
    }
