"""Made-up phone contacts for the clock: plausible, fast to make, the same in every run.

As in the prototype whose figures set the goals: some 9.5 events a contact, 380 bytes an event,
5,000 contacts under way at a time, 1 % of the events sent twice, 2.5 % late by up to 15 minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from random import Random

from schemas.instants import MINUTE, SECOND, instant, millis
from schemas.rows import Row

Entry = tuple[str, bytes]  # what a log appends: the contact id and the event
_Arrival = tuple[int, str, bytes]  # an entry, and when it reaches the log
_Step = tuple[str, float, str]  # event, seconds after the step before, facts of its own

START = millis("2025-01-06T13:00:00.000Z")
PACE = 85  # milliseconds from a contact to the next
DUPLICATES, LATE = 0.01, 0.025
_TOGETHER = 1_000  # contacts made at a time

_QUEUES = ("general", "claims", "payments", "status", "appeals")
_PLACES = [
    f'"department":"{department}","program":"{department}-{queue}","queue":"{queue}",'
    f'"channel":"phone","language":"{language}","line":"18005550{number}{at}"'
    for number, department in enumerate(("benefits", "pensions", "taxes"), 101)
    for at, queue in enumerate(_QUEUES)
    for language in ("en", "en", "fr")
]


def entries(contacts: int, *, part: int = 0, parts: int = 1) -> Iterator[Entry]:
    """Entries in the order in which they reach the log, in bounded memory.

    Of the contacts only every `parts`-th is told, from number `part` on: partitions of one log.
    """
    random = Random(1)
    pending: list[_Arrival] = []
    for first in range(0, contacts, _TOGETHER):
        for number in range(first, min(first + _TOGETHER, contacts)):
            arrivals = _contact(number, random)
            if number % parts == part:
                pending += arrivals
        pending.sort()
        passed = START + (first + _TOGETHER) * PACE
        split = next((at for at, arrival in enumerate(pending) if arrival[0] >= passed), None)
        yield from ((key, value) for _, key, value in pending[:split])
        pending = pending[split:] if split is not None else []
    yield from ((key, value) for _, key, value in pending)


def rows(contacts: int, *, part: int = 0, parts: int = 1) -> list[Row]:
    """All entries as rows of one partition."""
    told = entries(contacts, part=part, parts=parts)
    return [Row(offset, START, key, value) for offset, (key, value) in enumerate(told)]


def batches(contacts: int, size: int) -> Iterator[list[Entry]]:
    """Entries in lists of so many."""
    told = entries(contacts)
    while batch := list(islice(told, size)):
        yield batch


def _contact(number: int, random: Random) -> list[_Arrival]:
    call = _Call(f"call-20250106-{number:09d}", random.choice(_PLACES), START + number * PACE)
    for kind, seconds, facts in _story(random):
        call.tell(kind, round(seconds * SECOND), facts, random)
    return call.arrivals


@dataclass(slots=True)
class _Call:
    contact: str
    place: str
    at: int

    def __post_init__(self) -> None:
        self.arrivals: list[_Arrival] = []
