"""What people refuses."""

from backend.foundation.errors import Conflict, Forbidden, NotFound, Unauthorized, Unprocessable


class TokenInvalid(Unauthorized):
    code = "token_invalid"
    message = "登录已失效，请重新登录"


class TokenExpired(Unauthorized):
    code = "token_expired"
    message = "登录已过期，请重新登录"


class DeviceEnded(Unauthorized):
    code = "device_ended"
    message = "这台设备已退出登录，请重新登录"


class PersonBlocked(Unauthorized):
    """Whoever is in: this login has ended."""

    code = "person_blocked"
    message = "您的账号已被停用，请带上身份证件到社区服务台办理，您的积分不受影响"


class BlockedFromLogin(Forbidden):
    """Whoever wants in: another login will not help."""

    code = "person_blocked"
    message = PersonBlocked.message


class NotBlocked(Conflict):
    code = "not_blocked"
    message = "这个账号没有被停用，请刷新后再看"


class OfficerNeeded(Forbidden):
    code = "officer_needed"
    message = "对方是工作人员，请由街道负责人办理"


class RefreshRefused(Unauthorized):
    code = "refresh_refused"
    message = "登录已失效，请重新打开小程序登录"


class RefreshReused(RefreshRefused):
    """A token that was already exchanged came again: somebody has a copy, so the whole family ends."""

    is_recorded = True


class PersonCodeInvalid(Unprocessable):
    is_guess = True
    code = "code_invalid"
    message = "二维码无法识别，请对方打开“我的码”重新扫"


class PersonCodeExpired(Conflict):
    code = "code_expired"
    message = "二维码已过期，请对方刷新“我的码”再扫"


class CodeOfOtherOffice(Conflict):
    code = "code_other_office"
    message = "这是{office}的二维码，请到{office}办理"
    advice_facts = {"office": "邻里街道"}  # noqa: RUF012


class CardUnknown(NotFound):
    is_guess = True
    code = "card_unknown"
    message = "没有找到这张卡，请到社区服务台核对"


class CardBlocked(Conflict):
    code = "card_blocked"
    message = "这张卡已挂失或停用，请到社区服务台补办"


class ResidentNeeded(Forbidden):
    code = "resident_needed"
    message = "这件事需要先认证为本街道居民，请到社区服务台或请庭户长确认"


class PhoneNeeded(Forbidden):
    code = "phone_needed"
    message = "兑换或赠送积分前请先验证手机号：我的 → 手机号验证，或到社区服务台办理"


class MinorCannotSpend(Forbidden):
    code = "minor_cannot_spend"
    message = "未成年人不能单独兑换，请由家人使用家庭积分兑换"


class MinorCannotGive(Forbidden):
    code = "minor_cannot_give"
    message = "未成年人不能单独赠送积分，请由家里的成年人赠送"


class NoHousehold(Conflict):
    code = "no_household"
    message = "您还没有加入庭户，请先请庭户长或到社区服务台登记，也可以赠送给爱心池"


class GiftTooEarly(Conflict):
    code = "gift_too_early"
    message = "加入庭户满 {days} 天才能赠送给家庭，您从 {day} 起可以赠送"
    advice_facts = {"days": 30, "day": "2026年12月23日"}  # noqa: RUF012
