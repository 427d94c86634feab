"""Each push is handled once, and answered in time whatever its handler does."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from backend.wechat import receiving
from backend.wechat.pushes import ImageVerdict, Push
from backend.wechat.receiving import ANSWER_SECONDS, AT_ONCE, Inbox


def push(name: str = "1") -> Push:
    return Push(name, ImageVerdict(f"trace-{name}", "wx1", suggest="pass", label=100, errcode=0))


class Handler:
    """Keeps what it was given; fails or takes its time as told."""

    def __init__(self, *, fails=0, waits_for=None):
        self.given = []
        self._fails = fails
        self._waits_for = waits_for

    def __call__(self, verdict):
        self.given.append(verdict.trace_id)
        if self._waits_for is not None:
            assert self._waits_for.wait(10)
        if len(self.given) <= self._fails:
            raise ValueError("openid-of-somebody")


def test_a_push_is_handed_on_once():
    handler = Handler()
    inbox = Inbox(handler)

    assert [inbox.take(push()) for _ in range(3)] == [True, True, True]
    assert handler.given == ["trace-1"]


def test_two_pushes_are_handed_on_both():
    handler = Handler()
    inbox = Inbox(handler)

    assert inbox.take(push("1"))
    assert inbox.take(push("2"))
    assert handler.given == ["trace-1", "trace-2"]


def test_a_push_of_another_kind_is_taken_and_dropped():
    handler = Handler()

    assert Inbox(handler).take(Push("1", None))
    assert handler.given == []


def test_twins_are_handed_on_once():
    handler = Handler()
    inbox = Inbox(handler)

    with ThreadPoolExecutor(20) as threads:
        assert all(threads.map(lambda _: inbox.take(push()), range(20)))
    assert handler.given == ["trace-1"]


def test_a_push_that_could_not_be_handled_is_handed_on_when_it_comes_again(caplog):
    handler = Handler(fails=2)
    inbox = Inbox(handler)

    assert [inbox.take(push()) for _ in range(4)] == [False, False, True, True]
    assert handler.given == ["trace-1"] * 3
    assert "ValueError" in caplog.text


def test_a_slow_handler_does_not_delay_the_answer_and_is_not_begun_again():
    done = threading.Event()
    handler = Handler(waits_for=done)
    inbox = Inbox(handler, answer_seconds=0.1)
    began = time.monotonic()

    assert not inbox.take(push())
    assert not inbox.take(push())
    assert time.monotonic() - began < 2

    done.set()
    for _ in range(100):
        if inbox.take(push()):
            break
    assert inbox.take(push())
    assert handler.given == ["trace-1"]


def test_a_push_that_comes_again_waits_for_the_handler_that_is_running():
    done = threading.Event()
    handler = Handler(waits_for=done)
    inbox = Inbox(handler, answer_seconds=5)

    with ThreadPoolExecutor(2) as threads:
        first, again = threads.submit(inbox.take, push()), threads.submit(inbox.take, push())
        done.set()
        assert (first.result(), again.result()) == (True, True)
    assert handler.given == ["trace-1"]


def test_handlers_do_not_pile_up(caplog):
    done = threading.Event()
    inbox = Inbox(Handler(waits_for=done), answer_seconds=0.01)
    for number in range(AT_ONCE):
        assert not inbox.take(push(str(number)))

    assert not inbox.take(push("one more"))
    assert [each.levelno for each in caplog.records][-1] == logging.ERROR
    done.set()


def test_of_what_was_handled_the_oldest_is_forgotten(monkeypatch):
    monkeypatch.setattr(receiving, "REMEMBERED", 2)
    handler = Handler()
    inbox = Inbox(handler)
    for name in ("1", "2", "3", "3", "2", "1"):
        assert inbox.take(push(name))

    assert handler.given == ["trace-1", "trace-2", "trace-3", "trace-1"]


def test_we_answer_before_wechat_leaves():
    assert ANSWER_SECONDS < 5
