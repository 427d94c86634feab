"""Every command, registered once."""

from flask import Flask


def register_commands(app: Flask) -> None:
    """Hang the commands onto `flask`."""
    del app
