"""What every command that brings facts does with them: the log, the archive, the figures."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal

from schemas.errors import VouchError
from schemas.topics import EVENTS
from streams.clock import now_ms
from streams.commands.progress import bar
from streams.garbage import look_seldom
from streams.home import Busy, Home
from streams.logs.port import Log

BATCH = 20_000
#: Rows of all partitions that are committed together during an import: left to fill whole
#: files, most of the archiving would only begin when the reading has ended.
TOGETHER = 200_000
_TURN_S = 0.2
_IDLE_S = 0.02


class Intake:
    """Appends to the log in batches of thousands, each durable when it returns."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: dict[str, list[tuple[str, bytes]]] = {}

    def add(self, topic: str, entries: list[tuple[str, bytes]]) -> None:
        """Take entries; they are durable after the next `flush` at the latest."""
        waiting = self._waiting.setdefault(topic, [])
        waiting += entries
        if len(waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Make everything taken durable."""
        for topic, entries in self._waiting.items():
            self._log.append(topic, entries, now_ms())
        self._waiting.clear()


@contextmanager
def archiving(home: Home) -> Iterator[bool]:
    """Archive beside the work inside, in a process of its own; all is committed at the end.

    Gives False, and does nothing, where a running server archives already, or workers on Kafka.
    """
    if home.kafka is not None:
        yield False
        return
    try:
        with home.lock():
            done = multiprocessing.get_context("spawn").Event()
            process = multiprocessing.get_context("spawn").Process(
                target=_archive_until, args=(home.data, done), daemon=True
            )
            process.start()
            try:
                yield True
            finally:
                done.set()
                process.join()
            settle(home)
    except Busy:
        yield False


def _archive_until(data: Path, done: Event) -> None:
    """The other process. It ends with its parent, since the lock is then somebody else's."""
    look_seldom()
    signal(SIGINT, SIG_IGN)  # Ctrl-C reaches both; the parent says when
    parent, home = multiprocessing.parent_process(), Home(data)
    with suppress(VouchError), closing(home.log()) as log:  # `settle` tries again, with words
        archiver = home.archiver(log)
        waiting = 0
        while not done.is_set():
            if parent is None or not parent.is_alive():
                return
            waiting += (taken := archiver.step(now_ms()))
            if waiting >= TOGETHER:
                archiver.step(now_ms(), flush=True)
                waiting = 0
            elif not taken:
                time.sleep(_IDLE_S)
        archiver.step(now_ms(), flush=True)


def catch_up(home: Home) -> bool:
    """Archive and count all that is in the log; False where a server or workers on Kafka do."""
    if home.kafka is not None:
        return False
    try:
        with home.lock():
            settle(home)
    except Busy:
        return False
    return True


def finish(home: Home) -> bool:
    """Archive and count once whoever works here is done; False where others go on doing so."""
    while not catch_up(home):
        if home.served():
            return False
        time.sleep(_TURN_S)
    return True


def elsewhere(home: Home) -> str:
    """Who archives and counts, where this process does not, in words."""
    if home.kafka is not None:
        return "They are on Kafka; the workers there archive and count them."
    return "A running server archives and counts them."


def settle(home: Home) -> None:
    """Archive and count all that is in the log, then let the log forget it; under the lock.

    On Kafka there is nothing to do: workers archive and count, and the brokers forget by age.
    """
    if home.kafka is not None:
        return
    log = home.log()
    home.archiver(log).step(now_ms(), flush=True)
    worker = home.live(log)
    behind = sum(
        log.bounds(EVENTS, number)[1] - part.position
        for number, part in enumerate(worker.partitions)
    )
    with bar("counting", behind or None) as advance:
        worker.step(advance)  # also where this log is empty, and continues one that was archived
    home.trim(log, worker)
    worker.close()
    log.close()
