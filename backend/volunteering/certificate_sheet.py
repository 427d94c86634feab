"""The certificate on paper: the identity number is written in by hand, at the desk, and stays on the paper."""

from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>志愿服务记录证明 {number}</title>
<style>
@page {{ size: A4; margin: 18mm }}
body {{ font: 12pt/1.6 serif; margin: 0 }}
h1 {{ text-align: center; font-size: 22pt; margin: 0 0 6mm }}
table {{ border-collapse: collapse; width: 100%; margin: 4mm 0 }}
th, td {{ border: 1px solid #000; padding: 1mm 2mm; text-align: left; font-size: 10.5pt }}
.fill {{ display: inline-block; min-width: 70mm; border-bottom: 1px solid #000 }}
.foot {{ margin-top: 10mm; text-align: right }}
</style>
</head>
<body>
<h1>志愿服务记录证明</h1>
<p>编号：{number}</p>
<p>兹证明 <strong>{name}</strong>（身份证件号码：<span class="fill">&nbsp;</span>，由本人在现场填写，不留存），
自 {since} 至 {until}，参加志愿服务共 <strong>{hours}</strong>（{minutes} 分钟），明细如下：</p>
<table>
<tr><th>日期</th><th>活动</th><th>服务内容</th><th>地点</th><th>时长（分钟）</th><th>活动负责人</th></tr>
{rows}
</table>
<p>本证明免费出具。核验：凭编号和姓氏在“志愿服务证明核验”页面查询。</p>
<div class="foot">
<p>出具单位：{issuer}（盖章）</p>
<p>负责人：{responsible_person}　联系方式：{contact}</p>
<p>出具日期：{issued_on}</p>
</div>
</body>
</html>
"""
_ROW = "<tr><td>{day}</td><td>{activity}</td><td>{content}</td><td>{place}</td><td>{minutes}</td><td>{who}</td></tr>"


def sheet_of(certificate: dict[str, Any]) -> str:
    """One page and more, as HTML for a printer."""
    rows = "\n".join(
        _ROW.format(
            **{name: escape(str(service[name])) for name in ("day", "activity", "content", "place", "minutes")},
            who=escape(service["responsible_person"]),
        )
        for service in certificate["services"]
    )
    plain = {name: escape(str(value)) for name, value in certificate.items() if name != "services"}
    blank = dict.fromkeys(("name", "issuer", "responsible_person", "contact"), "（已注销）")
    hours, rest = divmod(certificate["minutes"], 60)
    return _PAGE.format(**blank | plain, rows=rows, hours=f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时")
