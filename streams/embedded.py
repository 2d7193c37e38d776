"""The embedded default: one data directory, no server to install.

The log is one SQLite file, the state one small file per partition, the archive Parquet. One
process at a time works on state and archive; any number may append to the log or read.

    vouch-data/
      log.sqlite           contact.events.v1 and the dead letters, until archived and counted
      archive/             the evidence: commit log and Parquet
      state/               derived; deleting it changes nothing but start-up time
      worker.lock          held by the process that archives and counts
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from schemas.errors import DeadLetter, Retry
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive import reader
from sinks.archive.writer import PartitionWriter
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog
from streams.runtimes.archiver import Archiver
from streams.runtimes.live import TICK, LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store import SqliteStore


class Busy(Retry):
    """Another process archives and counts in this data directory."""


class ArchivedPast:
    """What has left the log, read from its archive."""

    def __init__(self, root: Path, log_id: str) -> None:
        self._root, self._log_id = root, log_id

    def next(self, partition: int) -> int:
        """The first offset that is not archived yet."""
        tail = reader.tail(self._root, self._log_id, EVENTS, partition)
        return tail.next if tail else 0

    def rows(self, partition: int, start: int) -> Iterator[list[Row]]:
        """Archived rows from an offset on, a file at a time."""
        return reader.rows(self._root, self._log_id, EVENTS, partition, start)

    def lookup(
        self, partition: int, keys: Collection[str], below: int
    ) -> Mapping[str, Sequence[bytes]]:
        """The archived values of some contacts below an offset, in one scan."""
        return reader.lookup(self._root, self._log_id, EVENTS, partition, keys, below)


class Embedded:
    """Opens the parts of a data directory; each caller closes what it opened."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.archive = data / "archive"

    def check(self) -> None:
        """Make sure that there is something to ask about.

        Raises:
            DeadLetter: nothing was ever brought here.
        """
        if not (self.data / "log.sqlite").exists():
            msg = f"there is nothing in {self.data}: bring facts (vouch import, simulate, run)"
            raise DeadLetter(msg)

    def log(self) -> SqliteLog:
        """The log, made on first use. One instance for each thread."""
        self.data.mkdir(parents=True, exist_ok=True)
        return SqliteLog(self.data / "log.sqlite")

    def archiver(self, log: Log) -> Archiver:
        """The writer of the evidence; only under `lock`."""
        writer = f"{os.uname().nodename}/{os.getpid()}"
        return Archiver(
            log,
            [
                PartitionWriter(self.archive, log.log_id, EVENTS, number, writer=writer)
                for number in range(log.partitions)
            ],
        )

    def live(self, log: Log, tick: int = TICK) -> LiveWorker:
        """The live worker; only under `lock`."""
        past = ArchivedPast(self.archive, log.log_id)
        return LiveWorker(
            [
                LivePartition(log, number, self.store(log, number), past)
                for number in range(log.partitions)
            ],
            tick,
        )

    def store(self, log: Log, number: int, *, read_only: bool = False) -> SqliteStore:
        """The state file of one partition."""
        folder = self.data / "state"
        folder.mkdir(parents=True, exist_ok=True)
        return SqliteStore(
            folder / f"partition-{number:02d}.sqlite",
            identity=f"{log.log_id}/{number}",
            read_only=read_only,
        )

    def trim(self, log: Log, worker: LiveWorker) -> None:
        """Let the log forget what is both archived and counted."""
        past = ArchivedPast(self.archive, log.log_id)
        for number, partition in enumerate(worker.partitions):
            log.trim(EVENTS, number, min(past.next(number), partition.position))

    @contextmanager
    def stores(self) -> Iterator[list[SqliteStore]]:
        """The state files as they are now, to read from; a worker may go on writing.

        Raises:
            Retry: nothing was counted here yet.
        """
        log = self.log()
        with ExitStack() as opened:
            opened.callback(log.close)
            found = [self.store(log, n, read_only=True) for n in range(log.partitions)]
            for store in found:
                opened.callback(store.close)
            yield found

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one process that archives and counts.

        Raises:
            Busy: another process is.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "worker.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                msg = f"another process is working in {self.data}"
                raise Busy(msg) from error
            yield
