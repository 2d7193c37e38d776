"""A log with known rows, writers on it, and disks that fail on demand."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from schemas.event import Data, Event, encode, schema_id
from schemas.instants import DAY, instant
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive import reader
from sinks.archive.files import Disk, Files
from sinks.archive.layout import Chain
from sinks.archive.writer import PartitionWriter

LOG = "log-1"
CHAIN = Chain(LOG, EVENTS, 0)
NOON = 20_000 * DAY + DAY // 2
FACTS = (
    ("contact.arrived", Data(department="ircc", channel="phone", priority=3)),
    ("queue.entered", Data(queue="citizenship", position=2)),
    ("estimate.announced", Data(seconds=300)),
    ("contact.ended", Data(by="customer")),
)


def row(offset: int, intake_ms: int | None = None, value: bytes | None = None) -> Row:
    """The row of an offset: always the same one."""
    kind, data = FACTS[offset % len(FACTS)]
    subject = f"c-{offset // len(FACTS)}"
    event = Event(
        time=instant(NOON + offset),
        source="//switch.example",
        id=f"e-{offset}",
        type=kind,
        subject=subject,
        dataschema=schema_id(kind, 1),
        data=data,
    )
    return Row(
        offset,
        NOON + offset if intake_ms is None else intake_ms,
        subject,
        encode(event) if value is None else value,
    )


def rows(start: int, stop: int) -> list[Row]:
    return [row(offset) for offset in range(start, stop)]


def writer(root: Path, files: Files | None = None, name: str = "w") -> PartitionWriter:
    return PartitionWriter(root, LOG, EVENTS, 0, writer=name, files=files or QUICK)


def archived(root: Path) -> list[Row]:
    """What a reader of the committed files gets, in their order."""
    found: list[Row] = []
    for path in reader.files(root):
        with pq.ParquetFile(path) as file:
            table = file.read(["offset", "intake_ms", "subject", "value"], use_threads=False)
        found += [Row(*values) for values in zip(*table.to_pydict().values(), strict=True)]
    return found


class Quick(Disk):
    """A disk that forgets nothing, so that nothing need be flushed."""

    def sync(self, path: Path) -> None:
        path.stat()


QUICK = Quick()


class Crash(BaseException):
    """The process is gone."""


def nothing() -> None:
    pass


class Door:
    """A disk at which something happens at one call, before or after it is done."""

    def __init__(self, below: Files = QUICK) -> None:
        self.calls = 0
        self._below, self._dead = below, False
        self._at: range = range(0)
        self._late, self._action = False, nothing

    def at(
        self, call: int, action: Callable[[], None], *, late: bool = False, lasting: bool = False
    ) -> None:
        """Do something at the call of this number from now; if lasting, at all after it too."""
        self.calls, self._late, self._action = 0, late, action
        self._at = range(call, sys.maxsize if lasting else call + 1)

    def heal(self) -> None:
        self._at = range(0)

    def crash(self) -> None:
        self._dead = True
        raise Crash

    def _call(self, call: Callable[[], None]) -> None:
        if self._dead:
            raise Crash
        now = self.calls in self._at
        self.calls += 1
        if now and not self._late:
            self._action()
        call()
        if now and self._late:
            self._action()

    def mkdir(self, path: Path) -> None:
        self._call(lambda: self._below.mkdir(path))

    def write(self, path: Path, data: bytes | memoryview) -> None:
        self._call(lambda: self._below.write(path, data))

    def sync(self, path: Path) -> None:
        self._call(lambda: self._below.sync(path))

    def link(self, source: Path, target: Path) -> None:
        self._call(lambda: self._below.link(source, target))

    def unlink(self, path: Path) -> None:
        self._call(lambda: self._below.unlink(path))

    def exchange(self, one: Path, other: Path) -> None:
        self._call(lambda: self._below.exchange(one, other))


def disk_full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
