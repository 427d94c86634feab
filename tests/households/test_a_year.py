"""A household's year over HTTP: they join, a child, the pot, the head's limit, somebody moves, somebody dies."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from backend.foundation.clock import now, shanghai_day
from backend.people.models import Person
from tests.builders.phone import a_key


def test_a_households_year(street):
    merchant = street.merchant()
    rice = street.offer(merchant, price_points=60, name="大米")
    clerk, desk = street.phone(street.clerk(merchant)), street.phone(street.worker())
    father, mother, brother = (street.person(name, verified="phone") for name in ("郑文华", "林美玲", "郑文明"))
    phones = {person.id: street.phone(person) for person in (father, mother, brother)}

    with time_machine.travel(now(), tick=False) as clock:
        # They claim their door; the worker knows the father, who knows the others.
        claim = {"area_id": str(street.community.id), "door": "5号楼502"}
        claims = {each.id: phones[each.id].post("/households", claim)["id"] for each in (father, mother, brother)}
        confirmed = {"decision": "confirmed"}
        home = desk.put(f"/household-claims/{claims[father.id]}", confirmed)["household_id"]
        election = phones[father.id].post(f"/households/{home}/head-elections", {"nominee_id": str(father.id)})
        assert desk.put(f"/head-elections/{election['id']}", confirmed)["state"] == "confirmed"
        for person in (mother, brother):  # claimed before the door was known
            assert desk.put(f"/household-claims/{claims[person.id]}", confirmed)["household_id"] == home

        # A child, with the mother's consent at the desk, comes to an activity and earns into the pot.
        child = {"name": "郑小宝", "age_class": "under_14", "relation": "child", "reason": "家长在场"}
        consent = {"guardian_id": str(mother.id), "policy_version": "child-1"}
        assert desk.post(f"/households/{home}/members", child | {"consent": consent})["state"] == "confirmed"
        (little_one,) = street.rows(select(Person).where(Person.age_class == "under_14"))
        street.earned(little_one, 10)

        # After a month the adults give, and the head sets a limit.
        clock.shift(timedelta(days=31))
        for person in (father, mother, brother):
            street.earned(person, 100)
            assert street.gives_points(person, 80).status == 201
        assert phones[father.id].put(f"/households/{home}", {"spend_limit_points": 60}).status == 200
        order = {"offer_id": str(rice.id), "wallet": "household"}
        small = phones[mother.id].post("/redemptions", order, key=a_key())
        assert clerk.post("/redemptions/capture", {"code": small["code"]}).status == 200
        large = order | {"quantity": 2}
        assert phones[mother.id].post("/redemptions", large, key=a_key()).code == "head_approval_needed"
        (wish,) = phones[father.id].get("/spending-requests", state="asked")["items"]
        phones[father.id].put(f"/spending-requests/{wish['id']}", {"decision": "approved"})
        assert phones[mother.id].post("/redemptions", large, key=a_key()).status == 201
        assert phones[father.id].get(f"/households/{home}/wallet")["points"] | {"expiring": []} == {
            **{"available": 250 - 180, "held": 120, "expiring": []}
        }

        # The brother moves to a door of his own; his wallet goes along, his gift stays.
        clock.shift(timedelta(days=60))
        moving = phones[brother.id].post("/households", claim | {"door": "7号楼701"})["id"]
        moved = desk.put(f"/household-claims/{moving}", confirmed | {"role": "head"})
        assert (moved.status, moved["household_id"] == home) == (200, False)
        assert street.wallet(brother).available == 20

        # The father dies: his points go to the pot, and the mother is elected.
        death = {"died_on": str(shanghai_day(now())), "reason": "家属带死亡证明到服务台"}
        assert desk.post(f"/people/{father.id}/death", death).status == 201
        election = phones[mother.id].post(f"/households/{home}/head-elections", {"nominee_id": str(mother.id)})
        assert desk.put(f"/head-elections/{election['id']}", confirmed)["state"] == "confirmed"
        left = phones[mother.id].get(f"/households/{home}")["members"]
        assert [(each["name"], each["role"]) for each in left] == [("林美玲", "head"), ("郑小宝", "member")]
        wallet = phones[mother.id].get(f"/households/{home}/wallet")["points"]
        assert wallet["available"] + wallet["held"] == 250 - 60 + 20
        assert street.findings() == set()
