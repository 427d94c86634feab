"""Endpoints of volunteering: reports of hours, certificates, and the records for the national system."""

from typing import Any
from uuid import UUID

from flask import Response

from backend.activities.errors import CheckInNotOpen, PresenceRecorded, WrongState
from backend.foundation import trail
from backend.foundation.admission import allow, requires, visible
from backend.foundation.api import REPLAYED, Blueprint, keyed, refuses
from backend.foundation.callers import anybody_here, caller
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, transactional
from backend.foundation.errors import Forbidden, NotFound, SecondPersonNeeded, Unprocessable
from backend.foundation.guesses import guessable
from backend.foundation.pages import PageQuery, page, page_of
from backend.foundation.sheets import CSV, as_csv
from backend.foundation.tenancy import acting_in
from backend.households.errors import GuardianConsentNeeded
from backend.ledger.errors import KeyReused
from backend.people.assisted import assisted
from backend.people.permissions import officers
from backend.people.persons import person_now
from backend.places.errors import UnknownOffice
from backend.places.offices import office
from backend.volunteering import certifying, deciding, exporting, reporting
from backend.volunteering.certificate_sheet import sheet_of
from backend.volunteering.errors import DayFull, IssuerUnknown, LogDecided, NoSuchCertificate, NothingToCertify, OwnLog
from backend.volunteering.logs_queries import of_person, shown, to_be_decided
from backend.volunteering.models import Certificate, CertificateIssuer, VolunteerLog
from backend.volunteering.schemas import (
    CertificateForm,
    CertificateListView,
    CertificateView,
    CheckedCertificateView,
    CheckQuery,
    IssuerForm,
    LogDecisionForm,
    LogForm,
    LogQuery,
    LogView,
    ServicesForm,
)

volunteering = Blueprint("volunteering", __name__, description="服务时长与证明")


@volunteering.post("/volunteer-logs")
@requires(anybody_here)
@volunteering.arguments(LogForm)
@volunteering.creates(LogView)
@refuses(NotFound, KeyReused, DayFull, GuardianConsentNeeded, Unprocessable)
@keyed
@transactional
@assisted("report_hours", of=VolunteerLog)
def report(form: dict[str, Any], key: str) -> Any:
    """Report hours outside activities, or a check-in that was missed (补签); somebody of another household decides."""
    log, is_new = reporting.report(form, person_id=caller().person_id, key=key)
    return _one(log) if is_new else (_one(log), 200, REPLAYED)


@volunteering.get("/me/volunteer-logs")
@requires(anybody_here)
@volunteering.arguments(PageQuery, location="query")
@volunteering.response(200, page_of(LogView))
def list_mine(asked: dict[str, Any]) -> dict[str, Any]:
    """What I reported, newest first."""
    found = page(of_person(caller().person_id), asked, by=(VolunteerLog.id,))
    return {**found, "items": shown(found["items"], to=caller().person_id)}


@volunteering.get("/volunteer-logs")
@requires(anybody_here)
@volunteering.arguments(LogQuery, location="query")
@volunteering.response(200, page_of(LogView))
def list_queue(asked: dict[str, Any]) -> dict[str, Any]:
    """What waits for a decision in the groups I lead and the areas I work over, oldest first."""
    found = page(to_be_decided(asked, by=caller()), asked, by=(VolunteerLog.id,), newest_first=False)
    return {**found, "items": shown(found["items"], to=caller().person_id)}


@volunteering.put("/volunteer-logs/<uuid:log_id>")
@requires(anybody_here)
@volunteering.arguments(LogDecisionForm)
@volunteering.response(200, LogView)
@volunteering.alt_response(202, schema=LogView, description="Seen; a second person decides, because it was long ago.")
@refuses(NotFound, Forbidden, OwnLog, LogDecided, SecondPersonNeeded, Unprocessable)
@refuses(WrongState, CheckInNotOpen, PresenceRecorded, GuardianConsentNeeded)
@transactional
def decide(form: dict[str, Any], log_id: UUID) -> Any:
    """Approve or decline a report; or take one's own back."""
    log = find(VolunteerLog, log_id)
    is_mine = person_now(log.person_id).id == caller().person_id
    may = deciding.may_decide(log, by=caller())
    visible(is_mine or may)
    if form["decision"] == "withdrawn":
        allow(is_mine)
        decided, is_new = reporting.withdraw(log)
    else:
        allow(may or is_mine)  # for one's own there is a refusal that says why
        decided, is_new = deciding.decide(
            log, by=caller(), approved=form["decision"] == "approved", answer=form.get("reason")
        )
    if decided.state == "seen" and form["decision"] == "approved":
        return _one(decided), 202
    return _one(decided) if is_new else (_one(decided), 200, REPLAYED)


@volunteering.post("/me/certificates")
@requires(anybody_here)
@volunteering.arguments(CertificateForm)
@volunteering.response(201, CertificateView)
@refuses(IssuerUnknown, NothingToCertify)
@transactional
@assisted("certify", of=Certificate)
def issue(form: dict[str, Any]) -> dict[str, Any]:
    """A certificate of my service between two days, free of charge, kept as it is issued."""
    asker = caller().helper_id or caller().person_id
    return certifying.shown(certifying.issue(caller().person_id, **form, asker_id=asker))


@volunteering.get("/me/certificates")
@requires(anybody_here)
@volunteering.arguments(PageQuery, location="query")
@volunteering.response(200, page_of(CertificateListView))
def list_certificates(asked: dict[str, Any]) -> dict[str, Any]:
    """My certificates, newest first."""
    return page(certifying.of_person(caller().person_id), asked, by=(Certificate.id,), shown=certifying.shown_in_a_list)


@volunteering.get("/me/certificates/<uuid:certificate_id>")
@requires(anybody_here)
@volunteering.response(200, CertificateView)
@refuses(NotFound)
@assisted("read_certificate", reads=True)
def show_certificate(certificate_id: UUID) -> dict[str, Any]:
    """One certificate, as it was issued."""
    return certifying.shown(_mine(certificate_id))


@volunteering.get("/me/certificates/<uuid:certificate_id>/sheet")
@requires(anybody_here)
@volunteering.response(200, {"type": "string"}, content_type="text/html")
@refuses(NotFound)
@assisted("read_certificate", reads=True)
def print_certificate(certificate_id: UUID) -> Response:
    """The same for a printer; the identity number is written in by hand."""
    sheet = sheet_of(certifying.shown(_mine(certificate_id)))
    return Response(sheet, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


@volunteering.get("/public/certificates/<string:number>")
@volunteering.arguments(CheckQuery, location="query")
@volunteering.response(200, CheckedCertificateView)
@refuses(NotFound)
@guessable("number")
def check_certificate(asked: dict[str, Any], number: str) -> dict[str, Any]:
    """Is this certificate ours? By its number and the surname on it; nothing more is told."""
    with acting_in(_office_of(number)):
        return certifying.checked(number, surname=asked["surname"])


@volunteering.get("/office/certificate-issuer")
@requires(officers)
@volunteering.response(200, IssuerForm)
@refuses(NotFound)
def show_issuer() -> CertificateIssuer:
    """Who answers for our certificates."""
    issuer = certifying.issuer_now()
    if issuer is None:
        raise NotFound()
    return issuer


@volunteering.put("/office/certificate-issuer")
@requires(officers)
@volunteering.arguments(IssuerForm)
@volunteering.response(200, IssuerForm)
@transactional
def set_issuer(form: dict[str, Any]) -> CertificateIssuer:
    """Say who answers for our certificates from now on, and how they are reached: printed on each."""
    return certifying.set_issuer(**form)


@volunteering.post("/office/service-records")
@requires(officers)
@volunteering.arguments(ServicesForm)
@volunteering.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
def take_records(form: dict[str, Any]) -> Response:
    """Every service between two days as CSV for the national system, with names; why is on the trail."""
    transactional(_take_down)(form["reason"])
    rows = exporting.rows_of(since=form["since"], until=form["until"])
    name = f"service-records-{form['since']:%Y%m%d}-{form['until']:%Y%m%d}-{shanghai_day(now()):%Y%m%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response("".join(as_csv(exporting.HEADINGS, rows)), content_type=CSV, headers=headers)


def _take_down(reason: str) -> None:
    officer = person_now(caller().person_id)
    trail.record("service_records.take", officer, reason=reason)


def _office_of(number: str) -> int:
    """The office whose number it is. Raises `NotFound`."""
    digits = number[1:5]
    if not digits.isascii() or not digits.isdigit():
        raise NoSuchCertificate()
    try:
        return office(int(digits)).id
    except UnknownOffice:
        raise NoSuchCertificate() from None


def _mine(certificate_id: UUID) -> Certificate:
    certificate = find(Certificate, certificate_id)
    visible(person_now(certificate.person_id).id == caller().person_id)
    return certificate


def _one(log: VolunteerLog) -> dict[str, Any]:
    return shown([log], to=caller().person_id)[0]
