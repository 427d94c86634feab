"""Who is let in: identity before anything else, the rule for their kind after the shape, the object after that.

How we know who somebody is, and who may stand in for whom, is the business of a higher floor and wired in `web.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import current_app, g, request

from backend.foundation.acting import Actor, acted_by
from backend.foundation.callers import Caller, caller
from backend.foundation.errors import ActingForOthersUnavailable, AppError, Forbidden, NotFound
from backend.foundation.tenancy import acting_in

View = Callable[..., Any]


def requires(rule: Callable[[Caller], bool]) -> Callable[[View], View]:
    """Only for callers of a kind. Who they are is asked first (401); the rule is applied once the shape is right.

    What we know of a caller may be some seconds old. Before a 403 or a 404 the database is asked who they are now, and
    if that is somebody else, with a new role say, the view runs again: refused views have written nothing. A missing
    thing costs the same question as a hidden one, so that time tells nobody which it is.
    """

    def decorator(view: View) -> View:
        acted = _as_the_caller(view)

        @wraps(view)
        def asked(*args: Any, **kwargs: Any) -> Any:
            g.caller = _who_asks(view)
            g.rule = rule
            with acting_in(g.caller.office_id):
                try:
                    return acted(*args, **kwargs)
                except AppError as refusal:
                    if refusal.is_recorded or refusal.status not in (403, 404) or not _has_become_somebody_else(view):
                        raise
                return acted(*args, **kwargs)

        asked._apidoc = getattr(view, "_apidoc", {}) | {"requires": rule}  # type: ignore[attr-defined]
        return asked

    return decorator


def _as_the_caller(view: View) -> View:
    """What the view does is the caller's, or for the caller by whoever acts for them: for the trail."""

    def acted(*args: Any, **kwargs: Any) -> Any:
        asking = caller()
        actor = Actor(
            person_id=asking.doer_id,
            channel=asking.channel or "app",
            beneficiary_id=asking.person_id if asking.helper_id else None,
            roles=tuple(sorted({grant.role for grant in asking.grants})),
            doing=request.endpoint or "",
            request_id=g.request_id,
        )
        with acted_by(actor):
            return view(*args, **kwargs)

    return acted


def _who_asks(view: View, *, afresh: bool = False) -> Caller:
    """Who sent the request, or for whom they act: then the beneficiary as they are, with the helper's name on them.

    Raises `ActingForOthersUnavailable` where nobody acts for others, and what `authenticate` and `stand_in` raise.
    """
    asking: Caller = current_app.extensions["authenticate"](afresh=afresh)
    named = request.headers.get("X-On-Behalf-Of")
    if not named:
        return asking
    if "assisted" not in getattr(view, "_apidoc", {}):
        raise ActingForOthersUnavailable()
    try:
        with acting_in(asking.office_id):
            return cast(Caller, current_app.extensions["stand_in"](asking, named, request.headers))
    except AppError as refusal:
        if afresh or refusal.status not in (403, 404):
            raise
    return _who_asks(view, afresh=True)  # what we knew of the helper may be some seconds old


def _has_become_somebody_else(view: View) -> bool:
    known, g.caller = g.caller, _who_asks(view, afresh=True)
    return bool(known != g.caller)


def permit() -> None:
    """Apply the rule of `requires`, now that the shape of the request is right. Raises `Forbidden`."""
    rule = g.get("rule")
    if rule is not None and not rule(caller()):
        raise Forbidden()


def allow(permitted: bool) -> None:
    """Refuse with 403 unless permitted: the second question, about an object the caller may see."""
    if not permitted:
        raise Forbidden()


def visible(permitted: bool) -> None:
    """Refuse with 404 unless permitted: what is not theirs to see does not exist for them."""
    if not permitted:
        raise NotFound()
