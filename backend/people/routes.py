"""Endpoints of people: logging in and oneself."""

import base64
import re
from typing import Any

from flask import current_app

from backend.foundation.admission import requires
from backend.foundation.api import Blueprint, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import done_reading, find, transactional
from backend.foundation.guesses import guessable
from backend.foundation.limits import fails_closed
from backend.foundation.tenancy import acting_in
from backend.people import log_in as logging_in
from backend.people.errors import BlockedFromLogin, RefreshRefused
from backend.people.log_in import LoggedIn
from backend.people.models import Person
from backend.people.persons import code_secret, edit_profile, person_code
from backend.people.queries import profile
from backend.people.schemas import LoginForm, LoginView, PersonCodeView, PersonView, ProfileForm, RefreshForm
from backend.people.tokens import ACCESS_LASTS
from backend.places.errors import UnknownOffice
from backend.places.offices import office
from backend.safety.judged import judged
from backend.wechat.errors import LoginBlocked, LoginCodeRefused, TooManyLogins, WeChatUnavailable
from backend.wechat.text_safety import TextScene

people = Blueprint("people", __name__, description="登录与本人")


@people.post("/auth/wechat")
@people.arguments(LoginForm)
@people.response(200, LoginView)
@refuses(LoginCodeRefused, LoginBlocked, BlockedFromLogin, TooManyLogins, WeChatUnavailable, UnknownOffice)
@guessable("code")
@fails_closed
def log_in(form: dict[str, Any]) -> dict[str, Any]:
    """Log in with the code of `wx.login`; who is unknown in the office becomes a new, unverified person."""
    office_id = form.get("office_id") or _office_of_scene(form["scene"])
    office(office_id)
    done_reading()
    # WeChat is asked outside the transaction: its code is good once, and a deed may run again.
    openid = current_app.extensions["wechat"].openid_of(form["code"])
    with acting_in(office_id):
        return _log_in(openid, office_id, form)


@transactional
def _log_in(openid: str, office_id: int, form: dict[str, Any]) -> dict[str, Any]:
    device, installation_id = form.get("device"), form.get("installation_id")
    return _shown(logging_in.log_in(openid, office_id=office_id, device=device, installation_id=installation_id))


@people.post("/auth/refresh")
@people.arguments(RefreshForm)
@people.response(200, LoginView)
@refuses(RefreshRefused, BlockedFromLogin)
@fails_closed
@transactional
def refresh(form: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token; it is good once, and using it twice ends every token of that phone."""
    return _shown(logging_in.refresh(form["refresh_token"]))


@people.post("/auth/logout")
@people.arguments(RefreshForm)
@people.response(204)
@transactional
def log_out(form: dict[str, Any]) -> None:
    """Log this phone out: its tokens end, the access token within seconds."""
    logging_in.log_out(form["refresh_token"])


@people.get("/me")
@requires(anybody_here)
@people.response(200, PersonView)
def show_me() -> dict[str, Any]:
    """Who I am here: name, verification, household, roles."""
    return profile(find(Person, caller().person_id))


@people.put("/me")
@requires(anybody_here)
@people.arguments(ProfileForm)
@people.response(200, PersonView)
@judged(about=Person, edits=lambda _: caller().person_id, scene=TextScene.PROFILE, display_name="name")
def edit_me(form: dict[str, Any]) -> dict[str, Any]:
    """Change my name or the elder mode (长辈版)."""
    return profile(edit_profile(find(Person, caller().person_id), **form))


@people.get("/me/code")
@requires(anybody_here)
@people.response(200, PersonCodeView)
def show_my_code() -> dict[str, Any]:
    """My code, for the leader's phone to scan; changes every 30 seconds.

    The digits after the last hyphen are HMAC-SHA256(secret, Unix time / 30 as 8 bytes), dynamically truncated to eight
    digits as in RFC 4226, so the phone can show the code without a network.
    """
    person = find(Person, caller().person_id)
    code, valid_until = person_code(person)
    return {"code": code, "secret": _base64(code_secret(person)), "valid_until": valid_until}


def _shown(logged_in: LoggedIn) -> dict[str, Any]:
    with acting_in(logged_in.person.office_id):
        person = profile(logged_in.person)
    return {
        "access_token": logged_in.access_token,
        "refresh_token": logged_in.refresh_token,
        "expires_in": int(ACCESS_LASTS.total_seconds()),
        "person": person,
    }


def _office_of_scene(scene: str) -> int:
    named = re.search(r"(?:^|&)o=([0-9]{1,4})(?:&|$)", scene, re.ASCII)
    if named is None:
        raise UnknownOffice()
    return int(named[1])


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
