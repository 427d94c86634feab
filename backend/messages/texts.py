"""What a message says, from its facts alone. A topic without a text here is shown to nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

EXPIRY = "expiry"
OBJECTION = "objection"
UNDONE = "undone"
HOUSEHOLD = "household"
GROUP = "group"
THANKS = "thanks"
SKILLS = "skills"
ACTIVITY = "activity"
SETTLEMENT = "settlement"
VOLUNTEERING = "volunteering"
MERCHANT = "merchant"

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


OF_HOUSEHOLDS = {
    "claim_confirmed": "您的门牌认领已确认，可以到“我的庭户”查看",
    "claim_declined": "您的门牌认领没有通过，请到“我的庭户”查看原因，有疑问请联系社区工作人员",
    "removed": "您已不在原来的庭户，您自己的积分不受影响；有疑问请联系社区工作人员",
    "left": "有家人离开了您家的庭户，请到“我的庭户”核对成员",
    "election_opened": "您家正在选庭户长，请在 14 天内到“我的庭户”投票，没有手机的家人可到社区服务台投票",
    "election_confirmed": "您家的庭户长已选出并经社区确认，可以到“我的庭户”查看",
    "election_declined": "您家的庭户长选举没有得到社区确认，请联系社区工作人员",
    "awards_to_pot": "庭户长已选择：家人今后参加活动的积分进入家庭积分；不同意的，请与庭户长商量或联系社区工作人员",
    "awards_to_own": "庭户长已选择：家人今后参加活动的积分进入各自的积分",
    "spending_asked": "有家人想用 {points} 家庭积分，超过单次限额，请到“我的庭户”批准或婉拒",
    "spending_approved": "庭户长已批准使用 {points} 家庭积分，7 天内请再兑换一次",
    "spending_declined": "庭户长没有批准使用 {points} 家庭积分，可以减少数量，或使用自己的积分",
    "merge_asked": "另一户的庭户长申请与您家合为一户，请到“我的庭户”同意或撤回",
    "merge_declined": "合户申请没有得到社区确认，请联系社区工作人员",
    "merged": "两户已合为一户，家庭积分已合并，可以到“我的庭户”查看",
    "death": "社区已登记您家一位家人离世，其积分已转入家庭积分，请节哀；有疑问请联系社区工作人员",
    "death_of_head": "社区已登记您家庭户长离世，其积分已转入家庭积分，请节哀；请家人商量后选出新的庭户长",
}


def of_household(facts: dict[str, Any]) -> str:
    """What happened in one's household; who it was is read there, because a message is not sealed."""
    return OF_HOUSEHOLDS[facts["what"]].format(points=facts.get("points", ""))


def of_thanks(facts: dict[str, Any]) -> str:
    """A group thanked them; what it wrote is read with the entry, because a worker may still remove it."""
    where = "，已存入您家的家庭积分" if facts["wallet"] == "household" else ""
    return f"“{facts['name']}”用集体积分感谢您：+{facts['points']} 积分{where}"


SAID_OF_SKILLS = {
    "listed_for_you": "庭户长在“能力共享”为您登记了一项特长，如不愿公开，可在“我的特长”随时撤回",
    "contact": "有邻居在“能力共享”给您留言，请到“我的联系”查看并答复",
    "contact_accepted": "您联系的邻居已答应，请到“我的联系”查看答复",
    "contact_declined": "您联系的邻居暂时帮不上忙，可以再找找其他邻居",
    "suggested": "有邻居推荐您为社区能人，社区核实后会邀请您，是否接受由您决定",
    "invited": "社区邀请您成为能人，请到“能人邀请”接受或婉拒",
    "dismissed": "您的能人推荐这次未被采纳，感谢您为邻里所做的一切",
    "accepted": "您已列入能人库，可在“能人邀请”随时退出",
    "declined": "您已婉拒能人邀请，90 天内不再打扰",
    "withdrawn": "您已不再列入能人库，详情请到“能人邀请”查看",
    "found": "您推荐的邻居已成为社区能人，谢谢您的发现",
}


def of_skills(facts: dict[str, Any]) -> str:
    """What happened to something listed, asked or suggested; names and words are read there."""
    return SAID_OF_SKILLS[facts["what"]]


SAID_OF_ACTIVITIES = {
    "published": "新活动“{title}”（{when}）开始报名，点开可以报名",
    "changed": "您报名的“{title}”有变动：{changes}；不能参加的请取消报名，把名额让给别人",
    "cancelled": "您报名的“{title}”（{when}）已取消，抱歉打扰，可以看看其他活动",
    "placed": "“{title}”有了空位，您已候补成功，请准时参加；不能参加的请取消报名",
    "offered": "“{title}”有了空位，为您保留到 {until}，请点开确认参加",
    "offer_over": "“{title}”为您保留的名额已过时限，已让给下一位；还想参加的可以重新报名",
    "check_out": "您在“{title}”忘了签退，时长按场次结束暂记，等负责人确认后入账",
}


def of_activity(facts: dict[str, Any]) -> str:
    """What happened to an activity somebody is for, or signed up to."""
    changes = [f"时间改为 {facts['when']}"] if "when" in facts else []
    changes += [f"地点改为 {facts['where']}"] if "where" in facts else []
    return SAID_OF_ACTIVITIES[facts["what"]].format(**facts, changes="，".join(changes))


SAID_OF_SETTLEMENTS = {
    "closed": "“{name}”第 {number} 期结算单已出，请到“结算单”核对后确认；有疑问的可对单行提出异议",
    "answered": "“{name}”第 {number} 期结算单的异议已有答复，请查看后确认",
    "adjusted": "“{name}”第 {number} 期结算单有一行已更正，差额在下一期体现，请查看后确认",
    "paid": "“{name}”第 {number} 期结算单已付款，请查收",
}


def of_settlement(facts: dict[str, Any]) -> str:
    """What happened to a statement of one's shop; figures are read there."""
    return SAID_OF_SETTLEMENTS[facts["what"]].format(name=facts["name"], number=facts["number"])


def of_volunteering(facts: dict[str, Any]) -> str:
    """A report of hours was decided; what was typed is read there."""
    day = date.fromisoformat(facts["day"])
    which = f"您补录的 {day.month}月{day.day}日 {facts['minutes']} 分钟服务"
    if facts["what"] == "approved":
        return f"{which}已通过，时长已入账"
    return f"{which}没有通过，请到“我的补录”查看原因；不同意的可提出异议"


SAID_OF_MERCHANTS = {
    "approved": "“{name}”的入驻申请已通过，您现在是店主，可以添加店员和商品",
    "declined": "“{name}”的入驻申请未获通过，请到“我的店”查看原因",
    "suspended": "“{name}”已被暂停兑换，请联系街道工作人员",
    "resumed": "“{name}”已恢复兑换",
    "confirm": "商户请您确认用 {points} 积分领取“{name}”，请在 15 分钟内点开确认；不是您本人请取消",
    "released": "您在“{name}”兑换的商品因商户暂停不能领取，积分已退回",
}


def of_merchant(facts: dict[str, Any]) -> str:
    """What happened to one's shop, or to what one had reserved there; reasons are read there."""
    return SAID_OF_MERCHANTS[facts["what"]].format(name=facts["name"], points=facts.get("points", ""))


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
    HOUSEHOLD: of_household,
    THANKS: of_thanks,
    SKILLS: of_skills,
    ACTIVITY: of_activity,
    SETTLEMENT: of_settlement,
    VOLUNTEERING: of_volunteering,
    MERCHANT: of_merchant,
}
