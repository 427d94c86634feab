"""The sheet a card is printed from: a QR that says the token, and a number. No name, no address, no PIN."""

import segno

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>幸福积分卡 {number}</title>
<style>
@page {{ size: A6 landscape; margin: 8mm }}
body {{ font: 14pt sans-serif; margin: 0; text-align: center }}
svg {{ width: 55mm; height: 55mm }}
h1 {{ font-size: 20pt; margin: 0 }}
p {{ margin: 2mm 0 0 }}
</style>
</head>
<body>
<h1>幸福积分卡</h1>
{qr}
<p>卡号 {number}</p>
<p>签到出示此卡；兑换时请自己输入 PIN，不要告诉别人。遗失请立即到社区服务台挂失。</p>
</body>
</html>
"""


def sheet_of(token: str, *, number: str) -> str:
    """An A6 page, ready to print; made for whoever has the token in hand and kept nowhere."""
    qr = segno.make_qr(token, error="q").svg_inline(border=4, omitsize=True)
    return _PAGE.format(number=number, qr=qr)
