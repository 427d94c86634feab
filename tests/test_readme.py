"""What the README tells a newcomer to type is typed here."""

import re
import subprocess
import sys
from pathlib import Path

from tests.serving import PROJECT, Served

README = (PROJECT / "README.md").read_text()


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```bash\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_tour_runs_as_printed(tmp_path: Path) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, words in (("curl", f"{PROJECT / 'tests' / 'curl.py'}"), ("python3", "")):
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        script.chmod(0o755)
    with Served(f"sqlite:///{tmp_path / 'street.sqlite3'}", tmp_path / "log") as served:
        tour = block("tour").replace("http://127.0.0.1:8000", served.url)
        tour = tour.replace(".venv/bin/flask", f"{sys.executable} -m flask")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", tour],
            cwd=PROJECT,
            env=served.environ | {"PATH": f"{commands}:{served.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert said[:3] == ["approved", "600", "placed"]
    assert said[3] == "20"
    assert said[5:7] == ["馒头一袋", "captured"]
    assert int(said[7]) == int(said[4]) - 10
    assert said[8] == "已领取：馒头一袋（幸福面包房）"
    assert "no findings" in done.stdout


def test_the_gate_runs_the_test_line_of_the_readme() -> None:
    assert block("test").strip().endswith(".venv/bin/pytest")
    assert "<!-- test -->" in (PROJECT / ".ci" / "run").read_text()
