"""The rule behind an entry, in the words a resident reads. No session and no clock."""

HOW = {
    "self": "本人在现场扫动态码签到",
    "scan": "负责人在现场扫本人的码",
    "card": "在现场出示纸质卡",
    "listed": "负责人按姓名登记",
}

UNPAID = {
    "budget_exhausted": "活动预算已用完，补充后按到场先后发放",
    "activity_full": "名额已满，到场和时长照记，这次没有积分",
    "review": "等待另一户的人复核，复核后发放",
    "cap_reached": "已达到街道规定的积分上限，到场和时长照记",
}

_OF_KIND = {
    "award": "参加活动得到的积分，有效到次年的 12月31日",
    "serve": "服务时长按实际在场时间记到分钟，长期有效",
    "reverse": "这是一笔更正：原来记入的积分或时长被撤回",
    "recover": "此前误发而已经用掉的积分，从之后得到的积分里扣回",
    "gift": "赠送积分，先到期的先送，有效期不变",
    "thank": "社区社会组织用集体积分表示感谢，有效期不变",
    "transfer": "经两人审批的积分划转，有效期不变",
    "hold": "兑换时积分先转为待领取，先到期的先用；超时未领取自动退回",
    "capture": "领取商品时，待领取的积分付给商户",
    "release": "取消或超时未领取，积分退回原来的钱包",
    "refund": "商户退回，积分原数退还；期间已过有效期的换成新的有效期",
    "expire": "积分有效到得到后次年的 12月31日，过期未用的退回出资的资金",
}

_ACTS = {
    "award": "登记到场",
    "serve": "登记到场",
    "reverse": "更正",
    "recover": "扣回",
    "gift": "赠送",
    "thank": "感谢",
    "transfer": "划转",
    "hold": "兑换",
    "capture": "交付商品",
    "release": "取消",
    "refund": "退回",
    "expire": "到期",
}


def rule_of(kind: str) -> str:
    """What holds for every entry of the kind."""
    return _OF_KIND.get(kind, "按账本规则记入")


def act_of(kind: str) -> str:
    """What whoever caused the entry did."""
    return _ACTS.get(kind, "办理")


def rule_of_award(
    *, points_fixed: int | None, points_per_hour: int | None, points_max: int, minutes: int, points_due: int
) -> str:
    """How a presence earned its points."""
    if points_per_hour is None:
        return f"按次计分 {points_fixed or points_due} 积分"
    said = f"每小时 {points_per_hour} 积分，按半小时计，共 {said_minutes(minutes)}"
    is_capped = minutes // 30 * points_per_hour // 2 > points_max
    return f"{said}，每人每场最多 {points_max} 积分" if is_capped else said


def rule_of_confirmed_thanks() -> str:
    """Thanks above what one leader may give alone."""
    return f"{_OF_KIND['thank']}；超过单人限额，由两位队长（或副队长）共同决定"


def rule_of_minutes(minutes: int) -> str:
    """How a presence earned its minutes."""
    return f"服务时长按实际在场时间记到分钟，共 {said_minutes(minutes)}，长期有效"


def said_minutes(minutes: int) -> str:
    """2 小时 30 分."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} 分"
    return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
