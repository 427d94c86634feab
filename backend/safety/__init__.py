"""Safety: texts and pictures that others will see. WeChat judges them, and where it cannot, a worker does.

WeChat *judges* a text for an openid that was active within two hours. What it calls risky is refused and never written.
What it cannot judge (typed at the desk, for somebody without a phone, WeChat away) is written all the same and a
*content review* waits for a worker's eye. A picture is *redrawn*, kept privately, and *shown* to others only when
WeChat or a worker has passed it.

judged         the decorator of routes that write what others will read; the edge of their transaction
texts          asking WeChat about the texts of one request
reviews        what waits for a worker, and what becomes of it
pictures       take in, look up, who may see
redrawing      bytes somebody sent → a picture we made ourselves, or a refusal
addresses      signed addresses, good for some time
checking       asking WeChat about a picture, and waiting for its verdict
verdicts       a verdict arrives
"""
