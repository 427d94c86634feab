"""What settlement refuses."""

from backend.foundation.errors import Conflict, Forbidden


class NothingToSettle(Conflict):
    code = "nothing_to_settle"
    message = "这段时间没有新的核销或退回，不需要结算"


class PeriodNotOver(Conflict):
    code = "period_not_over"
    message = "结算截止时间还没有到，请选择现在或更早的时间"


class PeriodClosed(Conflict):
    code = "period_closed"
    message = "这家商户已结算到 {until}，请选择更晚的截止时间"
    advice_facts = {"until": "11月30日 24:00"}  # noqa: RUF012


class StatementState(Conflict):
    code = "statement_state"
    message = "结算单现在是“{state}”，不能这样办理，请刷新后再看"
    advice_facts = {"state": "已确认"}  # noqa: RUF012


class LineDisputed(Conflict):
    code = "line_disputed"
    message = "这一行已经提出过异议，请查看答复"


class DisputesOpen(Conflict):
    code = "disputes_open"
    message = "还有 {open} 行异议没有答复，答复后才能确认"
    advice_facts = {"open": 1}  # noqa: RUF012


class NothingToPay(Conflict):
    code = "nothing_to_pay"
    message = "这张结算单应付金额不是正数，会自动结转到下一张，不需要付款"


class StatementFlagged(Conflict):
    code = "statement_flagged"
    message = "这家商户有 {open} 条异常提示待处理，处理后才能付款"
    advice_facts = {"open": 1}  # noqa: RUF012


class NumbersDiffer(Conflict):
    code = "numbers_differ"
    message = "发票号或凭证号与第一位经办人填写的不一致，请核对后再付款"


class OwnMerchant(Forbidden):
    """Whoever works in the shop, or lives with somebody who does, decides nothing about its money."""

    code = "own_merchant"
    message = "您或您的家人在这家商户，不能办理它的结算，请由其他工作人员办理"
