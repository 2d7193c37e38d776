"""Imports beside each other: whoever comes second waits its turn, and nothing stays behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from schemas.event import Data, Event, encode
from schemas.instants import instant
from sinks.archive.verifier import verify
from tests.core.examples import START

FILES, CALLS = 4, 300


def _file(folder: Path, number: int) -> Path:
    path = folder / f"{number}.jsonl"
    data = Data(department="ircc", channel="phone")
    lines = [
        encode(
            Event(
                time=instant(START + call),
                source="acd/1",
                id=f"{number}-{call}",
                type="contact.arrived",
                subject=f"c{number}-{call}",
                data=data,
            )
        )
        for call in range(CALLS)
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_all_that_was_imported_is_archived_when_the_last_one_ends(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [sys.executable, "-m", "streams.cli", "import", "--data", str(data), "events"]
    running = [
        subprocess.Popen([*command, str(_file(tmp_path, number))], stdout=subprocess.PIPE)
        for number in range(FILES)
    ]
    words = [process.communicate()[0].decode() for process in running]
    assert [process.returncode for process in running] == [0] * FILES
    assert not any("running server" in said for said in words)
    report = verify(data / "archive")
    assert (report.faults, report.rows) == ([], FILES * CALLS)
