"""The embedded default: one data directory, no server to install.

The log is one SQLite file, the state one small file per partition, the archive Parquet. One
process at a time works on state and archive; any number may append to the log or read.

    vouch-data/
      log.sqlite           contact.events.v1 and the dead letters, until archived and counted
      archive/             the evidence: commit log and Parquet, and the record of disposals
      keys/                by period: of callers' tokens, and of sealed columns
      finals.jsonl         what was recorded as final, and every change of it: not derived
      gate/, incidents/    what the gate found, and what it blocked: not derived
      baselines/           figures kept under a name, to compare with: not derived
      vouch.toml           settings of the server; privacy.toml: whether columns are sealed
      lines.toml           laid over the packaged table, as are standards.toml, annotations.toml,
                           definitions.toml
      token                what producers show, where settings name none
      scratch/             room for the moment, held by who works in it; what is left is removed
      state/               derived, by log and rules; deleting it changes start-up time only
      worker.lock          held by the process that archives and counts
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from hashlib import sha256
from importlib.resources import files as resources
from importlib.resources.abc import Traversable
from pathlib import Path

from schemas.errors import DeadLetter, Retry
from schemas.topics import EVENTS
from sinks.archive.disposal import disposed, record
from sinks.archive.files import DISK, Files
from sinks.archive.layout import Chain
from sinks.archive.upkeep import SETTLED, upkeep
from sinks.archive.writer import PartitionWriter
from streams.keyring.keyfiles import sync
from streams.keyring.keyring import Keyring
from streams.keyring.keys import OpenKeys, SealKeys, privacy_of
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog
from streams.past import ArchivedPast
from streams.runtimes.archiver import Archiver
from streams.runtimes.live import TICK, LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store_sqlite import SqliteStore

SERVER = "server"
__all__ = ["SERVER", "SETTLED", "Busy", "Home", "rule_files", "rules"]


class Busy(Retry):
    """Another process archives and counts in this data directory."""


@cache
def rules() -> str:
    """A name for the rules by which state is made: a digest of their text and of their tables.

    State made by other rules would mix old sums with new ones, so it is not used again.
    """
    digest = sha256()
    for path in rule_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def rule_files() -> list[Traversable]:
    """The modules and packaged tables that decide what state says."""
    return [
        path
        for package in ("schemas", "schemas.measures", "schemas.data", "streams.core")
        for path in sorted(resources(package).iterdir(), key=lambda path: path.name)
        if path.name.endswith((".py", ".toml"))
    ]


class Home:
    """Opens the parts of a data directory; each caller closes what it opened."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.archive = data / "archive"
        self.keyring = Keyring(data / "keys")

    def check(self) -> None:
        """Make sure that there is something to ask about.

        Raises:
            DeadLetter: nothing was ever brought here.
        """
        if not (self.data / "log.sqlite").exists() and not (self.archive / "log").exists():
            msg = f"there is nothing in {self.data}: bring facts (vouch import, simulate, run)"
            raise DeadLetter(msg)

    def log(self) -> SqliteLog:
        """The log, made on first use. One instance for each thread."""
        self._make()
        return SqliteLog(self.data / "log.sqlite")

    def _make(self) -> None:
        """The folder, whose name survives a loss of power as what is in it does."""
        if not self.data.is_dir():
            made = [path for path in (self.data, *self.data.parents) if not path.is_dir()]
            self.data.mkdir(parents=True, exist_ok=True)
            sync(*(path.parent for path in reversed(made)))

    def archiver(self, log: Log) -> Archiver:
        """The writer of the evidence; only under `lock`."""
        writer, past = f"{os.uname().nodename}/{os.getpid()}", self.past(log)
        seal = SealKeys(self.keyring) if privacy_of(self.data).seal else None
        return Archiver(
            log,
            [
                PartitionWriter(
                    self.archive,
                    log.log_id,
                    EVENTS,
                    number,
                    writer=writer,
                    continues=past.continues(number),
                    seal=seal,
                )
                for number in range(log.partitions)
            ],
        )

    def upkeep(self, now: int, go_on: Callable[[], bool], files: Files = DISK) -> list[str]:
        """What the archive needs once a day; why anything was left for the next time.

        It may run beside the archiver. Once `go_on` says no, it ends after the present file.
        """
        return upkeep(self.archive, now, self.keys(), files=files, go_on=go_on).waits

    def past(self, log: Log) -> ArchivedPast:
        """What has left the log."""
        return ArchivedPast(self.archive, log.log_id, self.keys())

    def keys(self) -> OpenKeys:
        """What sealed files are opened with, as far as it was not destroyed."""
        return OpenKeys(self.keyring, self.archive)

    def dispose(self, period: str, reason: str, now: int) -> None:
        """Record a disposal, then destroy the keys; only under `lock`.

        State made of what was sealed is removed too: it is made again from what is left.
        """
        record(self.archive, period, reason, now)
        self._finish_disposals()

    def _finish_disposals(self) -> None:
        """What was recorded and then interrupted is done."""
        for period in disposed(self.archive):
            if self.keyring.left(period):
                if (self.data / "state").exists():
                    shutil.rmtree(self.data / "state")
                self.keyring.destroy(period)

    def live(self, log: Log, tick: int = TICK) -> LiveWorker:
        """The live worker; only under `lock`. State of other rules is of no use, and removed."""
        for other in (self.data / "state").glob("*"):
            if other != self._state(log):
                shutil.rmtree(other) if other.is_dir() else other.unlink()
        past = self.past(log)
        return LiveWorker(
            [
                LivePartition(log, number, self.store(log, number), past)
                for number in range(log.partitions)
            ],
            tick,
        )

    def store(self, log: Log, number: int, *, read_only: bool = False) -> SqliteStore:
        """The state file of one partition."""
        folder = self._state(log)
        folder.mkdir(parents=True, exist_ok=True)
        return SqliteStore(
            folder / f"partition-{number:02d}.sqlite",
            identity=f"{log.log_id}/{number}",
            read_only=read_only,
        )

    def _state(self, log: Log) -> Path:
        return self.data / "state" / f"{log.log_id}-{rules()}"

    def trim(self, log: Log, worker: LiveWorker) -> None:
        """Let the log forget what is both archived and counted."""
        for number, partition in enumerate(worker.partitions):
            settled = partition.settled
            if settled > log.bounds(EVENTS, number)[0]:
                # A commit that is seen may not be flushed yet by the archiver that made it.
                sync(self.archive / Chain(log.log_id, EVENTS, number).log)
                log.trim(EVENTS, number, settled)

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

    def served(self) -> bool:
        """Whether the last to take the lock was a server, which goes on by itself."""
        return (self.data / "worker.lock").read_text() == SERVER

    @contextmanager
    def lock(self, role: str = "command") -> Iterator[None]:
        """Be the one process that archives and counts; `role` is for others to read.

        Raises:
            Busy: another process is.
        """
        self._make()
        with (self.data / "worker.lock").open("a+") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                msg = f"another process is working in {self.data}"
                raise Busy(msg) from error
            held.truncate(0)
            held.write(role)
            held.flush()
            self._finish_disposals()
            yield
