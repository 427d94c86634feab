"""What group wallets refuse."""

from backend.foundation.errors import Conflict, Forbidden


class ThanksForOwnHousehold(Forbidden):
    code = "thanks_for_own_household"
    message = "不能用集体积分感谢自己或家人，请由另一位队长或副队长办理"


class SecondLeaderNeeded(Forbidden):
    """Above the limit two leaders agree; whoever asked, and their household, are only one of them."""

    code = "second_leader_needed"
    message = "这件事需要另一位队长或副队长确认，申请人和家人不能确认"


class ThanksForMembersOnly(Conflict):
    code = "thanks_for_members_only"
    message = "对方现在不是本队成员，请先邀请入队再致谢"


class LeaderRequestDecided(Conflict):
    code = "leader_request_decided"
    message = "这份申请已经处理过了，请刷新查看"


class LeaderRequestExpired(Conflict):
    code = "leader_request_expired"
    message = "这份申请已超过 7 天没有确认，请重新提交"
