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


class CardExists(Conflict):
    code = "card_exists"
    message = "这位居民已有一张在用的卡，遗失请先挂失补办，忘记 PIN 请重设"


class CardLocked(Forbidden):
    code = "card_locked"
    message = "PIN 输错次数过多，这张卡已锁定，请持卡人到社区服务台重设 PIN"


class PinWrong(Forbidden):
    """Kept on record although refused: five of them, and the card spends nothing until the desk has set another."""

    is_recorded = True
    is_guess = True
    code = "pin_wrong"
    message = "PIN 不正确，还可以试 {left} 次，之后卡会锁定，需持卡人到社区服务台重设"
    advice_facts = {"left": 4}  # noqa: RUF012


class OwnDesk(Forbidden):
    code = "own_desk"
    message = "不能在服务台为自己或家人代办，请由其他工作人员办理"


class NoDependant(Forbidden):
    code = "no_dependant"
    message = "庭户长只能为本户的未成年人或没有手机的家人代办，请本人办理"


class ConsentNeeded(Conflict):
    code = "consent_needed"
    message = "还没有登记这位居民对“{purpose}”的同意，请先请本人阅读并签字，再在服务台登记"
    advice_facts = {"purpose": "参加幸福积分"}  # noqa: RUF012


class ConsentWithdrawn(Conflict):
    code = "consent_withdrawn"
    message = "您已撤回对“{purpose}”的同意，如要继续，请先到“我的 → 隐私”重新同意"
    advice_facts = {"purpose": "使用手机号核实身份"}  # noqa: RUF012


class ConsentStays(Conflict):
    code = "consent_stays"
    message = "这项同意是参加幸福积分的前提，不能单独撤回；要退出并删除资料，请申请注销账号或到社区服务台办理"


class PolicyChanged(Conflict):
    code = "policy_changed"
    message = "“{purpose}”的说明已更新，请重新阅读后再同意"
    advice_facts = {"purpose": "参加幸福积分"}  # noqa: RUF012


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


class OwnCase(Forbidden):
    code = "own_case"
    message = "不能为自己或家人办理认证和账号合并，请由其他工作人员办理"


class UnderFourteen(Conflict):
    code = "under_fourteen"
    message = "14 岁以下的孩子不单独认证，请由户内成年监护人同意后，在“我的庭户”里或到社区服务台登记为家人"


class HouseholdFull(Conflict):
    code = "household_full"
    message = "一户最多 {most} 人，请先核对户内成员，或登记为另一户"
    advice_facts = {"most": 12}  # noqa: RUF012


class HouseholdHasHead(Conflict):
    code = "household_has_head"
    message = "这户已有庭户长，请登记为成员，或先改选庭户长"


class HeadStays(Conflict):
    code = "head_stays"
    message = "这个账号是另一户的庭户长，请那一户先改选庭户长，或保留这个账号"


class LivesElsewhere(Conflict):
    code = "lives_elsewhere"
    message = "对方已登记在另一户，迁入请到社区服务台办理"


class MoveTooSoon(Conflict):
    code = "move_too_soon"
    message = "每 {days} 天只能换一次庭户，{day} 起可以办理；特殊情况请填写原因"
    advice_facts = {"days": 90, "day": "2027年2月21日"}  # noqa: RUF012


class MergeDecided(Conflict):
    code = "merge_decided"
    message = "这两个账号已经处理过了，请刷新查看"


class MergeNeedsSecondPerson(Forbidden):
    code = "merge_needs_second_person"
    message = "合并账号需要另一位工作人员确认，不能由提出的人或其家人确认"


class RolesFirst(Conflict):
    """A merge grants nothing and takes nothing: what the account that ends may do is settled before."""

    code = "merge_roles_first"
    message = "要并掉的账号还有角色（{roles}），请保留这个账号，或先撤销这些角色"
    advice_facts = {"roles": "清晨志愿队"}  # noqa: RUF012


class DebtorIsKept(Conflict):
    code = "merge_keeps_debtor"
    message = "要并掉的账号还有 {recoverable} 积分待扣回，请改为保留这个账号"
    advice_facts = {"recoverable": 20}  # noqa: RUF012


class BothOwe(Conflict):
    code = "merge_both_owe"
    message = "两个账号都有待扣回的积分，请等其中一个扣清后再合并"
