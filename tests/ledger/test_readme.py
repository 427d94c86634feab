"""backend/ledger/README.md says what is so: its example runs as printed, and every test it names exists."""

import doctest
import re
from pathlib import Path

from backend.ledger.kinds import MOVES

HERE = Path(__file__).parent
README = HERE.parents[1] / "backend" / "ledger" / "README.md"


def test_the_example_runs_as_printed():
    text = README.read_text(encoding="utf-8")
    [example] = re.findall(r"```pycon\n(.*?)```", text, flags=re.DOTALL)
    parsed = doctest.DocTestParser().get_doctest(example, {}, "README.md", str(README), 0)
    said: list[str] = []

    outcome = doctest.DocTestRunner().run(parsed, out=said.append)

    assert outcome.attempted > 20
    assert outcome.failed == 0, "".join(said)


def test_every_test_it_names_exists():
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", README.read_text(encoding="utf-8"))

    assert len(named) > 15
    for file, name in named:
        assert f"def {name}(" in (HERE / file).read_text(encoding="utf-8"), f"{file} has no {name}"


def test_every_kind_is_in_its_table():
    text = README.read_text(encoding="utf-8")
    assert all(f"`{kind}`" in text for kind in MOVES)
