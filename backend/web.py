"""create_app(): the only file that knows every package. Everything is wired here and nothing is decided here."""

import os
from datetime import date, datetime
from typing import Any

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.activities import about_person as of_activities
from backend.activities import sign_ups
from backend.activities.door_routes import door
from backend.activities.of_groups import running_of
from backend.activities.offline_routes import offline
from backend.activities.routes import activities
from backend.activities.rule_routes import point_rules
from backend.activities.sign_up_routes import signing_up
from backend.cli.commands import register_commands
from backend.flags.routes import flags
from backend.foundation.api import Api
from backend.foundation.config import PROJECT, Config
from backend.foundation.db import connect_database, db
from backend.foundation.health import watch_health
from backend.foundation.limits import limit_requests
from backend.foundation.logs import follow_requests
from backend.foundation.problems import answer_errors
from backend.foundation.shapes import said_in_utc
from backend.funds.routes import funds
from backend.group_points.routes import group_points
from backend.group_wallets import about_person as of_thanks
from backend.group_wallets.routes import group_wallets
from backend.groups import about_person as of_groups
from backend.groups import leaving
from backend.groups.filing_routes import filing
from backend.groups.life_routes import group_life
from backend.groups.member_routes import group_members
from backend.groups.routes import groups
from backend.groups.scopes import group_scope, groups_within
from backend.h5.pages import pages
from backend.home.routes import home
from backend.households import about_person as of_homes
from backend.households import deaths
from backend.households.claim_routes import households
from backend.households.election_routes import head_elections
from backend.households.pot_routes import pots
from backend.ledger import triggers  # noqa: F401  # listens to the creation of the tables
from backend.merchants import about_person as of_merchants
from backend.merchants import undoing
from backend.merchants.group_routes import group_spendings
from backend.merchants.routes import merchants
from backend.merchants.scopes import merchant_scope, merchants_within
from backend.merchants.shop_routes import shops
from backend.messages import about_person as of_messages
from backend.messages.routes import messages
from backend.messages.templates import check_templates
from backend.objections import about_person as of_objections
from backend.objections import objecting
from backend.objections.routes import objections
from backend.people import about_person as of_people
from backend.people import ground
from backend.people.agency_routes import agencies
from backend.people.assisted import stand_in
from backend.people.blocking_routes import blocking
from backend.people.card_routes import cards
from backend.people.consent_routes import consents
from backend.people.consents import may_send_pictures
from backend.people.device_routes import devices
from backend.people.gift_routes import gifts
from backend.people.identity import authenticate, who_asks
from backend.people.merge_routes import merges
from backend.people.persons import openids_of
from backend.people.queries import people_now
from backend.people.role_routes import roles
from backend.people.routes import people
from backend.people.scopes import ScopeKind, area_scope, areas_within
from backend.people.statement_routes import printed
from backend.people.verification_routes import verification
from backend.people.wallet_routes import wallet
from backend.places.following import Followers
from backend.places.import_routes import imports
from backend.places.routes import places
from backend.privacy import about_person as of_privacy
from backend.privacy.erasure_routes import erasure
from backend.privacy.export_routes import exports
from backend.privacy.reveal_routes import reveals
from backend.safety import about_person as of_safety
from backend.safety.routes import safety
from backend.safety.verdicts import verdict_arrives
from backend.settlement.routes import settlement
from backend.skills import about_person as of_skills
from backend.skills import listing
from backend.skills.capable_routes import capable_people
from backend.skills.routes import skills
from backend.transparency import about_person as of_transparency
from backend.transparency.figure_routes import figures
from backend.transparency.helper_routes import auditing
from backend.transparency.routes import transparency
from backend.transparency.trail_routes import trail
from backend.volunteering import about_person as of_volunteering
from backend.volunteering.routes import volunteering
from backend.watch.routes import watch
from backend.wechat.connecting import real_wechat, stub_wechat
from backend.wechat.push_routes import receive_pushes

MIGRATIONS = PROJECT / "migrations"

# Over what a role may hold, besides the office itself: each floor looks its own up.
SCOPES = {
    "area": ScopeKind(area_scope, areas_within),
    "group": ScopeKind(group_scope, groups_within),
    "merchant": ScopeKind(merchant_scope, merchants_within),
}


# What each feature tells somebody about themselves.
OWN_COPY = tuple(
    feature.PART
    for feature in (
        *(
            of_people,
            of_homes,
            of_groups,
            of_activities,
            of_merchants,
            of_messages,
            of_safety,
            of_objections,
            of_skills,
            of_transparency,
        ),
        of_volunteering,
        *(of_privacy, of_thanks),
    )
)


class Json(DefaultJSONProvider):
    """Chinese as it is, keys in our order, instants as RFC 3339."""

    ensure_ascii = False
    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        if isinstance(value, datetime):
            return said_in_utc(value)
        return value.isoformat() if isinstance(value, date) else DefaultJSONProvider.default(value)


def create_app(config: Config | None = None) -> Flask:
    """The application, ready to serve. Raises `ConfigRefused` for settings that cannot be right."""
    config = config or Config.from_environment(os.environ)
    check_templates(config.wechat_templates)
    app = Flask("backend", static_folder=None)
    app.json = Json(app)
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=1024 * 1024,
        API_TITLE="幸福积分",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="v1/openapi.json",
    )
    app.extensions |= {"config": config, "authenticate": authenticate, "stand_in": stand_in, "scopes": SCOPES}
    app.extensions |= {"openids_of": openids_of, "authors": people_now}
    app.extensions["agrees_to_pictures"] = may_send_pictures
    app.extensions["own_copy"] = OWN_COPY
    # What ends on higher floors when somebody is gone (`people/parting.py`), and what a group still has going on there.
    ending = (leaving.let_go, sign_ups.let_go, undoing.let_go, objecting.let_go, deaths.let_go, listing.let_go)
    app.extensions |= {"let_go": ending, "running_of_group": running_of}
    app.extensions["followers"] = Followers(follow=ground.follow, inhabited=ground.inhabited)
    _connect_wechat(app, config)
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)  # type: ignore[method-assign]
    connect_database(app, config.database_url, threads=config.threads)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    follow_requests(app)
    answer_errors(app)
    limit_requests(app, config.redis_url, who_asks)
    watch_health(app, migration_head=_migration_head(), redis_url=config.redis_url)
    api = Api(app)
    of_themselves = (people, devices, verification, merges, wallet, gifts, cards, printed, consents)
    of_rights = (blocking, roles, agencies)
    of_a_group = (groups, group_members, filing, group_life, group_wallets, group_spendings, group_points)
    at_doors = (point_rules, volunteering, flags, watch, activities, signing_up, door, offline)
    of_households = (households, head_elections, pots)
    of_data = (erasure, reveals, exports)
    of_people = (*of_themselves, *of_rights, *of_households)
    of_neighbours = (skills, capable_people)
    of_money = (shops, settlement)
    for_all_to_see = (transparency, figures, trail, auditing)
    of_all = (places, imports, safety, messages, funds, merchants, home, objections)
    for blueprint in (
        *of_all,
        *of_money,
        *for_all_to_see,
        *of_people,
        *of_a_group,
        *at_doors,
        *of_data,
        *of_neighbours,
    ):
        api.register_blueprint(blueprint, url_prefix="/api/v1")
    app.register_blueprint(pages)
    register_commands(app)
    return app


def _connect_wechat(app: Flask, config: Config) -> None:
    """WeChat itself or the stub: whom we ask, and who pushes verdicts to us."""
    push = {"push_token": config.wechat_push_token, "push_aes_key": config.wechat_push_aes_key}
    if config.wechat == "real":
        url = config.wechat_api_url
        connection = real_wechat(appid=config.wechat_appid, secret=config.wechat_secret, api_url=url, **push)
    else:
        connection = stub_wechat(app, **push)
    app.extensions |= {"wechat": connection.wechat, "stub_wechat": connection.stub, "on_image_verdict": verdict_arrives}
    receive_pushes(app, connection.seal)


def _migration_head() -> str:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(settings).get_current_head() or ""
