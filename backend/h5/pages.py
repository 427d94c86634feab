"""Pages that people open in a browser."""

from flask import Blueprint, render_template

pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/h5/static")


@pages.get("/")
def front_page() -> str:
    """What this is and where to go."""
    return render_template("front_page.html")


@pages.get("/q/<code>")
def door(code: str) -> str:
    """What somebody sees who scans the code at the door with anything but the mini-program."""
    del code  # the mini-program reads it from the address; a page has no use for it yet
    return render_template("door.html")
