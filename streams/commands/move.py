"""Move from the log in the data folder to Kafka, with the archive that there is.

Stop the server, say in vouch.toml where the brokers are ([kafka], with as many partitions as
there were), then `vouch move`, then start the roles. Every event that waits is archived, the dead
letters are brought to Kafka, and log.sqlite becomes log-moved.sqlite, to which nobody can write.
The figures stay what they were: live workers count the archive, then what comes by Kafka.

It can be called again if it was cut short; a dead letter may then be there twice.
"""

from __future__ import annotations

import shutil
from argparse import ArgumentParser, Namespace
from contextlib import closing
from pathlib import Path

from schemas.errors import DeadLetter, Stop
from schemas.topics import DEAD_LETTERS
from streams.clock import now_ms
from streams.home import LOG, MOVED, Home
from streams.keyring.keyfiles import sync
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog

_AT_ONCE = 1_000  # letters


def arguments(_: ArgumentParser) -> None:
    """There are none."""


def run(args: Namespace) -> int:
    """Move, and say what was."""
    home = Home(args.data)
    if not (home.data / LOG).exists():
        msg = f"there is no {home.data / LOG} to be moved"
        raise DeadLetter(msg)
    with home.lock():
        archived, letters = move(home)
    print(f"{archived:,} events archived, {letters:,} dead letters brought to Kafka.")
    print(f"{LOG} is {MOVED} now; it may be removed. Start the roles: vouch run")
    return 0


def move(home: Home) -> tuple[int, int]:
    """Leave nothing behind in the folder's log; how many events were archived, and letters moved.

    Only under the lock.

    Raises:
        Retry: the disk or the brokers refused; the same call goes on.
        Stop: Kafka would have another number of partitions.
    """
    with closing(home.embedded()) as old, closing(home.on_kafka()) as new:
        if old.partitions != new.partitions:
            msg = f"{LOG} has {old.partitions} partitions, and Kafka {new.partitions}"
            raise Stop(msg)
        old.retire()  # so that what is archived next is all that ever comes
        archived = home.archiver(old).step(now_ms(), flush=True)
        letters = sum(_bring_letters(old, new, number) for number in range(old.partitions))
        for state in (home.data / "state").glob(f"{old.log_id}-*"):  # derived, of this log
            shutil.rmtree(state)
    _rename(home.data)
    return archived, letters


def _bring_letters(old: SqliteLog, new: Log, number: int) -> int:
    """Those of one partition; what has arrived is forgotten here, and so does not come twice."""
    total = 0
    while rows := old.read(DEAD_LETTERS, number, old.bounds(DEAD_LETTERS, number)[0], _AT_ONCE):
        new.append(DEAD_LETTERS, [(row.key, row.value) for row in rows], now_ms())
        old.trim(DEAD_LETTERS, number, rows[-1].offset + 1)
        total += len(rows)
    return total


def _rename(data: Path) -> None:
    """The log and its companions, which are there while another process has it open."""
    for companion in ("", "-wal", "-shm"):
        part = data / f"{LOG}{companion}"
        if part.exists():
            part.rename(data / f"{MOVED}{companion}")
    sync(data)
