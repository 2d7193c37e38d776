"""A fiscal year of phone contacts as a data folder: an archive of so many events, and its log.

    python -m benchmarks.archives FOLDER EVENTS

About eight events a contact, 300 bytes an event. Six in ten contacts have a caller's token, and
callers come back within weeks. 1 % of the events are repeated, 2 % are late by minutes to hours,
one in a thousand came a second time with another time in it. Each partition is the work of one
site, so that sites number their events without knowing of each other. The same numbers give the
same events in every run.

The archive is made by its writer as of an import on one day, in commits of 100,000 rows; but
nothing is flushed to the disk, and no column is sealed. The log is empty, and goes on behind it.
"""

from __future__ import annotations

import sqlite3
import sys
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import lru_cache
from math import expm1
from multiprocessing import get_context
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import NamedTuple

from schemas.event import schema_id
from schemas.instants import DAY, HOUR, MINUTE, SECOND, instant, millis
from schemas.rows import Row
from schemas.topics import EVENTS, PARTITIONS, partition_of
from schemas.vocabulary import VOCABULARY
from sinks.archive.draft import MOST_ROWS
from sinks.archive.files import Disk
from sinks.archive.writer import PartitionWriter
from streams.garbage import look_seldom
from streams.logs.sqlite import SqliteLog

SINCE, UNTIL = date(2025, 4, 1), date(2026, 4, 1)
IMPORTED = millis("2026-04-20T06:00:00.000Z")
LOG, EVENTS_A_CONTACT, PROCESSES = "benchmark", 8, 2
REPEATED, CONFLICTING, LATE = 0.01, 0.001, 0.02
_KNOWN, _CALLERS = 0.6, 0.25  # contacts with a token, and callers for each contact
_SCATTER = Random(1).getrandbits(256) | 1  # odd: no two numbers become one
_BUSY, _QUIET = (1, 7, 10, 11, 10, 9, 8, 8, 7, 3), 0.15  # weights of hours, from 7:00 Eastern on
_OPENS, _CLOSES = 13, 21  # UTC, as in winter; nobody is there at weekends

_START = millis(f"{SINCE}T05:00:00.000Z")
_HOURS = (UNTIL - SINCE).days * 24
_PLACES = [
    (f'"department":"{department}","program":"{program}","language":"{language}"', program)
    for department, programs in (
        ("esdc", ("pensions", "employment-insurance", "disability")),
        ("ircc", ("permanent-residence", "citizenship", "temporary-residence", "sponsorship")),
        ("vac", ("benefits", "health")),
    )
    for program in programs
    for language in ("en", "en", "en", "fr")
]
_Step = tuple[int, str, str]  # when, type of event, facts
_Told = tuple[int, int, str, bytes]  # when the log hears of it, sequence, contact, event


class NoFlush(Disk):
    """A disk that is never told to flush: what a loss of power takes is made again."""

    def sync(self, path: Path) -> None:
        """Nothing."""


class Task(NamedTuple):
    """What one process makes: of so many contacts, those of some partitions."""

    folder: str
    contacts: int
    partitions: tuple[int, ...]


def archive(folder: Path, events: int) -> Path:
    """A data folder with about so many events; one that is there already is used again."""
    if not (folder / "log.sqlite").exists():  # which is made last
        rmtree(folder / "archive", ignore_errors=True)
        contacts = events // EVENTS_A_CONTACT
        shares = [tuple(range(first, PARTITIONS, PROCESSES)) for first in range(PROCESSES)]
        tasks = [Task(str(folder), contacts, share) for share in shares]
        with get_context("spawn").Pool(PROCESSES) as pool:
            heads = [head for made in pool.imap_unordered(_make, tasks) for head in made]
        _log(folder, heads)
    return folder


def rows(folder: Path) -> int:
    """How many rows an archive has."""
    with closing(SqliteLog(folder / "log.sqlite")) as log:
        return sum(log.bounds(EVENTS, number)[1] for number in range(PARTITIONS))


def _make(task: Task) -> list[tuple[int, int]]:
    """In a process of its own: (partition, rows) of what was made."""
    look_seldom()
    sites = {number: _Site(task, number) for number in task.partitions}
    contact = 0
    for hour, contacts in enumerate(_arrivals(task.contacts)):
        began = _START + hour * HOUR
        for at in range(contacts):
            name = f"call-2025-{contact:09d}"
            site = sites.get(partition_of(name))
            if site:
                site.contact(contact, name, began + at * HOUR // contacts)
            contact += 1
        for site in sites.values():
            site.tell(began + HOUR)
    return [(number, site.finish()) for number, site in sites.items()]


def _arrivals(contacts: int) -> Iterator[int]:
    """How many contacts arrive in each hour of the year."""
    profile = [_weight(hour) for hour in range(_HOURS)]
    total, passed, before = sum(profile), 0.0, 0
    for weight in profile:
        passed += weight
        until = round(passed / total * contacts)
        yield until - before
        before = until


def _weight(hour: int) -> float:
    day, at = divmod(hour, 24)  # of a day that begins at midnight Eastern
    if (SINCE.weekday() + day) % 7 > 4 or not 0 <= at - 7 < len(_BUSY):
        return _QUIET
    return _BUSY[at - 7] * (1.2 if day < 90 else 1)


class _Site:
    """One partition's contacts, told in the order of time but for what is late."""

    def __init__(self, task: Task, number: int) -> None:
        self._random = Random(number)
        self._week = task.contacts / 52
        self._source = f"switch/site-{number:02d}"
        self._first_id = number << 48
        self._steps: list[tuple[int, str, int, str, str]] = []
        self._told: list[_Told] = []
        self._sequence = 0
        self._rows: list[Row] = []
        self._offset = 0
        self._into = PartitionWriter(
            Path(task.folder) / "archive",
            LOG,
            EVENTS,
            number,
            writer="benchmark",
            files=NoFlush(),
        )

    def contact(self, number: int, name: str, at: int) -> None:
        """All that happens to a contact."""
        random = self._random
        place, queue = random.choice(_PLACES)
        facts = place
        if random.random() < _KNOWN:
            caller = int(number * _CALLERS + random.expovariate(1 / _CALLERS) * self._week)
            facts = f'{place},"caller":"{caller * _SCATTER % 2**256:064x}"'
        steps = enumerate(_story(at, facts, place, queue, random), 1)
        self._steps += [(at, name, step, kind, said) for step, (at, kind, said) in steps]

    def tell(self, until: int) -> None:
        """Hand over what reaches the log before an instant."""
        self._steps.sort()
        happened = bisect_left(self._steps, (until,))
        for at, name, _, kind, facts in self._steps[:happened]:
            self._deliver(at, name, kind, facts)
        del self._steps[:happened]
        self._told.sort()
        here = bisect_left(self._told, (until,))
        for _, _, name, value in self._told[:here]:
            taken = IMPORTED + self._offset // 1_000 * SECOND
            self._rows.append(Row(self._offset, taken, name, value))
            self._offset += 1
        del self._told[:here]
        if len(self._rows) >= MOST_ROWS:
            self._commit(MOST_ROWS)

    def finish(self) -> int:
        """Hand over all that is left; how many rows were made."""
        self.tell(_START + (_HOURS + 1_000) * HOUR)
        self._commit(1)
        return self._offset

    def _commit(self, least: int) -> None:
        self._into.append(self._rows)
        self._rows = []
        while self._into.next - self._into.committed >= least:
            self._into.commit(IMPORTED)

    def _deliver(self, at: int, name: str, kind: str, facts: str) -> None:
        """An event, numbered by its source, and when the log hears of it."""
        self._sequence += 1
        number, chance = self._sequence, self._random.random()
        value = self._event(at, name, kind, facts)
        if chance < LATE:
            self._told.append((at + _delay(chance / LATE), number, name, value))
            return
        self._told.append((at, number, name, value))
        if chance > 1 - CONFLICTING:
            value = self._event(at + SECOND, name, kind, facts)
        if chance > 1 - CONFLICTING - REPEATED:
            self._told.append((at + MINUTE, number, name, value))

    def _event(self, at: int, name: str, kind: str, facts: str) -> bytes:
        named = (self._first_id + self._sequence) * _SCATTER % 2**128
        return (
            f'{{"specversion":"1.0","id":"{named:032x}","source":"{self._source}",'
            f'"type":"{kind}","subject":"{name}","time":"{_text(at)}",'
            f'"dataschema":"{_SCHEMAS[kind]}","sequence":"{self._sequence:012d}",'
            f'"data":{{{facts}}}}}'
        ).encode()


_SCHEMAS = {kind: schema_id(kind, row.version) for kind, row in VOCABULARY.items()}
_WITHIN = [f"{ms // SECOND:02d}.{ms % SECOND:03d}Z" for ms in range(MINUTE)]


def _text(ms: int) -> str:
    return _minute(ms // MINUTE) + _WITHIN[ms % MINUTE]


@lru_cache
def _minute(minute: int) -> str:
    return instant(minute * MINUTE)[:17]


def _delay(share: float) -> int:
    """From seconds to six hours, most of them minutes; of the longest, share is 1."""
    return SECOND + int(expm1(share * 10) / expm1(10) * 6 * HOUR)


def _story(at: int, facts: str, place: str, queue: str, random: Random) -> Iterator[_Step]:
    """A contact from its arrival on."""
    fate = random.random()
    yield at, "contact.arrived", f'{facts},"channel":"phone"'
    if fate < 0.03:
        yield at + SECOND, "contact.turned_away", '"reason":"blocked"'
        return
    yield at + 900, "ivr.entered", ""
    at += 10_000 + int(random.random() * 80_000)
    if fate < 0.11:
        yield at, "ivr.self_served", '"task":"balance"'
        yield at + 5_000, "contact.ended", '"by":"customer"'
        return
    yield at, "ivr.left", ""
    yield at, "agent.requested", place
    if fate < 0.15 or not _open(at):
        reason = "closed" if not _open(at) else "full"
        yield at + 200, "contact.turned_away", f'"reason":"{reason}"'
        return
    yield at + 200, "queue.entered", f'"queue":"{queue}"'
    yield from _queued(fate, at + 200, random)


def _open(at: int) -> bool:
    days, within = divmod(at, DAY)
    return days % 7 not in (2, 3) and _OPENS * HOUR <= within < _CLOSES * HOUR  # 1970: a Thursday


def _queued(fate: float, at: int, random: Random) -> Iterator[_Step]:
    left = at + int(random.expovariate(1 / 240) * SECOND)
    if fate < 0.32:
        yield left, "queue.left", '"how":"abandoned"'
        yield left, "contact.ended", '"by":"customer"'
    elif fate < 0.42:
        yield left, "callback.offered", ""
        yield left + 8_000, "callback.accepted", ""
        yield from _called_back(fate, left, random)
    else:
        yield from _served("agent.connected", "", left, random)


def _called_back(fate: float, at: int, random: Random) -> Iterator[_Step]:
    rung = at + int(random.expovariate(1 / 1_800) * SECOND) + MINUTE
    if fate > 0.415:
        yield rung, "callback.expired", ""
        return
    yield rung, "callback.attempted", '"number":1'
    yield from _served("callback.connected", '"number":1,', rung + 9_000, random)


def _served(kind: str, facts: str, at: int, random: Random) -> Iterator[_Step]:
    agent = f'"agent":"agent-{int(random.random() * 2_000):04d}"'
    yield at, kind, facts + agent
    ended = at + 20_000 + int(random.expovariate(1 / 400) * SECOND)
    if random.random() < 0.15:
        yield at + (ended - at) // 3, "hold.started", agent
        yield at + (ended - at) // 2, "hold.ended", agent
    yield ended, "contact.ended", '"by":"customer"'
    yield ended, "wrapup.started", agent
    yield ended + int(random.expovariate(1 / 60) * SECOND), "wrapup.ended", agent


def _log(folder: Path, heads: list[tuple[int, int]]) -> None:
    """The log that was archived, and has let go of all its rows: see `streams.logs.sqlite`."""
    draft = folder / "log.sqlite.draft"
    draft.unlink(missing_ok=True)
    SqliteLog(draft, identity=lambda: LOG).close()
    with closing(sqlite3.connect(draft)) as sql:
        for slot, (partition, head) in enumerate(sorted(heads), 1):
            sql.execute(
                "INSERT INTO slots VALUES (?, ?, ?, ?, ?)", (slot, EVENTS, partition, head, head)
            )
            sql.execute(
                f"CREATE TABLE blocks_{slot} "
                "(start INTEGER PRIMARY KEY, entries INTEGER, intake_ms INTEGER, packed BLOB)"
            )
        sql.commit()
        sql.execute("PRAGMA journal_mode = DELETE")
    draft.rename(folder / "log.sqlite")


def main() -> None:
    """Make one, and say how many rows it has."""
    print(rows(archive(Path(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
