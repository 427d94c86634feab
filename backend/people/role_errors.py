"""What granting and withdrawing refuse."""

from backend.foundation.errors import Conflict, Forbidden


class OwnPeople(Forbidden):
    code = "own_people"
    message = "不能给自己或家人授予角色，请由其他负责人或社区工作人员办理"


class OutsideDelegation(Forbidden):
    code = "outside_delegation"
    message = "只能在委托书写明的角色、范围和期限内指派人员，如需调整请联系街道重新委托"


class AdultNeeded(Conflict):
    code = "adult_needed"
    message = "未成年人不能担任负责人、店员或工作人员，请由成年人担任"


class VerificationNeeded(Conflict):
    code = "verification_needed"
    message = "对方需要先完成{needed}才能担任，请其在“我的”中办理或到社区服务台办理"
    advice_facts = {"needed": "居民认证"}  # noqa: RUF012


class RoleHeldOtherwise(Conflict):
    code = "role_held_otherwise"
    message = "对方已有这个角色，但起止时间或来源不同，请先撤销原来的再重新授予"


class LastOfficer(Conflict):
    code = "last_officer"
    message = "这是本街道最后一位管理员，请先增加另一位管理员再撤销"


class LastLeader(Conflict):
    code = "last_leader"
    message = "您是这个队伍最后一位队长，请先把队长移交给别人，或请社区工作人员办理"


class RequestDecided(Conflict):
    code = "request_decided"
    message = "这份申请已经处理过了，请刷新查看"


class RequesterNoOfficer(Conflict):
    code = "requester_no_officer"
    message = "提出申请的人已不是管理员，请先退回这份申请，再由另一位管理员重新提出"


class AgencyNameTaken(Conflict):
    code = "agency_name_taken"
    message = "已有同名的机构，请换一个名称或使用已有的机构"


class DelegationDecided(Conflict):
    code = "delegation_decided"
    message = "这份委托已经处理过了，请刷新查看"


class DelegationNotInForce(Conflict):
    code = "delegation_not_in_force"
    message = "这份委托还没有批准或已经结束，请联系街道办理"
