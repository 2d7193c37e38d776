"""Appends to a log; and a process that makes them.

Usage: python -m tests.crash.appends FOLDER
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from schemas.rows import Row
from streams.logs.memory import MemoryLog
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog
from streams.sqlite import connect
from tests.crash.saves import say

FILE, IDENTITY, PARTITIONS = "log.sqlite", "log-1", 3
TOPICS = ("events", "letters")
#: Before these appends rows below `TRIMMED` are forgotten; before those the file is opened again.
TRIMS, TRIMMED, REOPENED = (6, 9), 4, (5, 8)


def _entries(n: int) -> list[tuple[str, bytes]]:
    """What append n brings: enough of it, once, for several pages."""
    many = 1_500 if n == 7 else 1 + n % 4
    return [(f"c-{n + at}", b"%d of %d " % (at, n) * n) for at in range(many)]


APPENDS = [(TOPICS[n % 3 == 0], _entries(n)) for n in range(1, 13)]


def rows(log: Log) -> dict[tuple[str, int], list[Row]]:
    """All that a log holds, by topic and partition."""
    held = {}
    for topic in TOPICS:
        for partition in range(PARTITIONS):
            start, end = log.bounds(topic, partition)
            held[topic, partition] = log.read(topic, partition, start, end - start)
    return held


def contents() -> list[dict[tuple[str, int], list[Row]]]:
    """All rows after 0, 1, 2 ... of these appends, by the log that has no disk."""
    log = MemoryLog(partitions=PARTITIONS)
    found = [rows(log)]
    for at, (topic, entries) in enumerate(APPENDS):
        log.append(topic, entries, at)
        found.append(rows(log))
    return found


def opened(folder: Path, identity: str) -> SqliteLog:
    """The log in a folder."""
    return SqliteLog(folder / FILE, partitions=PARTITIONS, identity=lambda: identity)


def checkpoint(path: Path) -> None:
    """What SQLite does after every thousand pages."""
    with closing(connect(path, synchronous="FULL", wait_ms=0)) as other:
        other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def main(folder: Path) -> None:
    """Make the appends; number 1 is the log itself."""
    log = opened(folder, IDENTITY)
    say("durable", 1)
    for at, (topic, entries) in enumerate(APPENDS):
        if at in REOPENED:
            log.close()
            log = opened(folder, IDENTITY)
        if at in TRIMS:
            checkpoint(folder / FILE)
            log.trim(TOPICS[0], 0, TRIMMED)
        log.append(topic, entries, at)
        say("durable", at + 2)
    log.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
