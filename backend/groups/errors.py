"""What groups refuses."""

from backend.foundation.errors import Conflict


class AlreadyMember(Conflict):
    code = "already_member"
    message = "您已经是这个队伍的成员了"


class ApplicationDecided(Conflict):
    code = "application_decided"
    message = "这份申请已经处理过了，请刷新查看"


class GroupClosed(Conflict):
    code = "group_closed"
    message = "这个队伍已停止活动，暂时不能办理"


class AreaNeeded(Conflict):
    code = "area_needed"
    message = "请选择队伍所在的社区，或先登记您的住址"
