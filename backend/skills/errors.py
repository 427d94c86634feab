"""What skills refuses."""

from backend.foundation.errors import Conflict, Forbidden


class NotToBeListed(Conflict):
    """A minor, or somebody whose door nobody confirmed; which of them is not said about others."""

    code = "not_to_be_listed"
    message = "只能登记或推荐已认证住址的成年居民，可请对方先到社区服务台认证"


class GroundUnknown(Conflict):
    code = "ground_unknown"
    message = "您的门牌还没有登记到这一级，请选择更大的可见范围，或联系社区完善门牌"


class OwnSuggestion(Forbidden):
    code = "own_suggestion"
    message = "不能推荐自己，也不能审核自己和家人的推荐，请由其他工作人员办理"


class SuggestedBefore(Conflict):
    code = "suggested_before"
    message = "已有邻居为这位居民推荐了同样的特长，感谢您的热心，可以推荐其他特长"


class DeclinedLately(Conflict):
    code = "declined_lately"
    message = "对方婉拒过这项邀请，{days} 天内不再打扰，可在 {day} 之后再推荐"
    advice_facts = {"days": 90, "day": "2027年2月24日"}  # noqa: RUF012


class CapableDecided(Conflict):
    code = "capable_decided"
    message = "这项推荐目前是“{state}”，不能这样办理，请刷新查看"
    advice_facts = {"state": "已接受"}  # noqa: RUF012


class OwnListing(Conflict):
    code = "own_listing"
    message = "这是您自己登记的，不用联系自己"


class ContactAnswered(Conflict):
    code = "contact_answered"
    message = "这条留言已经答复过了，请刷新查看"
