"""What group points refuse."""

from backend.foundation.errors import Conflict


class GroupRuleDecided(Conflict):
    code = "group_rule_decided"
    message = "这一版规则已经处理过了，请刷新查看"


class NoGroupRule(Conflict):
    code = "no_group_rule"
    message = "这个月没有已批准的评定规则，请先由两位负责人通过一版规则"


class MonthNotOver(Conflict):
    code = "month_not_over"
    message = "这个月还没有结束，请在月底之后再评定"


class NothingToAward(Conflict):
    code = "nothing_to_award"
    message = "这个月没有可以发放的队伍，请先预览名单查看原因"


class GroupRunWaiting(Conflict):
    code = "group_run_waiting"
    message = "这个月已有一份名单等待审批，请先审批或驳回那一份"


class GroupRunDecided(Conflict):
    code = "group_run_decided"
    message = "这份名单已经处理过了，请刷新查看"


class GroupListChanged(Conflict):
    code = "group_list_changed"
    message = "重新计算的结果与这份名单不同，请驳回后重新生成名单"
