"""The state files of several workers, gathered and brought to one clock for whoever asks.

Every worker brings its partitions to the clock of all of them as soon as it hears of it, so that
under load the files are hardly ever at one clock. Figures need one: what is behind is copied, and
the copy advanced, as its worker will do a moment later with the file itself.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from schemas.errors import Retry
from schemas.instants import QUARTER_HOUR
from schemas.topics import EVENTS
from streams.logs.port import Log
from streams.runtimes.partition import LivePartition, Past
from streams.runtimes.store_sqlite import SqliteStore

#: The furthest copy of a partition's state, and its position; None where there is none.
Furthest = Callable[[int], tuple[Path, int] | None]
#: How far the clock of a partition that has events to count may be behind the newest clock. One
#: that is further behind is being rebuilt: at the newest clock its figures would lack those events.
LATEST = QUARTER_HOUR


class Places(NamedTuple):
    """Where states are.

    Attributes:
        here: the folder of those of this machine's workers.
        copy: finds the copies of all machines'.
        scratch: room for the moment.
    """

    here: Path
    copy: Furthest
    scratch: Path


def state_file(number: int) -> str:
    """The name of a partition's state file."""
    return f"partition-{number:02d}.sqlite"


@contextmanager
def gathered(log: Log, past: Past, places: Places) -> Iterator[list[SqliteStore]]:
    """The newest state of every partition, each of one save, all at the newest of their clocks.

    Raises:
        Retry: of some partition there is none, or none that is anywhere near the others.
    """
    with ExitStack() as opened:
        found = [
            opened.enter_context(closing(_newest(log, number, places)))
            for number in range(log.partitions)
        ]
        for store in found:
            opened.enter_context(store.snapshot())
        clocks = [store.progress()[1] for store in found]
        now = max((clock for clock in clocks if clock is not None), default=None)
        for number, clock in enumerate(clocks):
            if clock is None or (now or clock) - clock > LATEST:
                _require_counted(log, number, found[number])
            if now is not None and clock != now:
                store = _advanced(log, past, number, found[number], now, places.scratch)
                found[number] = opened.enter_context(closing(store))
        yield found


def _require_counted(log: Log, number: int, store: SqliteStore) -> None:
    position, end = store.progress()[0], log.bounds(EVENTS, number)[1]
    if position < end:
        said = f"partition {number} is being counted: {position:,} of {end:,} events so far"
        raise Retry(f"{said}; ask later")


def _newest(log: Log, number: int, places: Places) -> SqliteStore:
    """Of this machine's state of a partition and the copy, the one that has counted more."""
    identity = _identity(log, number)
    here, copy = places.here / state_file(number), places.copy(number)
    if copy and copy[1] > _position(here):
        brought = places.scratch / f"copy-{number:02d}.sqlite"
        with suppress(FileNotFoundError):  # there is a newer one since
            shutil.copyfile(copy[0], brought)
            return SqliteStore(brought, identity=identity, read_only=True)
    if not here.exists():
        msg = f"no live worker has left a state of partition {number} in {places.here}, or a copy"
        raise Retry(msg)
    return SqliteStore(here, identity=identity, read_only=True)


def _position(path: Path) -> int:
    """Up to where a state file has counted; -1 where there is none that could be used."""
    place = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(place, uri=True)) as connection:
            (position,) = connection.execute("SELECT position FROM progress").fetchone()
    except sqlite3.Error:
        return -1
    return int(position)


def _advanced(
    log: Log, past: Past, number: int, store: SqliteStore, now: int, folder: Path
) -> SqliteStore:
    """A copy of a state as it will be once its worker has heard what time it is."""
    path = folder / f"advanced-{number:02d}.sqlite"
    store.copy(path)
    copy = SqliteStore(path, identity=_identity(log, number))
    LivePartition(log, number, copy, past).advance(now)
    return copy


def _identity(log: Log, number: int) -> str:
    return f"{log.log_id}/{number}"
