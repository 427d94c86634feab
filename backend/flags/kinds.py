"""What each kind of flag says, from its figures."""

from typing import Any

KINDS = {
    "overlap": "同一人在两处活动的签到时间重叠 {minutes} 分钟，可能有一处不在现场",
    "ring": "两人互相审核：{times} 次对方为自己、{times_back} 次自己为对方确认",
    "one_phone": "同一部手机为 {people} 个账号自助签到",
    "head_count": "系统签到 {check_ins} 人，小结填写到场 {head_count} 人",
    "same_few": "本月 {share}% 的积分由 {people} 名顾客兑换（共 {captures} 笔）",
    "off_hours": "{day} 深夜（22:00—6:00）核销 {captures} 笔",
    "burst": "{day} 同一顾客在 {minutes} 分钟内被核销 {captures} 笔",
    "circle": "店员为负责人核销 {captures} 笔，负责人为店员登记签到 {check_ins} 次",
    "called_back": "回访时顾客说没有这笔兑换",
}


def said_of(kind: str, facts: dict[str, Any]) -> str:
    """The reason, in Chinese."""
    return KINDS[kind].format(**facts)
