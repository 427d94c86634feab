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
from backend.activities.models import CheckIn
from backend.flags.models import Flag
from backend.flags.raising import Odd, raise_flag
from backend.foundation.clock import as_of, now, shanghai_day
from backend.foundation.db import add, find, session
from backend.groups.models import Group
from backend.households.election_models import HeadElection
from backend.households.pot_models import SpendingRequest
from backend.people import log_in
from backend.people.consents import version_now
from backend.people.devices import begin_device
from backend.people.models import Card, Person
from backend.people.persons import person_code
from backend.people.policies import publish
from backend.people.role_models import Role
from backend.people.scopes import over_group, over_merchant
from backend.people.standing import move_in
from backend.places.models import Household
from backend.privacy import exporting
from backend.safety.models import ContentReview
from backend.settlement.models import Statement
from backend.volunteering.certifying import issue
from backend.volunteering.models import Certificate
from backend.watch.calling_back import draw
from backend.watch.models import CallBack
from tests.builders.credit_codes import a_credit_code
from tests.builders.door_files import csv_of, doors
from tests.builders.group_life import GroupLife
from tests.builders.lively import awarded, months_ago, neighbours, noon_in, rule, settled
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
GET    /me/erasure                                any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /me/erasure                                any   401 201 201 409 409 409 409 409 409 409 409 409 409 409 409 409
DELETE /me/erasure                                any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /people/{kept}/kept-record                 any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
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
POST   /people/lookup                             any   401 403 200 403 403 403 403 403 403 403 200 200 200 200 200 403
                                                  away  401 403 409 403 403 403 403 403 403 403 409 409 409 409 409 403
POST   /people/{somebody}/verification            any   401 403 403 403 403 403 403 403 403 403 200 403 200 200 200 403
                                                  away  401 403 404 403 403 403 403 403 403 403 404 404 404 404 404 403
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
GET    /office/figures                            any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 200
GET    /office/figures/filed?area_id={ground}     own     .   .   .   .   .   .   .   .   .   . 200 200 200 200 200 200
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 404
GET    /office/group-register                     any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /office/group-register.csv                 any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /public/figures?office_id={office}         any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /public/groups?office_id={office}          any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /public/groups.csv?office_id={office}      any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /office/helper-patterns                    any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /policies?office_id={office}               any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /policies                                  any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
GET    /me/consents                               any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /me/consents                               any   401 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
POST   /people/{somebody}/reveals                 any   401 403 403 403 403 403 403 403 403 403 201 404 201 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /me/reveals                                any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /me/exports                                any   401 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
GET    /me/exports/{export}                       own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
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
POST   /households                                any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /household-claims                          any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /household-claims/{door_claim}             any   401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /household-claims/{door_claim} confirmed   any   401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /households/{home}                         own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /households/{home}                         own     .   . 200 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /households/{home}/members by-the-head     own     .   . 201 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 422 404 422 422 422 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /households/{home}/members by-a-worker     own     .   . 422 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 201 404 201 201 201 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /households/{home}/members/{dependant}     own     .   . 200 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /households/{home}/members/{dependant} aged own     .   . 403 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /households/{own_home}/members/mine        own     .   . 409 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /households/{home}/members/{child}/consents own     .   . 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /households/{home}/members/{child}/consents own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /households/{home}/head-elections          own     .   . 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /head-elections                            any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /head-elections/{ballot} vote              own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /head-elections/{elected}                  any   401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /households/{home}/merges                  own     .   . 201 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /household-merges                          any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /household-merges/{wedding}                any   401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /spending-requests                         any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /spending-requests/{wish}                  own     .   . 200 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /people/{somebody}/death                   any   401 403 403 403 403 403 403 403 403 403 201 404 201 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /home                                      any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /areas                                     any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /areas                                     own     .   .   .   .   .   .   .   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /areas of-a-community                      any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
GET    /areas/{ground}                            own     .   .   .   .   .   .   .   .   .   . 200 200 200 200 200 200
                                                  other 401 200 200 200 200 200 200 200 200 200 200 200 200   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /areas/{ground}                            own     .   .   .   .   .   .   .   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /areas/{grid}/merge                        any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /areas/{ground}/changes                    own     .   .   .   .   .   .   .   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /areas/{ground}/households                 own     .   .   .   .   .   .   .   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /areas/{ground}/households                 own     .   .   .   .   .   .   .   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
POST   /imports                                   any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
GET    /imports                                   any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
GET    /imports/{upload}                          any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /district/figures                          any   401 403 403 403 403 403 403 403 403 403 403 403 403 409 409 409
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
GET    /groups/{group}/history                    own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 200
                                                  other 401 200 200 200 200 200 200 200 200 200 200 200 200   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{group}/invitations                own     .   .   . 201 201 201 403   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}/invitations                own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /me/invitations                            any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /invitations/{invitation}                  own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{group}/invitation-codes           own     .   .   . 201 201 201 403   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}/invitation-codes           own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /memberships                               any   401 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
DELETE /groups/{joined_group}/members/mine        own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 409 409 409 409 409 409 409 409 409 409 409 409 409 409 409
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{group}/members/{member}/remove    own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{removed_from}/appeals             own     . 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  other 401 409 409 409 409 409 409 409 409 409 409 409 409 409 409 409
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /group-appeals                             any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /group-appeals/{appeal}                    own     .   .   . 404 404 404 404   .   .   . 200 200 200 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{group}/handovers                  own     .   .   . 201 201 403 403   .   .   . 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /me/handovers                              any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /handovers/{handover}                      own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{circle}/filings                   own     .   .   . 201 201 201 403   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /filings/{unsent}/submit                   own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /filings                                   any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /filings/{filing}                          own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /filings/{filing}                          own     .   .   . 403 403 403 404   .   .   . 200 200 200 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /filings/{filing} withdrawn                own     .   .   . 200 200 200 404   .   .   . 200 200 200 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /filings/{reviewed} filed                  own     .   .   . 403 403 403 404   .   .   . 403 403 403 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /group-charters                            any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /office/group-policy                       any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /office/group-policy                       any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
POST   /groups/{filed_group}/confirmations        own     .   .   . 201 201 201 403   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /confirmations                             any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /confirmations/{confirmation}              own     .   .   . 403 403 403 404   .   .   . 200 200 200 200 200 403
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{circle}/suspend                   own     .   .   . 403 403 403 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{suspended}/resume                 own     .   .   . 403 403 403 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /groups/{circle}/category                  own     .   .   . 403 403 403 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /groups/{filed_circle}/brand               own     .   .   . 403 403 403 403   .   .   . 403 403 403 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
PUT    /groups/{circle}/registration              own     .   .   . 403 403 403 403   .   .   . 403 403 403 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /groups/{circle}/dissolutions              own     .   .   . 201 201 403 403   .   .   . 403 403 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /dissolutions                              any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /dissolutions/{dissolution}                any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /groups/{group}/wallet                     own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 200
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /groups/{group}/wallet                     own     .   .   . 403 403 403 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 403
GET    /groups/{group}/entries                    own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 200
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}/entries/{group_entry}/why  own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 200
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{group}/thanks                     own     .   .   . 201 201 201 403   .   .   . 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}/thanks                     own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 200
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /groups/{group}/thanks/{thanks}            own     .   .   . 200 200 200 403   .   .   . 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /groups/{group}/spendings                  own     .   .   . 201 201 201 403   .   .   . 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /groups/{group}/spendings                  own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 200
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /groups/{group}/spendings/{spending}       own     .   .   . 200 200 200 403   .   .   . 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /group-point-rules                         any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
GET    /group-point-rules                         any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /group-point-rules/{rule}                  own     .   .   .   .   .   .   .   .   .   .   .   .   . 403 403   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /group-awards                              any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /group-awards looked-at                    any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /group-awards                              any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /group-awards/{run}                        own     .   .   .   .   .   .   .   .   .   .   .   .   . 200 200   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 404
GET    /group-awards/{run}/groups                 own     .   .   .   .   .   .   .   .   .   .   .   .   . 200 200   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 404
PUT    /group-awards/{run}                        own     .   .   .   .   .   .   .   .   .   .   .   .   . 403 403   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
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
POST   /activities/{activity}/copy                own     .   .   . 201 201 201 403   .   .   . 201 201 201 201 201 403
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
GET    /me/sign-ups                               any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /sign-ups/{place}/accept                   own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
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
GET    /activities/{activity}/live                own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /keys                                      any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /activities/{activity}/offline-pack        own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /check-ins/batch                           any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /reviews                                   any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /reviews/{review}                          own     .   .   . 200 200 200 200   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /activities/{activity}/reviews/confirm     own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /check-ins/{presence}/undo                 own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /check-ins/{stay}/shorten                  own     .   .   . 200 200 200 403   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /objections                                any   401 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
POST   /objections of-an-activity                 own     . 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /me/objections                             any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /objections                                any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 200
GET    /objections/{objection}                    own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 200
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /objections/{objection}                    own     . 403 403 403 403 403 403 403 403 403 403 403 403 403 403 403
                                                  other 401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 403
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /objections/{objection} withdrawn          own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 403 404 403 403 403 403
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /trail                                     any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /me/trail                                  any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /merchants                                 any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /offers                                    any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /redemptions                               any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /redemptions of-a-group                    own     .   .   . 201 201 201 403   .   .   . 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
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
POST   /redemptions/{captured}/void               own     .   .   .   .   .   .   . 200 200 200 403 403 403 202 202 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 403
GET    /merchants/{shop}/statements               own     .   .   .   .   .   .   . 403 403 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /merchants/{shop}/statements/open          own     .   .   .   .   .   .   . 403 403 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /statements/{statement}                    own     .   .   .   .   .   .   . 403 403 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /statements/{statement}/lines              own     .   .   .   .   .   .   . 403 403 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /statements/{statement}/lines.xlsx         own     .   .   .   .   .   .   . 403 403 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /statements/{statement}/lines.csv          own     .   .   .   .   .   .   . 403 403 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
PUT    /statements/{statement}                    own     .   .   .   .   .   .   . 403 403 200 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
PUT    /statements/{agreed} paid                  own     .   .   .   .   .   .   . 403 403 403 403 403 403 200 200 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /statements                                any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /late-voids                                any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
POST   /statements/close                          own     .   .   .   .   .   .   . 403 403 403 403 403 403 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /volunteer-logs                            any   401 201 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /volunteer-logs                            any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/volunteer-logs                         any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /volunteer-logs/{hours}                    own     .   .   .   .   .   .   .   .   .   . 200 200 200 200 200 404
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /me/certificates                           any   401 409 409 409 409 409 409 409 409 409 409 409 409 409 409 409
GET    /me/certificates                           any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/certificates/{certificate}             own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /me/certificates/{certificate}/sheet       own     . 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /public/certificates/{number}?surname=王    any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /office/certificate-issuer                 any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
PUT    /office/certificate-issuer                 any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
POST   /office/service-records                    any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
GET    /flags                                     any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 200
PUT    /flags/{flag}                              own     .   .   .   .   .   .   .   .   .   . 200 200 200 200 200 403
                                                  other 401 403 403 403 403 403 403 403 403 403 404 404 404   .   .   .
                                                  away  401 403 403 403 403 403 403 403 403 403 404 404 404 404 404 404
GET    /call-backs                                any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
PUT    /call-backs/{call}                         any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /merchants                                 any   401 409 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 409 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /me/merchants                              any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /office/merchants                          any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
PUT    /merchants/{applying}                      any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /offers                                    own     .   .   .   .   .   .   . 403 403 201 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
PUT    /offers/{on_sale}                          own     .   .   .   .   .   .   . 403 403 200 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
DELETE /offers/{spare_offer}                      own     .   .   .   .   .   .   . 403 403 200 403 403 403 403 403 403
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 403 403 403
GET    /offers/review                             any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
PUT    /offers/{new_offer}/review                 any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
GET    /merchants/{shop}/offers                   own     .   .   .   .   .   .   . 200 200 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /merchants/{shop}/today                    own     .   .   .   .   .   .   . 200 200 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /merchants/{shop}/redemptions              own     .   .   .   .   .   .   . 200 200 200 403 403 403 200 200 200
                                                  other 401 403 403 403 403 403 403 404 404 404 403 403 403   .   .   .
                                                  away  401 403 403 403 403 403 403 404 404 404 403 403 403 404 404 404
GET    /office/fund-flows                         any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 200
GET    /public/fund-flows?office_id={office}      any   200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /point-rules                               any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /point-rules                               any   401 403 403 403 403 403 403 403 403 403 403 403 403 201 201 403
POST   /point-rules/dry-run                       any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
PUT    /point-rules/{points_rule}                 own     .   .   .   .   .   .   .   .   .   .   .   .   . 403 403   .
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /redemptions/vouchers                      any   401 403 403 403 403 403 403 200 200 200 403 403 403 403 403 403
POST   /activities/{activity}/series              own     .   .   . 201 201 201 403   .   .   . 201 201 201 201 201 403
                                                  other 401 403 403 403 403 403 403 403 403 403 403 403 403   .   .   .
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /merchants/{applying}/caps                 any   401 403 403 403 403 403 403 403 403 403 403 403 403 200 200 403
                                                  away  401 403 403 403 403 403 403 403 403 403 403 403 403 404 404 403
POST   /redemptions/{held}/confirm                own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /skill-words                               any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /skills                                    any   401 403 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/skills                                 any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
POST   /skills                                    any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
DELETE /skills/{listing}                          own     .   . 204 204 204 204 204 204 204 204 204 204 204 204 204 204
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
POST   /skill-contacts                            any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 403 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /me/skill-contacts                         any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
PUT    /skill-contacts/{contact}                  own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET    /capable-people                            any   401 403 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /me/capable-people                         any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET    /capable-people/suggestions                any   401 403 403 403 403 403 403 403 403 403 200 200 200 200 200 403
POST   /capable-people                            any   401 403 201 201 201 201 201 201 201 201 201 201 201 201 201 201
                                                  away  401 403 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /capable-people/{suggested}                any   401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /capable-people/{invited} accepted         own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 403 404 403 403 403 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
PUT    /capable-people/{invited} withdrawn        own     .   . 200 200 200 200 200 200 200 200 200 200 200 200 200 200
                                                  other 401 404 404 404 404 404 404 404 404 404 200 404 200 200 200 404
                                                  away  401 404 404 404 404 404 404 404 404 404 404 404 404 404 404 404
# The last row: whoever wants no messages is told so at POST /me/subscriptions.
DELETE /me/consents/messages                      any   401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
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
    "POST /policies": {"purpose": "photos", "text": "您上传的活动照片会展示给本街道的居民，随时可以撤回。"},
    "POST /me/consents": {"purpose": "photos", "version": "{photos_version}"},
    "POST /people/{somebody}/reveals": {"fields": ["name"], "reason": "核对上门地址"},
    "POST /people/lookup": {"person_code": "{persons_code}"},
    "POST /people/{somebody}/verification": {"household_id": "{door}"},
    "POST /households": {"area_id": "{area}", "door": "{new_name}"},
    "PUT /household-claims/{door_claim}": {"decision": "declined", "reason": "门牌不符"},
    "PUT /household-claims/{door_claim} confirmed": {"decision": "confirmed"},
    "PUT /households/{home}": {"spend_limit_points": 50},
    "POST /households/{home}/members by-the-head": {"name": "{new_name}", "age_class": "14-17"},
    "POST /households/{home}/members by-a-worker": {"name": "{new_name}", "age_class": "adult", "reason": "没有手机"},
    "PUT /households/{home}/members/{dependant}": {"removed": True, "reason": "搬走了"},
    "PUT /households/{home}/members/{dependant} aged": {"age_class": "14-17", "reason": "核对户口本"},
    "POST /households/{home}/members/{child}/consents": {"policy_version": "child-1"},
    "POST /households/{home}/head-elections": {"nominee_id": "{adult}"},
    "PUT /head-elections/{ballot} vote": {"decision": "yes"},
    "PUT /head-elections/{elected}": {"decision": "confirmed"},
    "POST /households/{home}/merges": {"into_id": "{headed}"},
    "PUT /household-merges/{wedding}": {"decision": "confirmed"},
    "PUT /spending-requests/{wish}": {"decision": "approved"},
    "POST /people/{somebody}/death": {"died_on": "2026-11-01", "reason": "家属带死亡证明到服务台"},
    "POST /person-merges": {"person_id": "{somebody}", "other_id": "{double}", "reason": "同一个人"},
    "PUT /person-merges/{merge}": {"decision": "merge", "keep_id": "{asker}", "reason": "同一个人"},
    "PUT /person-merges/{merge} separately": {"decision": "separate", "reason": "母女共用一个号码"},
    "POST /people/{somebody}/block": {"reason": "手机丢失"},
    "POST /people/{blocked}/unblock": {"reason": "本人已到服务台核实"},
    "POST /me/erasure": {"confirmation": "注销账号"},
    "POST /people/{kept}/kept-record": {"reason": "本人申请服务证明"},
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
    "POST /areas": {"parent_id": "{ground}", "kind": "building", "name": "{new_name}"},
    "POST /areas of-a-community": {"kind": "community", "name": "{new_name}"},
    "PUT /areas/{ground}": {"nature": "urban", "reason": "核对城乡"},
    "POST /areas/{grid}/merge": {"into_id": "{other_grid}", "reason": "网格调整"},
    "POST /areas/{ground}/households": {"door": "{new_name}"},
    "POST /imports": {"file": "{door_list}"},
    "POST /groups": {"name": "晨练队", "theme": "锻炼", "category": "culture_sports", "area_id": "{area}"},
    "PUT /groups/{group}/applications/{application}": {"decision": "approved"},
    "POST /groups/{group}/invitations": {"person_id": "{somebody}"},
    "PUT /invitations/{invitation}": {"decision": "declined"},
    "POST /groups/{group}/invitation-codes": {"uses": 3},
    "POST /memberships": {"code": "{invitation_code}"},
    "POST /groups/{group}/members/{member}/remove": {"reason": "长期不参加"},
    "POST /groups/{removed_from}/appeals": {"text": "我一直参加"},
    "PUT /group-appeals/{appeal}": {"decision": "rejected", "answer": "已核实"},
    "POST /groups/{group}/handovers": {"person_id": "{heir}"},
    "PUT /handovers/{handover}": {"decision": "declined"},
    "POST /groups/{circle}/filings": {"venue": "社区活动室", "charter_version": "2026-1"},
    "PUT /filings/{filing}": {"decision": "reviewed"},
    "PUT /filings/{filing} withdrawn": {"decision": "withdrawn"},
    "PUT /filings/{reviewed} filed": {"decision": "filed"},
    "PUT /office/group-policy": {"members_at_least": 1},
    "POST /groups/{filed_group}/confirmations": {"activities": 3},
    "PUT /confirmations/{confirmation}": {"decision": "confirmed"},
    "POST /groups/{circle}/suspend": {"reason": "整改"},
    "POST /groups/{suspended}/resume": {"reason": "已整改"},
    "PUT /groups/{circle}/category": {"category": "governance"},
    "PUT /groups/{filed_circle}/brand": {"is_brand": True, "reason": "多年服务"},
    "PUT /groups/{circle}/registration": {
        "registration_number": "52110112MJ01234567",
        "registered_on": "2026-11-01",
    },
    "POST /groups/{circle}/dissolutions": {"reason": "成员搬迁"},
    "PUT /dissolutions/{dissolution}": {"decision": "declined"},
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
    "POST /check-ins/batch": {"device_id": "my-own-phone", "sent_at": "2026-11-26T01:00:00Z", "items": []},
    "POST /check-ins/{presence}/undo": {"reason": "不是本人"},
    "POST /check-ins/{stay}/shorten": {"minutes": 30, "reason": "提前离开"},
    "POST /objections": {"subject": {"type": "other"}, "text": "我的积分不对"},
    "POST /objections of-an-activity": {"subject": {"type": "activity", "id": "{joined}"}, "text": "我去了"},
    "PUT /objections/{objection}": {"decision": "rejected", "answer": "已核对，记录无误"},
    "PUT /objections/{objection} withdrawn": {"decision": "withdrawn"},
    "POST /redemptions": {"offer_id": "{offer}"},
    "POST /redemptions of-a-group": {"offer_id": "{offer}", "wallet": "{purse}"},
    "PUT /groups/{group}/wallet": {"two_leaders_above": 100},
    "POST /groups/{group}/thanks": {"person_id": "{member}", "points": 1},
    "PUT /groups/{group}/thanks/{thanks}": {"decision": "confirmed"},
    "POST /groups/{group}/spendings": {"offer_id": "{offer}"},
    "PUT /groups/{group}/spendings/{spending}": {"decision": "confirmed"},
    "POST /group-point-rules": {"valid_from": "2026-01"},
    "PUT /group-point-rules/{rule}": {"decision": "declined"},
    "POST /group-awards": {"month": "{lively_month}", "fund_id": "{fund}"},
    "POST /group-awards looked-at": {"month": "{lively_month}", "fund_id": "{fund}", "preview": True},
    "PUT /group-awards/{run}": {"decision": "declined"},
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
    "POST /skills": {"kind": "skill", "title": "{new_name}", "visibility": "community"},
    "POST /skill-contacts": {"listing_id": "{seen_listing}", "text": "家里的灯坏了"},
    "PUT /skill-contacts/{contact}": {"decision": "accepted", "answer": "好的"},
    "POST /capable-people": {"person_id": "{somebody}", "title": "理发", "reason": "手艺好"},
    "PUT /capable-people/{suggested}": {"decision": "invited"},
    "POST /volunteer-logs": {
        "area_id": "{area}",
        "day": "{today}",
        "minutes": 1,
        "place": "楼下",
        "content": "理发",
        "evidence": "有人在场",
    },
    "PUT /volunteer-logs/{hours}": {"decision": "approved"},
    "POST /me/certificates": {"since": "2025-01-01", "until": "2025-01-02"},
    "PUT /office/certificate-issuer": {"responsible_person": "服务站", "contact": "0546-1234567"},
    "POST /office/service-records": {"since": "2025-01-01", "until": "2025-01-02", "reason": "报送"},
    "POST /merchants": {
        "name": "{new_name}",
        "credit_code": "{credit_code}",
        "area_id": "{area}",
        "address": "幸福路2号",
        "contact": "0546-7654321",
    },
    "PUT /merchants/{applying}": {"decision": "approved", "reason": "资料齐全", "share_percent": 90},
    "POST /offers": {"merchant_id": "{shop}", "name": "{new_name}", "kind": "counter", "price_points": 5, "stock": 9},
    "PUT /offers/{on_sale}": {"stock": 9999},
    "PUT /offers/{new_offer}/review": {"decision": "approved"},
    "POST /point-rules": {"a_day": 50, "valid_from": "2030-01-01"},
    "POST /point-rules/dry-run": {"a_day": 50, "since": "2026-11-01", "until": "2026-11-30"},
    "PUT /point-rules/{points_rule}": {"decision": "declined"},
    "POST /redemptions/vouchers": {"items": [{"voucher": "none", "scanned_at": "2026-11-26T02:00:00Z"}]},
    "POST /activities/{activity}/series": {"times": 1},
    "PUT /merchants/{applying}/caps": dict.fromkeys(
        ("person_a_day", "person_a_month", "shop_a_day", "shop_a_month"), 9
    ),
    "PUT /flags/{flag}": {"decision": "dismissed", "reason": "核对无误"},
    "PUT /call-backs/{call}": {"outcome": "confirmed"},
    "POST /statements/close": {"merchant_id": "{busy_shop}", "until": "{this_moment}"},
    "PUT /statements/{statement}": {"decision": "confirmed"},
    "PUT /statements/{agreed} paid": {"decision": "paid", "invoice_number": "FP-1", "voucher_number": "PZ-1"},
    "PUT /capable-people/{invited} accepted": {"decision": "accepted"},
    "PUT /capable-people/{invited} withdrawn": {"decision": "withdrawn", "reason": "搬走了"},
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
    dict.fromkeys(("group", "application", "draft", "activity", "review", "presence", "stay", "helper_role"), "group")
    | dict.fromkeys(("member", "heir", "appeal", "circle", "suspended", "filed_group", "confirmation"), "group")
    | dict.fromkeys(("unsent", "filing", "reviewed", "filed_circle"), "group")
    | dict.fromkeys(("invitation", "joined_group", "removed_from", "handover"), "person")
    | dict.fromkeys(("group_entry", "thanks", "spending", "purse"), "group")
    | dict.fromkeys(("shop", "ordered", "ordered_code", "captured", "clerk_role", "on_sale"), "shop")
    | dict.fromkeys(("busy_shop", "statement", "agreed", "spare_offer"), "shop")
    | dict.fromkeys(("ground", "hours", "flag"), "area")
    | dict.fromkeys(
        ("entry", "home", "device", "joined", "place", "certificate", "objection", "held", "my_role", "export"),
        "person",
    )
    | dict.fromkeys(("allocation", "request", "asked", "lent", "rule", "run", "points_rule"), "person")
    | dict.fromkeys(("own_home", "dependant", "child", "adult", "ballot", "wish"), "person")
    | dict.fromkeys(("listing", "contact", "invited"), "person")
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
MAKERS = dict.fromkeys(
    ("allocation", "request", "asked", "rule", "run", "points_rule"), ("officer", "officer 2")
) | dict.fromkeys(
    (
        "held",
        "lent",
        "home",
        "handover",
        "own_home",
        "dependant",
        "child",
        "adult",
        "ballot",
        "wish",
        "listing",
        "contact",
        "invited",
    ),
    CALLERS[2:],
)

# These are no objects of an office, so there is none of another one.
WORDS = {
    "office",
    "login_code",
    "phone_code",
    "photo",
    "door_list",
    "refresh_token",
    "new_name",
    "next_year",
    "sessions",
    "photos_version",
    "lively_month",
    "this_moment",
    "credit_code",
    "today",
    "number",
}

MOMENTARY = {
    "persons_code",
    "door_code",
    "photos_version",
    "this_moment",
}  # a code is old after half a minute: made anew for each request

LASTING = {"card", "rich_card", "kept"}  # good for any number of requests, and long in the making

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
        self.life = GroupLife(self)
        self.fund = street.fund(1_000_000)
        group, shop = self.groups["here"], self.shops["here"]
        self.people = {
            "fresh": street.person("新来的", verified="none"),
            "resident": street.person(household=street.household(), role="head"),
            "leader": self.leaders["here"],
            "other leader": self.leaders["there"],
            "deputy": self.life.helps(
                street.gives(street.resident("副队长"), "deputy", over_group(group.id, group.name)), "deputy"
            ),
            "helper": self.life.helps(street.helper(group)),
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
        self.neighbours = neighbours(street)
        self.months = 1  # of which groups were awarded for being lively
        self.static = {
            "office": street.office_id,
            "area": str(street.community.id),
            "fund": str(self.fund.id),
            "offer": str(self.offers["here"].id),
            "agency": made(self.phones["officer"].post("/agencies", {"name": "阳光社工", "kind": "agency"}))["id"],
        }
        self._send_the_agency_worker()
        self._give_everybody_points()
        self._give_groups_points()

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
        if name in MOMENTARY:
            return getattr(self, name)(whose)
        if (name, whose) not in self.made:
            self.made[name, whose] = getattr(self, name)(whose)
        return self.made[name, whose]

    def used_up(self, names: list[str]) -> None:
        with_them = {"merge": "asker", "persons_code": "coded", "door_code": "opened"}
        if "own_home" in names:
            self._go_home()
        gone = {*names, *(with_them[name] for name in names if name in with_them)} - LASTING
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

    def door_list(self, _: str) -> bytes:
        return csv_of(doors(3))

    def next_year(self, _: str) -> str:
        return (now() + timedelta(days=365)).isoformat()

    def sessions(self, _: str) -> list[dict[str, str]]:
        at = now() + timedelta(days=1)
        return [{"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=2)).isoformat()}]

    def photos_version(self, _: str) -> int:
        """Other words for each time, so that everybody can agree anew."""
        self.street.does(
            lambda: publish(
                "photos", "您的照片会展示给居民，随时可以撤回。", by=self.street.caller(self.people["officer"])
            )
        )
        return self.street.does(version_now, "photos")

    def lively_month(self, _: str) -> str:
        """A month in which a group was lively, and of which no list waits."""
        self.months += 1
        month = months_ago(self.months)
        settled(self.street, self.groups["here"], self.neighbours, on=noon_in(month), leader=self.leaders["here"])
        return month

    # what is nobody's in particular

    def somebody(self, _: str) -> str:
        return str(self.street.resident().id)

    def kept(self, _: str) -> str:
        """Somebody who served and left for good."""
        return str(self.street.erased(self.street.served(self.street.resident(), 60)).id)

    def seen_listing(self, _: str) -> str:
        """What a neighbour lists for everybody of the community."""
        form = {"kind": "skill", "title": "家电维修", "visibility": "community"}
        return made(self.street.phone(self.street.resident()).post("/skills", form))["id"]

    def suggested(self, _: str) -> str:
        return self._suggested(self.somebody(""))

    def photo(self, _: str) -> bytes:
        return a_photo()

    def grid(self, _: str) -> str:
        return str(self.street.area(f"网格{uuid4().hex[:8]}", kind="grid", parent=self.street.community).id)

    def other_grid(self, _: str) -> str:
        return self.grid("")

    def upload(self, _: str) -> str:
        """A list of doors that the officer uploaded."""
        return made(self.phones["officer"].send("POST", "/imports", data=form_of(file=csv_of(doors(3)))))["id"]

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

    def door_claim(self, _: str) -> str:
        """Somebody new says that they live in our community."""
        claimant = self.street.phone(self.street.person(verified="phone"))
        return made(claimant.post("/households", {"area_id": self.static["area"], "door": self.new_name("")}))["id"]

    def headed(self, _: str) -> str:
        """A household that has a head."""
        return str(self.street.person(household=self.street.household(), role="head").household_id)

    def elected(self, _: str) -> str:
        """An election that the only adult of a household won."""
        alone = self.street.resident()
        path = f"/households/{alone.household_id}/head-elections"
        return made(self.street.phone(alone).post(path, {"nominee_id": str(alone.id)}))["id"]

    def wedding(self, _: str) -> str:
        """Two households whose heads want to be one."""
        one, other = (self.street.person(household=self.street.household(), role="head") for _ in range(2))
        path = f"/households/{one.household_id}/merges"
        merge = made(self.street.phone(one).post(path, {"into_id": str(other.household_id)}))["id"]
        made(self.street.phone(other).put(f"/household-merges/{merge}", {"decision": "agreed"}))
        return merge

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

    def coded(self, _: str) -> Person:
        return self.street.resident()

    def persons_code(self, _: str) -> str:
        with self.street.inside():
            return person_code(self.value("coded", ""))[0]

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
        return self._code_of(self.value("opened", ""))

    def opened(self, _: str) -> Any:
        return self._published("here")

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

    def presence(self, side: str) -> str:
        """Somebody whom the officer ticked."""
        return self._ticked(str(self._published(side).id))

    def stay(self, side: str) -> str:
        """Somebody who was there for an hour and a half, by the hour."""
        began = now() - timedelta(minutes=90)
        facts = {"kind": "service", "starts_at": began}
        with as_of(began):
            activity = self.street.activity(leader=self.leaders[side], group=self.groups[side], **facts)
            came = self._ticked(str(activity.id))
        with self.street.inside():
            person_id = str(find(CheckIn, UUID(came)).person_id)
        left = {"activity_id": str(activity.id), "person_id": person_id, "direction": "out", "reason": "没带手机"}
        return made(self.phones["officer"].post("/check-ins", left))["check_in"]["id"]

    def _ticked(self, activity_id: str) -> str:
        body = {"activity_id": activity_id, "person_id": self.somebody(""), "reason": "没带手机"}
        return made(self.phones["officer"].post("/check-ins", body))["check_in"]["id"]

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

    def credit_code(self, _: str) -> str:
        return a_credit_code()

    def applying(self, _: str) -> str:
        """A shop that somebody wants to bring in."""
        form = BODIES["POST /merchants"] | {"name": self.new_name(""), "credit_code": a_credit_code()}
        form["area_id"] = str(self.areas["here"].id)
        return made(self.street.phone(self.street.resident()).post("/merchants", form))["id"]

    def spare_offer(self, side: str) -> str:
        return str(self.street.offer(self.shops[side], name=self.new_name("")).id)

    def new_offer(self, _: str) -> str:
        """An offer that waits for an officer."""
        form = BODIES["POST /offers"] | {"name": self.new_name(""), "merchant_id": str(self.shops["here"].id)}
        return made(self.phones["owner"].post("/offers", form))["id"]

    def busy_shop(self, side: str) -> str:
        """A shop that has something to be settled."""
        self.captured(side)
        return str(self.shops[side].id)

    def this_moment(self, _: str) -> str:
        return now().isoformat()

    def statement(self, side: str) -> str:
        form = {"merchant_id": self.busy_shop(side), "until": now().isoformat()}
        return made(self.phones["officer"].post("/statements/close", form))["id"]

    def agreed(self, side: str) -> str:
        """A statement that its owner has confirmed."""
        statement = self.statement(side)

        def agree() -> None:
            find(Statement, UUID(statement)).state = "confirmed"

        self.street.does(agree)
        return statement

    def member(self, side: str) -> str:
        return str(self.street.member(self.groups[side], self.street.resident()).id)

    def heir(self, side: str) -> str:
        """A member whom nobody has offered the group yet, and nobody else either."""
        self.life.nothing_is_handed_over(self.groups[side])
        return self.member(side)

    def appeal(self, side: str) -> str:
        """Somebody was removed from the group, and says that was wrong."""
        person = self.street.member(self.groups[side], self.street.resident())
        self.life.removes(self.groups[side], person)
        sent = self.street.phone(person).post(f"/groups/{self.group(side)}/appeals", {"text": "我一直参加"})
        return made(sent)["id"]

    def circle(self, side: str) -> str:
        return str(self.life.anew(side).id)

    def suspended(self, side: str) -> str:
        circle = self.circle(side)
        made(self.third_officer.post(f"/groups/{circle}/suspend", {"reason": "整改"}))
        return circle

    def unsent(self, side: str) -> str:
        return self.life.drafted(side)

    def filing(self, side: str) -> str:
        return self.life.handed_in(side)

    def reviewed(self, side: str) -> str:
        filing = self.filing(side)
        made(self.third_officer.put(f"/filings/{filing}", {"decision": "reviewed"}))
        return filing

    def filed_group(self, side: str) -> str:
        return str(self.life.to_be_confirmed(self.groups[side]).id)

    def filed_circle(self, side: str) -> str:
        """A group of its own, filed."""
        group = self.circle(side)
        filed = update(Group).where(Group.id == UUID(group)).values(stage="filed", is_brand=False)
        self.street.does(lambda: session().execute(filed))
        return group

    def confirmation(self, side: str) -> str:
        group = self.filed_group(side)
        leader = self.street.phone(self.leaders[side])
        return made(leader.post(f"/groups/{group}/confirmations", {"activities": 3}))["id"]

    def dissolution(self, _: str) -> str:
        leader = self.street.phone(self.leaders["here"])
        return made(leader.post(f"/groups/{self.circle('here')}/dissolutions", {"reason": "成员搬迁"}))["id"]

    def invitation_code(self, _: str) -> str:
        club = self.life.club("邀请")
        return made(self.street.phone_of(club.founder_id).post(f"/groups/{club.id}/invitation-codes", {"uses": 9}))[
            "code"
        ]

    def purse(self, side: str) -> str:
        return f"group:{self.groups[side].id}"

    def group_entry(self, side: str) -> str:
        """An entry of the group's wallet."""
        return self.street.phone(self.leaders[side]).get(f"/groups/{self.group(side)}/entries").body["items"][0]["id"]

    def thanks(self, side: str) -> str:
        """What another deputy wants to thank a member with: it waits for a second leader."""
        body = {"person_id": self.member(side), "points": 101}
        return made(self._deputy(side).post(f"/groups/{self.group(side)}/thanks", body, key=a_key()))["id"]

    def spending(self, side: str) -> str:
        body = {"offer_id": self.static["offer"]}
        return made(self._deputy(side).post(f"/groups/{self.group(side)}/spendings", body, key=a_key()))["id"]

    # what belongs to whoever made it

    def invitation(self, who: str) -> str:
        club = self.life.club("询问")
        asked = {"person_id": str(self.people[who].id)}
        return made(self.street.phone_of(club.founder_id).post(f"/groups/{club.id}/invitations", asked))["id"]

    def joined_group(self, who: str) -> str:
        """A group that they belong to."""
        club = self.life.club(f"退出{who}")
        return str(self.street.member(club, self.people[who]) and club.id)

    def removed_from(self, who: str) -> str:
        club = self.life.club(f"移出{who}")
        self.life.removes(club, self.street.member(club, self.people[who]))
        return str(club.id)

    def handover(self, who: str) -> str:
        """A group that they were offered."""
        club = self.life.club(f"移交{who}")
        self.life.nothing_is_handed_over(club)
        heir = {"person_id": str(self.street.member(club, self.people[who]).id)}
        return made(self.street.phone_of(club.founder_id).post(f"/groups/{club.id}/handovers", heir))["id"]

    def home(self, who: str) -> str:
        return str(self.people[who].household_id)

    def device(self, who: str) -> str:
        """Another phone they are logged in on."""
        person = self.people[who]
        return str(self.street.does(begin_device, person.id, name="旧手机", installation_id=None).id)

    def export(self, who: str) -> str:
        """A copy of everything about them that they asked for."""
        return str(self.street.does(exporting.ask, by=self.street.caller(self.people[who])).id)

    def own_home(self, who: str) -> str:
        """Where they live with somebody else, so that a head cannot leave."""
        self.dependant(who)
        return self.home(who)

    def dependant(self, who: str) -> str:
        """Somebody of their household who is no head and has no phone."""
        return str(self._lives_with(who, age_class="14-17").id)

    def child(self, who: str) -> str:
        """A child of their household for whom nobody has consented yet."""
        return str(self._lives_with(who, age_class="under_14", guardian=False).id)

    def adult(self, who: str) -> str:
        """Another adult of their household, which is electing nobody at the moment."""
        home = self.people[who].household_id
        ended = update(HeadElection).where(
            HeadElection.household_id == home, HeadElection.state.in_(("open", "elected"))
        )
        self.street.does(lambda: session().execute(ended.values(state="withdrawn")))
        return str(self._lives_with(who).id)

    def ballot(self, who: str) -> str:
        """An election in their household in which they have not voted."""
        nominee = self.adult(who)
        path = f"/households/{self.home(who)}/head-elections"
        return made(self.street.phone_of(nominee).post(path, {"nominee_id": nominee}))["id"]

    def wish(self, who: str) -> str:
        """Somebody of their household wants to spend more of the pot than the limit."""
        person = self._lives_with(who)
        facts = {"household_id": person.household_id, "person_id": person.id, "subject_id": uuid4(), "points": 500}
        return str(self.street.does(lambda: add(SpendingRequest(label="大米×2", asked_at=now(), **facts))).id)

    def _lives_with(self, who: str, **facts: Any) -> Person:
        with self.street.inside():
            home = find(Household, self.people[who].household_id)
        return self.street.person("家里人", household=home, **facts)

    def _go_home(self) -> None:
        """Whoever has left their household is back, so that the next rows find them there."""

        def back() -> None:
            for person in self.people.values():
                now_is = find(Person, person.id)
                if now_is.household_id is None and person.household_id is not None:
                    move_in(now_is, person.household_id, role=person.household_role, at=None)

        self.street.does(back)

    def entry(self, who: str) -> str:
        """An entry of their wallet."""
        return self.phones[who].get("/me/entries").body["items"][0]["id"]

    def joined(self, who: str) -> str:
        """An activity at which they have a place."""
        activity = self._published("here")
        made(self.phones[who].post(f"/activities/{activity.id}/sign-ups"))
        return str(activity.id)

    def place(self, who: str) -> str:
        """A sign-up of theirs."""
        activity = self.joined(who)
        return made(self.phones[who].post(f"/activities/{activity}/sign-ups"))["id"]

    def today(self, _: str) -> str:
        return shanghai_day(now()).isoformat()

    def hours(self, side: str) -> str:
        """Somebody's report of hours in that community."""
        body = {"area_id": str(self.areas[side].id), "day": self.today(side), "minutes": 1}
        body |= {"place": "楼下", "content": "理发", "evidence": "有人在场"}
        return made(self.street.phone(self.street.resident()).post("/volunteer-logs", body, key=a_key()))["id"]

    def flag(self, side: str) -> str:
        """Something odd at an activity in that community."""
        key, about = a_key(), uuid4()
        odd = Odd("head_count", key, "activity", about, self.areas[side].id, {"check_ins": 20, "head_count": 5})
        self.street.does(raise_flag, odd)
        return str(self.street.rows(select(Flag.id).where(Flag.key == key))[0])

    def call(self, side: str) -> str:
        """A redemption that the lot fell on."""
        redemption = UUID(self.captured("here"))
        self.street.does(draw, redemption)
        return str(self.street.rows(select(CallBack.id).where(CallBack.redemption_id == redemption))[0])

    def certificate(self, who: str) -> str:
        """One of theirs."""
        return str(self._certificate_of(self.people[who]).id)

    def number(self, _: str) -> str:
        return self._certificate_of(self.street.resident("王小英")).number

    def _certificate_of(self, person: Person) -> Certificate:
        self.phones["officer"].put("/office/certificate-issuer", BODIES["PUT /office/certificate-issuer"])
        self.street.served(person, 30)
        day = shanghai_day(now())
        return self.street.does(issue, person.id, since=day, until=day, asker_id=person.id)

    def objection(self, who: str) -> str:
        """That they were missed at an activity in our community."""
        subject = {"type": "activity", "id": self.joined(who)}
        return made(self.phones[who].post("/objections", {"subject": subject, "text": "我去了，没有积分"}))["id"]

    def listing(self, who: str) -> str:
        form = {"kind": "skill", "title": self.new_name(""), "visibility": "community"}
        return made(self.phones[who].post("/skills", form))["id"]

    def contact(self, who: str) -> str:
        """That a neighbour wrote to them."""
        form = {"listing_id": self.listing(who), "text": "家里的灯坏了"}
        return made(self.street.phone(self.street.resident()).post("/skill-contacts", form))["id"]

    def invited(self, who: str) -> str:
        """That they are asked to be a capable person."""
        suggested = self._suggested(str(self.people[who].id))
        worker = self.street.phone(self.street.worker())
        return made(worker.put(f"/capable-people/{suggested}", {"decision": "invited"}))["id"]

    def held(self, who: str) -> str:
        return self._held(who, "in between")["id"]

    def allocation(self, who: str) -> str:
        return made(self._asker(who).post(f"/funds/{self.fund.id}/allocations", {"points": 10}, key=a_key()))["id"]

    def rule(self, who: str) -> str:
        """A version of what a lively group is, proposed and not decided."""
        return made(self._asker(who).post("/group-point-rules", {"valid_from": "2026-01"}))["id"]

    def points_rule(self, who: str) -> str:
        """A version of the caps, proposed and not decided."""
        return made(self._asker(who).post("/point-rules", {"a_day": 50, "valid_from": "2030-01-01"}))["id"]

    def run(self, who: str) -> str:
        """A list of a month that waits for a second officer."""
        body = {"month": self.lively_month(""), "fund_id": str(self.fund.id)}
        return made(self._asker(who).post("/group-awards", body))["id"]

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

    def _deputy(self, side: str) -> Phone:
        group = self.groups[side]
        return self.street.phone(self.street.gives(self.street.resident(), "deputy", over_group(group.id, group.name)))

    def _suggested(self, person_id: str) -> str:
        form = {"person_id": person_id, "title": self.new_name(""), "reason": "手艺好"}
        return made(self.street.phone(self.street.resident()).post("/capable-people", form))["id"]

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

    def _give_groups_points(self) -> None:
        for side, group in self.groups.items():
            settled(self.street, group, self.neighbours, leader=self.leaders[side])
        rule(self.street, points_each=10_000, points_most=10_000)
        awarded(self.street, self.fund)

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


def asked(row: str, phone: Phone, filled: Callable[[str], Any], /, **more: Any) -> Answer:
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
