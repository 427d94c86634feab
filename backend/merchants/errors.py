"""What merchants refuse."""

from backend.foundation.errors import Conflict, Forbidden, NotFound, Unprocessable


class RedemptionCodeUnknown(NotFound):
    """Told apart from any other missing thing by nobody but those who count guesses."""

    is_guess = True


class OfferClosed(Conflict):
    code = "offer_closed"
    message = "这件商品已下架，看看别的吧"


class OfferNotOpen(Conflict):
    code = "offer_not_open"
    message = "现在不在兑换时间内，请在 {hours} 之间兑换"
    advice_facts = {"hours": "09:00—18:00"}  # noqa: RUF012


class MerchantNameTaken(Conflict):
    code = "merchant_name_taken"
    message = "已有同名或同一信用代码的商户，请核对；是您的店请联系街道工作人员"


class MerchantState(Conflict):
    code = "merchant_state"
    message = "商户现在是“{state}”，不能这样办理，请刷新后再看"
    advice_facts = {"state": "已暂停"}  # noqa: RUF012


class OfferDecided(Conflict):
    code = "offer_decided"
    message = "这件商品现在是“{state}”，不能这样办理，请刷新后再看"
    advice_facts = {"state": "已下架"}  # noqa: RUF012


class ShopCapReached(Conflict):
    code = "shop_cap_reached"
    message = "{cap}最多兑换 {limit} 积分，现在还能用 {left} 积分，请减少数量或改天再来"
    advice_facts = {"cap": "每人每天", "limit": 200, "left": 20, "points": 40}  # noqa: RUF012


class SoldOut(Conflict):
    code = "sold_out"
    message = "库存不足，还剩 {left} 件"
    advice_facts = {"left": 0}  # noqa: RUF012


class LimitReached(Conflict):
    code = "limit_reached"
    message = "每人{period}限兑 {per_person} 件，您还能兑 {left} 件"
    advice_facts = {"per_person": 2, "left": 0, "period": "每天"}  # noqa: RUF012


class AlreadyCaptured(Conflict):
    code = "already_captured"
    message = "此码已于 {at} 由其他店员核销，请不要再次发货"
    advice_facts = {"at": "11月23日 10:02"}  # noqa: RUF012


class MoreThanHeld(Conflict):
    code = "more_than_held"
    message = "这个码只兑换了 {held} 件，不能多发，请按 {held} 件或更少核销"
    advice_facts = {"held": 2}  # noqa: RUF012


class VoucherInvalid(Unprocessable):
    code = "voucher_invalid"
    message = "这张离线券不是本街道签发的或被改动过，请不要发货"


class VoucherOfOtherShop(Conflict):
    code = "voucher_other_shop"
    message = "这张离线券不是给这家商户的，请顾客到指定商户领取"


class VoucherExpired(Conflict):
    code = "voucher_expired"
    message = "扫这张离线券时已过有效期，不能核销，请顾客联网后重新兑换"


class VoucherOut(Conflict):
    code = "voucher_out"
    message = "已取出离线券，商户可能已发货，{until} 前不能取消；没有领取的到时自动退回"
    advice_facts = {"until": "11月28日 10:00"}  # noqa: RUF012


class OwnHousehold(Forbidden):
    code = "own_household"
    message = "不能为自己或家人核销，请由其他店员办理"


class OwnShop(Forbidden):
    """Whoever works in a shop does not spend a group's points there, nor agrees to it."""

    code = "own_shop"
    message = "您是这家商户的店主或店员，不能在本店使用集体积分，请由另一位队长或副队长办理"


class SecondLeaderFirst(Conflict):
    code = "second_leader_first"
    message = "超过本队单人限额 {limit} 积分，请先提交集体兑换申请，由另一位队长或副队长确认后再兑换"
    advice_facts = {"limit": 100, "points": 240}  # noqa: RUF012


class CodeUsed(Conflict):
    """A personal code that has paid already: it is shown once, or whoever saw it could go on with it."""

    code = "code_used"
    message = "这个码已经用过，请对方刷新“我的码”再扫"


class AssistedCapReached(Conflict):
    code = "assisted_cap_reached"
    message = "代办和刷卡有限额，现在最多还能用 {left} 积分，请减少数量，或改天、由本人用手机兑换"
    advice_facts = {"cap": "a_day", "limit": 300, "left": 20, "points": 40}  # noqa: RUF012


class LeftHousehold(Conflict):
    code = "left_household"
    message = "顾客已不在这一户，不能再用家庭积分领取，请用自己的积分重新兑换"


class NotCaptured(Conflict):
    code = "not_captured"
    message = "这笔兑换还没有核销，顾客可以自己取消"


class VoidWindowPassed(Conflict):
    code = "void_window_passed"
    message = "已过退回期限（店员当天，店主 7 天内），请联系街道工作人员"
