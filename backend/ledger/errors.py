"""What the ledger refuses. A refusal has no effect on any ledger table."""

from backend.foundation.errors import Conflict, Unavailable, Unprocessable


class KeyReused(Unprocessable):
    code = "key_reused"
    message = "这个 Idempotency-Key 已用于另一笔内容不同的操作，请换一个新的再提交"


class AlreadyResolved(Conflict):
    """The hold was captured or released before; the facts name the winner."""

    code = "already_resolved"
    message = "这笔待领取的积分已经处理过了，请刷新查看"


class AlreadyReversed(Conflict):
    code = "already_reversed"
    message = "这一笔已经退回过了，不会重复退回"


class AwardExpired(Conflict):
    """Nothing of the award is left, and its last day has passed: it would have gone back by itself."""

    code = "award_expired"
    message = "这笔积分的有效期已过，已无可退回的部分，不需要再处理"


class HoldExpired(Conflict):
    code = "hold_expired"
    message = "兑换码已过期，积分会退回原处，请重新兑换"


class InsufficientPoints(Conflict):
    code = "insufficient_points"
    message = "可用积分不足：需要 {required}，现有 {available}"
    advice_facts = {"required": 30, "available": 20}  # noqa: RUF012


class BudgetExhausted(Conflict):
    code = "budget_exhausted"
    message = "资金里可用的积分不足：需要 {required}，现有 {available}，请调低预算或联系街道充值"
    advice_facts = {"required": 3000, "available": 2000}  # noqa: RUF012


class BalanceTooLarge(Conflict):
    code = "balance_too_large"
    message = "积分数额超出账本上限，请联系街道工作人员"


class BookBroken(Unavailable):
    """The ledger does not fit together where this entry needs it to; a human has to look before anything moves."""

    code = "integrity"
    message = "账目需要人工核对，暂时不能办理，请联系街道工作人员"
