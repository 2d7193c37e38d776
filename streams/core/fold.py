"""`record(events) = fold(sort(dedupe(decode(bytes))))`: idempotent, and blind to arrival order."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from operator import attrgetter
from typing import NamedTuple

import msgspec

from schemas.event import Event, decoder
from schemas.instants import instant, millis
from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from schemas.versions import read, upcast
from schemas.vocabulary import EVOLVED
from streams.core.handlers import live
from streams.core.settle import settle
from streams.core.shifts import STATE, shift

DECLARATION = "control.total_declared"
_NO_CONTACT = frozenset({DECLARATION, STATE})  # unless there is something else
_id, _type = attrgetter("id"), attrgetter("type")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


Folded = ContactRecord | Shift | Declaration


class Facts(NamedTuple):
    """The distinct events of one subject in event order, at least one of them."""

    events: list[Event]
    conflicting: int


def fold(values: Sequence[bytes], as_of: int) -> Folded | None:
    """What the events of one subject say at `as_of` (milliseconds).

    The values may come in any order, with repeats. Values that cannot be read say nothing,
    and neither do events after `as_of`.

    Returns:
        The contact record; a declaration, for a subject that only declares totals; a shift, for
        one that only tells the states of an agent; None if there is no readable event up to
        `as_of`.
    """
    limit = instant(as_of)
    facts = gather(values, limit)
    return None if facts is None else conclude(facts, as_of)


def gather(values: Sequence[bytes], limit: str | None = None) -> Facts | None:
    """Decode, dedupe and sort; None if nothing can be read (up to `limit`, where given)."""
    events, values = _decode(values)
    if limit is not None:
        kept = [at for at, event in enumerate(events) if event.time <= limit]
        events, values = [events[at] for at in kept], [values[at] for at in kept]
    if not events:
        return None
    events, conflicting = _dedupe(events, values)
    events.sort()
    return Facts(events, conflicting)


def conclude(facts: Facts, as_of: int) -> Folded:
    """What gathered facts add up to at `as_of`, which no event may come after."""
    events, conflicting = facts
    kind = events[0].type
    if kind in _NO_CONTACT and all(event.type == kind for event in events):
        if kind == DECLARATION:
            return _declaration(events[-1])
        return shift(events, as_of, revision=len(events), conflicting=conflicting)
    return settle(events, live(events), as_of, revision=len(events), conflicting=conflicting)


def _decode(values: Sequence[bytes]) -> tuple[list[Event], Sequence[bytes]]:
    """The events that can be read, and the value of each."""
    block = b"\n".join(values)
    if block.count(b"\n") != len(values) - 1:  # a value that spans lines
        return _decode_one_by_one(values)
    try:
        events = decoder.decode_lines(block)
        if not EVOLVED.isdisjoint(map(_type, events)):
            events = [upcast(event, raw) for event, raw in zip(events, values, strict=True)]
    except _UNREADABLE:
        return _decode_one_by_one(values)
    if len(events) != len(values):  # a value that holds two events, and so none
        return _decode_one_by_one(values)
    return events, values


def _decode_one_by_one(values: Sequence[bytes]) -> tuple[list[Event], Sequence[bytes]]:
    events, readable = [], []
    for raw in values:
        try:
            events.append(read(raw))
        except _UNREADABLE:
            continue
        readable.append(raw)
    return events, readable


def _dedupe(events: list[Event], values: Sequence[bytes]) -> tuple[list[Event], int]:
    """One event for each (source, id): of different bytes, those with the smallest SHA-256."""
    if len(set(map(_id, events))) == len(events):
        return events, 0
    kept: dict[tuple[str, str], dict[bytes, Event]] = {}
    for event, raw in zip(events, values, strict=True):
        kept.setdefault((event.source, event.id), {})[raw] = event
    conflicting = sum(len(versions) > 1 for versions in kept.values())
    return [versions[min(versions, key=_digest)] for versions in kept.values()], conflicting


def _digest(raw: bytes) -> bytes:
    return sha256(raw).digest()


def _declaration(event: Event) -> Declaration:
    data = event.data
    return Declaration(
        subject=event.subject,
        of=data.of or "",
        count=data.count or 0,
        start_ms=millis(data.period_start or ""),
        end_ms=millis(data.period_end or ""),
        attribution=data.attribution or "",
        authority=data.authority or "",
        department=data.department,
        program=data.program,
        queue=data.queue,
        channel=data.channel,
        language=data.language,
        line=data.line,
        origin=data.origin,
    )
