"""Made-up phone contacts for the clock: plausible, fast to make, the same in every run.

As in the prototype whose figures set the goals: some 9.5 events a contact, 380 bytes an event,
5,000 contacts under way at a time, 1 % of the events sent twice, 2.5 % late by up to 15 minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from random import Random

from schemas.event import schema_id
from schemas.instants import MINUTE, SECOND, instant, millis
from schemas.rows import Row
from schemas.vocabulary import VOCABULARY

Entry = tuple[str, bytes]  # what a log appends: the contact id and the event
_Arrival = tuple[int, str, bytes]  # an entry, and when it reaches the log
_Step = tuple[str, float, str]  # event, seconds after the step before, facts of its own

START = millis("2025-01-06T13:00:00.000Z")
PACE = 82  # milliseconds from a contact to the next
DUPLICATES, LATE, LATEST = 0.01, 0.025, 15 * MINUTE
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
            arrivals = list(_contact(number, random))
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


def _contact(number: int, random: Random) -> Iterator[_Arrival]:
    """What happens to one contact, and when the log hears of it."""
    contact, place = f"call-20250106-{number:09d}", random.choice(_PLACES)
    at = START + number * PACE
    for sequence, (kind, seconds, facts) in enumerate(_story(random), 1):
        at += round(seconds * SECOND)
        value = _event(contact, sequence, kind, at, place + facts)
        chance = random.random()
        yield at + (round(chance / LATE * LATEST) if chance < LATE else 0), contact, value
        if chance > 1 - DUPLICATES:
            yield at + MINUTE, contact, value


def _event(contact: str, sequence: int, kind: str, at: int, data: str) -> bytes:
    version = VOCABULARY[kind].version
    return (
        f'{{"specversion":"1.0","id":"{contact}-{sequence:02d}","source":"switch/site-1",'
        f'"type":"{kind}","subject":"{contact}","time":"{_text(at)}",'
        f'"dataschema":"{schema_id(kind, version)}",'
        f'"sequence":"{sequence:06d}","data":{{{data}}}}}'
    ).encode()


def _text(ms: int) -> str:
    minute, rest = divmod(ms, MINUTE)
    return f"{_minute(minute)}{rest // SECOND:02d}.{rest % SECOND:03d}Z"


@lru_cache
def _minute(minute: int) -> str:
    return instant(minute * MINUTE)[:17]


def _story(random: Random) -> Iterator[_Step]:
    fate = random.random()
    yield "contact.arrived", 0, f',"caller":"{random.getrandbits(128):032x}"'
    if fate < 0.03:
        yield "contact.turned_away", 1, ',"reason":"blocked"'
        return
    yield "ivr.entered", 1, ""
    menu = 10 + random.random() * 80
    if fate < 0.15:
        yield "ivr.self_served", menu, ',"task":"balance"'
        yield "contact.ended", 5, ',"by":"customer"'
        return
    yield "ivr.left", menu, ""
    yield "agent.requested", 0, ""
    yield "queue.entered", 0.2, f',"position":{random.randrange(40)}'
    if fate < 0.65:
        yield "estimate.announced", 5, f',"seconds":{random.randrange(600)}'
    yield from _waited(fate, random)


def _waited(fate: float, random: Random) -> Iterator[_Step]:
    patience = random.expovariate(1 / 150)
    if fate < 0.25:
        yield "queue.left", patience, ',"how":"abandoned"'
        yield "contact.ended", 0, ',"by":"customer"'
    elif fate < 0.32:
        yield "callback.offered", patience, ""
        yield "callback.accepted", 8, ""
        yield "queue.left", 0, ',"how":"callback"'
        yield "callback.attempted", 60 + 4 * patience, ',"number":1'
        yield from _served("callback.connected", random)
    else:
        yield "queue.left", patience, ',"how":"answered"'
        yield from _served("agent.connected", random)


def _served(connected: str, random: Random) -> Iterator[_Step]:
    agent = f',"agent":"agent-{random.randrange(900):04d}"'
    yield connected, 2, agent
    talk = random.expovariate(1 / 300)
    if random.random() < 0.15:
        yield "hold.started", talk / 2, agent
        yield "hold.ended", talk / 4, agent
    yield "contact.ended", talk / 2, ',"by":"customer"'
    yield "wrapup.started", 0, agent
    yield "wrapup.ended", random.expovariate(1 / 60), agent
