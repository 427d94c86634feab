"""Certificates: everything that counts, kept as issued, checked by number and surname without revealing more."""

from datetime import timedelta

import pytest

from backend.foundation.clock import now, shanghai_day
from tests.builders.phone import Phone
from tests.volunteering.test_logs import decides, reports

ISSUER = {"responsible_person": "志愿服务站", "contact": "0546-1234567"}


@pytest.fixture
def served(street):
    """Ninety minutes that were reported and 45 at an activity."""
    person = street.resident("欧阳小英")
    street.served(person, 45)
    decides(street, street.worker(), reports(street, person))
    return person


def this_year():
    today = shanghai_day(now())
    return {"since": f"{today.year - 1}-01-01", "until": today.isoformat()}


def issued(street, person):
    street.phone(street.officer()).put("/office/certificate-issuer", ISSUER)
    return street.phone(person).post("/me/certificates", this_year())


def test_a_certificate_has_every_field_of_the_rule(street, served):
    certificate = issued(street, served)

    assert (certificate.status, certificate["minutes"], certificate["name"]) == (201, 135, "欧阳小英")
    assert {name: certificate[name] for name in ISSUER} == ISSUER
    assert certificate["issuer"]
    assert certificate["issued_on"] == shanghai_day(now()).isoformat()
    assert sorted(one["minutes"] for one in certificate["services"]) == [45, 90]
    for service in certificate["services"]:
        assert all(service[name] for name in ("day", "activity", "content", "place", "responsible_person"))
    listed = street.phone(served).get("/me/certificates")["items"]
    assert [one["number"] for one in listed] == [certificate["number"]]


def test_it_is_kept_as_it_was_issued(street, served):
    certificate = issued(street, served)
    street.phone(street.officer()).put("/office/certificate-issuer", ISSUER | {"contact": "另一个电话"})
    decides(street, street.worker(), reports(street, served, days_ago=2))

    assert street.phone(served).get(f"/me/certificates/{certificate['id']}").body == certificate.body
    assert street.phone(street.resident()).get(f"/me/certificates/{certificate['id']}").status == 404


def test_it_is_printed_with_a_line_for_the_identity_number(street, served):
    certificate = issued(street, served)
    phone = street.phone(served)

    with street.app.test_client() as client:
        page = client.get(f"/api/v1/me/certificates/{certificate['id']}/sheet", headers=phone._headers())

    text = page.data.decode()
    assert "志愿服务记录证明" in text
    assert "欧阳小英" in text
    assert "2 小时 15 分" in text
    assert "身份证件号码：<span" in text


def test_whoever_has_number_and_surname_learns_that_it_is_ours_and_nothing_more(street, served):
    certificate = issued(street, served)
    anybody = Phone(street.app)
    path = f"/public/certificates/{certificate['number']}"

    checked = anybody.get(path, surname="欧阳")

    assert checked.body == {
        name: certificate[name] for name in ("number", "issuer", "issued_on", "since", "until", "minutes")
    }
    assert (
        anybody.get(path.lower().replace("/public/certificates/", "/public/certificates/"), surname="欧阳").status
        == 200
    )
    wrong = anybody.get(path, surname="王")
    unknown = anybody.get("/public/certificates/V000120261126ABCDEFGH", surname="欧阳")
    assert (wrong.status, unknown.status) == (404, 404)
    assert {wrong.code, unknown.code, anybody.get("/public/certificates/x", surname="王").code} == {"not_found"}
    assert list(anybody.get(path)["errors"]) == ["surname"]


def test_without_hours_or_without_somebody_who_answers_there_is_none(street, served):
    assert street.phone(served).post("/me/certificates", this_year()).code == "issuer_unknown"
    issued(street, served)
    assert street.phone(street.resident()).post("/me/certificates", this_year()).code == "nothing_to_certify"
    backwards = {"since": this_year()["until"], "until": this_year()["since"]}
    assert list(street.phone(served).post("/me/certificates", backwards)["errors"]) == ["until"]


def test_what_was_undone_is_not_certified(street, served):
    certificate = issued(street, served)
    assert certificate["minutes"] == street.wallet(served).minutes


def test_an_officer_takes_the_records_with_a_reason_and_a_row_on_the_trail(street, served):
    officer = street.officer()
    today = shanghai_day(now())
    body = {"since": (today - timedelta(days=400)).isoformat(), "until": today.isoformat(), "reason": "报送全国系统"}

    with street.app.test_client() as client:
        taken = client.post("/api/v1/office/service-records", json=body, headers=street.phone(officer)._headers())

    text = taken.data.decode()
    assert taken.status_code == 200
    assert text.startswith("\ufeff记录编号")
    assert (text.count("欧阳小英"), text.count("\r\n")) == (2, 3)
    [row] = street.phone(officer).get("/trail", act="service_records.take")["items"]
    assert row["reason"] == "报送全国系统"
    assert street.phone(street.worker()).post("/office/service-records", body).status == 403
