"""Verify reads a million entries a minute, in little memory, and finds nothing in a book that is sound.

All ten checks, as `flask ledger verify` runs them: read only, in a process of its own, beside nothing else.
"""

import pytest

from tests.benchmarks.verifying_alone import Figures

pytestmark = pytest.mark.benchmark

ENTRIES_PER_MINUTE = 1_000_000
MOST_MB = 400


def test_verify_reads_a_million_entries_a_minute_in_little_memory(verified: Figures, say, database: str):
    say(
        f"{database}, verify: {verified.entries:,} entries in {verified.seconds:.1f} s, "
        f"{verified.entries_per_minute / 1e6:.2f} million a minute ({verified.cpu_seconds:.1f} s of processor in it)"
    )
    say(f"{database}, verify: {verified.grown_mb:.0f} MB of memory ({verified.peak_mb:.0f} MB with mapped pages)")

    assert verified.findings == 0, verified.words
    assert verified.entries_per_minute >= ENTRIES_PER_MINUTE
    assert verified.grown_mb < MOST_MB
