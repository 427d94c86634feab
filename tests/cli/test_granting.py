"""The first officer of an office is made by the command line."""

from backend.foundation.ids import uuid7


def test_somebody_granted_on_the_command_line_is_an_officer_from_the_next_request(street):
    person = street.resident()
    assert street.phone(person).get("/allocations").status == 403

    done = street.app.test_cli_runner().invoke(
        args=["roles", "grant", str(street.office_id), str(person.id), "officer"]
    )

    assert done.exit_code == 0, done.output
    assert street.phone(person).get("/allocations").status == 200


def test_nobody_of_another_office_is_granted_anything(street, other_street):
    person = other_street.resident()

    done = street.app.test_cli_runner().invoke(
        args=["roles", "grant", str(street.office_id), str(person.id), "officer"]
    )

    assert done.exit_code == 1
    assert other_street.phone(person).get("/allocations").status == 403


def test_an_office_is_opened_with_its_communities(app):
    number = 50  # below those of the streets of tests, which go on from the highest: numbers end at 9,999
    done = app.test_cli_runner().invoke(
        args=["places", "open-office", str(number), f"街道{uuid7()}", "东社区", "西社区"]
    )

    assert done.exit_code == 0, done.output
    with app.test_client() as client:
        assert number in [office["id"] for office in client.get("/api/v1/offices").json["items"]]
    assert "东社区" in done.output
