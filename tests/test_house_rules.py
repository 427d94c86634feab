"""What a machine keeps: the floors, one committer, no drawers, keys that begin with the office, refusals in Chinese."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import UniqueConstraint, event

import backend
from backend.foundation.config import PROJECT
from backend.foundation.db import db
from backend.foundation.errors import AppError, Conflict
from backend.foundation.tables import Base
from backend.web import create_app
from tests.builders.street import Street
from tests.conftest import test_config as settings
from tests.test_access import ROWS, Stage, asked, braces, works

BACKEND = PROJECT / "backend"
MODULES = sorted(BACKEND.rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in MODULES}

# Tables of the whole server; everything else belongs to an office.
ROOTS = {"offices"}

# The rooms every package has (architecture): they need no line of their own in its docstring.
USUAL_ROOMS = {"__init__", "models", "schemas", "errors", "queries", "routes", "about_person"}

DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "services", "service", "shared", "lib", "core"}

DOMAIN_WORDS = {
    *("activity", "activities", "merchant", "redemption", "household", "volunteer", "group", "groups", "circle"),
    *("fund", "funds", "offer", "points", "wallet", "resident", "clerk", "officer", "filing"),
    *("ledger", "lot", "posting", "leader", "worker", "auditor", "community", "grid", "openid", "wechat", "card"),
}
# A caller carries the household, because nobody decides for their own; what `wechat` is (stub or real) is a setting.
SPOKEN_ALL_THE_SAME = {"household": "callers.py", "wechat": "config.py"}


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def test_the_floors_hold():
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


def test_every_package_has_a_floor():
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["type"] == "layers")
    listed = {name.strip() for layer in floors["layers"] for name in layer.split("|")}

    assert floors["exhaustive"]
    assert "exhaustive_ignores" not in floors
    assert listed == {module.name for module in pkgutil.iter_modules(backend.__path__)}


def calls(tree: ast.AST) -> Iterator[str]:
    """The names of the methods called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


def test_only_the_database_module_commits():
    trees = TREES | {PROJECT / "app.py": ast.parse((PROJECT / "app.py").read_text())}
    committing = {named(path) for path, tree in trees.items() if {"commit", "begin", "begin_nested"} & set(calls(tree))}

    assert committing == {"backend/foundation/db.py"}


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of what is imported anywhere in a module."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def deed_modules() -> list[Path]:
    """Everything that decides something: outside of foundation, the top floors, routes and their decorators."""
    return [
        path
        for path in MODULES
        if path.parent.name not in ("foundation", "cli", "h5", "backend")
        and not path.stem.endswith("routes")
        and path.stem not in ("identity", "judged", "assisted")
    ]


def test_deeds_know_nothing_of_flask():
    http = {"flask", "flask_smorest", "flask_limiter", "flask_sqlalchemy", "flask_migrate", "werkzeug", "webargs"}
    knowing = {named(path): used for path in deed_modules() if (used := imported(TREES[path]) & http)}

    assert len(deed_modules()) > 40
    # Werkzeug hashes the PIN of a card, and the stub of WeChat is a server itself: no request of ours in either.
    allowed = {"backend/people/pins.py", *(f"backend/wechat/stub/{room}.py" for room in ("application", "__main__"))}
    assert {name: used for name, used in knowing.items() if not (name in allowed and used == {"werkzeug"})} == {}


def test_pure_rules_know_no_session_and_no_clock():
    for path in MODULES:
        if path.stem.endswith("_rules"):
            assert imported(TREES[path]) <= set(sys.stdlib_module_names), named(path)
            assert "now" not in set(calls(TREES[path])), named(path)


@pytest.mark.parametrize("init", [path for path in MODULES if path.stem == "__init__"], ids=named)
def test_a_package_introduces_itself_and_its_rooms(init):
    (only,) = TREES[init].body  # a docstring and nothing else
    said = ast.get_docstring(TREES[init])

    assert isinstance(only, ast.Expr)
    modules = {path.stem for path in init.parent.glob("*.py")} | {
        path.parent.name for path in init.parent.glob("*/*.py")
    }
    rooms = modules | {path.name for path in init.parent.iterdir() if path.is_dir()}
    expected = modules - USUAL_ROOMS - {room for room in modules if room.endswith("_routes")}
    assert {room for room in expected if not re.search(rf"\b{room}\b", said)} == set()
    introduced = {
        name.strip()
        for line in said.splitlines()
        if (found := re.match(r"([a-z_0-9]+(?:, [a-z_0-9]+)*) {2,}\S", line))
        for name in found[1].split(",")
    }
    assert introduced - rooms == set(), "rooms that do not exist"


def test_every_module_says_what_it_is_for():
    assert [named(path) for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_there_is_no_drawer():
    everything = [*MODULES, *(PROJECT / "tests").rglob("*.py")]

    assert [named(path) for path in everything if {path.stem, path.parent.name} & DRAWERS] == []


def test_no_module_is_longer_than_400_lines():
    lines = {named(path): path.read_text().count("\n") for path in [*MODULES, PROJECT / "app.py"]}

    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_there_is_no_float_in_the_ledger():
    found = []
    for path in (BACKEND / "ledger").glob("*.py"):
        for node in ast.walk(TREES[path]):
            is_float = (
                (isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)))
                or (isinstance(node, ast.Name) and node.id in ("float", "Float", "Decimal", "Numeric", "round"))
                or (isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div))
            )
            if is_float:
                found.append(f"{named(path)}:{node.lineno}")

    assert found == []


def test_no_import_hides_in_a_function_except_one_that_is_slow():
    hidden = set()
    for path, tree in TREES.items():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                hidden |= {(named(path), name) for node in function.body for name in imported(node)}

    assert hidden <= {("backend/foundation/search.py", "pypinyin")}


def words(tree: ast.AST) -> set[str]:
    """The words in the names a module gives and uses."""
    names = set()
    for node in ast.walk(tree):
        names |= {
            value
            for field in ("id", "attr", "name", "arg", "module")
            if isinstance(value := getattr(node, field, None), str)
        }
    return {word.lower() for name in names for word in re.findall(r"[A-Z]?[a-z]+", name)}


def test_foundation_speaks_no_word_of_the_domain():
    for path in (BACKEND / "foundation").glob("*.py"):
        spoken = words(TREES[path]) & DOMAIN_WORDS
        spoken -= {word for word, where in SPOKEN_ALL_THE_SAME.items() if where == path.name}
        assert spoken == set(), named(path)


def refusals() -> list[type[AppError]]:
    """Every refusal that can be met; `AppError` and `Conflict` are only ancestors."""
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        importlib.import_module(module.name)
    found, waiting = [], [AppError]
    while waiting:
        waiting += (below := waiting.pop().__subclasses__())
        found += below
    return sorted(
        {each for each in found if each.__module__.startswith("backend.") and each is not Conflict},
        key=lambda each: each.__name__,
    )


def test_every_refusal_advises_in_chinese():
    for refusal in refusals():
        text = refusal().text
        assert re.search("[一-鿿]{4}", text), refusal
        assert "{" not in text, refusal
        assert not text.endswith("。"), refusal
        assert re.fullmatch("[a-z][a-z0-9_]*", refusal.code), refusal


def test_a_code_means_one_status_and_one_class_means_one_code():
    statuses = defaultdict(set)
    for refusal in refusals():
        statuses[refusal.code].add(refusal.status)

    # Whoever is in is told 401, this login has ended; whoever wants in 403, another one will not help.
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {"person_blocked": {401, 403}}
    shared = {code for code, n in Counter(refusal.code for refusal in refusals()).items() if n > 1}
    # The same at two doors: another code to scan, another thing to ask a worker for, one stolen token, one block; and a
    # code at the counter that is as missing as anything else.
    shared_by_right = {"code_invalid", "code_expired", "needs_worker", "refresh_refused", "person_blocked", "not_found"}
    assert shared <= shared_by_right


def test_every_refusal_is_documented(app):
    with app.test_client() as client:
        paths = client.get("/api/v1/openapi.json").json["paths"]
    documented = {
        (int(status), code)
        for path in paths.values()
        for method, operation in path.items()
        if method != "parameters"
        for status, response in operation["responses"].items()
        for code in response.get("content", {}).get("application/json", {}).get("examples", {})
    }

    # Offices are opened by a command.
    unreachable = {(409, "office_exists"), (409, "district_unknown")}
    assert {(each.status, each.code) for each in refusals()} - documented == unreachable


def test_relationships_only_look():
    for mapper in Base.registry.mappers:
        for relationship in mapper.relationships:
            assert relationship.viewonly, relationship
            assert relationship.lazy == "raise", relationship
            assert not relationship.backref, relationship


def office_column(table):
    return "book_id" if "book_id" in table.c else "office_id"


OF_AN_OFFICE = [table for table in Base.metadata.sorted_tables if table.name not in ROOTS]


@pytest.mark.parametrize("table", OF_AN_OFFICE, ids=lambda table: table.name)
def test_every_key_index_and_foreign_key_begins_with_the_office(table):
    first = office_column(table)

    assert table.primary_key.columns.keys()[0] == first
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            assert constraint.columns.keys()[0] == first, constraint.name
    for index in table.indexes:
        assert index.columns.keys()[0] == first, index.name
    for foreign in table.foreign_key_constraints:
        assert foreign.column_keys[0] == first, foreign.name
        assert foreign.elements[0].column.name == ("id" if foreign.referred_table.name in ROOTS else first)
        assert foreign.ondelete is None, foreign.name


TABLES = "|".join(table.name for table in OF_AN_OFFICE)
_READS = re.compile(rf"(?:\bFROM|\bJOIN|\bUPDATE|,)\s+({TABLES})\b(?![.(])(?:\s+AS\s+(?!OF\b)(\w+))?")
_PARAMETER = r"(?:\?|:\w+|%\(\w+\)s)"


def forgets_the_office(statement: str) -> bool:
    """Does a statement touch an office's table anywhere without saying which office, in that very place?"""
    if found := re.match(rf"INSERT INTO ({TABLES})\b\s*\(([^)]*)\)", statement):
        columns = {column.strip() for column in found[2].split(",")}
        return not columns & {"office_id", "book_id"}
    touched = Counter(found[2] or found[1] for found in _READS.finditer(statement))
    if not touched:
        return re.search(rf"\b({TABLES})\b", statement) is not None
    said = Counter(
        side
        for one, other in re.findall(
            rf"(?:\b(\w+)\.(?:office_id|book_id)|{_PARAMETER}(?:::\w+)?) = (?:(\w+)\.(?:office_id|book_id))?", statement
        )
        for side in (one, other)
        if side
    )
    bound = re.search(rf"(?:office_id|book_id) (?:= {_PARAMETER}|IN)", statement)
    return bound is None or any(said[name] < times for name, times in touched.items())


@pytest.mark.parametrize(
    ("statement", "forgets"),
    [
        ("SELECT areas.id FROM areas WHERE areas.office_id = ?", False),
        ("SELECT areas.id FROM areas WHERE areas.id = ?", True),
        ("SELECT areas.office_id FROM areas", True),
        ("SELECT a.id FROM areas AS a JOIN people ON people.office_id = a.office_id WHERE a.office_id = ?", False),
        ("SELECT a.id FROM areas AS a JOIN people ON people.id = a.id WHERE a.office_id = ?", True),
        ("SELECT a.id FROM areas AS a JOIN people ON people.office_id = a.office_id", True),
        ("SELECT areas.id FROM areas WHERE areas.office_id = ? AND areas.id IN (SELECT areas.id FROM areas)", True),
        ("UPDATE areas SET name=? WHERE areas.id = ?", True),
        ("UPDATE areas SET name=? WHERE areas.office_id = %(office_id_1)s::SMALLINT", False),
        ("DELETE FROM areas WHERE areas.id = ?", True),
        ("INSERT INTO areas (id, name) VALUES (?, ?)", True),
        ("INSERT INTO areas (office_id, id, name) VALUES (?, ?, ?)", False),
        ("SELECT offices.id FROM offices", False),
        ("SELECT x FROM ledger_lots, areas WHERE areas.office_id = ?", True),
    ],
)
def test_a_statement_that_forgets_the_office_is_recognised(statement, forgets):
    assert forgets_the_office(statement) is forgets


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def statements(request, database_urls, tmp_path_factory):
    """Every statement that the whole table of access makes the server send."""
    if request.param == "sqlite":  # the shared application holds the pen of the shared file
        import os
        import shutil

        file = tmp_path_factory.mktemp("statements") / "all.sqlite3"
        shutil.copy(Path(os.environ["XINGFU_TEST_FOLDER"]) / "template.sqlite3", file)
        url = f"sqlite:///{file}"
    else:
        url = database_urls["postgresql"]
    app = create_app(settings(url))
    street = Street.opened_in(app)
    sent: dict[str, str] = {}
    with app.app_context():
        engine = db.engine
    stage = Stage(street)
    row = ""

    def note(_connection, _cursor, statement, *_):
        sent.setdefault(statement, row)

    event.listen(engine, "before_cursor_execute", note)
    for row in ROWS:
        case, caller = works(row)
        answer = asked(row, stage.phones[caller], stage.filler(case, caller))
        assert answer.status == ROWS[row][case].statuses[caller], (row, answer.body)
        stage.used_up(braces(row))
    event.remove(engine, "before_cursor_execute", note)
    engine.dispose()
    app.extensions["wechat"].close()
    return sent


def test_every_statement_names_the_office(statements):
    assert len(statements) > 100
    assert {statement: row for statement, row in statements.items() if forgets_the_office(statement)} == {}


def test_no_statement_compares_rows_of_values(statements):
    """`IN (VALUES …)` of composite keys scans on SQLite: load with `id IN (…)` instead."""
    assert [statement for statement in statements if re.search(r"IN \(\s*VALUES|IN \(\(", statement)] == []
