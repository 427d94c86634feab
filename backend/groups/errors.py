"""What groups refuses."""

from backend.foundation.errors import Conflict, Forbidden


class AlreadyMember(Conflict):
    code = "already_member"
    message = "您已经是这个队伍的成员了"


class NoMember(Conflict):
    code = "not_a_member"
    message = "对方不是这个队伍的成员，请刷新成员名单后再办理"


class ApplicationDecided(Conflict):
    code = "application_decided"
    message = "这份申请已经处理过了，请刷新查看"


class GroupClosed(Conflict):
    code = "group_closed"
    message = "这个队伍已停止活动，暂时不能办理"


class AreaNeeded(Conflict):
    code = "area_needed"
    message = "请选择队伍所在的社区，或先登记您的住址"


class NameRefused(Conflict):
    """Bodies that other laws made are no groups of ours; see `filing_rules`."""

    code = "group_name_refused"
    message = "这个名称属于{kind}，不在社区社会组织范围，请换一个名称"
    advice_facts = {"kind": "营利性机构"}  # noqa: RUF012


class OwnGroup(Forbidden):
    code = "own_group"
    message = "不能办理自己参加的或家人负责的队伍，请由其他工作人员办理"


# Coming and going


class InvitationOver(Conflict):
    code = "invitation_over"
    message = "这份邀请已经处理或过期，请队长重新邀请"


class CodeUsedUp(Conflict):
    code = "invitation_code_used_up"
    message = "这个邀请码的名额已用完或已过期，请向队长要新的邀请码"


class LeaderStays(Conflict):
    """Who leads does not go without somebody taking over."""

    code = "leader_stays"
    message = "队长不能直接退出或被移出，请先移交队长，或请社区工作人员办理"


class AppealTooLate(Conflict):
    code = "appeal_too_late"
    message = "移出后 {days} 天内可以申诉，期限已过，仍有疑问请到社区服务台说明"
    advice_facts = {"days": 15}  # noqa: RUF012


class AppealDecided(Conflict):
    code = "appeal_decided"
    message = "这份申诉已经答复过了，请刷新查看"


class OwnRemoval(Forbidden):
    """Whoever removed somebody does not judge whether that was right."""

    code = "own_removal"
    message = "这是您或您的家人办理的移出，请由其他工作人员答复"


class HandoverWaits(Conflict):
    code = "handover_waits"
    message = "已有一份队长移交等待对方确认，请先撤回再重新发起"


class HandoverOver(Conflict):
    code = "handover_over"
    message = "这份队长移交已经处理或失效，请现任队长重新发起"


# Filing


class AlreadyFiled(Conflict):
    code = "already_filed"
    message = "这个队伍已经备案，不需要再次申请"


class FilingIncomplete(Conflict):
    """`facts.items` names each thing that is missing; what was written stays as a draft."""

    code = "filing_incomplete"
    message = "还不能办理备案：{missing}；已填写的内容都已保存"
    advice_facts = {"missing": "请填写活动场所"}  # noqa: RUF012


class FilingDecided(Conflict):
    code = "filing_decided"
    message = "这份备案申请现在是“{state}”，不能这样办理，请刷新查看"
    advice_facts = {"state": "已备案"}  # noqa: RUF012


# The years that follow, and the end


class ConfirmationNotOpen(Conflict):
    code = "confirmation_not_open"
    message = "下一次年度确认从 {opens_on} 开始，请届时再填报"
    advice_facts = {"opens_on": "2027-01-01"}  # noqa: RUF012


class ConfirmationDecided(Conflict):
    code = "confirmation_decided"
    message = "这份年度确认已经处理过了，请刷新查看"


class NotFiled(Conflict):
    code = "not_filed"
    message = "这个队伍还没有备案，请先办理备案"


class NotSuspended(Conflict):
    code = "not_suspended"
    message = "这个队伍没有被暂停，不需要恢复"


class ResumingBlocked(Conflict):
    code = "resuming_blocked"
    message = "还不能恢复：{missing}"
    advice_facts = {"missing": "请先完成年度确认"}  # noqa: RUF012


class DissolutionBlocked(Conflict):
    code = "dissolution_blocked"
    message = "还不能注销：{missing}"
    advice_facts = {"missing": "还有 1 项活动没有结项或取消"}  # noqa: RUF012


class DissolutionDecided(Conflict):
    code = "dissolution_decided"
    message = "这份注销申请已经处理过了，请刷新查看"


class DestinationClosed(Conflict):
    code = "destination_closed"
    message = "接收积分的队伍已停止活动，请改选其他队伍或爱心池"


class NothingChanged(Conflict):
    code = "nothing_changed"
    message = "内容与现在相同，不需要变更"
