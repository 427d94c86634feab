"""What volunteering refuses."""

from backend.foundation.errors import Conflict, Forbidden, NotFound


class DayFull(Conflict):
    code = "day_full"
    message = "这一天已报 {minutes} 分钟，一天最多 {most} 分钟，请核对后再报"
    advice_facts = {"minutes": 600, "most": 720}  # noqa: RUF012


class LogDecided(Conflict):
    code = "log_decided"
    message = "这条补录已经处理过了，请刷新查看"


class OwnLog(Forbidden):
    code = "own_log"
    message = "不能审核自己或家人的补录，请由其他家庭的负责人或社区工作人员审核"


class IssuerUnknown(Conflict):
    code = "issuer_unknown"
    message = "街道还没有填写证明的负责人和联系方式，请联系街道工作人员"


class NothingToCertify(Conflict):
    code = "nothing_to_certify"
    message = "这段时间没有已确认的服务时长，请换一个时间段"


class NoSuchCertificate(NotFound):
    """A wrong surname and a wrong number are answered alike."""

    is_guess = True
