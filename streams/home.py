"""One data directory, and what is opened in it; by default, no server to install.

The log is one SQLite file, the state one small file per partition, the archive Parquet. One
process at a time works on state and archive; any number may append to the log or read.

Where `vouch.toml` has a section `[kafka]`, the log is there, and the roles of `vouch run` work on
state and archive, in any number of processes and machines. Who appends then only appends.

    vouch-data/
      log.sqlite           contact.events.v1 and the dead letters, until archived and counted
      log-moved.sqlite     what it was, once `vouch move` has brought everything to Kafka
      log-on-kafka         empty: the log is on Kafka, and none begins here by mistake
      archive/             the evidence: commit log and Parquet, and the record of disposals
      keys/                by period: of callers' tokens, and of sealed columns
      finals.jsonl         what was recorded as final, and every change of it: not derived
      gate/, incidents/    what the gate found, and what it blocked: not derived
      baselines/           figures kept under a name, to compare with: not derived
      vouch.toml           settings; privacy.toml: whether columns are sealed
      lines.toml           laid over the packaged table, as are standards.toml, annotations.toml,
                           definitions.toml
      token                what producers show, where settings name none
      scratch/             room for the moment, held by who works in it; what is left is removed
      state/               derived, by log and rules; deleting it changes start-up time only
                           ([kafka] state names another folder, copies one for all machines)
      worker.lock          held by the process that archives and counts
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from schemas.errors import DeadLetter, Retry, Stop
from schemas.topics import EVENTS
from sinks.archive.disposal import disposed, record
from sinks.archive.files import DISK, Files
from sinks.archive.layout import Chain
from sinks.archive.upkeep import SETTLED, upkeep
from sinks.archive.writer import PartitionWriter
from streams.kafka.copies import Copies
from streams.kafka.settings import Kafka
from streams.keyring.keyfiles import sync
from streams.keyring.keyring import Keyring
from streams.keyring.keys import OpenKeys, SealKeys, privacy_of
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog
from streams.opening import ELSEWHERE, LOG, MOVED, embedded, on_kafka, require_moved
from streams.past import ArchivedPast
from streams.recounting.scratch import scratch
from streams.rules import rule_files, rules
from streams.runtimes.archiver import Archiver
from streams.runtimes.gathered import Places, gathered, state_file
from streams.runtimes.live import TICK, LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store_sqlite import SqliteStore
from streams.settings import settings_in

SERVER = "server"
__all__ = ["ELSEWHERE", "LOG", "MOVED", "SERVER", "SETTLED", "Busy", "Home", "rule_files", "rules"]


class Busy(Retry):
    """Another process archives and counts in this data directory."""


class Home:
    """Opens the parts of a data directory; each caller closes what it opened."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.archive = data / "archive"
        self.keyring = Keyring(data / "keys")
        self._ensured = False

    @property
    def kafka(self) -> Kafka | None:
        """Where the log is on Kafka; None where it is in the folder."""
        return settings_in(self.data).kafka

    def check(self) -> None:
        """Make sure that there is something to ask about.

        Raises:
            DeadLetter: nothing was ever brought here.
            Stop: it was not moved to Kafka yet.
        """
        if self.kafka is not None:
            self.require_moved()
        elif not (self.data / LOG).exists() and not (self.archive / "log").exists():
            msg = f"there is nothing in {self.data}: bring facts (vouch import, simulate, run)"
            raise DeadLetter(msg)

    def log(self) -> Log:
        """The log, made on first use. One instance for each thread.

        Raises:
            Retry: the file, or the brokers, cannot be used at present.
            Stop: it is not what the settings or the archive say.
        """
        if self.kafka is None:
            return self.embedded()
        self.require_moved()
        return self.on_kafka()

    def embedded(self) -> SqliteLog:
        """The log in the folder, wherever the settings say that it is.

        Raises:
            Stop: it was moved to Kafka.
        """
        self._make()
        return embedded(self.data, settings_in(self.data).log)

    def require_moved(self) -> None:
        """Make sure that no event waits in the folder, where nobody on Kafka would count it.

        Raises:
            Stop: the log in the folder is still in use.
        """
        require_moved(self.data)

    def require_folders(self) -> None:
        """Make sure that the folders which the settings of Kafka name can be written to.

        Raises:
            Stop: one cannot.
        """
        kafka = self.kafka or Kafka(brokers=[])
        for name in ("state", "copies"):
            folder = self.data / getattr(kafka, name)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with TemporaryFile(dir=folder):
                    pass
            except OSError as error:
                msg = f"vouch.toml in {self.data}: [kafka] {name}: {error}"
                raise Stop(msg) from error

    def on_kafka(self) -> Log:
        """The log on Kafka, though there may be another in the folder still.

        Raises:
            DeadLetter: the settings do not say where it is.
        """
        kafka = self.kafka
        if kafka is None:
            msg = f"vouch.toml in {self.data} has no section [kafka]"
            raise DeadLetter(msg)
        opened = on_kafka(self.archive, kafka, ensured=self._ensured)
        if not self._ensured:
            (self.data / ELSEWHERE).touch()
        self._ensured = True
        return opened

    def _make(self) -> None:
        """The folder, whose name survives a loss of power as what is in it does."""
        if not self.data.is_dir():
            made = [path for path in (self.data, *self.data.parents) if not path.is_dir()]
            self.data.mkdir(parents=True, exist_ok=True)
            sync(*(path.parent for path in reversed(made)))

    def archiver(self, log: Log) -> Archiver:
        """The writer of the evidence; only under `lock`."""
        return Archiver(log, [self.writer(log.log_id, n) for n in range(log.partitions)])

    def writer(self, log_id: str, number: int) -> PartitionWriter:
        """The writer of the evidence of one partition of a log."""
        seal = SealKeys(self.keyring) if privacy_of(self.data).seal else None
        made = PartitionWriter(
            self.archive,
            log_id,
            EVENTS,
            number,
            writer=f"{os.uname().nodename}/{os.getpid()}",
            continues=self._past(log_id).continues(number),
            seal=seal,
        )
        made.longest_wait = settings_in(self.data).archive.longest_wait_s * 1_000
        return made

    def upkeep(self, now: int, go_on: Callable[[], bool], files: Files = DISK) -> list[str]:
        """What the archive needs once a day; why anything was left for the next time.

        It may run beside the archiver. Once `go_on` says no, it ends after the present file.
        """
        return upkeep(self.archive, now, self.keys(), files=files, go_on=go_on).waits

    def past(self, log: Log) -> ArchivedPast:
        """What has left the log."""
        return self._past(log.log_id)

    def _past(self, log_id: str) -> ArchivedPast:
        return ArchivedPast(self.archive, log_id, self.keys())

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
                if self._states.exists():
                    shutil.rmtree(self._states)
                self.keyring.destroy(period)

    def live(self, log: Log, tick: int = TICK) -> LiveWorker:
        """The live worker; only under `lock`. State of other rules is of no use, and removed."""
        for other in self._states.glob("*"):
            if other != self.state(log):
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
        folder = self.state(log)
        folder.mkdir(parents=True, exist_ok=True)
        path, identity = folder / state_file(number), f"{log.log_id}/{number}"
        return SqliteStore(path, identity=identity, read_only=read_only)

    @property
    def _states(self) -> Path:
        kafka = self.kafka
        return self.data / (kafka.state if kafka and kafka.state else "state")

    def state(self, log: Log) -> Path:
        """The folder of the state files of a log, on this machine."""
        return self._states / _of_these_rules(log)

    def copies(self, log: Log) -> Copies:
        """The copies of the state files of all machines."""
        kafka = self.kafka
        folder = self.data / kafka.copies if kafka and kafka.copies else None
        return Copies(folder, _of_these_rules(log))

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
        """The state files as they are now, to read from; workers may go on writing.

        Those of several workers (Kafka) are at one clock, as if all of them had just advanced.

        Raises:
            Retry: nothing was counted here yet.
        """
        with ExitStack() as opened:
            log = opened.enter_context(closing(self.log()))
            if self.kafka is None:
                found = [self.store(log, n, read_only=True) for n in range(log.partitions)]
                for store in found:
                    opened.callback(store.close)
                yield found
            else:
                folder = opened.enter_context(scratch(self.data))
                places = Places(self.state(log), self.copies(log).newest, folder)
                yield opened.enter_context(gathered(log, self.past(log), places))

    def served(self) -> bool:
        """Whether others archive and count: on Kafka; or a server took the lock last."""
        return self.kafka is not None or (self.data / "worker.lock").read_text() == SERVER

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


def _of_these_rules(log: Log) -> str:
    return f"{log.log_id}-{rules()}"
