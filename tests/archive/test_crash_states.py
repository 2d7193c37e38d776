"""Every state in which a power cut can leave the disk, built and recovered from.

A run of two competing writers is recorded call by call. After each call the machine is
cut off, under four models of what a disk may have kept; the archive must then recover to
all that was acknowledged, once, and go on. Two variants, each without one of the flushes,
must fail: they show that the test can.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from schemas.errors import VouchError
from schemas.instants import DAY
from schemas.rows import Row
from sinks.archive.files import Files
from sinks.archive.layout import LOG as LOG_FOLDER
from sinks.archive.verifier import verify
from tests.archive.world import NOON, QUICK, archived, row, writer

def log_row(offset: int) -> Row:
    return row(offset, intake_ms=NOON + (DAY if offset >= 5 else 0))


def log_rows(start: int, stop: int) -> list[Row]:
    return [log_row(offset) for offset in range(start, stop)]


def record(root: Path, recorder: Recorder) -> list[Kept]:
    """Two writers, the second overtaken, over a change of date."""
    one, two = writer(root, recorder), writer(root, recorder)
    one.append(log_rows(0, 2))
    two.append(log_rows(0, 4))
    for slot, end in ((one, 0), (two, 0), (one, 7), (two, 9)):
        if end:
            slot.append(log_rows(slot.next, end))
        while slot.commit(0):
            recorder.acknowledge(slot.committed)
    return recorder.disks


def states(disks: list[Kept]) -> Iterator[tuple[str, int, Contents]]:
    """Every different state, by a name and with what was acknowledged before it."""
    known = set()
    for at, disk in enumerate(disks):
        for model in (disk.killed, disk.forgotten, disk.emptied, lambda disk=disk, at=at: disk.torn(at)):
            contents = model()
            state = (disk.acknowledged, tuple(contents.items()))


def violation(root: Path, recorded: Path, acknowledged: int, contents: Contents) -> str | None:
    """What is wrong after recovery from a state; None where nothing is."""
    for name, content in contents.items():
        path = root / name.relative_to(recorded)
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.write_bytes(content)
    if (root / LOG_FOLDER).is_dir() and (faults := verify(root).faults):
        return f"before recovery: {faults[0]}"
    try:
        recovered = writer(root)
        if recovered.committed < acknowledged:
            return f"{acknowledged} rows were acknowledged, {recovered.committed} are there"
        if archived(root) != log_rows(0, recovered.committed):
            return "the archive is not a prefix of the log"
        recovered.append(log_rows(recovered.next, 10))
        while recovered.commit(0):
            pass
    except (VouchError, OSError) as error:
        return f"recovery: {error}"
    if archived(root) != log_rows(0, 10) or verify(root).faults:
        return "the archive does not go on"
    return None


def violations(folder: Path, recorder: Recorder) -> Iterator[str]:
    recorded = folder / "recorded" / "archive"
    recorded.parent.mkdir()
    for at, (name, acknowledged, contents) in enumerate(states(record(recorded, recorder))):
        root = folder / str(at)
        root.mkdir()
        wrong = violation(root, recorded, acknowledged, contents)
        if wrong:
            yield f"{name}: {wrong}"


def test_the_archive_survives_every_power_cut(tmp_path: Path) -> None:
    assert list(violations(tmp_path, Recorder())) == []


@pytest.mark.parametrize("left_out", ["flushes_files", "flushes_folders"])
def test_without_one_kind_of_flush_it_does_not(tmp_path: Path, left_out: str) -> None:
    recorder = Recorder(**{left_out: False})  # type: ignore[arg-type]
    assert next(violations(tmp_path, recorder), None) is not None
