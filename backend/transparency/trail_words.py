"""What acts on the trail are called in the words of those they are about."""

SAID = {
    "activities.ask_to_publish": "申请发布活动",
    "activities.cancel": "取消活动",
    "activities.draft": "起草活动",
    "activities.edit": "修改活动",
    "activities.publish": "发布活动",
    "activities.settle": "活动结项",
    "agencies.open": "登记社工机构",
    "allocations.approve": "批准资金入账",
    "allocations.ask": "申请资金入账",
    "allocations.decline": "驳回资金入账",
    "applications.approve": "同意入会申请",
    "applications.decline": "婉拒入会申请",
    "areas.merge": "合并区域",
    "areas.open": "登记区域",
    "areas.rename": "区域更名",
    "check_ins.arrive": "代为签到",
    "check_ins.leave": "代为签退",
    "check_ins.make_good": "补录签到",
    "content.pass": "内容审核通过",
    "content.remove": "移除内容",
    "delegations.approve": "批准委托",
    "delegations.ask": "申请委托",
    "delegations.decline": "驳回委托",
    "delegations.withdraw": "终止委托",
    "funds.open": "设立资金",
    "households.open": "登记门牌",
    "imports.upload": "导入门牌",
    "merges.merge": "合并账号",
    "merges.open": "登记疑似同一人的账号",
    "merges.separate": "确认不是同一人",
    "objections.reject": "答复异议：不成立",
    "objections.uphold": "答复异议：成立",
    "people.block": "停用账号",
    "people.unblock": "恢复账号",
    "people.verify": "居民认证",
    "redemptions.capture": "核销兑换",
    "redemptions.void": "退回兑换",
    "reviews.confirm": "签到复核通过",
    "reviews.decline": "签到复核未通过",
    "role_requests.approve": "批准街道干部任免",
    "role_requests.ask": "申请街道干部任免",
    "role_requests.decline": "驳回街道干部任免",
    "roles.grant": "授予角色",
    "roles.withdraw": "收回角色",
}

ANY_OTHER = "代为办理"  # whatever is done for somebody who stands beside them


def said(act: str) -> str:
    """An act in Chinese."""
    return SAID.get(act, ANY_OTHER)
