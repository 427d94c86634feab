"""What activities refuses."""

from backend.foundation.errors import Conflict, Forbidden, Unprocessable


class WrongState(Conflict):
    code = "wrong_state"
    message = "活动现在是“{state}”，不能这样办理，请刷新后再看"
    advice_facts = {"state": "已取消"}  # noqa: RUF012


class ActivityOver(Conflict):
    code = "activity_over"
    message = "活动已结束，不能再办理"


class NotStarted(Conflict):
    code = "activity_not_started"
    message = "活动还没有开始，开始后才能结项；不办了请选择取消"


class HasCheckIns(Conflict):
    code = "has_check_ins"
    message = "已经有人签到，不能取消，请改为结项"


class NeedsWorker(Conflict):
    """Recorded: the draft is now in the worker's queue."""

    code = "needs_worker"
    message = "这项活动的积分需要社区工作人员发布，已转给工作人员，请留意通知"
    is_recorded = True


class FixedByNow(Conflict):
    code = "fixed_once_published"
    message = "这些内容现在不能再修改：{fields}"
    advice_facts = {"fields": "points_fixed"}  # noqa: RUF012


class TimesFixedByNow(Conflict):
    code = "times_fixed"
    message = "已经有人签到或场次数量有变，时间不能再修改；需要另办的请复制一场新活动"


class BudgetOnlyRises(Conflict):
    code = "budget_only_rises"
    message = "活动发布后预算只能增加，剩余积分结项时自动退回"


class FundOfOtherArea(Conflict):
    code = "fund_of_other_area"
    message = "这笔资金只能用于{area}的活动，请换一个资金"
    advice_facts = {"area": "安宁社区"}  # noqa: RUF012


class CapacityTooLow(Conflict):
    code = "capacity_too_low"
    message = "已有 {taken} 人占用名额，名额不能更少"
    advice_facts = {"taken": 12}  # noqa: RUF012


class PresenceRecorded(Conflict):
    code = "presence_recorded"
    message = "这场活动已有完整的签到记录，不需要补录"


class SignUpsClosed(Conflict):
    code = "sign_ups_closed"
    message = "活动未开放报名或已结束，看看其他活动吧"


class OfferOver(Conflict):
    code = "offer_over"
    message = "为您保留的名额已过时限，可以重新报名排队候补"


class AlreadyThere(Conflict):
    code = "already_checked_in"
    message = "您已签到，不能再取消报名"


class ActivityFull(Conflict):
    code = "activity_full"
    message = "名额已满（共 {capacity} 人），可以请现场负责人扫码登记，或排队候补"
    advice_facts = {"capacity": 30}  # noqa: RUF012


class CheckInNotOpen(Conflict):
    code = "check_in_not_open"
    message = "还没到签到时间，{opens} 开始签到"
    advice_facts = {"opens": "11月23日 18:05"}  # noqa: RUF012


class CheckInClosed(Conflict):
    code = "check_in_closed"
    message = "这场活动的签到已结束，如有遗漏请联系负责人补签"


class NotCheckedIn(Conflict):
    code = "not_checked_in"
    message = "还没有签到，请先签到再签退"


class ScanRequired(Conflict):
    code = "scan_required"
    message = "这项活动需要负责人扫您的码签到，请打开“我的码”"


class DoorCodeInvalid(Unprocessable):
    is_guess = True
    code = "code_invalid"
    message = "二维码无法识别，请重新扫现场屏幕上的码"


class DoorCodeExpired(Conflict):
    code = "code_expired"
    message = "二维码已过期，请重新扫现场屏幕上的码"


class CodeOfOtherActivity(Conflict):
    code = "code_wrong_activity"
    message = "这是另一场活动的二维码，请扫本场活动的码"


class SessionNeeded(Unprocessable):
    code = "session_needed"
    message = "活动有多个场次，请选择其中一场"


class SecondHouseholdNeeded(Forbidden):
    code = "second_household_needed"
    message = "不能为自己或家人审核，请由其他家庭的负责人或社区工作人员审核"


class UndoNeedsWorker(Conflict):
    code = "undo_needs_worker"
    message = "活动已经结项，签到要由社区工作人员撤销，请联系工作人员"


class CheckInUndone(Conflict):
    """Whoever was taken off the list does not put themselves on it again with their own phone."""

    code = "check_in_undone"
    message = "您的这次签到已被撤销；确实到场的，请找现场负责人扫码登记"


class ReviewDecided(Conflict):
    code = "review_decided"
    message = "这条签到已经审核过了，请刷新查看"


class TopUpNeedsWorker(Conflict):
    code = "top_up_needs_worker"
    message = "增加这么多积分需要社区工作人员办理，请联系工作人员"
