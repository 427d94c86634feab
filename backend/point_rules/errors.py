"""What point rules refuse."""

from backend.foundation.errors import Conflict


class PointRuleDecided(Conflict):
    code = "point_rule_decided"
    message = "这一版规则已经处理过了，请刷新查看；要修改请提出新的一版"
