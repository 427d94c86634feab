"""What was seen before. Bounded, because anybody may send anything; the oldest is forgotten."""

import hashlib
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

AT_MOST = 100_000


class Seen:
    """Remembers which codes came by, as digests so that a long code takes no more room."""

    def __init__(self, *, at_most: int = AT_MOST) -> None:
        self._at_most = at_most
        self._digests: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def is_first(self, code: str) -> bool:
        """Whether this code was not seen before; from now on it was."""
        digest = hashlib.sha256(code.encode()).digest()
        with self._lock:
            if digest in self._digests:
                return False
            self._digests[digest] = None
            if len(self._digests) > self._at_most:
                self._digests.popitem(last=False)
            return True


Value = TypeVar("Value")


class Noted(Generic[Value]):
    """Remembers one value for each name."""

    def __init__(self, *, at_most: int = AT_MOST) -> None:
        self._at_most = at_most
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._lock = threading.Lock()

    def note(self, name: str, value: Value) -> None:
        """From now on it is this value."""
        with self._lock:
            self._values[name] = value
            self._values.move_to_end(name)
            if len(self._values) > self._at_most:
                self._values.popitem(last=False)

    def of(self, name: str) -> Value | None:
        """The value noted last, None for what is unknown or forgotten."""
        with self._lock:
            return self._values.get(name)
