"""`python app.py` as a newcomer starts it, on a database of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2

PROJECT = Path(__file__).resolve().parents[1]


class Served:
    """A running server, and the commands one runs beside it."""

    def __init__(self, database_url: str, log: Path, **settings: str) -> None:
        self.port = _free_port()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("XINGFU", "DEMO", "WECHAT"))},
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "REDIS_URL": os.environ.get("TEST_REDIS_URL", ""),
            **settings,
        }
        self.log = log

    def __enter__(self) -> "Served":
        self.launch()
        return self.when_ready()

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def launch(self) -> None:
        """Start the process without waiting for it; its children are in its group, so that `kill` reaches them."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=PROJECT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def when_ready(self) -> "Served":
        """Wait until it serves; a database that is recovering is waited for."""
        deadline = time.monotonic() + 180  # a busy machine
        with httpx2.Client(trust_env=False, verify=False, timeout=30) as http:
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    if http.get(f"{self.url}/readyz").status_code == 200:
                        return self
                except httpx2.TransportError:
                    pass
                time.sleep(0.05)
        if self.process.poll() is None:
            self.kill()
        raise RuntimeError(f"the server did not become ready:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """SIGKILL to the server and its worker at one moment; nobody gets to say goodbye."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def restart(self) -> "Served":
        """Start again after `kill`, on another port: who was killed may still be letting go of the old one."""
        self.port = _free_port()
        self.environ["PORT"] = str(self.port)
        self.launch()
        return self.when_ready()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`flask …` beside the running server."""
        return subprocess.run(
            [sys.executable, "-m", "flask", *words], cwd=PROJECT, env=self.environ, capture_output=True, text=True
        )


class Client:
    """Somebody with the mini-program: logs in with a code and sends JSON."""

    def __init__(self, served: Served, openid: str, *, office_id: int = 1) -> None:
        self.http = httpx2.Client(base_url=f"{served.url}/api/v1", trust_env=False, timeout=60)
        answer = self.post("/auth/wechat", {"office_id": office_id, "code": f"stub:{openid}:{time.time_ns()}"})
        assert answer.status_code == 200, answer.text
        self.me = answer.json()["person"]
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **query: Any) -> httpx2.Response:
        return self.http.get(path, params=query)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        return self.http.post(path, json=body or {}, headers={"Idempotency-Key": key} if key else {})

    def put(self, path: str, body: Any) -> httpx2.Response:
        return self.http.put(path, json=body)

    def delete(self, path: str) -> httpx2.Response:
        return self.http.delete(path)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
