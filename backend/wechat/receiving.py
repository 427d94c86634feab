"""Each push is handled once and answered in time, whatever the handler does.

WeChat waits five seconds and sends a push three times. The handler therefore runs beside the request: when it is not
done after four seconds, the answer is 503, and the push that comes again waits for the same run instead of beginning
another one. What is remembered lives in this process and is bounded; another process, or a restart, may see a repeat,
so a handler has to bear one.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from backend.wechat.pushes import ImageVerdict, Push

log = logging.getLogger(__name__)

ANSWER_SECONDS = 4.0  # of WeChat's five
REMEMBERED = 10_000
AT_ONCE = 16  # handlers; more are waiting only when the database does not answer, and then nothing helps but later


class Inbox:
    """Takes pushes; safe to share between threads."""

    def __init__(self, handle: Callable[[ImageVerdict], None], *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._handle = handle
        self._answer_seconds = answer_seconds
        self._done: OrderedDict[str, None] = OrderedDict()
        self._running: dict[str, Future[bool]] = {}
        self._lock = threading.Lock()

    def take(self, push: Push) -> bool:
        """Whether the push has been handled, now or before; if not, it should come again."""
        if push.verdict is None:
            return True  # nobody here waits for pushes of another kind
        with self._lock:
            if push.key in self._done:
                return True
            run = self._running.get(push.key)
            if run is None:
                if len(self._running) >= AT_ONCE:
                    log.error("a push has to come again: %d are being handled", AT_ONCE)
                    return False
                run = self._running[push.key] = Future()
                threading.Thread(
                    target=self._run, args=(push.key, push.verdict, run), name="wechat-push", daemon=True
                ).start()
        try:
            return run.result(self._answer_seconds)
        except TimeoutError:
            log.warning("a push has to come again: its handler takes longer than %.1f s", self._answer_seconds)
            return False

    def _run(self, key: str, verdict: ImageVerdict, run: "Future[bool]") -> None:
        try:
            self._handle(verdict)
            is_handled = True
        except Exception as trouble:  # whatever it is, WeChat asks again, and the answer must not wait
            log.error("a push could not be handled: %s", type(trouble).__name__, exc_info=trouble)
            is_handled = False
        with self._lock:
            del self._running[key]
            if is_handled:
                self._done[key] = None
                if len(self._done) > REMEMBERED:
                    self._done.popitem(last=False)
        run.set_result(is_handled)
