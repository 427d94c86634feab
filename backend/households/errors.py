"""What households refuse."""

from backend.foundation.errors import Conflict, Forbidden


class ClaimNeedsPhone(Forbidden):
    code = "claim_needs_phone"
    message = "认领门牌前请先验证手机号：我的 → 手机号验证，或到社区服务台办理"


class ClaimOpen(Conflict):
    code = "claim_open"
    message = "您还有一个门牌认领在等待确认，请先等待结果，或撤回后重新认领"


class ClaimDecided(Conflict):
    code = "claim_decided"
    message = "这个认领已经处理过了，请刷新查看"


class LivesThere(Conflict):
    code = "lives_there"
    message = "您已经登记在这一户，无需再次认领"


class MemberExists(Conflict):
    code = "member_exists"
    message = "这一户已有同名的家人，请先核对成员名单；确实同名的，请到社区服务台办理"


class GuardianSpeaks(Forbidden):
    code = "guardian_speaks"
    message = "14 岁以下孩子的同意，只能由本户的成年监护人本人作出，请监护人用自己的手机或到社区服务台办理"


class ChildPolicyChanged(Conflict):
    code = "child_policy_changed"
    message = "儿童个人信息规则已更新，请监护人重新阅读后再确认"
    advice_facts = {"policy_version": "child-1"}  # noqa: RUF012


class GuardianConsentNeeded(Conflict):
    code = "guardian_consent_needed"
    message = "14 岁以下的孩子参加活动需要监护人同意，请监护人在“我的庭户”里确认，或到社区服务台办理"


class NotUnderFourteen(Conflict):
    code = "not_under_fourteen"
    message = "只有 14 岁以下的孩子需要监护人同意，请核对年龄段"


class ElectionOpen(Conflict):
    code = "election_open"
    message = "这一户正在选庭户长，请先投票，或等它结束后再提名"


class ElectionOver(Conflict):
    code = "election_over"
    message = "这次选举已经结束，请刷新查看结果"


class NotElected(Conflict):
    code = "not_elected"
    message = "还没有过半数成年家人同意，请等投票结果出来再确认"


class AlreadyVoted(Conflict):
    code = "already_voted"
    message = "您已经投过票了，投出后不能更改"


class AdultNeeded(Conflict):
    code = "adult_member_needed"
    message = "庭户长只能由本户的成年家人担任，请另选一位"


class IsHeadAlready(Conflict):
    code = "is_head_already"
    message = "对方已经是庭户长，无需再选"


class HeadApprovalNeeded(Conflict):
    """Kept on record although refused: the request then waits for the head."""

    is_recorded = True
    code = "head_approval_needed"
    message = "超过家庭积分单次限额 {limit}，已请庭户长批准，批准后请再兑换一次"
    advice_facts = {"limit": 100, "points": 150}  # noqa: RUF012


class NoHeadToApprove(Conflict):
    code = "no_head_to_approve"
    message = "超过家庭积分单次限额 {limit}，这一户还没有庭户长，请先选庭户长，或减少数量"
    advice_facts = {"limit": 100, "points": 150}  # noqa: RUF012


class SpendingDecided(Conflict):
    code = "spending_decided"
    message = "这个用分申请已经处理过了，请刷新查看"


class MergeOpen(Conflict):
    code = "household_merge_open"
    message = "这一户已有合户申请在办理，请先等待结果，或撤回后重新申请"


class HouseholdMergeDecided(Conflict):
    code = "household_merge_decided"
    message = "这个合户申请已经处理过了，请刷新查看"


class OtherHeadNeeded(Conflict):
    code = "other_head_needed"
    message = "合户需要两户庭户长都同意，请另一户的庭户长先确认；还没有庭户长的，请先选举"


class HouseholdMoved(Conflict):
    code = "household_moved"
    message = "这一户已与另一户合并，请刷新后再办理"
