"""What objections refuses."""

from backend.foundation.errors import Conflict, Forbidden


class OwnObjection(Forbidden):
    code = "own_objection"
    message = "不能答复自己或家人的异议，请由其他工作人员办理"


class OwnAct(Forbidden):
    """Whoever scanned, reviewed or captured does not judge whether that was right."""

    code = "own_act"
    message = "这件事是您或您的家人经手的，请由其他工作人员答复"


class ObjectionClosed(Conflict):
    code = "objection_closed"
    message = "这条异议已有结果（{state}），请刷新查看"
    advice_facts = {"state": "成立"}  # noqa: RUF012


class ObjectionAnswered(Conflict):
    code = "objection_answered"
    message = "这件事已经答复过，不同意答复可在 7 天内申请复核一次，或到社区服务台说明"


class NotToBeReopened(Conflict):
    code = "objection_not_reopened"
    message = "只能在答复后 7 天内申请复核一次，仍有疑问请到社区服务台说明"


class CorrectionUnavailable(Conflict):
    code = "correction_unavailable"
    message = "这里没有可以更正的签到记录，请只填写答复；要更正其他记录请联系街道工作人员"
