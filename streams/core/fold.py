"""`record(events) = fold(sort(dedupe(decode(bytes))))`: idempotent, and blind to arrival order."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec

from schemas.event import Event, decoder
from schemas.instants import instant, millis
from schemas.record import ContactRecord, Declaration
from schemas.versions import read, upcast
from schemas.vocabulary import EVOLVED
from streams.core.life import live
from streams.core.settle import settle

DECLARATION = "control.total_declared"
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


Folded = ContactRecord | Declaration


class Facts(NamedTuple):
    """The distinct events of one subject in event order, at least one of them."""

    events: list[Event]
    conflicting: int


def fold(values: Sequence[bytes], as_of: int) -> Folded | None:
    """What the events of one subject say at `as_of` (milliseconds).

    The values may come in any order, with repeats. Values that cannot be read say nothing,
    and neither do events after `as_of`.

    Returns:
        The contact record; a declaration, for a subject that only declares totals; None if
        there is no readable event up to `as_of`.
    """
    limit = instant(as_of)
    facts = gather(values, limit)
    return None if facts is None else conclude(facts, as_of)


def gather(values: Sequence[bytes], limit: str | None = None) -> Facts | None:
    """Decode, dedupe and sort; None if nothing can be read (up to `limit`, where given)."""
    found = _decode(values)
    if limit is not None:
        found = [(event, raw) for event, raw in found if event.time <= limit]
    if not found:
        return None
    events, conflicting = _dedupe(found)
    events.sort()
    return Facts(events, conflicting)


def conclude(facts: Facts, as_of: int) -> Folded:
    """What gathered facts add up to at `as_of`, which no event may come after."""
    events, conflicting = facts
    if events[0].type == DECLARATION and all(event.type == DECLARATION for event in events):
        return _declaration(events[-1])
    return settle(events, live(events), as_of, revision=len(events), conflicting=conflicting)


def _decode(values: Sequence[bytes]) -> list[tuple[Event, bytes]]:
    block = b"\n".join(values)
    if block.count(b"\n") != len(values) - 1:  # a value that spans lines
        return _decode_one_by_one(values)
    try:
        events = decoder.decode_lines(block)
    except _UNREADABLE:
        return _decode_one_by_one(values)
    found = list(zip(events, values, strict=True))
    if any(event.type in EVOLVED for event in events):
        return [(upcast(e, raw) if e.type in EVOLVED else e, raw) for e, raw in found]
    return found


def _decode_one_by_one(values: Sequence[bytes]) -> list[tuple[Event, bytes]]:
    found = []
    for raw in values:
        try:
            found.append((read(raw), raw))
        except _UNREADABLE:
            continue
    return found


def _dedupe(found: list[tuple[Event, bytes]]) -> tuple[list[Event], int]:
    """One event for each (source, id): of different bytes, those with the smallest SHA-256."""
    if len({event.id for event, _ in found}) == len(found):
        return [event for event, _ in found], 0
    kept: dict[tuple[str, str], dict[bytes, Event]] = {}
    for event, raw in found:
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
    )
