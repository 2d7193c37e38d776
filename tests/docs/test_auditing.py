"""What docs/auditing.md tells an auditor to type is typed here, over an archive that was sealed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from schemas.instants import DAY
from sinks.archive.upkeep import upkeep
from tests.archive.world import NOON, QUICK, row, writer

TEXT = (Path(__file__).parents[2] / "docs" / "auditing.md").read_text()
COUNTED = {
    "contact.arrived": 4,
    "contact.ended": 3,
    "estimate.announced": 3,
    "queue.entered": 4,
}


def block(kind: str) -> str:
    found, *_ = re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One file of three commits, and one of its own after them."""
    root = tmp_path / "vouch-data" / "archive"
    into = writer(root)
    for day, end in ((0, 3), (0, 5), (1, 9)):
        into.append([row(n, NOON + day * DAY) for n in range(into.next, end)])
        into.commit(0)
    assert len(upkeep(root, NOON + 40 * DAY, files=QUICK).seals) == 1
    into.append([row(n, NOON + 40 * DAY) for n in range(9, 14)])
    into.commit(0)
    return tmp_path


def test_duckdb(folder: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"SET file_search_path = '{folder}'")
        found = connection.execute(block("sql")).fetchall()
    assert {kind: events for kind, events, _ in found} == COUNTED


def test_polars(folder: Path) -> None:
    if find_spec("polars") is None:
        pytest.skip("polars is not installed: docs/auditing.md was not tried with it")
    done = subprocess.run(
        [sys.executable, "-c", block("python")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = dict(re.findall(r"│ ([a-z.]+) +┆ (\d+) +│", done.stdout))
    assert {kind: int(events) for kind, events in found.items()} == COUNTED
