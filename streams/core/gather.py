"""The distinct events of one subject, decoded and in event order, whatever order they came in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from operator import attrgetter

import msgspec
from msgspec import Struct

from schemas.event import DISPOSED, Event, decoder
from schemas.instants import SECOND, millis
from schemas.versions import read, upcast
from schemas.vocabulary import EVOLVED

_id, _time, _type = attrgetter("id"), attrgetter("time"), attrgetter("type")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_promised, _declared = (
    attrgetter("promise_from", "promise_until"),
    attrgetter("period_start", "period_end"),
)
_TIMED = {"callback.accepted", "control.total_declared"}  # they tell of instants beside their own


class _Minutes(dict[str, int]):
    """When a minute begins, by its text (`2026-01-05T14:00`); ValueError where it is none."""

    def __missing__(self, minute: str) -> int:
        if not _MINUTE.fullmatch(minute):
            raise ValueError(minute)
        if len(self) > 100_000:  # ten weeks of minutes; a bound, not a policy
            self.clear()
        return self.setdefault(minute, millis(f"{minute}:00.000Z"))


_minutes = _Minutes()
_SECONDS = {f":{second:02d}.": second * SECOND for second in range(60)}
_MILLIS = {f"{ms:03d}Z": ms for ms in range(SECOND)}


class Facts(Struct, frozen=True, gc=False):
    """The distinct events of one subject in event order, at least one of them.

    Attributes:
        times: when each happened, in milliseconds.
        conflicting: how many (source, id) came with different bytes.
        unread: how many values could not be read.
    """

    events: list[Event]
    times: list[int]
    conflicting: int
    unread: int


def gather(values: Sequence[bytes], limit: str | None = None) -> Facts | None:
    """Decode, dedupe and sort; None if nothing can be read (up to `limit`, where given).

    An event is read whole or not at all: not, where an instant that the fold needs of it is none.
    """
    try:
        return _gather(values, limit)
    except ValueError:
        legible = [value for value in values if not unread(value)]
        facts, left = _gather(legible, limit), len(values) - len(legible)
        return facts and Facts(facts.events, facts.times, facts.conflicting, left)


def _gather(values: Sequence[bytes], limit: str | None) -> Facts | None:
    given = len(values)
    events, values = _decode(values)
    left = given - len(values)
    if limit is not None:
        kept = [at for at, event in enumerate(events) if event.time <= limit]
        events, values = [events[at] for at in kept], [values[at] for at in kept]
    if not events:
        return None
    if not _TIMED.isdisjoint(map(_type, events)):
        _times(text for event in events for text in _told(event))
    events, conflicting = _dedupe(events, values)
    events.sort()
    return Facts(events, _times(map(_time, events)), conflicting, left)


def _times(texts: Iterable[str]) -> list[int]:
    """In milliseconds; ValueError where one is no instant.

    Looked up in three parts, which is half the cost of a check and of digits that are read.
    """
    try:
        return [_minutes[t[:16]] + _SECONDS[t[16:20]] + _MILLIS[t[20:]] for t in texts]
    except KeyError as error:
        msg = f"no part of an instant: {error}"
        raise ValueError(msg) from error


def unread(value: bytes) -> str:
    """Why a value cannot be read; "" if it can."""
    try:
        event = read(value)
        _times([event.time, *_told(event)])
    except (*_UNREADABLE, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def _told(event: Event) -> list[str]:
    """The instants needed beside the time: a promise may be absent, an interval not."""
    if event.type == "callback.accepted":
        return [text for text in _promised(event.data) if text is not None]
    if event.type == "control.total_declared":
        return [text or "none" for text in _declared(event.data)]
    return []


def _decode(values: Sequence[bytes]) -> tuple[list[Event], Sequence[bytes]]:
    """The events that can be read, and the value of each."""
    lines = b"\n".join(values)
    if lines.count(b"\n") != len(values) - 1:  # a value that spans lines
        return _decode_one_by_one(values)
    try:
        events = decoder.decode_lines(lines)
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
    _times(map(_time, events))  # of two versions, one that cannot be read does not compete
    kept: dict[tuple[str, str], dict[str, Event]] = {}
    for event, raw in zip(events, values, strict=True):
        kept.setdefault((event.source, event.id), {})[_digest(raw)] = event
    conflicting = sum(len(versions) > 1 for versions in kept.values())
    return [versions[min(versions)] for versions in kept.values()], conflicting


def _digest(raw: bytes) -> str:
    """The SHA-256 of a value; of one whose bytes were disposed of, that of those bytes."""
    if raw.startswith(DISPOSED):
        return raw[len(DISPOSED) : len(DISPOSED) + 64].decode()
    return sha256(raw).hexdigest()
