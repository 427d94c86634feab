"""What privacy refuses."""

from backend.foundation.errors import Conflict, TooManyRequests


class RevealsUsedUp(TooManyRequests):
    code = "reveals_used_up"
    message = "今天查看完整信息的次数已用完（{most} 次），请明天再查，急需时请另一位工作人员协助"
    advice_facts = {"most": 20}  # noqa: RUF012
    retry_after = 3600


class ExportsUsedUp(TooManyRequests):
    code = "exports_used_up"
    message = "今天导出的次数已用完（{most} 次），请明天再试"
    advice_facts = {"most": 5}  # noqa: RUF012
    retry_after = 3600


class ExportExpired(Conflict):
    code = "export_expired"
    message = "这次导出已过期，请重新申请导出"
