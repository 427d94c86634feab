"""Nobody decides about somebody else, or about what is the office's, without leaving exactly one row on the trail.

Every writing row of the table of access stands in one of two lists: the act it records, or why it records none. A new
endpoint that stands in neither fails here.
"""

import re
from functools import cache

import pytest
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.ids import born_ms
from backend.foundation.trail import TrailRow
from backend.people.models import Person
from tests.builders.street import Street
from tests.test_access import CALLERS, ROWS, Stage, asked, braces

# Row → the act, and of whom it is somebody else's business: a brace of the row that names them, "somebody" for anybody
# but the caller, "" where no person is concerned.
ACTS = {
    "POST /people/{somebody}/block": ("people.block", "{somebody}"),
    "POST /people/{blocked}/unblock": ("people.unblock", "{blocked}"),
    "POST /people/{somebody}/verification": ("people.verify", "{somebody}"),
    "POST /person-merges": ("merges.open", "{somebody}"),
    "PUT /person-merges/{merge}": ("merges.merge", "{asker}"),
    "PUT /person-merges/{merge} separately": ("merges.separate", "{asker}"),
    "PUT /content-reviews/{content_review}": ("content.pass", "somebody"),
    "POST /roles a-helper": ("roles.grant", "{somebody}"),
    "POST /roles a-deputy": ("roles.grant", "{somebody}"),
    "POST /roles a-leader": ("roles.grant", "{somebody}"),
    "POST /roles a-clerk": ("roles.grant", "{somebody}"),
    "POST /roles an-owner": ("roles.grant", "{somebody}"),
    "POST /roles a-worker": ("roles.grant", "{somebody}"),
    "POST /roles an-auditor": ("roles.grant", "{somebody}"),
    "POST /roles an-officer": ("role_requests.ask", "{somebody}"),
    "POST /roles from-a-delegation": ("roles.grant", "{somebody}"),
    "DELETE /roles/{helper_role}": ("roles.withdraw", "somebody"),
    "DELETE /roles/{clerk_role}": ("roles.withdraw", "somebody"),
    "DELETE /roles/{my_role}": ("roles.withdraw", "anybody"),  # also their own: a right of the office's has ended
    "DELETE /roles/{officer_role}": ("role_requests.ask", "somebody"),
    "PUT /role-requests/{request}": ("role_requests.decline", "somebody"),
    "POST /agencies": ("agencies.open", ""),
    "POST /agencies/{agency}/delegations": ("delegations.ask", "{somebody}"),
    "PUT /delegations/{asked}": ("delegations.decline", "somebody"),
    "DELETE /delegations/{lent}": ("delegations.withdraw", "anybody"),
    "PUT /groups/{group}/applications/{application}": ("applications.approve", "somebody"),
    "POST /groups/{group}/invitations": ("invitations.send", "{somebody}"),
    "PUT /invitations/{invitation}": ("invitations.decline", ""),
    "POST /groups/{group}/invitation-codes": ("invitations.make_code", ""),
    "POST /memberships": ("invitations.use_code", ""),
    "DELETE /groups/{joined_group}/members/mine": ("members.leave", ""),
    "POST /groups/{group}/members/{member}/remove": ("members.remove", "{member}"),
    "POST /groups/{removed_from}/appeals": ("appeals.file", ""),
    "PUT /group-appeals/{appeal}": ("appeals.reject", "somebody"),
    "POST /groups/{group}/handovers": ("handovers.propose", "{heir}"),
    "PUT /handovers/{handover}": ("handovers.decline", "somebody"),
    "POST /groups/{circle}/filings": ("filings.draft", ""),
    "POST /filings/{unsent}/submit": ("filings.submit", ""),
    "PUT /filings/{filing}": ("filings.review", ""),
    "PUT /filings/{filing} withdrawn": ("filings.withdraw", ""),
    "PUT /filings/{reviewed} filed": ("filings.file", ""),
    "PUT /office/group-policy": ("group_policies.change", ""),
    "POST /groups/{filed_group}/confirmations": ("confirmations.report", ""),
    "PUT /confirmations/{confirmation}": ("confirmations.confirm", ""),
    "POST /groups/{circle}/suspend": ("groups.suspend", ""),
    "POST /groups/{suspended}/resume": ("groups.resume", ""),
    "PUT /groups/{circle}/category": ("groups.recategorise", ""),
    "PUT /groups/{filed_circle}/brand": ("groups.brand", ""),
    "PUT /groups/{circle}/registration": ("groups.register", ""),
    "POST /groups/{circle}/dissolutions": ("dissolutions.ask", ""),
    "PUT /dissolutions/{dissolution}": ("dissolutions.decline", ""),
    "PUT /groups/{group}/wallet": ("group_limits.set", ""),
    "POST /groups/{group}/thanks": ("thanks.give", "{member}"),
    "PUT /groups/{group}/thanks/{thanks}": ("thanks.confirm", "somebody"),
    "POST /groups/{group}/spendings": ("group_spendings.ask", ""),
    "PUT /groups/{group}/spendings/{spending}": ("group_spendings.confirm", ""),
    "POST /redemptions of-a-group": ("redemptions.redeem", ""),
    "POST /group-point-rules": ("group_point_rules.propose", ""),
    "PUT /group-point-rules/{rule}": ("group_point_rules.decline", ""),
    "POST /group-awards": ("group_awards.ask", ""),
    "PUT /group-awards/{run}": ("group_awards.decline", ""),
    "POST /funds": ("funds.open", ""),
    "POST /funds/{fund}/allocations": ("allocations.ask", ""),
    "PUT /allocations/{allocation}": ("allocations.decline", ""),
    "POST /activities": ("activities.draft", ""),
    "POST /activities of-an-area": ("activities.draft", ""),
    "PUT /activities/{draft}": ("activities.edit", ""),
    "PUT /activities/{activity}": ("activities.edit", ""),
    "POST /activities/{draft}/publish": ("activities.publish", ""),
    "POST /activities/{activity}/copy": ("activities.draft", ""),
    "POST /activities/{draft}/cancel": ("activities.cancel", ""),
    "POST /activities/{activity}/cancel": ("activities.cancel", ""),
    "POST /activities/{activity}/settle": ("activities.settle", ""),
    "POST /people/{kept}/kept-record": ("kept_records.read", "{kept}"),
    "PUT /household-claims/{door_claim}": ("household_claims.decline", "somebody"),
    "PUT /household-claims/{door_claim} confirmed": ("people.verify", "somebody"),
    "POST /households/{home}/members by-the-head": ("household_claims.enter", ""),
    "POST /households/{home}/members by-a-worker": ("people.verify", "somebody"),
    "PUT /households/{home}/members/{dependant}": ("households.take_out", "{dependant}"),
    "PUT /households/{home}/members/{dependant} aged": ("households.grow_up", "{dependant}"),
    "POST /households/{home}/members/{child}/consents": ("guardian_consents.given", "{child}"),
    "DELETE /households/{home}/members/{child}/consents": ("guardian_consents.withdrawn", "{child}"),
    "PUT /head-elections/{elected}": ("head_elections.confirm", "somebody"),
    "PUT /household-merges/{wedding}": ("household_merges.confirm", "somebody"),
    "PUT /spending-requests/{wish}": ("spending_requests.approve", "somebody"),
    "POST /people/{somebody}/death": ("people.record_death", "{somebody}"),
    "POST /people": ("people.register", "anybody"),
    "POST /policies": ("policies.publish", ""),
    "POST /people/{somebody}/reveals": ("people.reveal", "{somebody}"),
    "POST /cards": ("cards.issue", "{somebody}"),
    "POST /cards/{paper}/replace": ("cards.replace", "somebody"),
    "POST /cards/{paper}/block": ("cards.block", "somebody"),
    "POST /cards/{paper}/pin": ("cards.set_pin", "somebody"),
    "POST /redemptions/capture by-card": ("redemptions.capture", "somebody"),
    "POST /redemptions/capture by-code": ("redemptions.capture", "somebody"),
    "POST /areas": ("areas.open", ""),
    "POST /areas of-a-community": ("areas.open", ""),
    "PUT /areas/{ground}": ("areas.rename", ""),
    "POST /areas/{grid}/merge": ("areas.merge", ""),
    "POST /areas/{ground}/households": ("households.open", ""),
    "POST /imports": ("imports.upload", ""),
    "POST /check-ins of-a-name": ("check_ins.arrive", "{somebody}"),
    "POST /check-ins of-a-code": ("check_ins.arrive", "somebody"),
    "POST /check-ins of-a-card": ("check_ins.arrive", "somebody"),
    "POST /check-ins/{presence}/undo": ("check_ins.undo", "somebody"),
    "POST /check-ins/{stay}/shorten": ("check_ins.shorten", "somebody"),
    "PUT /objections/{objection}": ("objections.reject", "somebody"),
    "POST /capable-people": ("capable_people.suggest", "{somebody}"),
    "PUT /capable-people/{suggested}": ("capable_people.invite", "somebody"),
    "PUT /capable-people/{invited} accepted": ("capable_people.accept", "anybody"),
    "PUT /capable-people/{invited} withdrawn": ("capable_people.withdraw", "anybody"),
    "PUT /reviews/{review}": ("reviews.confirm", "somebody"),
    "POST /redemptions/capture": ("redemptions.capture", "somebody"),
    "PUT /merchants/{applying}/caps": ("merchants.cap", ""),
    "POST /activities/{activity}/series": ("activities.draft", ""),
    "PUT /merchants/{applying}": ("merchants.decide", ""),
    "POST /offers": ("offers.write", ""),
    "PUT /offers/{on_sale}": ("offers.edit", ""),
    "DELETE /offers/{spare_offer}": ("offers.withdraw", ""),
    "PUT /offers/{new_offer}/review": ("offers.decide", ""),
    "POST /point-rules": ("point_rules.propose", ""),
    "PUT /point-rules/{points_rule}": ("point_rules.decline", ""),
    "PUT /flags/{flag}": ("flags.dismiss", ""),
    "PUT /call-backs/{call}": ("call_backs.answer", "somebody"),
    "PUT /volunteer-logs/{hours}": ("volunteer_logs.approve", "somebody"),
    "PUT /office/certificate-issuer": ("certificate_issuers.set", ""),
    "POST /office/service-records": ("service_records.take", ""),
    "POST /statements/close": ("statements.close", ""),
    "PUT /statements/{statement}": ("statements.confirm", ""),
    "PUT /statements/{agreed} paid": ("statements.pay", ""),
    "POST /redemptions/{captured}/void": ("redemptions.void", "somebody"),
}

# What a second person does later is first asked for, and answered 202.
ASKED = {"POST /redemptions/{captured}/void": "redemptions.ask_void"}

ONESELF = "one's own business: nobody decides for anybody else"
A_LOOK = "shows something and changes nothing"
A_REPEAT = "is so already: nothing happens"

NOT_RECORDED = {
    **dict.fromkeys(
        (
            *("POST /auth/wechat", "POST /auth/refresh", "POST /auth/logout", "POST /auth/logout-everywhere"),
            *("PUT /me", "DELETE /me/devices/{device}", "POST /me/phone", "POST /me/subscriptions", "POST /pictures"),
            *("POST /me/erasure", "DELETE /me/erasure"),
            *("POST /merchants", "POST /volunteer-logs", "POST /me/certificates"),
            *("POST /me/gifts", "POST /me/gifts to-the-pool"),
            *("POST /me/consents", "DELETE /me/consents/messages", "POST /me/exports"),
            *("POST /households", "PUT /households/{home}", "DELETE /households/{own_home}/members/mine"),
            *("POST /households/{home}/head-elections", "PUT /head-elections/{ballot} vote"),
            "POST /households/{home}/merges",
            *("POST /groups", "POST /groups/{group}/applications"),
            *("POST /activities/{activity}/sign-ups", "DELETE /activities/{joined}/sign-ups/mine"),
            "POST /sign-ups/{place}/accept",
            *("POST /objections", "POST /objections of-an-activity", "PUT /objections/{objection} withdrawn"),
            *("POST /skills", "DELETE /skills/{listing}", "POST /skill-contacts", "PUT /skill-contacts/{contact}"),
            *("POST /check-ins", "POST /redemptions", "DELETE /redemptions/{held}"),
            "POST /redemptions/{held}/confirm",
        ),
        ONESELF,
    ),
    "POST /check-ins/batch": "brings nothing here; each arrival that it brings is recorded as one",
    "POST /people/lookup": A_LOOK,
    "POST /cards/lookup": A_LOOK,
    "POST /cards/sheet": A_LOOK,
    "POST /point-rules/dry-run": A_LOOK,
    "POST /group-awards looked-at": A_LOOK,
    "POST /redemptions/vouchers": "brings nothing here; each capture that it brings is recorded as one",
    "POST /activities/{activity}/publish": A_REPEAT,
    "POST /activities/{activity}/reviews/confirm": "confirms nobody here; each whom it confirms is recorded",
    "POST /activities/{draft}/sign-ups": "is refused: a draft takes nobody",
}

WRITING = [row for row in ROWS if not row.startswith("GET")]


def test_every_writing_row_of_the_table_records_an_act_or_says_why_not():
    assert ACTS.keys() | NOT_RECORDED.keys() == set(WRITING)
    assert ACTS.keys() & NOT_RECORDED.keys() == set()


@pytest.fixture(scope="module")
def stage(app):
    return Stage(Street.opened_in(app))


def newest(street):
    return street.rows(select(TrailRow.id).order_by(TrailRow.id.desc()).limit(1))[0]


def since(street, last):
    return street.rows(select(TrailRow).where(TrailRow.id > last).order_by(TrailRow.id))


def who_succeeds(row):
    """Two callers of different standing whose request of this row does what it says: the first and the last."""
    able = [
        (case, caller)
        for case in ("own", "any", "other")
        if case in ROWS[row]
        for caller in CALLERS
        if caller != "nobody" and (ROWS[row][case].statuses[caller] or 999) < 300
    ]
    return dict.fromkeys((able[0], able[-1])) if able else {}


@pytest.mark.parametrize("row", WRITING)
def test_whoever_decides_leaves_exactly_one_row_that_names_them_and_whom_it_is_about(row, stage):
    street = stage.street
    for case, caller in who_succeeds(row):
        filled = cache(stage.filler(case, caller))
        for brace in braces(row):
            filled(brace)
        last = newest(street)
        held = sorted({grant.role for grant in street.caller(stage.people[caller]).grants})

        answer = asked(row, stage.phones[caller], filled)

        assert answer.status < 300, answer.body
        left = since(street, last)
        if row == "POST /groups":
            stage.take_back_the_lead(answer["id"])
        if row in NOT_RECORDED:
            assert left == [], row
        else:
            act, concerned = ACTS[row]
            act = ASKED[row] if answer.status == 202 and row in ASKED else act
            (one,) = left
            me = stage.people[caller].id
            channel = "card" if row.endswith(("by-card", "of-a-card")) else "app"
            assert (one.act, one.actor_id, one.channel) == (act, me, channel)
            assert one.request_id == answer.headers["X-Request-Id"]
            assert one.subject_id is not None
            assert one.roles == held
            if concerned.startswith("{"):
                assert str(one.beneficiary_id) == filled(concerned[1:-1])
            elif concerned == "somebody":
                assert one.beneficiary_id not in (None, me)
                assert street.rows(select(Person.id).where(Person.id == one.beneficiary_id))
            elif concerned == "anybody":
                assert one.beneficiary_id is not None
            else:
                assert one.beneficiary_id is None
        stage.used_up(braces(row))


def test_ids_and_times_of_the_trail_agree_and_nothing_in_it_is_personal(stage):
    rows = stage.street.rows(select(TrailRow))

    assert len(rows) > 20
    for row in rows:
        assert abs(born_ms(row.id) - row.at.timestamp() * 1000) < 60_000
        assert row.at <= now()
        plain = f"{row.act} {row.acted_as} {row.subject_type} {row.before_json} {row.after_json}"
        assert re.fullmatch(r"[ -~]*", plain), "no Chinese, so no name"
        assert not re.search(r"1[3-9]\d{9}(?![0-9a-f])", re.sub(r"[0-9a-f-]{36}", "", plain)), "no number"
