"""Message pushes: WeChat's own examples, and everybody who is not WeChat."""

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend.wechat.push_xml import NotOurXml, fields_of, written
from backend.wechat.pushes import FRESH_SECONDS, ImageVerdict, PushRefused, Seal

# https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
OFFICIAL = Seal(token="AAAAA", aes_key="A" * 43, appid="wxba5fad812f8e6fb9")
ENCRYPTED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8X"
    "GT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIj"
    "df8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)

APPID, TOKEN, AES_KEY = "wx0123456789abcdef", "pushtoken", "x1" * 21 + "A"
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOW = str(int(AT.timestamp()))


@pytest.fixture
def seal():
    return Seal(token=TOKEN, aes_key=AES_KEY, appid=APPID)


@pytest.fixture
def read(seal):
    """What is understood of a message that WeChat signed and sealed."""

    def understand(message, *, as_xml=False, by=seal, timestamp=NOW, at=AT):
        plain = message if isinstance(message, str) else written(message) if as_xml else json.dumps(message)
        encrypted = by.sealed(plain.encode())
        envelope = {"ToUserName": "gh_1", "Encrypt": encrypted}
        body = (written(envelope) if as_xml else json.dumps(envelope)).encode()
        signature = by.signature(timestamp, "nonce", encrypted)
        return seal.read(body, signature=signature, timestamp=timestamp, nonce="nonce", at=at)

    return understand


def verdict(**more):
    return {
        "ToUserName": "gh_1",
        "FromUserName": "mei",
        "CreateTime": 1795428000,
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": APPID,
        "trace_id": "60ae120f-371d5872-7941a05b",
        "version": 2,
        "detail": [{"strategy": "content_model", "errcode": 0, "suggest": "risky", "label": 20006, "prob": 90}],
        "errcode": 0,
        "errmsg": "ok",
        "result": {"suggest": "risky", "label": 20006},
    } | more


# --- WeChat's own examples ---


def test_the_official_signature():
    assert OFFICIAL.signature("1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_the_official_signature_of_a_plain_push():
    assert OFFICIAL.signature("1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


def test_the_official_signature_of_a_sealed_push():
    assert OFFICIAL.signature("1714112445", "415670741", ENCRYPTED) == "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"


def test_the_official_seal_opens():
    assert json.loads(OFFICIAL.opened(ENCRYPTED)) == {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }


def test_we_seal_as_the_official_example_does(monkeypatch):
    monkeypatch.setattr("backend.wechat.pushes.secrets.token_bytes", lambda _: b"707722b803182950")

    assert OFFICIAL.sealed(b'{"demo_resp":"good luck"}') == (
        "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    )


def test_the_official_push_is_read():
    push = OFFICIAL.read(
        json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": ENCRYPTED}).encode(),
        signature="046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
        timestamp="1714112445",
        nonce="415670741",
        at=datetime.fromtimestamp(1714112446, UTC),
    )

    assert push.verdict is None


# --- verdicts ---


@pytest.mark.parametrize("as_xml", [False, True], ids=["JSON", "XML"])
@pytest.mark.parametrize(("suggest", "label"), [("pass", 100), ("risky", 20002), ("review", 21000)])
def test_a_verdict_is_read(read, as_xml, suggest, label):
    push = read(verdict(result={"suggest": suggest, "label": label}), as_xml=as_xml)

    assert push.verdict == ImageVerdict("60ae120f-371d5872-7941a05b", APPID, suggest, label, 0)


@pytest.mark.parametrize("as_xml", [False, True], ids=["JSON", "XML"])
def test_a_picture_that_could_not_be_fetched_is_for_somebody_to_look_at(read, as_xml):
    message = verdict(errcode=-1008, result={"suggest": "pass", "label": 100})
    assert read(message, as_xml=as_xml).verdict.suggest == "review"

    del message["result"]
    assert read(message, as_xml=as_xml).verdict == ImageVerdict(message["trace_id"], APPID, "review", 0, -1008)


@pytest.mark.parametrize("result", [None, {}, {"suggest": "fine"}, {"suggest": ["pass"]}, "pass", []])
def test_a_verdict_nobody_understands_is_for_somebody_to_look_at(read, result):
    assert read(verdict(result=result)).verdict.suggest == "review"


def test_a_label_may_come_as_a_text(read):
    assert read(verdict(result={"suggest": "pass", "label": "100"})).verdict.label == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"trace_id": None},
        {"trace_id": ""},
        {"trace_id": 7},
        {"trace_id": "x" * 129},
        {"appid": "wxanother"},
        {"errcode": "none"},
        {"errcode": None},
        {"errcode": 0.5},
        {"result": {"suggest": "pass", "label": {}}},
    ],
)
def test_a_verdict_on_nothing_is_refused(read, wrong):
    with pytest.raises(PushRefused):
        read(verdict(**wrong))


@pytest.mark.parametrize(
    "message", [{"MsgType": "text", "Content": "你好", "MsgId": 1}, {"MsgType": "event", "Event": "debug_demo"}, {}]
)
def test_a_push_of_another_kind_is_no_verdict(read, message):
    assert read(message).verdict is None


@pytest.mark.parametrize("as_xml", [False, True], ids=["JSON", "XML"])
def test_the_same_push_has_the_same_key_however_it_is_sealed(read, as_xml):
    assert read(verdict(), as_xml=as_xml).key == read(verdict(), as_xml=as_xml).key
    assert read(verdict(), as_xml=True).key == read(verdict(), as_xml=True).key


@pytest.mark.parametrize("other", [{"trace_id": "another"}, {"CreateTime": 1795428001}, {"FromUserName": "wang"}])
def test_another_push_has_another_key(read, other):
    assert read(verdict()).key != read(verdict(**other)).key


def test_a_message_is_known_by_its_id(read):
    first, again, other = ({"MsgId": n, "FromUserName": "mei", "CreateTime": t} for n, t in ((1, 1), (1, 2), (2, 1)))

    assert read(first).key == read(again).key != read(other).key


# --- who is not WeChat ---


def body_of(encrypted):
    return json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted}).encode()


def test_a_push_signed_with_another_token_is_refused(read):
    with pytest.raises(PushRefused, match="not signed"):
        read(verdict(), by=Seal(token="another", aes_key=AES_KEY, appid=APPID))


def test_a_push_sealed_with_another_key_is_refused(read):
    with pytest.raises(PushRefused):
        read(verdict(), by=Seal(token=TOKEN, aes_key="y2" * 21 + "A", appid=APPID))


def test_a_push_to_another_mini_program_is_refused(read):
    with pytest.raises(PushRefused, match="another mini-program"):
        read(verdict(), by=Seal(token=TOKEN, aes_key=AES_KEY, appid="wxanother"))


@pytest.mark.parametrize("changed", ["signature", "timestamp", "nonce", "Encrypt"])
def test_a_push_of_which_anything_was_changed_is_refused(seal, changed):
    encrypted = seal.sealed(json.dumps(verdict()).encode())
    sent = {"timestamp": NOW, "nonce": "nonce", "Encrypt": encrypted}
    sent["signature"] = seal.signature(*sent.values())
    sent[changed] = {
        "signature": sent["signature"][:-1] + ("0" if sent["signature"][-1] != "0" else "1"),
        "timestamp": str(int(NOW) + 1),
        "nonce": "nonce2",
        "Encrypt": ("A" if encrypted[0] != "A" else "B") + encrypted[1:],
    }[changed]

    with pytest.raises(PushRefused, match="not signed"):
        seal.read(
            body_of(sent["Encrypt"]),
            signature=sent["signature"],
            timestamp=sent["timestamp"],
            nonce=sent["nonce"],
            at=AT,
        )


def test_the_signature_without_the_body_is_not_enough(seal):
    encrypted = seal.sealed(json.dumps(verdict()).encode())

    with pytest.raises(PushRefused, match="not signed"):
        seal.read(body_of(encrypted), signature=seal.signature(NOW, "n"), timestamp=NOW, nonce="n", at=AT)


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名", "\ud800", "x" * 10_000])
def test_no_signature_is_guessed(seal, signature):
    with pytest.raises(PushRefused, match="not signed"):
        seal.read(body_of("AAAA"), signature=signature, timestamp=NOW, nonce="n", at=AT)


@pytest.mark.parametrize("age", [FRESH_SECONDS, -FRESH_SECONDS])
def test_a_push_is_good_for_five_minutes(read, age):
    assert read(verdict(), timestamp=str(int(NOW) - age)).verdict


@pytest.mark.parametrize("age", [FRESH_SECONDS + 1, -FRESH_SECONDS - 1, 10**9])
def test_a_recording_is_refused(read, age):
    with pytest.raises(PushRefused, match="not of now"):
        read(verdict(), timestamp=str(int(NOW) - age))


@pytest.mark.parametrize(
    "timestamp", ["", "0", "now", NOW + "0", "１７９５４２８０００", f"-{NOW}", f"{NOW}.0", " " + NOW]
)
def test_an_instant_that_is_none_is_refused(read, timestamp):
    with pytest.raises(PushRefused, match="not of now"):
        read(verdict(), timestamp=timestamp)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'{"Encrypt": ""}',
        b'{"Encrypt": 7}',
        b'{"ToUserName": "gh_1"}',
        b"\xff\xfe",
        b"[" * 60_000,
        b"<xml>",
        b"<xml></xml>",
        b"<xml><Encrypt></Encrypt></xml>",
        b"<xml><Encrypt><a/></Encrypt></xml>",
        json.dumps(verdict()).encode(),
    ],
)
def test_a_body_that_is_not_sealed_is_refused(seal, body):
    with pytest.raises(PushRefused):
        seal.read(body, signature=seal.signature(NOW, "n"), timestamp=NOW, nonce="n", at=AT)


def sealed_raw(full: bytes) -> str:
    """Encrypted as it is, without the order WeChat keeps inside."""
    key = base64.b64decode(AES_KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(full) + encryptor.finalize()).decode()


@pytest.mark.parametrize(
    "encrypted",
    [
        "not base64!",
        "AAAA",
        "",
        "=" * 24,
        base64.b64encode(b"x" * 31).decode(),
        sealed_raw(b"\0" * 32),
        sealed_raw(b"\x21" * 64),
        sealed_raw(b"x" * 30 + b"\x01\x02"),
        sealed_raw(b"\x20" * 32),
        sealed_raw(b"r" * 16 + (10**9).to_bytes(4, "big") + b"{}" + APPID.encode() + b"\x18" * 24),
    ],
)
def test_a_seal_that_is_signed_but_broken_is_refused(seal, encrypted):
    with pytest.raises(PushRefused):
        seal.read(body_of(encrypted), signature=seal.signature(NOW, "n", encrypted), timestamp=NOW, nonce="n", at=AT)


# --- XML ---

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(12))
    + "]><xml><Encrypt>&m;</Encrypt></xml>"
)
FILE = '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&f;</Encrypt></xml>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("text", [BOMB, FILE, "<!DOCTYPE xml><xml><Encrypt>x</Encrypt></xml>"])
def test_an_entity_bomb_is_refused_at_once(seal, text, encoding):
    with pytest.raises(PushRefused, match="neither JSON nor XML"):
        seal.read(text.encode(encoding), signature="", timestamp=NOW, nonce="n", at=AT)


@pytest.mark.parametrize("text", [BOMB, FILE])
def test_an_entity_bomb_inside_the_seal_is_refused_too(read, text):
    with pytest.raises(PushRefused, match="neither JSON nor XML"):
        read(text, as_xml=True)


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 9 + "</a>" * 9,
        f"<xml>{'<a/>' * 1000}</xml>",
        "<a><b></a></b>",
        "<a>&b;</a>",
        "<a/><b/>",
        "x",
        "<a>\0</a>",
    ],
)
def test_xml_that_no_push_has_is_refused(text):
    with pytest.raises(NotOurXml):
        fields_of(text)


def test_xml_is_read_as_json_would_be():
    text = (
        "<?xml version='1.0' encoding='utf-8'?>\n<xml>\n <Event><![CDATA[wxa_<media>_check]]></Event>\n"
        " <n>7</n><detail><a>1</a></detail><detail><a>2</a></detail><detail>3</detail><e/>\n</xml>"
    )

    assert fields_of(text) == {
        "Event": "wxa_<media>_check",
        "n": "7",
        "detail": [{"a": "1"}, {"a": "2"}, "3"],
        "e": "",
    }
    assert fields_of("<xml/>") == ""


def test_what_is_written_as_xml_is_read_again():
    fields = {"a": "<b>&\"'", "c": {"d": "1", "e": ["2", "3"]}}

    assert fields_of(written(fields)) == fields


def test_the_seal_does_not_show_its_secrets(seal):
    assert TOKEN not in repr(seal)
    assert AES_KEY not in repr(seal)
    assert hashlib.sha256(AES_KEY.encode()).hexdigest() not in repr(seal)
