"""What somebody sees in a browser: readable for elders, nothing from elsewhere, nothing that runs."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.h5.pages import pages

STATIC = Path(pages.static_folder)
OURS = sorted(file for file in STATIC.iterdir() if file.is_file())

FOR_EVERYBODY = ("/", "/q/AQABc2Vzc2lvbg")
EVERY_PAGE = (*FOR_EVERYBODY, "/api/docs")

LEGIBLE_PX, TARGET_PX, CONTRAST = 20, 60, 4.5
ROOT_PX = 16  # what a browser takes for 1rem


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def addresses(self) -> list[str]:
        return [
            value
            for _, attributes in self.found
            for name, value in attributes.items()
            if name in ("href", "src", "action")
        ]


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_is_chinese_and_fits_a_phone(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)

    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    tags = Tags(page.text).found
    assert ("html", {"lang": "zh-CN"}) in tags
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in tags


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_everything_a_page_names_is_ours_and_there(browser: FlaskClient, path: str) -> None:
    named = Tags(browser.get(path).text).addresses()

    assert named
    for address in named:
        assert re.match(r"/(?!/)", address), f"{address} is not on this host"
        with browser.get(address) as found:
            assert found.status_code == 200, address


@pytest.mark.parametrize("path", FOR_EVERYBODY)
def test_a_page_for_everybody_runs_nothing(browser: FlaskClient, path: str) -> None:
    for tag, attributes in Tags(browser.get(path).text).found:
        assert tag not in ("script", "style", "iframe", "object")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_the_browser_is_told_to_load_nothing_from_elsewhere(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)

    rules = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in str(rules)
    assert ("script-src" in rules) == (path == "/api/docs")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script(?![^>]* src=)", page.text), "the policy would stop an inline script"


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_our_files_name_no_other_host(file: Path) -> None:
    text = file.read_text().replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?:|@import|url\(\s*['\"]?//", text)


def test_the_door_page_says_what_to_do_next(browser: FlaskClient) -> None:
    page = browser.get("/q/AQABc2Vzc2lvbg").text

    for words in ("微信", "扫一扫", "“<strong>幸福积分</strong>”小程序", "还没有签到", "志愿者"):
        assert words in page


@pytest.mark.parametrize(
    "code", ["%3Cimg%20src=x%20onerror=alert(1)%3E", "%22%3E%3Cb%3E", "%7B%7B7*7%7D%7D", "x" * 3000, "%00%ff"]
)
def test_a_code_leaves_no_trace_in_the_door_page(browser: FlaskClient, code: str) -> None:
    page = browser.get(f"/q/{code}")

    assert page.status_code == 200
    assert page.text == browser.get("/q/another").text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_the_front_page_leads_engineers_on(browser: FlaskClient) -> None:
    named = Tags(browser.get("/").text).addresses()

    assert {"/api/docs", "/api/v1/openapi.json", "/readyz"} <= set(named)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("swagger-ui/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("swagger-ui/swagger-ui.css", "text/css; charset=utf-8"),
        ("api_docs.js", "text/javascript; charset=utf-8"),
        ("pages.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_a_file_says_what_it_is(browser: FlaskClient, name: str, content_type: str) -> None:
    with browser.get(f"/h5/static/{name}") as answer:
        assert (answer.status_code, answer.content_type) == (200, content_type)


def test_the_api_documents_draw_our_description_with_our_swagger_ui(browser: FlaskClient) -> None:
    tags = Tags(browser.get("/api/docs").text).found

    assert ("div", {"id": "swagger-ui", "data-description": "/api/v1/openapi.json"}) in tags
    assert browser.get("/api/v1/openapi.json").json["openapi"] == "3.1.0"
    assert (STATIC / "swagger-ui" / "VERSION").read_text().startswith("swagger-ui-dist 5.")
    for name in ("LICENSE", "NOTICE"):
        assert (STATIC / "swagger-ui" / name).stat().st_size


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css"])
def test_swagger_ui_asks_for_no_source_map(name: str) -> None:
    assert "sourceMappingURL" not in (STATIC / "swagger-ui" / name).read_text()


STYLE = (STATIC / "pages.css").read_text()
COLOURS = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", STYLE))


@pytest.mark.parametrize("surface", ["paper", "card"])
@pytest.mark.parametrize("text", ["ink", "quiet", "persimmon", "leaf"])
def test_text_stands_out_from_what_it_is_on(text: str, surface: str) -> None:
    assert contrast(COLOURS[text], COLOURS[surface]) >= CONTRAST


def test_a_step_number_stands_out_from_its_circle() -> None:
    assert contrast("#ffffff", COLOURS["persimmon"]) >= CONTRAST


def test_no_text_is_small() -> None:
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)rem", STYLE)]

    assert min(sizes) * ROOT_PX >= LEGIBLE_PX
    assert STYLE.count("font-size:") == len(sizes), "only rem: it grows with the reader's own setting"


@pytest.mark.parametrize("selector", ["choice", "brand"])
def test_what_a_finger_taps_is_large(selector: str) -> None:
    height = re.search(rf"^\.{selector} {{[^}}]*min-height: (\d+)px", STYLE, re.MULTILINE)

    assert height is not None
    assert int(height[1]) >= TARGET_PX


@pytest.mark.parametrize("path", FOR_EVERYBODY)
def test_headings_have_no_gaps(browser: FlaskClient, path: str) -> None:
    levels = [int(tag[1]) for tag, _ in Tags(browser.get(path).text).found if re.fullmatch(r"h\d", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def contrast(one: str, other: str) -> float:
    """WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
