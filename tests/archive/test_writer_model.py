"""The writer against a list: whatever happens in whatever order, the archive is a prefix."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.errors import Retry
from schemas.rows import Row
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from tests.archive.world import Crash, Door, archived, disk_full, row, writer

WHICH = st.integers(0, 1)
CALL = st.integers(0, 30)


class Archive(RuleBasedStateMachine):
    """Two writers on one partition of a log with gaps, on a disk that fails and crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.log: list[Row] = []
        self.disks = [Door(), Door()]
        self.writers: list[PartitionWriter] = [writer(self.root, disk) for disk in self.disks]
        self.safe = 0

    def teardown(self) -> None:
        for which in (0, 1):
            self.restart(which)
            self.read(which, len(self.log))
            self.commit(which)
        assert archived(self.root) == self.log
        self.folder.cleanup()

    @rule(gaps=st.lists(st.sampled_from([0, 0, 0, 1, 5]), min_size=1, max_size=6))
    def grow(self, gaps: list[int]) -> None:
        for gap in gaps:
            self.log.append(row((self.log[-1].offset + 1 if self.log else 0) + gap))

    @rule(which=WHICH, most=st.integers(1, 6))
    def read(self, which: int, most: int) -> None:
        writer = self.writers[which]
        writer.append([row for row in self.log if row.offset >= writer.next][:most])

    @rule(which=WHICH)
    def commit(self, which: int) -> None:
        self.writers[which].commit(0)

    @rule(which=WHICH, call=CALL, late=st.booleans(), lasting=st.booleans())
    def fail(self, which: int, call: int, late: bool, lasting: bool) -> None:
        disk = self.disks[which]
        disk.at(call, disk_full, late=late, lasting=lasting)
        with suppress(Retry):
            self.writers[which].commit(0)
        disk.heal()

    @rule(which=WHICH, call=CALL, late=st.booleans())
    def crash(self, which: int, call: int, late: bool) -> None:
        disk = self.disks[which]
        disk.at(call, disk.crash, late=late)
        with suppress(Crash):
            self.writers[which].commit(0)
        self.restart(which)

    @rule(which=WHICH)
    def restart(self, which: int) -> None:
        self.disks[which] = Door()
        self.writers[which] = writer(self.root, self.disks[which])

    @invariant()
    def what_is_safe_is_there_once(self) -> None:
        self.safe = max(self.safe, *(writer.committed for writer in self.writers))
        held = archived(self.root)
        assert held == self.log[: len(held)]
        assert all(row.offset >= self.safe for row in self.log[len(held) :])
        assert verify(self.root).faults == []


TestArchive = Archive.TestCase
TestArchive.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
