"""Processes to be killed: one that commits when it is told to, one that compacts all the time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from schemas.errors import Retry
from schemas.instants import DAY
from sinks.archive.upkeep import upkeep
from tests.archive.world import NOON, QUICK, Door, rows, writer

Child = Callable[[Path, int, Connection], None]
MOST = 1_000  # rows of a file
CALLS = 150  # to the disk, of one compaction and the next


def write(root: Path, seed: int, told: Connection) -> None:
    """For every word, a commit of some rows; says what is committed, and so published."""
    chance = Random(seed)
    into = writer(root, QUICK, name=f"child-{seed}")
    told.send(into.committed)
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            told.recv()
            with suppress(Retry):
                into.append(rows(into.next, into.next + chance.randint(1, 15)))
                while into.commit(0):
                    pass
                told.send(into.committed)


def compact(root: Path, seed: int, told: Connection, disk: Door | None = None) -> None:
    """Compacts what there is, until it is killed, or kills itself in the midst of something."""
    disk = disk or Door(QUICK)
    disk.at(Random(seed).randint(0, CALLS), lambda: os.kill(os.getpid(), signal.SIGKILL))
    with suppress(OSError):
        while True:
            told.send(None)
            with suppress(Retry):
                upkeep(root, NOON + DAY, month_end=True, most=MOST, files=disk)
