"""Why an entry of my wallet or my group's is as it is: rule, limits, evidence, who answers for it, whose points moved.

Everything is read from what was stored. Entries that no feature speaks for are explained from the ledger alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.foundation.db import session
from backend.foundation.errors import NotFound
from backend.funds.models import Fund
from backend.home.why_rules import act_of, rule_of
from backend.home.witnesses import Approval, heard_of
from backend.ledger.accounts import Account, group_wallet, held_of, person_wallet, recoverable_of
from backend.ledger.kinds import Posting
from backend.ledger.reading import Line, lines_of, moves_of
from backend.ledger.recorded import Recorded, answers_to, recorded
from backend.people.queries import people_by_id
from backend.people.wallet_routes import shown_line
from backend.places.offices import the_book

EVIDENCE = ("check_in", "redemption", "gift", "thanks", "group_award", "volunteer_log")
_LAST_ID = UUID(int=2**128 - 1)


def why(entry_id: UUID, *, person_id: UUID) -> dict[str, Any]:
    """Explain an entry in which the person's own wallet, or what it has on hold, took part; else `NotFound`."""
    return _explained(person_wallet(str(person_id)), entry_id, owner={"person_id": person_id}, asking=person_id)


def why_of_group(entry_id: UUID, *, group_id: UUID, asking: UUID) -> dict[str, Any]:
    """The same of a group's wallet, as its members read it."""
    return _explained(group_wallet(str(group_id)), entry_id, owner={"group_id": group_id}, asking=asking)


def _explained(wallet: Account, entry_id: UUID, *, owner: dict[str, UUID], asking: UUID) -> dict[str, Any]:
    line, entry = _line(wallet, entry_id), recorded(the_book(), entry_id)
    if line is None or entry is None:
        raise NotFound()
    heard = heard_of(entry, **owner)
    return {
        "entry": shown_line(line),
        "rule": heard.rule or rule_of(entry.kind),
        "caps": heard.caps,
        "evidence": dict.fromkeys(EVIDENCE) | heard.evidence,
        "approver": _approver(heard.approval, entry, asking=asking),
        "lots": _lots(wallet, moves_of(the_book(), entry_id)),
        "related": _related(entry, wallet),
    }


def _line(wallet: Account, entry_id: UUID) -> Line | None:
    """The entry as the wallet's list shows it: the newest that is not newer than itself."""
    if entry_id == _LAST_ID:
        return None
    lines = lines_of(the_book(), wallet, before=UUID(int=entry_id.int + 1), limit=1)
    return lines[0] if lines and lines[0].id == entry_id else None


def _approver(approval: Approval | None, entry: Recorded, *, asking: UUID) -> dict[str, Any]:
    """Whoever a feature names, else whoever caused the entry; names of others are masked."""
    if approval is not None:
        return {"name": _said_name(approval.person_id, asking), "act": approval.act, "at": approval.at}
    kind, _, name = entry.actor.partition(":")
    by_itself = {"name": "系统", "act": act_of(entry.kind), "at": entry.occurred_at}
    if kind != "person":
        return by_itself
    try:
        return by_itself | {"name": _said_name(UUID(name), asking)}
    except ValueError:  # somebody who is no person of ours
        return by_itself | {"name": "工作人员"}


def _said_name(person_id: UUID, asking: UUID) -> str:
    if person_id == asking:
        return "本人"
    person = people_by_id([person_id]).get(person_id)
    if person is None:
        return "工作人员"
    return person.masked_name if person.age_class == "adult" else "志愿者"  # minors are not named to strangers


def _lots(wallet: Account, moves: Iterable[Posting]) -> list[dict[str, Any]]:
    """What the wallet, and what it has on hold, gained (+) or lost (−), by fund and last day."""
    sides = {wallet: "points", held_of(wallet): "held"}
    moved: dict[tuple[date, str], dict[str, int]] = defaultdict(lambda: {"points": 0, "held": 0})
    for move in moves:
        for account, amount in ((move.source, -move.amount), (move.destination, move.amount)):
            if account in sides and move.lot.unit == "points":
                moved[move.lot.last_day, move.lot.fund][sides[account]] += amount
    names = _fund_names({fund for _, fund in moved})
    return [
        {"fund": names.get(fund), "expires_on": last_day, **amounts}
        for (last_day, fund), amounts in sorted(moved.items())
    ]


def _fund_names(fund_ids: set[str]) -> dict[str, str]:
    funds = session().scalars(select(Fund).where(Fund.id.in_({UUID(fund_id) for fund_id in fund_ids})))
    return {str(fund.id): fund.name for fund in funds}


def _related(entry: Recorded, wallet: Account) -> list[dict[str, Any]]:
    """What the entry answers and what answered it, as far as this wallet took part: older ones first."""
    book = the_book()
    named = {entry.resolves_id: "resolves", entry.reverses_id: "undoes", entry.follows_id: "follows"}
    found = [(recorded(book, other), relation) for other, relation in named.items() if other is not None]
    for answer in answers_to(book, entry.id):
        relation = "resolved_by" if answer.resolves_id else "undone_by" if answer.reverses_id else "followed_by"
        found.append((answer, relation))
    mine = {wallet, held_of(wallet), recoverable_of(wallet)}
    return [
        {"id": other.id, "kind": other.kind, "reason": other.reason, "at": other.occurred_at, "relation": relation}
        for other, relation in found
        if other is not None and any(mine & {move.source, move.destination} for move in moves_of(book, other.id))
    ]
