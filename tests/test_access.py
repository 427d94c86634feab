"""Who may do what: every endpoint × every kind of caller × own, others' and another office's objects, in one table.

Each number answers a right request. A line says whose the object is that the request names:

own     the caller's: their group, shop, area or office, or what they made themselves
other   the same kind of thing, of somebody else in this office
away    of another office
any     there is no such difference

`.` stands where there is nothing to ask: who leads no group has no own one, and to officers and auditors the whole
office is their own; `Stage.whose` says so, and the table is held against it. `{braces}` name an object of `Stage`,
which is made anew after each success. What follows a blank in a path only tells two rows of one endpoint apart. An
endpoint without a row fails the build, and so does a row without the lines its objects need.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.activities.door_codes import door_code
from backend.activities.drafting import sessions_of
from backend.foundation.clock import now
from backend.foundation.db import session
from backend.people import log_in
from backend.people.devices import begin_device
from backend.people.models import Card, Person
from backend.people.persons import person_code
from backend.people.role_models import Role
from backend.people.scopes import over_group, over_merchant
from backend.safety.models import ContentReview
from tests.builders.phone import Answer, Phone, a_key
from tests.builders.photos import a_photo, form_of
from tests.builders.street import Street, phone_code

CALLERS = (
    *("nobody", "fresh", "resident", "leader", "other leader", "deputy", "helper", "clerk", "other clerk", "owner"),
    *("worker", "other worker", "agency worker", "officer", "officer 2", "auditor"),
)

ACCESS = """
#                                                       no- new res lea oth dep hel clk oth own wor oth age off off aud
#                                                       one one ide der lea uty per     clk er  ker wor wor cer 2   tor
GET    /offices                                   any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /auth/wechat                               any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /auth/refresh                              any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /auth/logout                               any   204 204 204 204 204 204 204 204 204 204 204 204 204 204 204 204
POST   /auth/logout-everywhere                    any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me                                        any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /me                                        any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/code                                   any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/devices                                any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
DELETE /me/devices/{device}                       own     . 204 204 204 204 204 204 204 204 204 204 204 204 204 204 204
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /people/blocked                            any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 403
POST   /people/{somebody}/block                   any   401 403 403 403 403 403 403 403 403 403 201 404 201 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /people/{blocked}/unblock                  any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /me/phone                                  any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /people/lookup                             any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 409 409 409 409 409 403
POST   /people/{somebody}/verification            any   401 403 403 403 403 403 403 403 403 403 200 403 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /people                                    any   401 403 403 403 403 403 403 403 403 403 201 201 201 201 201 403
GET    /cards?person_id={somebody}                any   401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /cards                                     any   401 403 403 403 403 403 403 403 403 403 201 404 201 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /cards/{paper}/replace                     any   401 403 403 403 403 403 403 403 403 403 201 404 201 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /cards/{paper}/block                       any   401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /cards/{paper}/pin                         any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /cards/lookup                              any   401 403 403 200 200 200 200 200 200 200 200 200 200 200 200 403
                                                  away  401 403 403 404 404 404 404 404 404 404 404 404 404 404 404 403
POST   /cards/sheet                               any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /card-holders                              any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 403
GET    /people/{somebody}/statement?month=2026-11 any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /office/helper-patterns                    any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /person-merges                             any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 403
POST   /person-merges                             any   401 403 403 403 403 403 403 403 403 403 201 403 201 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /person-merges/{merge}                     any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
PUT    /person-merges/{merge}                     any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
PUT    /person-merges/{merge} separately          any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /me/wallet                                 any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/entries                                any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/entries/{entry}/why                    own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /me/gifts                                  any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
POST   /me/gifts to-the-pool                      any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
GET    /me/gifts                                  any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/notices                                any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/subscriptions                          any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /me/subscriptions                          any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/pictures                               any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /pictures                                  any   401 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
GET    /pictures/{picture}?s={seal}               any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  away  200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /content-reviews                           any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 403
PUT    /content-reviews/{content_review}          any   401 403 403 403 403 403 403 403 403 403 200 404 200 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /households/{home}/wallet                  own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /households/{home}/entries                 own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /home                                      any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /areas                                     any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /roles                                     any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /roles a-helper                            own     .   .   . 201 201 201 403   .   .   . 201 201 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 404 404 404 403 403 403 403 404 404 403 404 404 403
POST   /roles a-deputy                            own     .   .   . 201 201 403 403   .   .   . 201 201 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 404 404 403 403 403 403 403 404 404 403 404 404 403
POST   /roles a-leader                            own     .   .   . 403 403 403 403   .   .   . 201 201 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 403 404 404 403
POST   /roles a-clerk                             own     .   .   .   .   .   .   . 403 403 201 201 201 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 404 404 404 403 404 404 403
POST   /roles an-owner                            own     .   .   .   .   .   .   . 403 403 403 201 201 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 403 404 404 403
POST   /roles a-worker                            own     .   .   .   .   .   .   .   .   .   . 403 403 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /roles an-auditor                          any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /roles an-officer                          any   401 403 403 403 403 403 403 403 403 403 403 403 403 202 202 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /roles from-a-delegation                   own     .   . 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 201 201 403
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /roles/{helper_role}                       own     .   .   . 200 200 200 404   .   .   . 200 200 404 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /roles/{clerk_role}                        own     .   .   .   .   .   .   . 404 404 200 200 200 404 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /roles/{my_role}                           own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 200 404 404 200 200 403
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /roles/{officer_role}                      any   401 404 404 404 404 404 404 404 404 404 404 404 404 202 202 403
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /role-requests                             any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
PUT    /role-requests/{request}                   own     .   .   .   .   .   .   .   .   .   .   .   .   . 403 403   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /agencies                                  any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /agencies                                  any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
POST   /agencies/{agency}/delegations             any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /delegations                               any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /delegations/{asked}                       own     .   .   .   .   .   .   .   .   .   .   .   .   . 403 403   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
DELETE /delegations/{lent}                        own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 200 200 403
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups                                    any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /groups                                    any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 403 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}                            own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 200
                                                  other 401 200 200 200 200 200 200 200 200 200 200 200 200   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}/members                    own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 200
                                                  other 401 200 200 200 200 200 200 200 200 200 200 200 200   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{group}/applications               own     .   .   . 409 409 201 201   .   .   . 201 201 201 201 201 201
                                                  other 401 201 201 201 201 201 201 201 201 201 201 201 201   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}/applications               own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /groups/{group}/applications/{application} own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /funds                                     any   401 403 403 200 200 200 403 403 403 403 200 200 200 200 200 200
POST   /funds                                     any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /funds/{fund}/allocations                  any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /allocations                               any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
PUT    /allocations/{allocation}                  own     .   .   .   .   .   .   .   .   .   .   .   .   . 403 403   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /activities                                any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /activities                                own     .   .   . 201 201 201 403   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities of-an-area                     own     .   .   .   .   .   .   .   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{activity}                     own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 200
                                                  other 401 200 200 200 200 200 200 200 200 200 200 200 200   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{draft}                        own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /activities/{draft}                        own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /activities/{activity}                     own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{draft}/publish                own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{activity}/publish             own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{draft}/cancel                 own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{activity}/cancel              own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{activity}/settle              own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{activity}/code                own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{draft}/code                   own     .   .   . 409 409 409 404   .   .   . 409 409 409 409 409 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{activity}/poster              own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{draft}/poster                 own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{activity}/sign-ups            own     .   .   . 201 201 201 201   .   .   . 201 201 201 201 201 201
                                                  other 401 201 201 201 201 201 201 201 201 201 201 201 201   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{draft}/sign-ups               own     .   .   . 409 409 409 404   .   .   . 409 409 409 409 409 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /activities/{joined}/sign-ups/mine         own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{activity}/sign-ups            own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /check-ins                                 any   401 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 409 409 409 409 409 409 409 409 409 409 409 409 409 409 409
POST   /check-ins of-a-name                       own     .   .   . 201 201 201 201   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /check-ins of-a-code                       own     .   .   . 201 201 201 201   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /check-ins of-a-card                       own     .   .   . 201 201 201 201   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /activities/{activity}/check-ins           own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /reviews                                   any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /reviews/{review}                          own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /merchants                                 any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /offers                                    any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /redemptions                               any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /redemptions                               any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /redemptions/{held}                        own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /redemptions/{ordered}                     own     .   .   .   .   .   .   . 200 200 200 404 404 404 404 404 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /redemptions/by-code/{ordered_code}        own     .   .   .   .   .   .   . 200 200 200 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
POST   /redemptions/capture                       own     .   .   .   .   .   .   . 200 200 200 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
POST   /redemptions/capture by-card               own     .   .   .   .   .   .   . 201 201 201 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
POST   /redemptions/capture by-code               own     .   .   .   .   .   .   . 201 201 201 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
DELETE /redemptions/{held}                        own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /redemptions/{captured}/void               own     .   .   .   .   .   .   . 200 200 200 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
"""

BODIES: dict[str, dict[str, Any]] = {
    "POST /auth/wechat": {"office_id": "{office}", "code": "{login_code}"},
    "POST /auth/refresh": {"refresh_token": "{refresh_token}"},
    "POST /auth/logout": {"refresh_token": "{refresh_token}"},
    "POST /auth/logout-everywhere": {"keep_this_one": True},
    "PUT /me": {"elder_mode": False},
    "POST /me/subscriptions": {"templates": {"stub-expiry": "accept"}},
    "POST /pictures": {"purpose": "activity", "file": "{photo}"},
    "PUT /content-reviews/{content_review}": {"decision": "passed"},
    "POST /me/phone": {"code": "{phone_code}"},
    "POST /people/lookup": {"person_code": "{persons_code}"},
    "POST /people/{somebody}/verification": {"household_id": "{door}"},
    "POST /person-merges": {"person_id": "{somebody}", "other_id": "{double}", "reason": "同一个人"},
    "PUT /person-merges/{merge}": {"decision": "merge", "keep_id": "{asker}", "reason": "同一个人"},
    "PUT /person-merges/{merge} separately": {"decision": "separate", "reason": "母女共用一个号码"},
    "POST /people/{somebody}/block": {"reason": "手机丢失"},
    "POST /people/{blocked}/unblock": {"reason": "本人已到服务台核实"},
    "POST /me/gifts": {"to": "household", "points": 1},
    "POST /me/gifts to-the-pool": {"to": "charity_pool", "points": 1},
    "POST /roles a-helper": {"role": "helper", "scope": {"type": "group", "id": "{group}"}},
    "POST /roles a-deputy": {"role": "deputy", "scope": {"type": "group", "id": "{group}"}},
    "POST /roles a-leader": {"role": "leader", "scope": {"type": "group", "id": "{group}"}},
    "POST /roles a-clerk": {"role": "clerk", "scope": {"type": "merchant", "id": "{shop}"}},
    "POST /roles an-owner": {"role": "owner", "scope": {"type": "merchant", "id": "{shop}"}},
    "POST /roles a-worker": {"role": "worker", "scope": {"type": "area", "id": "{ground}"}},
    "POST /roles an-auditor": {"role": "auditor", "scope": {"type": "office"}},
    "POST /roles an-officer": {"role": "officer", "scope": {"type": "office"}},
    "POST /roles from-a-delegation": {"role": "worker", "scope": {"type": "area", "id": "{area}"}},
    "PUT /role-requests/{request}": {"decision": "declined"},
    "POST /agencies": {"name": "{new_name}", "kind": "agency"},
    "POST /agencies/{agency}/delegations": {"role": "worker", "ends_at": "{next_year}"},
    "PUT /delegations/{asked}": {"decision": "declined"},
    "POST /groups": {"name": "晨练队", "theme": "锻炼", "category": "culture_sports", "area_id": "{area}"},
    "PUT /groups/{group}/applications/{application}": {"decision": "approved"},
    "POST /funds": {"name": "{new_name}", "source": "fiscal", "fen_per_100_points": 50, "area_id": "{area}"},
    "POST /funds/{fund}/allocations": {"points": 10},
    "PUT /allocations/{allocation}": {"decision": "declined"},
    "POST /activities": {"group_id": "{group}", "fund_id": "{fund}", "points_fixed": 5, "sessions": "{sessions}"},
    "POST /activities of-an-area": {"area_id": "{ground}", "sessions": "{sessions}"},
    "PUT /activities/{draft}": {"title": "新的名字"},
    "PUT /activities/{activity}": {"title": "新的名字"},
    "POST /check-ins": {"code": "{door_code}"},
    "POST /check-ins of-a-name": {"activity_id": "{activity}", "person_id": "{somebody}", "reason": "没带手机"},
    "POST /check-ins of-a-code": {"activity_id": "{activity}", "person_code": "{persons_code}"},
    "POST /check-ins of-a-card": {"activity_id": "{activity}", "card": "{card}"},
    "PUT /reviews/{review}": {"decision": "confirmed"},
    "POST /redemptions": {"offer_id": "{offer}"},
    "POST /redemptions/capture": {"code": "{ordered_code}"},
    "POST /redemptions/capture by-card": {"card": "{rich_card}", "pin": "2468", "offer_id": "{on_sale}"},
    "POST /redemptions/capture by-code": {"person_code": "{rich_code}", "offer_id": "{on_sale}"},
    "POST /people": {"name": "冯秀珍", "age_class": "adult", "reason": "没有手机"},
    "POST /cards": {"person_id": "{somebody}", "pin": "2468"},
    "POST /cards/{paper}/replace": {"pin": "2468", "reason": "卡丢了"},
    "POST /cards/{paper}/block": {"reason": "卡丢了"},
    "POST /cards/{paper}/pin": {"pin": "2468", "reason": "忘记了 PIN"},
    "POST /cards/lookup": {"token": "{card}"},
    "POST /cards/sheet": {"token": "{card}"},
}
for _row in BODIES:
    if _row.startswith("POST /roles"):
        BODIES[_row]["person_id"] = "{somebody}"
BODIES["POST /roles from-a-delegation"]["delegation_id"] = "{lent}"
BODIES["POST /agencies/{agency}/delegations"] |= {
    "manager_id": "{somebody}",
    "scope": {"type": "area", "id": "{area}"},
}
for _row in ("POST /activities", "POST /activities of-an-area"):
    BODIES[_row] |= {"kind": "participation", "title": "清洁日", "place": "花园", "capacity": 5}

# What the braces name → by what it belongs to somebody: a group, a shop or an area, or the person who made it.
# What is not here is nobody's in particular.
BELONGS = (
    dict.fromkeys(("group", "application", "draft", "activity", "review", "helper_role"), "group")
    | dict.fromkeys(("shop", "ordered", "ordered_code", "captured", "clerk_role", "on_sale"), "shop")
    | {"ground": "area"}
    | dict.fromkeys(("entry", "home", "device", "joined", "held", "my_role"), "person")
    | dict.fromkeys(("allocation", "request", "asked", "lent"), "person")
)

# Whose groups, shops and areas are here, and whose are there. Workers have what lies in their area.
WORKERS = {"worker": "here", "agency worker": "here", "other worker": "there"}
AT_HOME = {
    "group": {"leader": "here", "deputy": "here", "helper": "here", "other leader": "there"} | WORKERS,
    "shop": {"clerk": "here", "owner": "here", "other clerk": "there"} | WORKERS,
    "area": WORKERS,
}
OVER_THE_OFFICE = ("officer", "officer 2", "auditor")

# Who can have made it themselves, where not everybody can.
MAKERS = dict.fromkeys(("allocation", "request", "asked"), ("officer", "officer 2")) | dict.fromkeys(
    ("held", "lent", "home"), CALLERS[2:]
)

# These are no objects of an office, so there is none of another one.
WORDS = {"office", "login_code", "phone_code", "photo", "refresh_token", "new_name", "next_year", "sessions"}

LASTING = {"card", "rich_card"}  # good for any number of requests, and its PIN takes long to hash

SOMEBODY = "somebody else"


class Stage:
    """An office with one caller of each kind, and how to make whatever a row names."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.areas = {"here": street.community, "there": street.area("安宁社区")}
        self.leaders = {"here": street.resident("赵队长"), "there": street.resident("钱队长")}
        self.groups = {side: street.group(leader=leader) for side, leader in self.leaders.items()}
        self.shops = {side: street.merchant() for side in ("here", "there", "in between")}
        self.offers = {side: street.offer(shop, price_points=1, stock=10_000) for side, shop in self.shops.items()}
        self._move_over("there")
        self.fund = street.fund(1_000_000)
        group, shop = self.groups["here"], self.shops["here"]
        self.people = {
            "fresh": street.person("新来的", verified="none"),
            "resident": street.resident(),
            "leader": self.leaders["here"],
            "other leader": self.leaders["there"],
            "deputy": street.gives(street.resident("副队长"), "deputy", over_group(group.id, group.name)),
            "helper": street.helper(group),
            "clerk": street.clerk(shop),
            "other clerk": street.clerk(self.shops["there"]),
            "owner": street.clerk(shop, "owner"),
            "worker": street.worker(),
            "other worker": street.worker(self.areas["there"]),
            "agency worker": street.resident("机构社工"),
            "officer": street.officer(),
            "officer 2": street.officer("陈主任"),
            "auditor": street.auditor(),
            SOMEBODY: street.resident("李邻居"),
        }
        self.phones = {name: street.phone(person) for name, person in self.people.items()} | {"nobody": street.phone()}
        self.third_officer = street.phone(street.officer("王主任"))
        self.made: dict[tuple[str, str], Any] = {}
        self.static = {
            "office": street.office_id,
            "area": str(street.community.id),
            "fund": str(self.fund.id),
            "offer": str(self.offers["here"].id),
            "agency": made(self.phones["officer"].post("/agencies", {"name": "阳光社工", "kind": "agency"}))["id"],
        }
        self._send_the_agency_worker()
        self._give_everybody_points()

    def whose(self, name: str, case: str, caller: str) -> str | None:
        """Whose object of that name a line asks a caller about: a side, a person, nobody's (""), or None: nothing."""
        belongs = BELONGS.get(name)
        if belongs is None:
            return ""
        if belongs == "person":
            if case != "own":
                return SOMEBODY
            return caller if caller in MAKERS.get(name, CALLERS[1:]) else None
        if caller in OVER_THE_OFFICE:
            return None if case == "other" else "here"
        home = AT_HOME[belongs].get(caller)
        if case == "own":
            return home
        return "there" if case == "other" and home == "here" else "here"

    def has(self, row: str, case: str, caller: str) -> bool:
        """Is there anything to ask this caller about in this line?"""
        return all(self.whose(name, case, caller) is not None for name in braces(row))

    def filler(self, case: str, caller: str) -> Callable[[str], Any]:
        """The objects of this office that a line asks a caller about, by name."""
        return lambda name: self.value(name, self.whose(name, case, caller) or "")

    def value(self, name: str, whose: str) -> Any:
        """The object of that name and owner, made if there is none."""
        if name in self.static:
            return self.static[name]
        if (name, whose) not in self.made:
            self.made[name, whose] = getattr(self, name)(whose)
        return self.made[name, whose]

    def used_up(self, names: list[str]) -> None:
        gone = {*names, *(["asker"] if "merge" in names else [])} - LASTING
        self.made = {key: value for key, value in self.made.items() if key[0] not in gone}

    def take_back_the_lead(self, group_id: str) -> None:
        ended = update(Role).where(Role.scope == f"group:{group_id}").values(withdrawn_at=now())
        self.street.does(lambda: session().execute(ended))

    # words in a body

    def login_code(self, _: str) -> str:
        return f"stub:{uuid4()}:{uuid4()}"

    def phone_code(self, _: str) -> str:
        """Of somebody else's number, so that nobody here is verified by it."""
        number = f"138{uuid4().int % 10**8:08d}"
        made(self.street.proves_phone(self.street.person(), number))
        return phone_code(number)

    def refresh_token(self, _: str) -> str:
        return self.street.does(log_in.log_in, str(uuid4()), office_id=self.street.office_id).refresh_token

    def new_name(self, _: str) -> str:
        return f"名字{uuid4().hex[:8]}"

    def next_year(self, _: str) -> str:
        return (now() + timedelta(days=365)).isoformat()

    def sessions(self, _: str) -> list[dict[str, str]]:
        at = now() + timedelta(days=1)
        return [{"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=2)).isoformat()}]

    # what is nobody's in particular

    def somebody(self, _: str) -> str:
        return str(self.street.resident().id)

    def photo(self, _: str) -> bytes:
        return a_photo()

    def picture(self, _: str) -> str:
        """A picture of the resident's, and with it `seal`, under which anybody may look at it for now."""
        sent = made(self.phones["resident"].send("POST", "/pictures", data=form_of(purpose="activity", file=a_photo())))
        self.made["seal", ""] = sent["url"].partition("?s=")[2]
        return sent["id"]

    def seal(self, _: str) -> str:
        self.value("picture", "")
        return self.made["seal", ""]

    def content_review(self, _: str) -> str:
        """A title in our community that WeChat could not judge: whoever wrote it has no openid."""
        form = BODIES["POST /activities"] | {"group_id": self.group("here"), "sessions": self.sessions("")}
        form = {name: value for name, value in form.items() if name not in ("fund_id", "points_fixed")}
        draft = made(self.phones["leader"].post("/activities", form))
        wanted = select(ContentReview.id).where(
            ContentReview.subject_id == UUID(draft["id"]), ContentReview.field == "title"
        )
        (review,) = self.street.rows(wanted)
        return str(review)

    def door(self, _: str) -> str:
        return str(self.street.household().id)

    def double(self, _: str) -> str:
        return str(self.street.person(verified="none").id)

    def merge(self, _: str) -> str:
        """Two accounts of somebody of the area, one of which has the other's number."""
        asker = self.street.resident()
        self.made["asker", ""] = str(asker.id)  # anew with each case
        return self.street.case_of(asker, self.street.resident(), f"139{uuid4().int % 10**8:08d}")

    def asker(self, _: str) -> str:
        self.value("merge", "")
        return self.made["asker", ""]

    def blocked(self, _: str) -> str:
        person = self.somebody(_)
        made(self.phones["officer"].post(f"/people/{person}/block", {"reason": "手机丢失"}))
        return person

    def persons_code(self, _: str) -> str:
        person = self.street.resident()
        with self.street.inside():
            return person_code(person)[0]

    def card(self, _: str) -> str:
        return self.street.card(self.street.resident())

    def paper(self, _: str) -> str:
        """Somebody's card, by its id."""
        holder = self.street.resident()
        self.street.card(holder)
        return str(self.street.rows(select(Card.id).where(Card.person_id == holder.id))[0])

    def rich_card(self, _: str) -> str:
        """A card of somebody with points to spend."""
        return self.street.card(self._rich())

    def rich_code(self, _: str) -> str:
        person = self._rich()
        with self.street.inside():
            return person_code(person)[0]

    def door_code(self, _: str) -> str:
        return self._code_of(self._published("here"))

    def officer_role(self, _: str) -> str:
        return self._role_of(self.street.officer("刘主任"))

    # what belongs to a group, a shop or an area, here or there

    def group(self, side: str) -> str:
        return str(self.groups[side].id)

    def shop(self, side: str) -> str:
        return str(self.shops[side].id)

    def ground(self, side: str) -> str:
        return str(self.areas[side].id)

    def application(self, side: str) -> str:
        applicant = self.street.phone(self.street.resident())
        return made(applicant.post(f"/groups/{self.group(side)}/applications", {"note": ""}))["id"]

    def draft(self, side: str) -> str:
        leader, group = self.leaders[side], self.groups[side]
        return str(self.street.draft(by=leader, group=group, fund=self.fund, points_fixed=5).id)

    def activity(self, side: str) -> str:
        return str(self._published(side).id)

    def review(self, side: str) -> str:
        """A check-in of somebody who runs the group, so it waits."""
        runner = self.street.phone(self.street.helper(self.groups[side]))
        came = made(runner.post("/check-ins", {"code": self._code_of(self._published(side))}))
        assert came["check_in"]["state"] == "review"
        return came["check_in"]["id"]

    def helper_role(self, side: str) -> str:
        return self._role_of(self.street.helper(self.groups[side]))

    def clerk_role(self, side: str) -> str:
        return self._role_of(self.street.clerk(self.shops[side]))

    def on_sale(self, side: str) -> str:
        return str(self.offers[side].id)

    def ordered(self, side: str) -> str:
        return self._held(SOMEBODY, side)["id"]

    def ordered_code(self, side: str) -> str:
        return self._held(SOMEBODY, side)["code"]

    def captured(self, side: str) -> str:
        held = self._held(SOMEBODY, side)
        clerk = self.phones["clerk" if side == "here" else "other clerk"]
        made(clerk.post("/redemptions/capture", {"code": held["code"]}))
        return held["id"]

    # what belongs to whoever made it

    def home(self, who: str) -> str:
        return str(self.people[who].household_id)

    def device(self, who: str) -> str:
        """Another phone they are logged in on."""
        person = self.people[who]
        return str(self.street.does(begin_device, person.id, name="旧手机", installation_id=None).id)

    def entry(self, who: str) -> str:
        """An entry of their wallet."""
        return self.phones[who].get("/me/entries").body["items"][0]["id"]

    def joined(self, who: str) -> str:
        """An activity at which they have a place."""
        activity = self._published("here")
        made(self.phones[who].post(f"/activities/{activity.id}/sign-ups"))
        return str(activity.id)

    def held(self, who: str) -> str:
        return self._held(who, "in between")["id"]

    def allocation(self, who: str) -> str:
        return made(self._asker(who).post(f"/funds/{self.fund.id}/allocations", {"points": 10}, key=a_key()))["id"]

    def request(self, who: str) -> str:
        """That somebody become an officer."""
        form = {"person_id": self.somebody(""), "role": "officer", "scope": {"type": "office"}}
        return made(self._asker(who).post("/roles", form))["id"]

    def asked(self, who: str) -> str:
        """A delegation that waits for a second officer."""
        return self._delegation(self._asker(who), self.somebody(""))["id"]

    def lent(self, who: str) -> str:
        """A delegation that they manage."""
        return self._lent_to(self.people[who])["id"]

    def my_role(self, who: str) -> str:
        """A role they may give up: it changes nothing else that they may do."""
        shop = self.street.merchant()
        person = self.people[who]
        self.street.gives(person, "clerk", over_merchant(shop.id, shop.name))
        return self._role_of(person)

    def _rich(self) -> Person:
        return self.street.earned(self.street.resident(), 100, fund=self.fund)

    def _asker(self, who: str) -> Phone:
        return self.third_officer if who == SOMEBODY else self.phones[who]

    def _delegation(self, asker: Phone, manager_id: str) -> Answer:
        form = {"manager_id": manager_id, "role": "worker", "ends_at": self.next_year("")}
        form["scope"] = {"type": "area", "id": self.static["area"]}
        return made(asker.post(f"/agencies/{self.static['agency']}/delegations", form))

    def _lent_to(self, manager: Person) -> Answer:
        asker = self.phones["officer" if manager is self.people["officer 2"] else "officer 2"]
        asked = self._delegation(asker, str(manager.id))
        return made(self.third_officer.put(f"/delegations/{asked['id']}", {"decision": "approved"}))

    def _send_the_agency_worker(self) -> None:
        manager, person = self.street.resident("机构主管"), self.people["agency worker"]
        form = {"delegation_id": self._lent_to(manager)["id"], "person_id": str(person.id), "role": "worker"}
        made(self.street.phone(manager).post("/roles", form | {"scope": {"type": "area", "id": self.static["area"]}}))

    def _role_of(self, person: Person) -> str:
        """The newest role they hold."""
        newest = select(Role.id).where(Role.person_id == person.id).order_by(Role.id.desc()).limit(1)
        return str(self.street.rows(newest)[0])

    def _held(self, who: str, side: str) -> Answer:
        offer_id = str(self.offers[side].id)
        return made(self.phones[who].post("/redemptions", {"offer_id": offer_id}, key=a_key()))

    def _published(self, side: str, **facts: Any) -> Any:
        leader, group = self.leaders[side], self.groups[side]
        return self.street.activity(leader=leader, group=group, fund=self.fund, points_fixed=5, **facts)

    def _code_of(self, activity: Any) -> str:
        with self.street.inside():
            return door_code(sessions_of(activity.id)[0]).code

    def _move_over(self, side: str) -> None:
        """The group and the shop of that side lie in its area."""

        def move() -> None:
            for row in (self.groups[side], self.shops[side]):
                session().merge(row).area_id = self.areas[side].id
            session().flush()

        self.street.does(move)

    def _give_everybody_points(self) -> None:
        leader = self.street.resident("发积分的")
        activity = self.street.activity(leader=leader, fund=self.fund, points_fixed=1000)
        ticks = self.street.phone(leader)
        for person in self.people.values():
            body = {"activity_id": str(activity.id), "person_id": str(person.id), "reason": "现场登记"}
            assert made(ticks.post("/check-ins", body))["points"] == 1000


def made(answer: Answer) -> Answer:
    assert answer.status in (200, 201, 202), answer.body
    return answer


@dataclass(frozen=True)
class Line:
    """What every caller is answered about objects of one kind of owner."""

    row: str
    case: str
    statuses: dict[str, int | None]

    def __str__(self) -> str:
        return f"{self.row} {self.case}"


def lines() -> list[Line]:
    found: list[Line] = []
    for text in ACCESS.splitlines():
        if not text or text.startswith("#"):
            continue
        name, case, cells = re.fullmatch(r"(.*?)\s+(own|other|away|any)((?:\s+(?:\d{3}|\.)){16})", text).groups()
        row = re.sub(r"\s+", " ", name) or found[-1].row
        statuses = [None if cell == "." else int(cell) for cell in cells.split()]
        found.append(Line(row, case, dict(zip(CALLERS, statuses, strict=True))))
    return found


LINES = lines()
ROWS = {
    row: {line.case: line for line in LINES if line.row == row} for row in dict.fromkeys(line.row for line in LINES)
}


@pytest.fixture(scope="module")
def stages(app: Flask) -> tuple[Stage, Stage]:
    """Our office and another one, each with everybody in it."""
    return Stage(Street.opened_in(app)), Stage(Street.opened_in(app))


def asked(row: str, phone: Phone, filled: Callable[[str], Any], **more: Any) -> Answer:
    """Send the request of a row, its braces filled; its body may say more."""
    method, path = row.split()[:2]
    body = _filled(BODIES.get(row, {}), filled) | more
    path = re.sub(r"{(\w+)}", lambda found: str(filled(found[1])), path)
    sent = (
        {}
        if method in ("GET", "DELETE")
        else {"data": body | form_of(file=body["file"])}
        if "file" in body
        else {"json": body}
    )
    return phone.send(method, path, headers={"Idempotency-Key": a_key()}, **sent)


def _filled(said: Any, filled: Callable[[str], Any]) -> Any:
    if isinstance(said, dict):
        return {name: _filled(value, filled) for name, value in said.items()}
    return filled(said.strip("{}")) if isinstance(said, str) and said.startswith("{") else said


def filler(case: str, caller: str, *, ours: Stage, theirs: Stage) -> Callable[[str], Any]:
    """What stands for the braces of a line when this caller asks."""
    here, away = ours.filler(case, caller), theirs.filler("other", "nobody")
    return lambda name: away(name) if case == "away" and name not in WORDS else here(name)


def braces(row: str) -> list[str]:
    return re.findall(r"{(\w+)}", row.split()[1] + json.dumps(BODIES.get(row, {})))


def works(row: str, preferred: str = "officer") -> tuple[str, str]:
    """A case and a caller whose request of this row does what it says, or is refused for the state of things."""
    for case in ("any", "own", "other"):
        for caller in (preferred, *CALLERS):
            status = ROWS[row][case].statuses[caller] if case in ROWS[row] else None
            if status is not None and status not in (401, 403, 404):
                return case, caller
    raise AssertionError(f"nobody may {row}")


@pytest.mark.parametrize("line", LINES, ids=str)
def test_access(line: Line, stages: tuple[Stage, Stage]) -> None:
    ours, theirs = stages
    answered: dict[str, int | None] = dict.fromkeys(CALLERS)
    for name in CALLERS:
        if not ours.has(line.row, line.case, name):
            continue
        answer = asked(line.row, ours.phones[name], filler(line.case, name, ours=ours, theirs=theirs))
        answered[name] = answer.status
        if answer.status < 300 and not line.row.startswith("GET"):
            ours.used_up(braces(line.row))
        if line.row == "POST /groups" and answer.status == 201:
            ours.take_back_the_lead(answer["id"])  # or everybody would lead something from here on

    assert answered == line.statuses


@pytest.mark.parametrize("row", [row for row in ROWS if set(braces(row)) - WORDS])
def test_another_offices_object_is_as_missing_as_none(row: str, stages: tuple[Stage, Stage]) -> None:
    """Whoever may do it here gets 404 for an object of another office, in the path and in the body, and for none."""
    ours, theirs = stages
    case, caller = works(row)
    filled = ours.filler(case, caller)
    for foreign in braces(row):
        elsewhere = theirs.filler("other", "nobody")(foreign)
        if foreign in WORDS or not is_id(elsewhere):
            continue
        said = []
        for value in (elsewhere, str(uuid4())):
            answer = asked(
                row,
                ours.phones[caller],
                lambda brace, foreign=foreign, value=value: value if brace == foreign else filled(brace),
            )
            said.append((answer.status, {**answer.body, "request_id": ""}))
        assert said[0][0] == 404, (foreign, said[0])
        assert said[0] == said[1], foreign


def is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_the_lines_its_objects_need(row: str) -> None:
    named = set(braces(row))
    needed = {"own", "other"} if named & BELONGS.keys() else {"any"}

    assert ROWS[row].keys() == needed | ({"away"} if named - WORDS else set())


def test_every_endpoint_has_a_row(app: Flask) -> None:
    served = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api-docs.openapi_json"
    }
    address = app.url_map.bind("localhost")
    listed = {}
    for row in ROWS:
        method, path = row.partition("?")[0].split()[:2]
        example = re.sub(r"{(\w+)}", lambda found: "CODE" if found[1] == "ordered_code" else str(uuid4()), path)
        rule, _ = address.match(f"/api/v1{example}", method, return_rule=True)
        listed[row] = f"{method} {rule.rule}"

    assert served - set(listed.values()) == set()
