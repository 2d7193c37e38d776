"""Every state in which a power cut can leave the disk, built and recovered from.

A run of two competing writers is recorded call by call. After each call the machine is
cut off, under four models of what a disk may have kept; the archive must then recover to
all that was acknowledged, once, and go on. Two variants, each without one of the flushes,
must fail: they show that the test can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from schemas.errors import VouchError
from schemas.instants import DAY
from schemas.rows import Row
from sinks.archive.layout import LOG as LOG_FOLDER
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from tests.archive.powercut import Contents, Kept, Recorder
from tests.archive.world import NOON, Crash, Door, archived, row, writer

Run = Callable[[Path, Recorder], None]


def log_row(offset: int) -> Row:
    return row(offset, intake_ms=NOON + (DAY if offset >= 5 else 0))


def log_rows(start: int, stop: int) -> list[Row]:
    return [log_row(offset) for offset in range(start, stop)]


def commit(writer: PartitionWriter, recorder: Recorder) -> None:
    while writer.commit(0):
        recorder.acknowledge(writer.committed)


def in_turn(root: Path, recorder: Recorder) -> None:
    """Two writers, one of them fenced, over a change of date."""
    one, two = writer(root, recorder), writer(root, recorder)
    one.append(log_rows(0, 2))
    two.append(log_rows(0, 4))
    commit(one, recorder)
    commit(two, recorder)
    one.append(log_rows(one.next, 7))
    commit(one, recorder)


def overtaken(root: Path, recorder: Recorder) -> None:
    """A writer is stopped after its commit, before it is durable; another builds on it."""
    door = Door(recorder)
    one, two = writer(root, door), writer(root, recorder)
    one.append(log_rows(0, 2))
    two.append(log_rows(0, 4))
    door.at(5, lambda: commit(two, recorder), late=True)  # after the link of the entry
    commit(one, recorder)
    assert two.committed == 4


def twins(root: Path, recorder: Recorder) -> None:
    """Two writers stage the same rows; the one that commits them dies before it publishes."""
    slow, fast = Door(recorder), Door(recorder)
    one, two = writer(root, slow), writer(root, fast)
    for each in (one, two):
        each.append(log_rows(0, 2))

    def overtake() -> None:
        fast.at(7, fast.crash, late=True)  # after the flush of the log
        with suppress(Crash):
            two.commit(0)
        recorder.acknowledge(writer(root, recorder).committed)
        slow.crash()

    slow.at(0, overtake, late=True)  # after the write, before its flush
    with suppress(Crash):
        one.commit(0)
    assert recorder.now.acknowledged == 2


RUNS = (in_turn, overtaken, twins)


def states(disks: list[Kept]) -> Iterator[tuple[str, int, Contents]]:
    """Every different state: a name, what was acknowledged before, the files."""
    known = set()
    for at, disk in enumerate(disks):
        for model, contents in disk.left().items():
            state = (disk.acknowledged, tuple(contents.items()))
            if state not in known:
                known.add(state)
                yield f"{model} after call {at}", disk.acknowledged, contents


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


def violations(folder: Path, run: Run, recorder: Recorder) -> Iterator[str]:
    recorded = folder / "recorded" / "archive"
    recorded.parent.mkdir()
    run(recorded, recorder)
    for at, (name, acknowledged, contents) in enumerate(states(recorder.disks)):
        root = folder / str(at)
        root.mkdir()
        wrong = violation(root, recorded, acknowledged, contents)
        if wrong:
            yield f"{name}: {wrong}"


@pytest.mark.parametrize("run", RUNS)
def test_the_archive_survives_every_power_cut(tmp_path: Path, run: Run) -> None:
    assert list(violations(tmp_path, run, Recorder())) == []


@pytest.mark.parametrize(
    "recorder", [Recorder(flushes_files=False), Recorder(flushes_folders=False)]
)
def test_without_one_kind_of_flush_it_does_not(tmp_path: Path, recorder: Recorder) -> None:
    assert next(violations(tmp_path, in_turn, recorder), None) is not None
