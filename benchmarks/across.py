"""The second fold: figures that rest on all contacts, from the records in the state.

Contacts of four months, in twelve partitions: three in ten of nobody known, the others of some
120,000 callers, one of whom comes back ten thousand times; one queue takes 100,000 calls within a
session. They are asked about by a fresh process, as `vouch measures` does. Its peak is what the
kernel says, with what the interpreter and the modules take.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.json import encode

from benchmarks.result import Result, at_most, cost
from schemas.instants import DAY, HOUR, MINUTE, SECOND, millis
from schemas.measures import MEASURES, relation_of
from schemas.record import ContactRecord
from schemas.topics import partition_of
from streams.garbage import look_seldom
from streams.home import Home
from streams.runtimes.asking import Request, ask
from streams.runtimes.contacts import contacts, second_fold
from streams.runtimes.store import Change

CONTACTS, CALLERS, ONE_CALLER, ONE_QUEUE = 300_000, 120_000, 10_000, 100_000
START, DAYS = millis("2026-01-05T13:00:00.000Z"), 120
FROM, TO = date(2026, 1, 1), date(2026, 6, 1)
RELATIONS = ("fidelity", "repeats")
_PLACES = [
    {"department": department, "queue": queue, "language": language, "program": queue}
    for department in ("ircc", "esdc", "vac")
    for queue in ("general", "claims", "payments", "status")
    for language in ("en", "fr")
]


def run() -> list[Result]:
    with TemporaryDirectory() as folder:
        _fill(Home(Path(folder)))
        call = [sys.executable, "-m", __name__, folder]
        said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
    read, folded, asked, wall, size = map(float, said.split())
    return [
        Result(f"reading {CONTACTS:,} records", read, "s of one core"),
        Result("reading and folding them", folded, "s of one core"),
        at_most("every such figure, by day and department", asked, "s of one core", 10),
        Result("the same, by the wall", wall, "s"),
        at_most("peak", size / 1024, "MiB", 768),
    ]


def _ask(data: Path) -> None:
    """In a process of its own: seconds of reading, of folding, of asking, and the peak in KiB."""
    names = tuple(row.id for row in MEASURES.values() if relation_of(row) in RELATIONS)
    request = Request(FROM, TO, "day", ("department",), names)
    end = START + (DAYS + 1) * DAY
    with Home(data).stores() as stores:
        read = cost(lambda: sum(1 for _ in contacts(stores, end)))
        asked = cost(lambda: ask(stores, request))
        size = _peak()
        folded = cost(lambda: second_fold(stores, end, RELATIONS))
    print(read.cpu, folded.cpu, asked.cpu, asked.wall, size)


def _peak() -> int:
    """Not ru_maxrss, which a process inherits from the one that started it."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def _fill(home: Home) -> None:
    """State files that hold the records and nothing else."""
    with closing(home.log()) as log:
        records: list[list[tuple[str, int, bytes]]] = [[] for _ in range(log.partitions)]
        for record in _records(Random(1)):
            name = record.contact_id
            records[partition_of(name, log.partitions)].append((name, 1, encode(record)))
        for number, found in enumerate(records):
            with closing(home.store(log, number)) as store:
                store.save(Change(position=0, now=START + (DAYS + 1) * DAY, records=found))


def _records(random: Random) -> Iterator[ContactRecord]:
    callers = [f"{random.getrandbits(256):064x}" for _ in range(CALLERS)]
    for number in range(CONTACTS):
        arrived = START + random.randrange(DAYS) * DAY + random.randrange(10 * HOUR)
        place, caller = random.choice(_PLACES), random.choice(callers)
        if number < ONE_QUEUE:
            arrived, place = START + random.randrange(10 * HOUR), _PLACES[0]
        elif number < ONE_QUEUE + ONE_CALLER:
            place, caller = _PLACES[0], callers[0]
        known = {"caller": caller} if number % 10 > 2 else {}
        yield _record(f"call-{number:09d}", arrived, random, {**place, **known})


def _record(name: str, arrived: int, random: Random, known: dict[str, Any]) -> ContactRecord:
    """A contact that was answered, called back, or gave up."""
    wait, talk = random.randrange(20 * MINUTE), random.randrange(10 * MINUTE)
    queued, fate = arrived + 30 * SECOND, random.random()
    left = queued + wait
    fields: dict[str, Any] = {"place": "abandoned", "exit_ms": left}
    if fate < 0.6:
        fields = {"place": "answered", "exit_ms": left, "connected_ms": left, "wait_ms": wait}
        fields |= {"finished_ms": left + talk, "talk_ms": talk, "handle_ms": talk, "hold_ms": 0}
    elif fate < 0.75:
        rung = left + random.randrange(60 * MINUTE)
        fields = {"place": "callback_accepted", "exit_ms": left, "callback_accepted_ms": left}
        fields |= {"callback_offered_ms": left, "callback_attempted_ms": rung}
        fields |= {"callback_connected_ms": rung, "connected_ms": rung, "callback_attempts": 1}
    return ContactRecord(
        contact_id=name,
        revision=9,
        first_ms=arrived,
        last_ms=left + talk,
        arrived_ms=arrived,
        asked_ms=queued,
        queued_ms=queued,
        queue_ms=wait,
        visits=1,
        channel="phone",
        **known,
        **fields,
    )


if __name__ == "__main__":
    look_seldom()  # as every command does
    _ask(Path(sys.argv[1]))
