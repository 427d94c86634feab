"""The page for people: every list as a table, in Chinese, ready to be printed. Whatever anybody typed is escaped."""

from datetime import date, datetime
from html import escape
from typing import Any

from backend.foundation.clock import said_in_shanghai
from backend.foundation.own_copy import Rows
from backend.privacy.export_words import FIELDS, LISTS, VALUES, WORDED

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>我的资料</title>
<style>
@page {{ size: A4 landscape; margin: 12mm }}
body {{ font: 13pt/1.5 sans-serif; margin: 1rem }}
h1 {{ font-size: 22pt; margin: 0 }}
h2 {{ font-size: 16pt; margin: 6mm 0 2mm }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 1px solid #000; padding: 1mm 2mm; text-align: left; overflow-wrap: anywhere }}
</style>
</head>
<body>
<h1>我的资料</h1>
<p>{office} · {at} 生成 · 请妥善保管，不要交给别人</p>
{lists}
</body>
</html>
"""


def page_of(everything: dict[str, dict[str, Rows]], *, office: str, at: datetime) -> str:
    """Everything that is not empty; what there is none of is named at the end."""
    full, empty = [], []
    for lists in everything.values():
        for name, rows in lists.items():
            if rows:
                full.append(_table(LISTS[name], rows))
            else:
                empty.append(LISTS[name])
    if empty:
        full.append(f"<p>没有记录：{escape('、'.join(empty))}</p>")
    return _PAGE.format(office=escape(office), at=said_in_shanghai(at), lists="\n".join(full))


def _table(name: str, rows: Rows) -> str:
    shown = [field for field in rows[0] if field not in _FOR_MACHINES]
    head = "".join(f"<th>{escape(FIELDS[field])}</th>" for field in shown)
    lines = "\n".join(
        "<tr>" + "".join(f"<td>{_said(field, row[field])}</td>" for field in shown) + "</tr>" for row in rows
    )
    return f"<h2>{escape(name)}（{len(rows)}）</h2>\n<table><tr>{head}</tr>\n{lines}\n</table>"


_FOR_MACHINES = {"id", "origin", "kind", "act", "objection_id", "check_in_id"}


def _said(field: str, value: Any) -> str:
    if value is None:
        return ""
    if field in WORDED:
        return escape(VALUES.get(value, str(value)))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return said_in_shanghai(value)
    if isinstance(value, date):
        return value.isoformat()
    return escape(str(value))
