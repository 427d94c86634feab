"""Pages that people open in a browser.

Nothing on them comes from another host, and only the API documents run a script.
"""

from flask import Blueprint, Response, make_response, render_template

pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/h5/static")

_OURS = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# Swagger UI draws its icons from data: addresses and asks our own API.
_API_DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pages.after_request
def keep_to_ourselves(response: Response) -> Response:
    """Pages load only what is ours: even a hole in a template would run nothing."""
    response.headers.setdefault("Content-Security-Policy", _OURS)
    return response


@pages.get("/")
def front_page() -> str:
    """What this is and where to go."""
    return render_template("front_page.html")


@pages.get("/q/<code>")
def door(code: str) -> Response:
    """What somebody sees who scans the code at the door with anything but the mini-program.

    The code is the mini-program's business: the page neither shows nor judges it, and nobody keeps a copy.
    """
    del code
    response = make_response(render_template("door.html"))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@pages.get("/api/docs")
def api_docs() -> Response:
    """The API's description, drawn by our own copy of Swagger UI."""
    response = make_response(render_template("api_docs.html"))
    response.headers["Content-Security-Policy"] = _API_DOCS
    return response
