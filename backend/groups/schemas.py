"""Shapes of groups, their members and applications."""

from backend.foundation.pages import PageQuery
from backend.foundation.shapes import Day, Flag, Identifier, Instant, Part, Shape, Text, Whole
from backend.groups.life_models import CHANGES
from backend.groups.member_models import APPEAL_STATES, MOST_USES, OFFER_STATES
from backend.groups.models import CATEGORIES, ENDINGS, LEVELS, STAGES

CHOICE = ("true", "false")


class CircleForm(Shape):
    name = Text(required=True, low=2, high=40)
    theme = Text(required=True, high=200)
    category = Text(required=True, choices=CATEGORIES)
    area_id = Identifier()


class GroupView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)
    theme = Text(required=True)
    category = Text(required=True, choices=CATEGORIES)
    stage = Text(required=True, choices=STAGES)
    members = Whole(required=True)
    area_id = Identifier(required=True)
    level = Text(required=True, choices=LEVELS, metadata={"description": "before the law"})
    venue = Text(required=True, low=0, allow_none=True)
    filing_number = Text(required=True, allow_none=True)
    filed_at = Instant(required=True, allow_none=True)
    confirm_due_on = Day(
        required=True, allow_none=True, metadata={"description": "last day of the annual confirmation; opens 1 January"}
    )
    registration_number = Text(required=True, allow_none=True)
    registered_on = Day(required=True, allow_none=True)
    is_brand = Flag(required=True)


class GroupQuery(PageQuery):
    q = Text(low=0, high=40, metadata={"description": "Chinese, pinyin or initials"})
    area_id = Identifier()
    category = Text(choices=CATEGORIES)
    stage = Text(choices=STAGES, metadata={"description": "without it: all but dissolved ones"})
    level = Text(choices=LEVELS)
    without_leader = Text(choices=CHOICE)
    confirmation = Text(choices=("due", "overdue"))
    mine = Text(choices=CHOICE, metadata={"description": "true: those I belong to"})


class MemberQuery(PageQuery):
    q = Text(low=0, high=40, metadata={"description": "for those who run the group: Chinese, pinyin or initials"})


class MemberView(Shape):
    id = Identifier(required=True)
    person_id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked unless you lead the group"})
    role = Text(required=True, choices=("leader", "deputy", "helper"), allow_none=True)
    joined_at = Instant(required=True)


class RemovalForm(Shape):
    reason = Text(required=True, high=200)


class MembershipEndView(Shape):
    id = Identifier(required=True)
    group_id = Identifier(required=True)
    person_id = Identifier(required=True)
    left_at = Instant(required=True)
    left_why = Text(required=True, choices=ENDINGS)
    reason = Text(required=True, allow_none=True)
    appeals_until = Instant(required=True, allow_none=True)


class ApplicationForm(Shape):
    note = Text(low=0, high=200)


class ApplicationView(Shape):
    id = Identifier(required=True)
    group_id = Identifier(required=True)
    person_id = Identifier(required=True)
    name = Text(required=True)
    note = Text(required=True, low=0)
    state = Text(required=True, choices=("applied", "approved", "declined", "withdrawn"))
    applied_at = Instant(required=True)
    reason = Text(required=True, low=0, allow_none=True)


class DecisionForm(Shape):
    """Those who run the group approve or decline; whoever applied may withdraw."""

    decision = Text(required=True, choices=("approved", "declined", "withdrawn"))
    reason = Text(low=0, high=200)


class GroupNameView(Shape):
    id = Identifier(required=True)
    name = Text(required=True)


class SomebodyView(Shape):
    id = Identifier(required=True)
    name = Text(required=True, metadata={"description": "masked"})


class InvitationForm(Shape):
    person_id = Identifier(required=True)


class InvitationView(Shape):
    id = Identifier(required=True)
    group = Part(GroupNameView, required=True)
    person = Part(SomebodyView, required=True)
    inviter = Part(SomebodyView, required=True)
    state = Text(required=True, choices=OFFER_STATES)
    invited_at = Instant(required=True)
    expires_at = Instant(required=True)


class AnswerForm(Shape):
    decision = Text(required=True, choices=("accepted", "declined"))


class InvitationCodeForm(Shape):
    uses = Whole(required=True, low=1, high=MOST_USES)


class InvitationCodeView(Shape):
    id = Identifier(required=True)
    code = Text(required=True)
    uses_left = Whole(required=True)
    made_at = Instant(required=True)
    expires_at = Instant(required=True)


class InvitationCodeUseForm(Shape):
    code = Text(required=True, low=10, high=12)


class HandoverForm(Shape):
    person_id = Identifier(required=True, metadata={"description": "a member who will lead the group"})


class HandoverAnswerForm(Shape):
    """The one who is asked accepts or declines; the leader may withdraw it."""

    decision = Text(required=True, choices=("accepted", "declined", "withdrawn"))


class HandoverView(Shape):
    id = Identifier(required=True)
    group = Part(GroupNameView, required=True)
    # `from` is a word of Python's
    giver = Part(SomebodyView, required=True)
    receiver = Part(SomebodyView, required=True)
    state = Text(required=True, choices=OFFER_STATES)
    proposed_at = Instant(required=True)


class AppealForm(Shape):
    text = Text(required=True, high=1000)


class AppealQuery(PageQuery):
    state = Text(choices=APPEAL_STATES)


class AppealDecisionForm(Shape):
    decision = Text(required=True, choices=("upheld", "rejected"))
    answer = Text(required=True, high=1000)


class AppealView(Shape):
    id = Identifier(required=True)
    group = Part(GroupNameView, required=True)
    person = Part(SomebodyView, required=True)
    text = Text(required=True, high=1000)
    removal_reason = Text(required=True, allow_none=True)
    state = Text(required=True, choices=APPEAL_STATES)
    filed_at = Instant(required=True)
    due_on = Day(required=True, metadata={"description": "answered by then"})
    answer = Text(required=True, allow_none=True, high=1000)
    decided_at = Instant(required=True, allow_none=True)


class ChangeView(Shape):
    id = Identifier(required=True)
    what = Text(required=True, choices=CHANGES)
    before = Text(required=True, allow_none=True, metadata={"description": "a state word, a name, or a masked name"})
    after = Text(required=True)
    changed_at = Instant(required=True)
