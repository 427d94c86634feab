"""Certificates of service: issued free of charge, kept as they were issued, checked by number and surname.

By 民政部令第67号 a certificate names the volunteer, the service (content and minutes), the issuer with the responsible
person and a contact, the day, and its number. The identity number is written in by hand at the desk and not kept.
"""

import json
import secrets
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from backend.foundation import trail
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import find, insert_once, session
from backend.foundation.errors import Replan
from backend.foundation.tenancy import office_in_force
from backend.people.models import Person
from backend.people.persons import selves_of
from backend.places.offices import office
from backend.volunteering.errors import IssuerUnknown, NoSuchCertificate, NothingToCertify
from backend.volunteering.models import Certificate, CertificateIssuer
from backend.volunteering.records import services

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # read off paper: no 0, 1, I, O


def issue(person_id: UUID, *, since: date, until: date, asker_id: UUID) -> Certificate:
    """A certificate of everything that counts between two days, both included.

    Raises `IssuerUnknown` while the office has not said who answers for it, `NothingToCertify`.
    """
    issuer = issuer_now()
    if issuer is None:
        raise IssuerUnknown()
    person = find(Person, person_id)
    done = services(since=since, until=until, of=selves_of(person.id))
    if not done:
        raise NothingToCertify()
    at = now()
    minutes = sum(service.minutes for service in done)
    said = {
        "name": person.name,
        "issuer": office(office_in_force()).name,
        "responsible_person": issuer.responsible_person,
        "contact": issuer.contact,
        "services": [
            {
                "day": service.day.isoformat(),
                "activity": service.activity,
                "content": service.content,
                "place": service.place,
                "minutes": service.minutes,
                "responsible_person": service.responsible,
            }
            for service in done
        ],
    }
    certificate = insert_once(
        Certificate,
        person_id=person.id,
        number=_number(shanghai_day(at)),
        since=since,
        until=until,
        minutes=minutes,
        issued_at=at,
        issuer_id=asker_id,
        said=json.dumps(said, ensure_ascii=False),
    )
    if certificate is None:  # two numbers are alike, once in a lifetime
        raise Replan()
    return certificate


def shown(certificate: Certificate) -> dict[str, Any]:
    """Everything on it; of somebody who is erased nothing but its number and minutes."""
    read = certificate.said
    said = json.loads(read) if read.startswith("{") else {"services": []}
    return {
        "id": certificate.id,
        "number": certificate.number,
        "since": certificate.since,
        "until": certificate.until,
        "minutes": certificate.minutes,
        "issued_on": shanghai_day(certificate.issued_at),
        **said,
    }


def checked(number: str, *, surname: str) -> dict[str, Any]:
    """What somebody who holds a certificate may learn: that it is ours, when and for how much. Never more.

    Raises `NoSuchCertificate`, for a wrong surname too.
    """
    certificate = session().scalar(select(Certificate).where(Certificate.number == number.strip().upper()))
    if certificate is None:
        raise NoSuchCertificate()
    said = shown(certificate)
    if not surname.strip() or not said.get("name", "").startswith(surname.strip()):
        raise NoSuchCertificate()
    return {name: said[name] for name in ("number", "issuer", "issued_on", "since", "until", "minutes")}


def of_person(person_id: UUID) -> Select[Certificate]:
    return select(Certificate).where(Certificate.person_id.in_(selves_of(person_id)))


def shown_in_a_list(certificate: Certificate) -> dict[str, Any]:
    return {"issued_on": shanghai_day(certificate.issued_at), **certificate.as_read()}


def issuer_now() -> CertificateIssuer | None:
    return session().scalar(select(CertificateIssuer))


def set_issuer(*, responsible_person: str, contact: str) -> CertificateIssuer:
    """Say who answers for the office's certificates from now on."""
    insert_once(CertificateIssuer, one=1, responsible_person=responsible_person, contact=contact)
    issuer = session().scalars(select(CertificateIssuer).with_for_update()).one()
    issuer.responsible_person, issuer.contact = responsible_person, contact
    session().flush()
    trail.record("certificate_issuers.set", issuer, after={"state": "given"})
    return issuer


def _number(day: date) -> str:
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(8))  # 40 bits: nobody walks through them
    return f"V{office_in_force():04d}{day:%Y%m%d}{tail}"
