"""Refusals. A refusal has one class, one code, one status and one advice in Chinese; a bug has none and crashes."""

from typing import Any, ClassVar


class AppError(Exception):
    """Something we decline to do, said so that a resident knows what to do next.

    `facts` are plain values; the message may quote them. `is_recorded` marks the few refusals that must leave a
    trace (a stolen token, a draft sent on to a worker): what the deed wrote before refusing is then kept. `is_guess`
    marks the answer to a code or PIN that is none; whoever hears it too often waits (`foundation/guesses.py`).
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    message: ClassVar[str] = "请求有误，请刷新后重试"
    advice_facts: ClassVar[dict[str, Any]] = {}  # what the documented example says
    is_recorded: ClassVar[bool] = False
    is_guess: ClassVar[bool] = False
    retry_after: ClassVar[int | None] = None  # seconds

    def __init__(self, *, errors: dict[str, list[str]] | None = None, **facts: Any) -> None:
        self.facts = facts
        self.errors = errors
        super().__init__(self.code)

    @property
    def text(self) -> str:
        return self.message.format(**(self.advice_facts | self.facts))


class BadRequest(AppError):
    status = 400


class Unauthorized(AppError):
    status = 401
    code = "login_required"
    message = "请先登录"


class Forbidden(AppError):
    status = 403
    code = "forbidden"
    message = "您没有办理这件事的权限，请联系社区工作人员"


class ActingForOthersUnavailable(Forbidden):
    """Nobody does this for somebody else; doing it for the caller instead would be worse than not doing it."""

    code = "acting_for_others_unavailable"
    message = "这件事不能由别人代办，请本人办理"


class SecondPersonNeeded(Forbidden):
    """What two persons agree to is not decided by the one who asked, nor by anybody close to them."""

    code = "second_person_needed"
    message = "这件事需要另一位工作人员审批，申请人、当事人和他们的家人不能审批"


class NotFound(AppError):
    status = 404
    code = "not_found"
    message = "没有找到，可能已被删除或不属于本街道"


class Conflict(AppError):
    status = 409
    code = "conflict"
    message = "当前状态不能这样办理，请刷新后再看"


class Unprocessable(AppError):
    status = 422
    code = "invalid"
    message = "填写的内容有误，请按提示修改"


class TooManyRequests(AppError):
    status = 429
    code = "too_many_requests"
    message = "操作太频繁，请稍等一会儿再试"
    retry_after = 30


class TooManyGuesses(TooManyRequests):
    code = "too_many_guesses"
    message = "输错次数过多，请 {minutes} 分钟后再试，或到社区服务台办理"
    advice_facts = {"minutes": 10}  # noqa: RUF012
    retry_after = 600


class Unavailable(AppError):
    status = 503
    code = "unavailable"
    message = "服务暂时不可用，请稍后再试，您的数据不会丢失"
    retry_after = 5


class Busy(Unavailable):
    """Too many at once on the same thing; the same request may be sent again as it is, with the same key."""

    code = "busy"
    message = "现在办理的人较多，请稍等几秒再点一次，不会重复办理"
    retry_after = 2


class IdempotencyKeyRequired(BadRequest):
    code = "idempotency_key_required"
    message = "缺少 Idempotency-Key 请求头，请更新小程序后再试"


class InvalidIdempotencyKey(BadRequest):
    code = "idempotency_key_invalid"
    message = "Idempotency-Key 最多 120 个可见字符，请更新小程序后再试"


class Replan(Exception):
    """What the deed read was changed before it could write: run the whole deed again on what is true now."""
