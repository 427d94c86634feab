"""Auditors and officers read the whole trail; everybody reads what others did about them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from backend.foundation.clock import now, shanghai_day
from backend.foundation.config import PROJECT
from backend.transparency.trail_words import SAID


@pytest.fixture
def officer(street):
    return street.phone(street.officer())


@pytest.fixture
def auditor(street):
    return street.phone(street.auditor())


def blocks(street, person, *, by, reason="手机丢失"):
    answer = by.post(f"/people/{person.id}/block", {"reason": reason})
    assert answer.status == 201, answer.body
    return answer


def acts(answer):
    assert answer.status == 200, answer.body
    return [item["act"] for item in answer["items"]]


def test_the_auditor_reads_who_did_what_for_whom_and_why(street, officer, auditor):
    person = street.resident("王小英")
    block = blocks(street, person, by=officer)

    (row,) = auditor.get("/trail", beneficiary_id=str(person.id))["items"]

    assert (row["act"], row["said"]) == ("people.block", "停用账号")
    assert row["actor"] == {"id": str(officer.person_id), "name": "李*任"}
    assert row["beneficiary"] == {"id": str(person.id), "name": "王*英"}
    assert row["roles"] == ["officer"]
    assert row["subject"] == {"type": "blocks", "id": block["id"]}
    assert (row["channel"], row["reason"]) == ("app", "手机丢失")
    assert row["request_id"] == block.headers["X-Request-Id"]


def test_the_trail_is_found_by_person_act_subject_channel_and_day(street, officer, auditor):
    one, other = street.resident(), street.resident()
    block = blocks(street, one, by=officer)
    officer.post(f"/people/{one.id}/unblock", {"reason": "本人到场"})
    blocks(street, other, by=officer)
    today = shanghai_day(now())

    assert acts(auditor.get("/trail", beneficiary_id=str(one.id))) == ["people.unblock", "people.block"]
    assert acts(auditor.get("/trail", act="people.unblock")) == ["people.unblock"]
    assert acts(auditor.get("/trail", subject_id=block["id"])) == ["people.unblock", "people.block"]
    assert len(acts(auditor.get("/trail", actor_id=str(officer.person_id)))) == 3
    assert acts(auditor.get("/trail", actor_id=str(uuid4()))) == []
    assert len(acts(auditor.get("/trail", day=str(today), channel="app"))) == 3
    assert acts(auditor.get("/trail", channel="card")) == []
    assert acts(auditor.get("/trail", day=str(today - timedelta(days=1)))) == []


@pytest.mark.parametrize("day", ["2020-01-01", "2099-12-31"])
def test_a_day_on_which_nothing_can_have_happened_is_empty(auditor, day):
    assert acts(auditor.get("/trail", day=day)) == []


def test_a_day_is_one_in_shanghai(street, auditor):
    person = street.resident()
    late = street.phone(street.officer())
    with time_machine.travel("2026-11-30T15:59:00Z", tick=True):
        blocks(street, person, by=late)
    with time_machine.travel("2026-11-30T16:01:00Z", tick=True):
        late.post(f"/people/{person.id}/unblock", {"reason": "本人到场"})

    assert acts(auditor.get("/trail", day="2026-11-30", channel="app")) == ["people.block"]
    assert acts(auditor.get("/trail", day="2026-12-01", channel="app")) == ["people.unblock"]


def test_pages_neither_skip_nor_repeat(street, officer, auditor):
    for _ in range(5):
        blocks(street, street.resident(), by=officer)
    seen, cursor = [], None
    while True:
        answer = auditor.get("/trail", act="people.block", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


def test_everybody_reads_what_others_did_about_them_and_nothing_else(street, officer):
    person, stranger = street.resident(), street.resident()
    answer = officer.post(
        "/roles", {"person_id": str(person.id), "role": "auditor", "scope": {"type": "office"}, "reason": "年度审计"}
    )
    assert answer.status == 201
    phone = street.phone(person)
    own_role = answer["id"]
    assert phone.delete(f"/roles/{own_role}").status == 200  # their own act

    (row,) = phone.get("/me/trail")["items"]

    assert (row["act"], row["said"], row["by"], row["roles"]) == ("roles.grant", "授予角色", "李*任", ["officer"])
    assert (row["reason"], row["channel"]) == ("年度审计", "app")
    assert row.keys() == {"id", "at", "act", "said", "by", "roles", "channel", "reason"}
    assert street.phone(stranger).get("/me/trail")["items"] == []


def test_a_tick_a_capture_and_a_void_are_on_the_trail_of_whom_they_are_about(street):
    person = street.earned(street.resident(), 30)
    shop = street.merchant()
    clerk = street.phone(street.clerk(shop))
    held = street.held(person, street.offer(shop, price_points=10))
    assert clerk.post("/redemptions/capture", {"code": held["code"]}).status == 200
    assert clerk.post("/redemptions/capture", {"code": held["code"]}).status == 200  # a repeat leaves nothing
    assert clerk.post(f"/redemptions/{held['id']}/void", {"reason": "拿错了"}).status == 200

    told = street.phone(person).get("/me/trail")["items"]

    assert [(row["act"], row["reason"]) for row in told] == [
        ("redemptions.void", "拿错了"),
        ("redemptions.capture", None),
        ("check_ins.arrive", "忘带手机"),
    ]


def test_what_was_done_about_an_account_of_before_is_still_theirs(street, officer):
    old, kept = street.resident(), street.resident()
    blocks(street, old, by=officer)
    officer.post(f"/people/{old.id}/unblock", {"reason": "本人到场"})
    street.merged(old, kept)

    assert acts(street.phone(kept).get("/me/trail")) == ["merges.merge", "people.unblock", "people.block"]


def test_another_offices_trail_is_not_there(street, other_street, auditor):
    blocks(other_street, other_street.resident(), by=other_street.phone(other_street.officer()))

    assert acts(auditor.get("/trail")) == []


def test_a_role_from_the_command_line_is_a_command_of_nobody(street, auditor):
    person = street.resident()
    runner = street.app.test_cli_runner()

    done = runner.invoke(args=["roles", "grant", str(street.office_id), str(person.id), "officer", "--reason", "首任"])
    again = runner.invoke(args=["roles", "grant", str(street.office_id), str(person.id), "officer"])

    assert (done.exit_code, again.exit_code) == (0, 0), (done.output, again.output)
    (row,) = auditor.get("/trail", channel="command")["items"]
    assert (row["act"], row["actor"], row["beneficiary"]["id"]) == ("roles.grant", None, str(person.id))
    assert row["reason"] == "首任"
    (told,) = street.phone(person).get("/me/trail")["items"]
    assert (told["by"], told["channel"]) == ("系统", "command")


def test_every_act_that_is_recorded_is_called_something_in_chinese():
    """As far as acts are written out; what is put together of two words is seen in the access table's rows."""
    recorded = set()
    for path in (PROJECT / "backend").rglob("*.py"):
        source = path.read_text()
        for found in re.finditer(r"(?:trail\.record|_record|_tell)\(([^()]|\([^()]*\))*?\)", source):
            recorded |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', found[0]))
        recorded |= {f"assisted.{act}" for act in re.findall(r'@assisted\(\s*"([a-z_]+)"', source)}

    assert recorded - set(SAID) == set()
    assert all(re.fullmatch("[一-鿿]{4,12}", each) for each in SAID.values())
