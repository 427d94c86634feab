"""What a message says, from its facts alone. A topic without a text here is shown to nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

EXPIRY = "expiry"
OBJECTION = "objection"
UNDONE = "undone"
GROUP = "group"

OF_A_GROUP = {
    "invited": "“{name}”邀请您加入，请到“我的队伍”答复",
    "removed": "您已被移出“{name}”，不同意的，15 天内可向社区申诉",
    "appeal_upheld": "您对“{name}”移出的申诉成立，您已恢复为成员",
    "appeal_rejected": "您对“{name}”移出的申诉已有答复，请到“我的申诉”查看",
    "handover": "“{name}”的队长想移交给您，请到“我的队伍”答复",
    "filing_reviewed": "“{name}”的备案申请已通过社区初审，等待街道备案",
    "filing_returned": "“{name}”的备案申请被退回，请按意见修改后重新提交",
    "filing_filed": "“{name}”已完成备案",
    "filing_rejected": "“{name}”的备案申请未获通过，请查看原因",
    "year_confirmed": "“{name}”的年度确认已通过",
    "year_returned": "“{name}”的年度确认被退回，请按意见修改后重新填报",
    "suspend": "“{name}”已被暂停活动，请联系社区工作人员",
    "resume": "“{name}”已恢复活动",
}


def text_of(topic: str, facts: dict[str, Any]) -> str:
    """The words of a message, in Chinese."""
    return TEXTS[topic](facts)


def of_expiry(facts: dict[str, Any]) -> str:
    """Points of the own wallet, or of the household's pot, that end soon."""
    day = date.fromisoformat(facts["expires_on"])
    whose = "您家的家庭积分中" if facts["wallet"] == "household" else "您"
    return f"{whose}有 {facts['points']} 积分将于 {day.month}月{day.day}日 到期，请及时使用"


def of_objection(facts: dict[str, Any]) -> str:
    """An objection was answered; what was said is read there, because a message is not sealed."""
    outcome = "成立" if facts["decision"] == "upheld" else "不成立"
    return f"您的异议已有答复：{outcome}，请到“我的异议”查看；不同意的，7 天内可申请复核一次"


def of_undone(facts: dict[str, Any]) -> str:
    """A check-in of theirs was undone or shortened; what was typed as the reason is read there."""
    did = "撤销，相应的积分和时长已收回" if facts["state"] == "undone" else "更正为实际时长，积分已重新计算"
    return f"您的一次签到已被{did}；有疑问请在“明细”里点“我的积分不对”"


def of_group(facts: dict[str, Any]) -> str:
    """Something happened to somebody's group; reasons are read there."""
    return OF_A_GROUP[facts["what"]].format(name=facts["name"])


def words_of_expiry(facts: dict[str, Any]) -> dict[str, str]:
    """The same for a template: each word for a field."""
    day = date.fromisoformat(facts["expires_on"])
    return {
        "points": str(facts["points"]),
        "day": f"{day.year}年{day.month}月{day.day}日",
        "wallet": "家庭积分" if facts["wallet"] == "household" else "我的积分",
        "advice": "请及时使用，过期后退回资金",
    }


@dataclass(frozen=True)
class Words:
    """What a message can say in a template: the names of its words, and how they are made from its facts."""

    words: tuple[str, ...]
    of: Callable[[dict[str, Any]], dict[str, str]]


WORDS: dict[str, Words] = {EXPIRY: Words(("points", "day", "wallet", "advice"), words_of_expiry)}
TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    EXPIRY: of_expiry,
    OBJECTION: of_objection,
    UNDONE: of_undone,
    GROUP: of_group,
}
