"""The printed statement: what a card holder takes home, in large letters."""

from html import escape

from backend.foundation.clock import said_in_shanghai
from backend.people.statements import Helped, Statement

CHANNELS = {"desk": "服务台代办", "card": "刷卡", "household": "庭户长代办"}
ACTS = {
    "assisted.sign_up": "报名活动",
    "assisted.accept_place": "确认候补名额",
    "assisted.withdraw": "取消报名",
    "assisted.report_hours": "补录时长",
    "assisted.certify": "开具服务证明",
    "assisted.apply": "申请入会",
    "assisted.redeem": "兑换",
    "assisted.cancel_redemption": "取消兑换",
    "assisted.consent": "登记同意",
    "assisted.withdraw_consent": "撤回同意",
    "assisted.export": "导出资料",
    "assisted.read_export": "打印全部资料",
    "assisted.read_wallet": "查询积分",
    "assisted.read_entries": "查询明细",
    "assisted.read_redemptions": "查询兑换",
    "assisted.read_consents": "查询同意",
    "redemptions.capture": "商户核销",
    "check_ins.arrive": "签到",
    "check_ins.leave": "签退",
}
ANY_OTHER = "代为办理"

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>幸福积分对账单 {month}</title>
<style>
@page {{ size: A4; margin: 15mm }}
body {{ font: 15pt/1.5 sans-serif; margin: 0 }}
h1 {{ font-size: 22pt; margin: 0 }}
table {{ border-collapse: collapse; width: 100%; margin: 4mm 0 }}
th, td {{ border: 1px solid #000; padding: 1mm 2mm; text-align: left }}
td.n {{ text-align: right }}
</style>
</head>
<body>
<h1>幸福积分对账单 {month}</h1>
<p>{name} · 卡号 {number}</p>
<p>月末积分 <b>{balance}</b> · 打印时可用 <b>{available}</b>，待领取 {held} · 服务时长 {hours} 小时 {minutes} 分</p>
<p>{ending}</p>
<h2>本月明细</h2>
<table><tr><th>时间</th><th>事由</th><th>积分</th><th>余额</th></tr>
{lines}
</table>
<h2>谁为您办理过</h2>
<table><tr><th>时间</th><th>办理人</th><th>方式</th><th>事项</th><th>积分</th></tr>
{helped}
</table>
<p>如有不是您本人同意的记录，请到社区服务台提出“我的积分不对”。</p>
</body>
</html>
"""


def sheet_of(statement: Statement, *, name: str, number: str) -> str:
    """An A4 page, ready to print. `name` is masked: the paper may lie about."""
    wallet = statement.wallet
    ending = "；".join(f"{day.year}年{day.month}月{day.day}日到期 {points} 积分" for day, points in wallet.expiring)
    return _PAGE.format(
        month=f"{statement.month[:4]}年{int(statement.month[5:])}月",
        name=escape(name),
        number=number,
        balance=statement.balance,
        available=wallet.available,
        held=wallet.held,
        hours=wallet.minutes // 60,
        minutes=wallet.minutes % 60,
        ending=ending or "没有将到期的积分",
        lines="\n".join(
            _row(
                said_in_shanghai(line.occurred_at),
                line.reason,
                f"{line.points:+d}" if line.points else "",
                str(line.balance_after),
            )
            for line in statement.lines
        )
        or _row("本月没有积分变动", "", "", ""),
        helped="\n".join(_helped(each) for each in statement.helped) or _row("本月没有别人为您办理", "", "", "", ""),
    )


def _helped(each: Helped) -> str:
    what = ACTS.get(each.act, ANY_OTHER)
    return _row(said_in_shanghai(each.at), each.helper, CHANNELS[each.channel], what, str(each.points or ""))


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
