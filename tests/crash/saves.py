"""Saves of a state, each of which changes something of every kind; and a process that makes them.

Usage: python -m tests.crash.saves FOLDER
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

from streams.runtimes.store import Change, Delta, RegisterKey, StateStore
from streams.runtimes.store_memory import MemoryStore
from streams.runtimes.store_sqlite import SqliteStore
from streams.sqlite import connect

FILE, IDENTITY = "state.db", "log/0"
QUARTER = 900_000
KINDS = ("cohort", "interval")
#: A checkpoint is made after these, and the file closed and opened again after those.
CHECKPOINTS, REOPENED = (4, 10), (7,)


def _change(n: int) -> Change:
    """The save that leads to position n; what it changes overlaps with those around it."""
    contact, earlier = f"c-{n % 5}", f"c-{(n - 2) % 5}"
    cohort: RegisterKey = ("cohort", QUARTER * (n % 3), '["ircc"]')
    interval: RegisterKey = ("interval", QUARTER * n, '["cra"]')
    sums = {"received": 1, "waited": n} if n % 4 else {"received": -1}
    return Change(
        position=n,
        now=1_000 * n,
        touched={contact: [b"event %d" % at for at in range(n)] + [bytes([n]) * 700]},
        forgotten={earlier} if n > 3 else (),
        deltas={
            cohort: Delta(sums=sums, spreads={"wait": {n: 1, 3: 2}}),
            interval: Delta(sums={"offered": n}),
        },
        records=[(contact, n, b'{"revision":%d}' % n), (f"r-{n}", 1, b"x" * 300 * n)],
        declarations={f"d-{n % 3}": b"%d" % n, f"d-{(n + 1) % 3}": None},
        counts={"applied": 1, "duplicate": n},
        extra={"older": b"%d" % n},
    )


CHANGES = [_change(n) for n in range(1, 13)]

Content = tuple[object, ...]


def content(store: StateStore) -> Content:
    """Everything that a state says."""
    return (
        store.load(),
        store.progress(),
        *(list(store.registers(0, 1_000 * QUARTER, kind)) for kind in KINDS),
        list(store.records()),
        store.declarations(),
        store.counts(),
    )


def contents() -> list[Content]:
    """What a state says after 0, 1, 2 ... of these saves, by the store that has no disk."""
    store = MemoryStore()
    found = [content(store)]
    for change in CHANGES:
        store.save(change)
        found.append(content(store))
    return found


def say(word: str, number: int) -> None:
    """Tell whoever watches."""
    os.write(1, f"{word} {number}\n".encode())


def main(folder: Path) -> None:
    """Make the saves; what a checkpoint has brought into the file is safe."""
    path = folder / FILE
    store = SqliteStore(path, identity=IDENTITY)
    for change in CHANGES:
        store.save(change)
        say("acknowledged", change.position)
        if change.position in CHECKPOINTS:
            with closing(connect(path, synchronous="NORMAL", wait_ms=0)) as other:
                other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            say("durable", change.position)
        if change.position in REOPENED:
            store.close()
            say("durable", change.position)
            store = SqliteStore(path, identity=IDENTITY)
    store.close()
    say("durable", CHANGES[-1].position)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
