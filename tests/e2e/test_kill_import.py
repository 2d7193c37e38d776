"""kill -9 of an import: nothing of it goes on, and importing again mends it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sinks.archive.verifier import verify
from streams.simulator import simulate
from tests.e2e.test_rebuild import START
from tests.e2e.world import ROOT, archived, encoded, figures, imported, jsonl, until

DAY = ("--from", "2026-01-05", "--to", "2026-01-06", "--by", "hour,queue")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_an_import_that_is_killed_leaves_no_archiver_behind(tmp_path: Path) -> None:
    values = encoded(simulate(START, 1, 4, scale=0.5))
    data, once = tmp_path / "data", jsonl(tmp_path / "once.jsonl", values)
    many = jsonl(tmp_path / "many.jsonl", values * 40)
    command = [sys.executable, "-m", "streams.cli", "import", "events", str(many)]
    with subprocess.Popen([*command, "--data", str(data)], cwd=ROOT) as process:
        until(lambda: any((data / "archive").rglob("partition=11")))  # the archiver is at work
        children = _children(process.pid)
        process.kill()
    assert children
    until(lambda: all(map(_ended, children)))

    imported(data, "events", once)
    imported(tmp_path / "clean", "events", once)
    assert figures(data, *DAY) == figures(tmp_path / "clean", *DAY)
    assert not verify(data / "archive").faults
    assert {value for rows in archived(data).values() for _, value in rows} == set(values)
