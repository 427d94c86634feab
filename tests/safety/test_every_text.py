"""No endpoint takes a free text that nobody judges, unless it says here why."""

from collections.abc import Iterator
from typing import Any

from marshmallow import validate

from backend.foundation.shapes import Part, Text

CODES = "a code or a token: nobody reads it"
EVIDENCE = "why somebody decided about points: evidence, seen by those it is about, not to be changed afterwards"
STAFF = "why somebody was given or refused a right: a record, seen by those who decide and whom it is about"
ONESELF = "shown to nobody but whoever wrote it"
TO_A_WORKER = "between one person and those who answer them: a complaint is not to be refused for its words"
OFFICE = "written by the office, in its own name"

NOT_JUDGED = {
    "POST /auth/wechat": {"scene": CODES, "code": CODES, "device": ONESELF, "installation_id": CODES},
    "POST /me/phone": {"code": CODES},
    "POST /people/lookup": {"person_code": CODES},
    "POST /people": {"name": OFFICE, "reason": STAFF},
    "POST /people/<uuid:person_id>/reveals": {"reason": STAFF},
    "POST /policies": {"text": OFFICE},
    "POST /cards": {"pin": CODES},
    "POST /cards/<uuid:card_id>/replace": {"pin": CODES, "reason": STAFF},
    "POST /cards/<uuid:card_id>/block": {"reason": STAFF},
    "POST /cards/<uuid:card_id>/pin": {"pin": CODES, "reason": STAFF},
    "POST /cards/lookup": {"token": CODES},
    "POST /cards/sheet": {"token": CODES},
    "POST /people/<uuid:person_id>/verification": {"person_code": CODES, "reason": STAFF},
    "POST /people/<uuid:person_id>/block": {"reason": STAFF},
    "POST /people/<uuid:person_id>/unblock": {"reason": STAFF},
    "POST /people/<uuid:person_id>/kept-record": {"reason": STAFF},
    "POST /person-merges": {"reason": STAFF},
    "PUT /person-merges/<uuid:merge_id>": {"reason": STAFF},
    "POST /households": {"door": TO_A_WORKER, "note": TO_A_WORKER},
    "PUT /household-claims/<uuid:claim_id>": {"reason": STAFF},
    "POST /households/<uuid:household_id>/members": {"name": TO_A_WORKER, "policy_version": CODES, "reason": STAFF},
    "PUT /households/<uuid:household_id>/members/<uuid:person_id>": {"reason": STAFF},
    "POST /households/<uuid:household_id>/members/<uuid:person_id>/consents": {"policy_version": CODES},
    "PUT /head-elections/<uuid:election_id>": {"reason": STAFF},
    "PUT /household-merges/<uuid:merge_id>": {"reason": STAFF},
    "POST /people/<uuid:person_id>/death": {"reason": STAFF},
    "POST /roles": {"reason": STAFF},
    "PUT /role-requests/<uuid:request_id>": {"reason": STAFF},
    "POST /agencies": {"name": OFFICE},
    "POST /areas": {"name": OFFICE},
    "PUT /areas/<uuid:area_id>": {"name": OFFICE, "reason": STAFF},
    "POST /areas/<uuid:area_id>/households": {"door": OFFICE},
    "POST /areas/<uuid:area_id>/merge": {"reason": STAFF},
    "POST /agencies/<uuid:agency_id>/delegations": {"reason": STAFF},
    "PUT /delegations/<uuid:delegation_id>": {"reason": STAFF},
    "POST /auth/refresh": {"refresh_token": CODES},
    "POST /auth/logout": {"refresh_token": CODES},
    "POST /check-ins": {"code": CODES, "person_code": CODES, "card": CODES, "reason": EVIDENCE},
    "POST /check-ins/batch": {"device_id": CODES},
    "POST /check-ins/<uuid:check_in_id>/undo": {"reason": EVIDENCE},
    "POST /check-ins/<uuid:check_in_id>/shorten": {"reason": EVIDENCE},
    "PUT /reviews/<uuid:check_in_id>": {"reason": EVIDENCE},
    "POST /activities/<uuid:activity_id>/reviews/confirm": {"reason": EVIDENCE},
    "POST /volunteer-logs": {"place": TO_A_WORKER, "content": TO_A_WORKER, "evidence": TO_A_WORKER},
    "PUT /volunteer-logs/<uuid:log_id>": {"reason": EVIDENCE},
    "PUT /office/certificate-issuer": {"responsible_person": OFFICE, "contact": OFFICE},
    "POST /office/service-records": {"reason": STAFF},
    "PUT /flags/<uuid:flag_id>": {"reason": EVIDENCE},
    "PUT /call-backs/<uuid:call_id>": {"note": EVIDENCE},
    "PUT /statements/<uuid:statement_id>": {
        "reason": EVIDENCE,
        "invoice_number": CODES,
        "voucher_number": CODES,
    },
    "POST /merchants": {"credit_code": CODES, "contact": TO_A_WORKER},
    "PUT /merchants/<uuid:merchant_id>": {"reason": OFFICE},
    "PUT /offers/<uuid:offer_id>/review": {"reason": OFFICE},
    "POST /objections": {"text": TO_A_WORKER},
    "PUT /objections/<uuid:objection_id>": {"answer": TO_A_WORKER},
    "POST /redemptions": {"wallet": CODES},
    "POST /group-awards": {"month": CODES},
    "POST /group-point-rules": {"valid_from": CODES},
    "PUT /group-awards/<uuid:run_id>": {"reason": EVIDENCE},
    "POST /redemptions/capture": {"code": CODES, "person_code": CODES, "card": CODES, "pin": CODES},
    "POST /redemptions/<uuid:redemption_id>/void": {"reason": EVIDENCE},
    "POST /memberships": {"code": CODES},
    "POST /groups/<uuid:group_id>/appeals": {"text": TO_A_WORKER},
    "PUT /group-appeals/<uuid:appeal_id>": {"answer": TO_A_WORKER},
    "PUT /filings/<uuid:filing_id>": {"reason": OFFICE},
    "POST /groups/<uuid:group_id>/confirmations": {"changes": TO_A_WORKER},
    "PUT /confirmations/<uuid:confirmation_id>": {"reason": OFFICE},
    "POST /groups/<uuid:group_id>/suspend": {"reason": OFFICE},
    "POST /groups/<uuid:group_id>/resume": {"reason": OFFICE},
    "PUT /groups/<uuid:group_id>/category": {"reason": OFFICE},
    "PUT /groups/<uuid:group_id>/brand": {"reason": OFFICE},
    "PUT /groups/<uuid:group_id>/registration": {"registration_number": OFFICE, "reason": OFFICE},
    "POST /groups/<uuid:group_id>/dissolutions": {"reason": TO_A_WORKER},
    "PUT /dissolutions/<uuid:dissolution_id>": {"reason": OFFICE},
    "POST /funds": {"name": OFFICE},
    "PUT /allocations/<uuid:allocation_id>": {"reason": EVIDENCE},
    "PUT /capable-people/<uuid:capable_id>": {"reason": STAFF},
    "PUT /content-reviews/<uuid:review_id>": {"reason": OFFICE},
}


def free_texts(schema: Any) -> Iterator[str]:
    """The fields of a form into which people write what they like."""
    for name, field in schema._declared_fields.items():
        if isinstance(field, Part):
            yield from free_texts(field.schema)
        elif isinstance(field, Text) and not any(isinstance(rule, validate.OneOf) for rule in field.validators):
            yield name


def writers(app: Any) -> Iterator[tuple[str, Any]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            for method in rule.methods & {"POST", "PUT"}:
                view = app.view_functions[rule.endpoint]
                told = getattr(getattr(view, "view_class", view), "_apidoc", None)
                yield (
                    f"{method} {rule.rule.removeprefix('/api/v1')}",
                    told or getattr(getattr(view.view_class, method.lower()), "_apidoc", {}),
                )


def test_every_free_text_is_judged_or_says_why_not(app):
    unjudged = {}
    forms = 0
    for name, told in writers(app):
        for form in told.get("arguments", {}).get("parameters", ()):
            if form["in"] in ("json", "files"):
                forms += 1
                left = set(free_texts(form["schema"])) - set(told.get("judged", ())) - set(NOT_JUDGED.get(name, ()))
                unjudged |= {name: left} if left else {}

    assert unjudged == {}
    assert forms > 15


def test_what_is_said_not_to_be_judged_is_asked_for(app):
    """Or the list above would say things that are no longer true."""
    asked = {
        name: {
            field for form in told.get("arguments", {}).get("parameters", ()) for field in free_texts(form["schema"])
        }
        for name, told in writers(app)
    }

    gone = {name: set(fields) - asked.get(name, set()) for name, fields in NOT_JUDGED.items()}
    assert {name: fields for name, fields in gone.items() if fields} == {}
