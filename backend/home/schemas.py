"""Shapes of the first screen and of why."""

from backend.activities.schemas import ActivityView
from backend.foundation.shapes import Day, Flag, Identifier, Instant, Many, Part, Shape, Text, Whole
from backend.merchants.schemas import STATES, RedemptionView
from backend.people.schemas import EntryView, GiftView, PersonView, WalletView

_SIGNED = -(2**53) + 1


class HomeView(Shape):
    person = Part(PersonView, required=True)
    wallet = Part(WalletView, required=True)
    near_me = Many(
        Part(ActivityView), required=True, metadata={"description": "soonest first, my community's before others"}
    )
    waiting = Many(Part(RedemptionView), required=True, metadata={"description": "what I can collect (待领取)"})


class CapsView(Shape):
    points_max = Whole(
        required=True, metadata={"description": "the most per person and session, or per group and month"}
    )
    points_due = Whole(required=True, metadata={"description": "earned, whether awarded or waiting"})
    unpaid = Text(required=True, allow_none=True, metadata={"description": "why points due are not awarded, a code"})
    unpaid_reason = Text(required=True, allow_none=True, metadata={"description": "the same in Chinese"})
    cut_points = Whole(metadata={"description": "taken off what was due by the office's caps"})
    rule_version = Whole(allow_none=True, metadata={"description": "of the office's point rules; null: there was none"})


class TitleView(Shape):
    id = Identifier(required=True)
    title = Text(required=True)


class NameView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class SittingView(Shape):
    id = Identifier(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class SeenView(Shape):
    """A check-in as evidence."""

    id = Identifier(required=True)
    activity = Part(TitleView, required=True)
    session = Part(SittingView, required=True)
    place = Text(required=True)
    checked_in_at = Instant(required=True)
    checked_out_at = Instant(required=True, allow_none=True)
    minutes = Whole(required=True, metadata={"description": "there while the session ran"})
    confidence = Text(required=True, choices=("listed", "self", "card", "scan"))
    how = Text(required=True, metadata={"description": "the confidence in Chinese"})
    reason = Text(required=True, low=0, allow_none=True, metadata={"description": "why a name was ticked"})


class RedeemedView(Shape):
    """A redemption as evidence."""

    id = Identifier(required=True)
    offer = Part(NameView, required=True)
    merchant = Part(NameView, required=True)
    quantity = Whole(required=True)
    points = Whole(required=True)
    state = Text(required=True, choices=STATES)
    channel = Text(
        required=True,
        allow_none=True,
        choices=("desk", "card", "code", "household"),
        metadata={"description": "how somebody else asked for it; null: you did so yourself"},
    )
    held_at = Instant(required=True)
    captured_at = Instant(required=True, allow_none=True)
    released_at = Instant(required=True, allow_none=True)
    voided_at = Instant(required=True, allow_none=True)


class ThankedView(Shape):
    """Thanks as evidence; whom a group thanked is told to nobody else."""

    id = Identifier(required=True)
    group = Part(NameView, required=True)
    points = Whole(required=True)
    note = Text(required=True, low=0, allow_none=True)
    asked_at = Instant(required=True)
    given_at = Instant(required=True)


class CountedView(Shape):
    activity = Part(TitleView, required=True)
    people = Whole(required=True)
    households = Whole(required=True)
    counts = Flag(required=True, metadata={"description": "enough people of enough households"})


class GroupAwardView(Shape):
    """What a group was awarded for a month, as evidence."""

    id = Identifier(required=True)
    run_id = Identifier(required=True)
    month = Text(required=True)
    rule_version = Whole(required=True)
    counted = Whole(required=True, metadata={"description": "activities that count"})
    activities = Many(Part(CountedView), required=True, metadata={"description": "settled in the month"})
    points = Whole(required=True)
    requested_by = Text(required=True, metadata={"description": "masked; the approver is another officer"})
    requested_at = Instant(required=True)


class ReportedView(Shape):
    id = Identifier(required=True)
    day = Day(required=True)
    place = Text(required=True)
    content = Text(required=True)
    evidence = Text(required=True)
    minutes = Whole(required=True)
    rule_version = Whole(required=True, allow_none=True)


class EvidenceView(Shape):
    """What the features stored; all null where only the ledger knows."""

    check_in = Part(SeenView, required=True, allow_none=True)
    redemption = Part(RedeemedView, required=True, allow_none=True)
    gift = Part(GiftView, required=True, allow_none=True)
    thanks = Part(ThankedView, required=True, allow_none=True)
    group_award = Part(GroupAwardView, required=True, allow_none=True)
    volunteer_log = Part(ReportedView, required=True, allow_none=True)


class ApproverView(Shape):
    name = Text(required=True, metadata={"description": "masked; 本人 for myself, 系统 for what happened by itself"})
    act = Text(required=True)
    at = Instant(required=True)


class LotView(Shape):
    fund = Text(required=True, allow_none=True, metadata={"description": "the name of who paid for the points"})
    expires_on = Day(required=True)
    points = Whole(required=True, low=_SIGNED, metadata={"description": "gained (+) or spent (−)"})
    held = Whole(required=True, low=_SIGNED, metadata={"description": "gone on hold (+) or left it (−)"})


class RelatedView(Shape):
    id = Identifier(required=True)
    kind = Text(required=True)
    reason = Text(required=True)
    at = Instant(required=True)
    relation = Text(
        required=True,
        choices=("resolves", "resolved_by", "undoes", "undone_by", "follows", "followed_by"),
        metadata={"description": "what the entry asked about does to this one, or this one to it"},
    )


class WhyView(Shape):
    entry = Part(EntryView, required=True)
    rule = Text(required=True, metadata={"description": "in Chinese"})
    caps = Part(CapsView, required=True, allow_none=True)
    evidence = Part(EvidenceView, required=True)
    approver = Part(ApproverView, required=True)
    lots = Many(Part(LotView), required=True, metadata={"description": "none where only minutes moved"})
    related = Many(Part(RelatedView), required=True)
