"""A log that forgets while its archive is being written; and a process in which that happens.

Usage: python -m tests.crash.forgetting DATA
"""

from __future__ import annotations

import sys
from pathlib import Path

from schemas.topics import EVENTS
from sinks.archive.files import DISK
from sinks.archive.writer import PartitionWriter
from streams.home import Home
from streams.logs.sqlite import SqliteLog
from streams.past import ArchivedPast
from streams.runtimes.live import LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store_sqlite import SqliteStore
from tests.archive.world import LOG, Door, row
from tests.crash.saves import say

CALLS = range(3, 9)  # of a commit, around the link that makes it one
EACH = 2  # rows that are appended before a commit


def opened(data: Path) -> SqliteLog:
    """The log in a data directory."""
    return SqliteLog(data / "log.sqlite", partitions=1, identity=lambda: LOG)


def archiver(data: Path, door: Door) -> PartitionWriter:
    """The writer of its archive."""
    return PartitionWriter(Home(data).archive, LOG, EVENTS, 0, writer="w", files=door)


def main(data: Path) -> None:
    """Append, archive and count; the log forgets after each of the calls that archive."""
    home, log, door = Home(data), opened(data), Door(DISK)
    store = SqliteStore(data / "state.db", identity=LOG)
    worker = LiveWorker([LivePartition(log, 0, store, ArchivedPast(home.archive, LOG))])
    writer = archiver(data, door)

    def forget() -> None:
        worker.step()
        home.trim(log, worker)

    for at, call in enumerate(CALLS):
        offsets = range(at * EACH, (at + 1) * EACH)
        log.append(EVENTS, [(row(n).key, row(n).value) for n in offsets], 0)
        say("durable", offsets.stop)
        writer.append(log.read(EVENTS, 0, writer.next, EACH))
        door.at(call, forget, late=True)
        writer.commit(0)
    forget()
    worker.close()
    log.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
