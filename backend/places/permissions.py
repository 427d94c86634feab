"""Who may change the ground: yes or no, from the caller's grants alone, without a database."""

from backend.foundation.callers import Caller


def officers(caller: Caller) -> bool:
    return caller.holds("officer")


def workers(caller: Caller) -> bool:
    """Workers of whichever area, and officers."""
    return caller.holds("worker", "officer")


def works_over(caller: Caller, path: str) -> bool:
    """A worker of the area, or an officer."""
    return caller.holds("worker", "officer", over=path)
