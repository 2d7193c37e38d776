"""Memory of the live worker: with the contacts under way, not with the events gone by.

Two logs of one and of ten parts, with the same number of contacts under way at a time, are
each counted from the start by a fresh process, 5,000 rows of a partition at a time in both
(a tick's rows are in memory too, so the ticks must be alike). Its peak is what the kernel says.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contacts import batches
from benchmarks.result import Result, at_most
from schemas.topics import EVENTS
from streams.home import Home

CONTACTS, TIMES, TICK = 21_000, 10, 5_000


def run() -> list[Result]:
    few, many = _measure(CONTACTS), _measure(CONTACTS * TIMES)
    return [
        few,
        many,
        at_most(f"{TIMES} times the events", many.value / few.value, "times the peak", 1.2),
    ]


def _measure(contacts: int) -> Result:
    with TemporaryDirectory() as folder:
        log = Home(Path(folder)).log()
        events = sum(len(log.append(EVENTS, batch, 0)) for batch in batches(contacts, 20_000))
        log.close()
        call = [sys.executable, "-m", __name__, folder]
        counted = subprocess.run(call, check=True, capture_output=True, text=True)
    return Result(f"peak after {events:,} events", int(counted.stdout) / 1024, "MiB")


def _count(data: Path) -> None:
    """In a process of its own: count all that the log holds, and print the peak in KiB."""
    home = Home(data)
    log = home.log()
    home.live(log, TICK).step()
    print(_peak())


def _peak() -> int:
    """Not ru_maxrss, which a process inherits from the one that started it."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    _count(Path(sys.argv[1]))
