"""Successes and failures as WeChat writes them: JSON with an errcode, or a picture."""

import secrets
from typing import Any

Body = dict[str, Any]  # what came, or goes back, as JSON


class Failure(Exception):
    """An errcode other than 0."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        self.errcode = errcode
        self.errmsg = errmsg
        super().__init__(errmsg)

    def said(self) -> Body:
        """WeChat ends every errmsg with the request's id, which its support asks for."""
        return {"errcode": self.errcode, "errmsg": f"{self.errmsg}, rid: {an_id()}"}


def ok(**said: Any) -> Body:
    """A success as most addresses say it: errcode 0."""
    return {"errcode": 0, "errmsg": "ok", **said}


def an_id() -> str:
    """Such as 60ae120f-371d5872-7941a05b: what identifies a request, or a check."""
    return "-".join(secrets.token_hex(4) for _ in range(3))


def text_of(body: Body, name: str) -> str:
    """A field that has to be a text, empty when it is missing or something else."""
    value = body.get(name)
    return value if isinstance(value, str) else ""
