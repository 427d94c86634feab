"""For what we ask somebody's agreement, and what depends on it.

One purpose, one agreement, one withdrawal (个人信息保护法 第十四至十六条). What is done by the act itself (WeChat's
phone button, 允许 for a message, sending a picture) agrees to its purpose, unless it was withdrawn before.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Purpose:
    """One thing personal data is used for."""

    name: str
    depends: str  # what works with it, and what ends with its withdrawal
    is_required: bool = False  # nobody takes part without it; it ends with the account


PURPOSES = {
    "service": Purpose(
        "参加幸福积分",
        "报名、签到、记录服务时长、发放和兑换积分都需要它；不能单独撤回，要退出请申请注销账号",
        is_required=True,
    ),
    "phone": Purpose(
        "使用手机号核实身份",
        "用手机号核实是本人；撤回后我们删除手机号，仅凭手机号核实的账号回到未核实，已由社区确认住址的不受影响",
    ),
    "messages": Purpose(
        "接收微信提醒",
        "积分到期等微信提醒；撤回后不再发送，尚未发出的也不再发出，在小程序里仍可查看",
    ),
    "photos": Purpose(
        "展示您上传的照片",
        "活动照片给别人看；撤回后您上传的照片对所有人隐藏，重新同意后恢复",
    ),
}
