"""Verdicts on their way: signed and sealed as in WeChat's safe mode, sent again until somebody says `success`."""

import json
import logging
import queue
import secrets
import threading
import time
from typing import Any

import httpx2

from backend.foundation.clock import now
from backend.wechat.push_xml import written
from backend.wechat.pushes import Seal

log = logging.getLogger(__name__)

ATTEMPTS = 3
ANSWER_SECONDS = 5.0  # as long as WeChat waits
AFTER_SECONDS = 1.0  # a verdict comes; WeChat takes up to half an hour
PAUSE_SECONDS = 0.3  # between two attempts
IDLE_SECONDS = 2.0  # after which the thread goes home
WAITING_MAX = 10_000
RECEIVED = ("success", "")  # what counts as an answer


class Pusher:
    """Sends pushes to one address, one after the other, on a thread of its own that is there while there is work."""

    def __init__(
        self,
        http: httpx2.Client,
        address: str,
        seal: Seal,
        *,
        as_xml: bool = False,
        after_seconds: float = AFTER_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._http = http
        self._address = address
        self._seal = seal
        self._as_xml = as_xml
        self._after_seconds = after_seconds
        self._answer_seconds = answer_seconds
        self._waiting: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue(WAITING_MAX)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def push(self, message: dict[str, Any]) -> None:
        """Send it a moment from now; returns at once."""
        with self._lock:
            if self._waiting.full():
                log.error("a push is lost: %d others are waiting", WAITING_MAX)
                return
            self._waiting.put_nowait((time.monotonic() + self._after_seconds, message))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="stub-pushes", daemon=True)
                self._thread.start()

    def deliver(self, message: dict[str, Any]) -> bool:
        """Send it now, three times if need be; whether it was received."""
        for attempt in range(ATTEMPTS):
            time.sleep(PAUSE_SECONDS if attempt else 0)
            query, body = self._sealed(message)
            kind = "text/xml" if self._as_xml else "application/json"
            try:
                answer = self._http.post(
                    self._address,
                    params=query,
                    content=body,
                    headers={"Content-Type": kind},
                    timeout=self._answer_seconds,
                )
                if answer.status_code == httpx2.codes.OK and answer.text.strip() in RECEIVED:
                    return True
                log.warning("push answered with HTTP %d", answer.status_code)
            except httpx2.HTTPError as error:
                log.warning("push not answered: %s", type(error).__name__)
            except Exception as error:  # our own program within this process, whatever became of it
                log.warning("push failed: %s", type(error).__name__)
        log.error("push given up after %d attempts", ATTEMPTS)
        return False

    def _work(self) -> None:
        while True:
            try:
                due, message = self._waiting.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._waiting.empty():
                        self._thread = None
                        return
                continue
            time.sleep(max(due - time.monotonic(), 0))
            self.deliver(message)

    def _sealed(self, message: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        plain = written(message) if self._as_xml else json.dumps(message, ensure_ascii=False)
        timestamp, nonce = str(int(now().timestamp())), str(secrets.randbelow(10**10))
        encrypted = self._seal.sealed(plain.encode())
        query = {
            "signature": self._seal.signature(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": str(message["FromUserName"]),
            "encrypt_type": "aes",
            "msg_signature": self._seal.signature(timestamp, nonce, encrypted),
        }
        envelope = {"ToUserName": message["ToUserName"], "Encrypt": encrypted}
        return query, (written(envelope) if self._as_xml else json.dumps(envelope)).encode()
