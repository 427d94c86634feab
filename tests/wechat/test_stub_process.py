"""The stub as a process of its own, and our program talking to it as if it were WeChat."""

import queue
import socket
import subprocess
import sys
import time

import httpx2
import pytest
from wechat_serving import APPID, SECRET, served

from backend.foundation.config import PROJECT
from backend.web import create_app
from backend.wechat.pushes import PUSH_PATH
from backend.wechat.stub.__main__ import main
from backend.wechat.text_safety import TextScene, TextVerdict
from tests.conftest import test_config as settings

TOKEN, AES_KEY = "AAAAA", "x1" * 21 + "A"


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_it_serves_our_program_and_pushes_to_it(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # both are on this machine
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base_url = f"http://127.0.0.1:{port}"
    config = settings(
        f"sqlite:///{tmp_path / 'pushes.sqlite3'}",
        wechat="real",
        wechat_appid=APPID,
        wechat_secret=SECRET,
        wechat_api_url=base_url,
        wechat_push_token=TOKEN,
        wechat_push_aes_key=AES_KEY,
    )
    app = create_app(config)
    verdicts = queue.Queue()
    app.extensions["on_image_verdict"] = verdicts.put
    with served(app) as ourselves:
        words = [f"--port={port}", f"--appid={APPID}", f"--secret={SECRET}", f"--push-url={ourselves}{PUSH_PATH}"]
        words += [f"--push-token={TOKEN}", f"--push-aes-key={AES_KEY}", f"--push-format={kind}", "--push-after=0"]
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.wechat.stub", *words], cwd=PROJECT, stderr=subprocess.PIPE, text=True
        )
        try:
            wait_until_it_listens(base_url)
            wechat = app.extensions["wechat"]
            assert wechat.openid_of("stub:mei:1") == "mei"
            assert wechat.phone_number_of("stub:phone:13812345678:nonce-nobody-may-read") == "13812345678"
            assert wechat.judge_text("违禁", openid="mei", scene=TextScene.FORUM) is TextVerdict.RISKY
            trace_id = wechat.judge_image("https://a.cn/risky.jpg", openid="mei", scene=TextScene.FORUM)
            verdict = verdicts.get(timeout=10)
        finally:
            process.terminate()
            said = process.communicate(timeout=10)[1]
            app.extensions["wechat"].close()

    assert (verdict.trace_id, verdict.suggest) == (trace_id, "risky")
    assert "POST /wxa/msg_sec_check: 0" in said
    assert "nonce-nobody-may-read" not in said


def wait_until_it_listens(base_url):
    deadline = time.monotonic() + 60  # a busy machine
    with httpx2.Client(base_url=base_url, trust_env=False) as http:
        while time.monotonic() < deadline:
            try:
                assert http.get("/").json()["errcode"] == 40066
                return
            except httpx2.TransportError:
                time.sleep(0.05)
    raise AssertionError("the stub did not start")


@pytest.mark.parametrize(
    "words",
    [
        ["--push-url=http://a"],
        ["--push-url=http://a", "--push-token=AAAAA"],
        ["--push-url=http://a", "--push-token=AAAAA", "--push-aes-key=short"],
    ],
)
def test_it_says_what_pushing_needs(words, capsys):
    with pytest.raises(SystemExit):
        main(words)

    assert "43 characters" in capsys.readouterr().err
