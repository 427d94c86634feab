"""Which PINs are too easy to guess."""

from itertools import pairwise


def is_easy(pin: str) -> bool:
    """All alike (0000), counting up or down (1234, 8765), or two digits over and over (1212)."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return steps <= {0} or steps in ({1}, {9}) or len(set(pin[::2])) == len(set(pin[1::2])) == 1
