"""How names and doors are written, so that one thing is not called by two names."""

import re
import unicodedata

DASHES = re.compile("[‐‑‒–—―−－﹣~～]")
_LAST_WORD = re.compile(r"(?<=[0-9a-z])(?:室|户|号|房)$")


def tidy(text: str) -> str:
    """As it is kept: full-width letters and digits as plain ones, single blanks, nothing that nobody sees."""
    plain = unicodedata.normalize("NFKC", text)
    return " ".join("".join(letter for letter in plain if unicodedata.category(letter) != "Cf").split())


def door_key(door: str) -> str:
    """By what a door is recognised: 3－301室, 3-301 and ３-301 are one door."""
    plain = DASHES.sub("-", tidy(door).casefold()).replace(" ", "")
    return _LAST_WORD.sub("", plain)


def is_printable(text: str) -> bool:
    """Has it no control characters and no halves of letters? Blanks around it do not count."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text.strip())
