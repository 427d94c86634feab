"""Everything about oneself to take along: complete, readable, without secrets, to nobody else, and kept nowhere."""

import json
import time
import zipfile
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote
from uuid import uuid4

import time_machine
from sqlalchemy import select

from backend.foundation.clock import now
from backend.foundation.tables import Base
from backend.people.models import Card, Person
from backend.privacy.export_models import EXPORTS_A_DAY
from backend.privacy.export_words import FIELDS, LISTS
from backend.privacy.reading_page import page_of
from tests.builders.phone import a_key

# Columns that name a person and are not told to that person, each with its reason.
DUTY = "what they did in office about others: it is those people's, and the trail has it"
HELP = "what they did for somebody else: it is that person's, and the trail has it"
LEFT_OUT = {
    **dict.fromkeys(
        (
            *("agencies.opener_id", "allocations.decider_id", "allocations.requester_id", "applications.decider_id"),
            *("area_changes.changed_by_id", "blocks.blocked_by_id", "blocks.lifted_by_id", "card_changes.changer_id"),
            *("content_reviews.decider_id", "delegations.decider_id", "delegations.requester_id"),
            *("delegations.withdrawn_by_id", "door_imports.uploaded_by_id", "funds.opener_id"),
            *("objection_answers.decider_id", "activities.publisher_id", "person_merges.decider_id"),
            *("person_merges.opener_id", "policy_versions.publisher_id", "registrations.registrar_id"),
            *("check_in_undoings.undone_by_id", "partings.recorder_id"),
            *("reveals.viewer_id", "role_requests.decider_id", "role_requests.requester_id", "roles.granted_by_id"),
            *("roles.withdrawn_by_id", "verifications.verifier_id", "household_claims.decider_id"),
            *("head_elections.decider_id", "household_merges.decider_id"),
            *("capable_people.worker_id", "capable_people.closed_by_id", "redemptions.void_asker_id"),
            *("statements.closer_id", "statements.confirmer_id", "statements.payment_asker_id", "statements.payer_id"),
            *("point_rules.proposer_id", "point_rules.decider_id"),
            *("merchants.decider_id", "offers.author_id", "offers.decider_id"),
            *("flags.decider_id", "call_backs.caller_id"),
            *("volunteer_logs.first_decider_id", "volunteer_logs.decider_id"),
            *("statement_disputes.raiser_id", "statement_disputes.adjust_asker_id", "statement_disputes.answerer_id"),
        ),
        DUTY,
    ),
    **dict.fromkeys(
        (
            *("check_ins.recorder_id", "check_ins.checked_out_by_id", "check_ins.reviewer_id", "consents.actor_id"),
            *(
                "erasure_requests.helper_id",
                "exports.helper_id",
                "redemptions.clerk_id",
                "redemptions.helper_id",
                "redemptions.voider_id",
            ),
            *("offline_packs.fetched_by_id", "scan_batches.recorder_id"),
            *("trail.actor_id", "guardian_consents.recorder_id"),
            *("skill_listings.lister_id", "certificates.issuer_id"),
        ),
        HELP,
    ),
    "call_backs.person_id": "drawn by lot from their redemptions, which are told; the outcome is about the shop",
    **dict.fromkeys(
        (
            *("filings.drafter_id", "filings.submitter_id", "filings.reviewer_id", "filings.decider_id"),
            *("group_changes.changed_by_id", "group_confirmations.reporter_id", "group_confirmations.decider_id"),
            *("dissolutions.requester_id", "dissolutions.decider_id", "invitations.inviter_id"),
            *("invitation_codes.maker_id", "group_appeals.decider_id", "memberships.ended_by_id"),
            *("group_point_rules.proposer_id", "group_point_rules.decider_id", "group_award_runs.requester_id"),
            *("group_award_runs.decider_id", "group_limits.set_by_id", "thanks.giver_id", "thanks.decider_id"),
            *("group_spendings.asker_id", "group_spendings.decider_id"),
        ),
        "what they did for a group: the group's own history has it",
    ),
    **dict.fromkeys(
        ("partings.person_id", "bequests.source_id", "kept_records.person_id"),
        "whoever is gone asks for no copy any more",
    ),
    **dict.fromkeys(
        ("household_claims.guardian_id", "household_choices.chosen_by_id", "spending_requests.decider_id"),
        "what a head or a guardian did for their household: the trail has it, and the consent is told by itself",
    ),
    "person_merges.kept_id": "one of the two that are followed",
    "person_merges.merged_id": "one of the two that are followed",
    "access_changes.person_id": "a number by which servers hear of a change; it says nothing about anybody",
    "refresh_tokens.person_id": "a secret; the device it lies on is told",
}
# Columns that name a person without a foreign key, because they lie on a lower floor.
UNBOUND = (
    *("access_changes.person_id", "outbox.person_id", "pictures.uploader_id", "content_reviews.author_id"),
    *("content_reviews.decider_id", "trail.actor_id", "trail.beneficiary_id", "area_changes.changed_by_id"),
    "door_imports.uploaded_by_id",
)


def at_the_desk(person):
    return {"X-On-Behalf-Of": str(person.id), "X-Channel": "desk", "X-Reason": quote("本人要一份打印件")}


def fetched(phone):
    """The files of a copy, by name."""
    asked = phone.post("/me/exports")
    assert asked.status == 201, asked.body
    with phone.app.test_client() as client:
        got = client.get(f"/api/v1/me/exports/{asked['id']}", headers=phone._headers())
    assert got.status_code == 200, got.data
    with zipfile.ZipFile(BytesIO(got.data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}, got


def named_people():
    found = set(UNBOUND)
    for table in Base.metadata.sorted_tables:
        for foreign in table.foreign_key_constraints:
            if foreign.referred_table.name == "people":
                found.add(f"{table.name}.{foreign.column_keys[-1]}")
    return found


def test_every_column_that_names_a_person_is_told_or_left_out_for_a_reason(app):
    followed = [column for part in app.extensions["own_copy"] for column in part.follows]

    assert len(followed) == len(set(followed))
    assert set(followed) & LEFT_OUT.keys() == set()
    assert set(followed) | LEFT_OUT.keys() == named_people()


def test_a_table_that_names_somebody_without_a_key_is_known_here(app):
    """By what such a column is called: a new one has to be listed above."""
    called = ("person_id", "actor_id", "beneficiary_id", "uploader_id", "author_id", "decider_id", "changed_by_id")
    called += ("uploaded_by_id", "viewer_id", "helper_id", "recorder_id", "owner_id", "member_id", "holder_id")
    found = {f"{table.name}.{c.name}" for table in Base.metadata.sorted_tables for c in table.c if c.name in called}

    assert found <= named_people()


def busy(street):
    """Somebody of whom every part knows something."""
    openid = f"busy-{uuid4()}"
    person = street.earned(street.person("王小英", household=street.household(), openid=openid), 100)
    phone, worker = street.phone(person), street.phone(street.worker())
    street.proves_phone(person, "13800138005")
    token = street.card(person)
    phone.put("/me", {"display_name": "=1+1<b>"})
    street.member(street.group(), person)
    phone.post(f"/activities/{street.activity().id}/sign-ups")
    street.held(person, street.offer())
    street.gives_points(person, 5, to="charity_pool", note="@SUM(A1)")
    phone.post("/objections", {"subject": {"type": "other"}, "text": "+积分不对"})
    worker.post(f"/people/{person.id}/reveals", {"fields": ["phone"], "reason": "核对电话号码"})
    phone.delete("/me/consents/messages")
    return person, phone, token


def test_the_copy_has_every_part_in_stable_names_and_a_page_in_chinese(street):
    person, phone, _ = busy(street)

    files, got = fetched(phone)

    assert got.headers["Content-Type"] == "application/zip"
    assert got.headers["Cache-Control"] == "no-store"
    assert got.headers["Content-Disposition"].startswith('attachment; filename="xingfu-20')
    parts = [part.name for part in street.app.extensions["own_copy"]]
    assert list(files) == ["about.json", *(f"{name}.json" for name in parts), "我的资料.html"]
    told = {name: json.loads(files[f"{name}.json"]) for name in parts}
    assert told["people"]["profile"][0]["id"] == str(person.id)
    assert told["people"]["phones"][0]["number"] == "+8613800138005"
    assert told["people"]["wechat_accounts"][0]["openid"].startswith("busy-")
    assert told["people"]["household"][0]["door"].startswith("1号楼")
    assert {row["purpose"]: row["state"] for row in told["people"]["consents"]} == {
        "service": "given",
        "phone": "given",
        "messages": "withdrawn",
    }
    assert [row["points"] for row in told["people"]["entries"]] == [-5, -10, 100]
    assert (told["people"]["gifts"][0]["points"], told["merchants"]["redemptions"][0]["state"]) == (5, "held")
    assert (told["activities"]["check_ins"][0]["points"], len(told["activities"]["sign_ups"])) == (100, 2)
    assert (told["groups"]["memberships"][0]["group"], told["privacy"]["reveals"][0]["by"]) == ("清晨志愿队", "社**张")
    assert told["objections"]["objections"][0]["text"] == "+积分不对"
    assert "people.reveal" in [row["act"] for row in told["transparency"]["trail"]]
    assert {name for lists in told.values() for name in lists} == LISTS.keys()
    assert {field for lists in told.values() for rows in lists.values() for row in rows for field in row} <= {
        *FIELDS,
        *("id", "kind", "origin", "act", "objection_id", "check_in_id"),
    }


def test_no_secret_is_in_it_and_nothing_typed_becomes_markup(street):
    person, phone, token = busy(street)
    other = street.resident("邓丽华")
    street.member(street.group(leader=other), person)

    files, _ = fetched(phone)

    everything = "".join(files.values())
    (card,) = street.rows(select(Card).where(Card.person_id == person.id))
    (code,) = street.rows(select(Person.code_token).where(Person.id == person.id))
    for secret in (token, card.pin_hash, code, "fingerprint", "邓丽华"):
        assert secret not in everything
    assert "=1+1&lt;b&gt;" in files["我的资料.html"]
    assert "<b>" not in files["我的资料.html"]
    assert "接收微信提醒" in files["我的资料.html"]
    assert "withdrawn" not in files["我的资料.html"]


def test_only_whoever_asked_fetches_it_within_the_hour(street):
    person, other = street.resident(), street.phone(street.resident())
    phone = street.phone(person)
    asked = phone.post("/me/exports")

    assert other.get(f"/me/exports/{asked['id']}").status == 404
    assert street.phone(street.officer()).get(f"/me/exports/{asked['id']}").status == 404
    worker = street.phone(street.worker())
    at_desk = worker.send("GET", f"/me/exports/{asked['id']}", headers=at_the_desk(person))
    assert at_desk.status == 404
    with time_machine.travel(now() + timedelta(minutes=61), tick=True):
        assert phone.get(f"/me/exports/{asked['id']}").code == "export_expired"
    for _ in range(EXPORTS_A_DAY - 1):
        assert phone.post("/me/exports").status == 201
    assert (phone.post("/me/exports").status, phone.post("/me/exports").code) == (429, "exports_used_up")


def test_at_the_desk_it_is_a_page_to_print_and_the_person_learns_of_it(street):
    person = street.resident("冯秀珍")
    worker = street.phone(street.worker())
    asked = worker.post("/me/exports", headers=at_the_desk(person))

    with street.app.test_client() as client:
        headers = worker._headers() | at_the_desk(person)
        got = client.get(f"/api/v1/me/exports/{asked['id']}", headers=headers)

    assert (got.status_code, got.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "冯秀珍" in got.text
    said = [row["said"] for row in street.phone(person).get("/me/trail")["items"]]
    assert said == ["代为打印全部资料", "代为申请导出资料"]


def test_what_was_done_under_an_account_that_was_merged_is_in_it(street):
    old, kept = street.earned(street.resident(), 30), street.resident()
    street.merged(old, kept)

    files, _ = fetched(street.phone(kept))

    assert json.loads(files["activities.json"])["check_ins"][0]["points"] == 30
    assert len(json.loads(files["people.json"])["profile"]) == 2


def test_a_page_without_anything_says_so():
    page = page_of({"people": {"gifts": [], "cards": []}}, office="示范街道", at=now())

    assert "没有记录：赠送、积分卡" in page


def test_whoever_is_very_active_waits_five_seconds_at_most(street):
    person = street.earned(street.resident(), 1000)
    offer = street.offer(price_points=1)
    phone = street.phone(person)
    for _ in range(60):
        held = phone.post("/redemptions", {"offer_id": str(offer.id)}, key=a_key())
        phone.delete(f"/redemptions/{held['id']}")

    began = time.monotonic()
    files, _ = fetched(phone)

    assert time.monotonic() - began < 5
    assert len(json.loads(files["people.json"])["entries"]) == 121
