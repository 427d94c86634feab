"""Endpoints of sign-ups: taking a place, waiting for one, giving it up, and the lists of both sides."""

from typing import Any
from uuid import UUID

from backend.activities import sign_ups, waiting
from backend.activities.errors import AlreadyThere, OfferOver, SignUpsClosed
from backend.activities.models import Activity, SignUp
from backend.activities.queries import is_seen_by, may_check_in_others
from backend.activities.schemas import MySignUpView, SignedUpView, SignUpForm, SignUpsView, SignUpView
from backend.activities.sign_up_queries import listed_at, mine, shown_sign_ups, told_of
from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.households.errors import GuardianConsentNeeded
from backend.people.assisted import assisted
from backend.people.models import Person
from backend.people.persons import is_one_of

signing_up = Blueprint("sign_ups", __name__, description="报名与候补")


@signing_up.post("/activities/<uuid:activity_id>/sign-ups")
@requires(anybody_here)
@signing_up.arguments(SignUpForm)
@signing_up.creates(SignUpsView)
@refuses(NotFound, SignUpsClosed, GuardianConsentNeeded)
@transactional
@assisted("sign_up", of=SignUp)
def sign_up(form: dict[str, Any], activity_id: UUID) -> Any:
    """Take a place at an activity, or one on its waiting list; `people` names others of my household, or me among them.

    A household is placed together or waits together; afterwards each moves up, and withdraws, by themselves.
    """
    people = list(dict.fromkeys(form.get("people") or [caller().person_id]))
    for person_id in people:
        visible(is_one_of(find(Person, person_id), {caller().person_id}))
    taken, is_new = sign_ups.sign_up_together(_seen(activity_id), person_ids=people)
    answer = shown_sign_ups(taken)
    return answer[0] | {"party": answer if len(answer) > 1 else []}, 201 if is_new else 200


@signing_up.delete("/activities/<uuid:activity_id>/sign-ups/mine")
@requires(anybody_here)
@signing_up.response(200, SignUpView)
@refuses(NotFound, AlreadyThere)
@transactional
@assisted("withdraw", of=SignUp)
def withdraw(activity_id: UUID) -> dict[str, Any]:
    """Give my place up; the first on the waiting list is offered it. Less than two hours before the start is late."""
    return shown_sign_ups([sign_ups.withdraw(_seen(activity_id), person_id=caller().person_id)])[0]


@signing_up.post("/sign-ups/<uuid:sign_up_id>/accept")
@requires(anybody_here)
@signing_up.response(200, SignUpView)
@refuses(NotFound, OfferOver)
@transactional
@assisted("accept_place", of=SignUp)
def accept_place(sign_up_id: UUID) -> dict[str, Any]:
    """Take the place that I was offered while I waited, or that somebody of my household was."""
    place = find(SignUp, sign_up_id)
    visible(is_one_of(find(Person, place.person_id), {caller().person_id}))
    return shown_sign_ups([waiting.accept(place)])[0]


@signing_up.get("/me/sign-ups")
@requires(anybody_here)
@signing_up.arguments(PageQuery, location="query")
@signing_up.response(200, page_of(MySignUpView))
@assisted("read_sign_ups", reads=True)
def list_my_sign_ups(asked: dict[str, Any]) -> dict[str, Any]:
    """What I signed up to, latest first: where I stand, and what I missed."""

    def shown(row: Any) -> dict[str, Any]:
        place, activity, *known = row
        return told_of(place, activity, *known) | {"activity": activity}

    return page(mine(caller()), asked, by=(SignUp.signed_up_at, SignUp.id), shown=shown)


@signing_up.get("/activities/<uuid:activity_id>/sign-ups")
@requires(anybody_here)
@signing_up.arguments(PageQuery, location="query")
@signing_up.response(200, page_of(SignedUpView))
@refuses(NotFound, Forbidden)
def list_sign_ups(asked: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Who signed up, in that order, for those at the door; afterwards, who stayed away."""
    activity = _seen(activity_id)
    allow(may_check_in_others(activity, by=caller()))

    def shown(row: Any) -> dict[str, Any]:
        place, activity, person, *known = row
        return told_of(place, activity, *known) | {"name": person.masked_name}

    return page(listed_at(activity.id), asked, by=(SignUp.signed_up_at, SignUp.id), newest_first=False, shown=shown)


def _seen(activity_id: UUID) -> Activity:
    activity = find(Activity, activity_id)
    visible(is_seen_by(activity, caller()))
    return activity
