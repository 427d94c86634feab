"""What erasing refuses."""

from backend.foundation.errors import Conflict, Forbidden, NotFound


class HandOverFirst(Conflict):
    """Others depend on this person; they would be left alone with it."""

    code = "hand_over_first"
    message = "暂时不能注销：{what}。请先办理交接，或到社区服务台办理"
    advice_facts = {"what": "您还担任清晨志愿队的队长"}  # noqa: RUF012


class OnlyOneself(Forbidden):
    code = "only_oneself"
    message = "注销账号需要本人办理，没有手机的居民请到社区服务台由工作人员代办"


class NothingKept(NotFound):
    code = "nothing_kept"
    message = "没有这位居民的留存记录，可能已到期销毁，或本人没有注销"
