"""Every state in which a power cut can leave the disk, built and recovered from.

A run of two competing writers is recorded call by call. After each call the machine is
cut off, under four models of what a disk may have kept; the archive must then recover to
all that was acknowledged, once, and go on. Two variants, each without one of the flushes,
must fail: they show that the test can.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import get_args

import pyarrow.parquet as pq
import pytest

from schemas.errors import VouchError
from schemas.instants import DAY
from schemas.rows import Row
from sinks.archive.compaction import compacting
from sinks.archive.files import Files
from sinks.archive.layout import DATA, SEALS
from sinks.archive.layout import LOG as LOG_FOLDER
from sinks.archive.upkeep import upkeep
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from tests.archive.powercut import Recorder
from tests.archive.world import CHAIN, NOON, QUICK, Crash, Door, row, writer
from tests.crash.disk import ALL, BROKEN, Flushes, Kept, Model
from tests.crash.states import Found, enumerated

ARCHIVE = "archive"
CALLS = 14  # of a commit
NAMED = range(7, 14)  # of the names that are given and taken when files are replaced
LATER = NOON + 40_000 * DAY  # than any grace
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


def overtaken(call: int, root: Path, recorder: Recorder) -> None:
    """A writer is stopped after one of its calls; another goes on meanwhile, then it does."""
    door = Door(recorder)
    one, two = writer(root, door), writer(root, recorder)
    one.append(log_rows(0, 2))
    two.append(log_rows(0, 4))
    door.at(call, lambda: commit(two, recorder), late=True)
    commit(one, recorder)
    assert two.committed == 4 or door.calls <= call


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


def restarted(call: int, root: Path, recorder: Recorder) -> None:
    """A writer dies after one of its calls; the next one recovers, and goes on."""
    door = Door(recorder)
    one = writer(root, door)
    one.append(log_rows(0, 3))
    door.at(call, door.crash, late=True)
    with suppress(Crash):
        commit(one, recorder)
    two = writer(root, recorder)
    recorder.acknowledge(two.committed)
    two.append(log_rows(two.next, 6))
    commit(two, recorder)


def compacted(root: Path, recorder: Recorder) -> None:
    """Small files are replaced by one, twice, beside a writer; what is left over is cleared."""
    one = writer(root, recorder)
    for stop in range(1, 5):
        one.append(log_rows(one.next, stop))
        commit(one, recorder)
        if stop % 2 == 0:
            upkeep(root, LATER, month_end=True, files=recorder)


class Dying(Door):
    """A disk of one who dies after having given and taken so many names."""

    def __init__(self, below: Files, names: int) -> None:
        super().__init__(below)
        self._names = names

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self._named()

    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self._named()

    def exchange(self, one: Path, other: Path) -> None:
        super().exchange(one, other)
        self._named()

    def _named(self) -> None:
        self._names -= 1
        if self._names == 0:
            self.crash()


def half_compacted(names: int, root: Path, recorder: Recorder) -> None:
    """Who compacts dies in the midst of it; the writer goes on, then another compacts."""
    one = writer(root, recorder)
    for stop in (1, 2):
        one.append(log_rows(one.next, stop))
        commit(one, recorder)
    with suppress(Crash):
        upkeep(root, LATER, month_end=True, files=Dying(recorder, names))
    one.append(log_rows(one.next, 3))
    commit(one, recorder)
    upkeep(root, LATER, month_end=True, files=recorder)


def all_died(names: int, root: Path, recorder: Recorder) -> None:
    """A writer dies before what it published is durable, then who compacts; others go on."""
    door = Door(recorder)
    one = writer(root, door)
    one.append(log_rows(0, 1))
    commit(one, recorder)
    one.append(log_rows(1, 2))
    door.at(7, door.crash, late=True)  # after the link of the file
    with suppress(Crash):
        one.commit(0)
    with suppress(Crash):
        upkeep(root, LATER, month_end=True, files=Dying(recorder, names))
    two = writer(root, recorder)
    recorder.acknowledge(two.committed)
    upkeep(root, LATER, month_end=True, files=recorder)


RUNS: tuple[Run, ...] = (
    in_turn,
    twins,
    compacted,
    *(partial(overtaken, call) for call in range(CALLS)),
    *(partial(restarted, call) for call in range(CALLS)),
)
INTERRUPTED: tuple[Run, ...] = (
    *(partial(half_compacted, names) for names in NAMED),
    *(partial(all_died, names) for names in NAMED),
)


def violation(root: Path, promised: int) -> str | None:
    """What is wrong in a state, or after recovery from it; None where nothing is."""
    archive = root / ARCHIVE
    try:
        if (archive / LOG_FOLDER).is_dir() and (faults := verify(archive).faults):
            return f"before recovery: {faults[0]}"
        recovered = writer(archive)
        if recovered.committed < promised:
            return f"{promised} rows were acknowledged, {recovered.committed} are there"
        goal = recovered.next + 1
        recovered.append([log_row(recovered.next)])
        recovered.commit(0)
        if (archive / SEALS).exists():
            with compacting(archive, CHAIN, LATER, QUICK):
                pass  # opening it finishes what was begun
    except (VouchError, OSError) as error:
        return f"recovery: {error}"
    if faults := verify(archive).faults:
        return f"after recovery: {faults[0]}"
    return None if globbed(archive) == log_rows(0, goal) else "not each row of the log, once"


def globbed(archive: Path) -> list[Row]:
    """What a reader gets who knows nothing of logs."""
    found: list[Row] = []
    for path in (archive / DATA).rglob("*.parquet"):
        with pq.ParquetFile(path) as file:
            table = file.read(["offset", "intake_ms", "subject", "value"], use_threads=False)
        found += [Row(*values) for values in zip(*table.to_pydict().values(), strict=True)]
    return sorted(found)


def recording(root: Path, run: Run, flushes: Flushes = ALL) -> list[Kept]:
    recorder = Recorder(flushes=flushes)
    run(root / ARCHIVE, recorder)
    shutil.rmtree(root / ARCHIVE)
    return recorder.disks


def found_after(runs: Iterable[Run], root: Path, seeds: int) -> Found:
    disks = [disk for run in runs for disk in recording(root, run)]
    return enumerated(disks, root, violation, seeds)


@pytest.mark.slow
def test_the_archive_survives_every_power_cut(tmp_path: Path) -> None:
    found = found_after(RUNS, tmp_path, seeds=6)
    assert found.wrong == []
    assert found.states >= 1_000
    assert set(found.models) == set(get_args(Model))


@pytest.mark.slow
def test_it_survives_that_while_files_are_replaced_by_one_who_dies(tmp_path: Path) -> None:
    found = found_after(INTERRUPTED, tmp_path, seeds=2)
    assert found.wrong == []
    assert found.states >= 300


@pytest.mark.parametrize("flushes", BROKEN.values(), ids=BROKEN.keys())
def test_without_one_kind_of_flush_it_does_not(tmp_path: Path, flushes: Flushes) -> None:
    disks = recording(tmp_path, in_turn, flushes)
    assert enumerated(disks, tmp_path, violation).wrong
