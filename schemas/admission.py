"""Admission: what may enter the log, checked once, at the door.

Everything that reads the log afterwards may assume what is checked here: canonical times,
required facts, known choices, no control characters in names.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec
from msgspec.json import Decoder, decode
from msgspec.json import encode as to_json

from schemas.errors import Malformed
from schemas.event import CANONICAL, NOTHING, Event
from schemas.instants import MINUTE, QUARTER_HOUR, canonical, millis
from schemas.versions import upcast
from schemas.vocabulary import EVOLVED, VOCABULARY

AHEAD = 5 * MINUTE
EARLIEST = "1990-01-01T00:00:00.000Z"
_INSTANTS = ("promise_from", "promise_until", "period_start", "period_end", "reported_start")
_RETIRED = ("promise",)  # instants of older versions
_CANONICAL = re.compile(CANONICAL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATH = re.compile(r"^(?P<problem>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)


class _Incoming(Event, frozen=True, kw_only=True, order=True, gc=False):
    specversion: Literal["1.0"]


_strict = Decoder(_Incoming)


def admit(raw: bytes, now: int) -> tuple[Event, bytes]:
    """One event as it may enter the log: the event, and its bytes with canonical times.

    The bytes are kept as they came when their times are canonical already; unknown fields
    are kept either way. `now` is the intake's clock in milliseconds.

    Raises:
        Malformed: with the field and the problem.
    """
    event = _decode(raw)
    if not _is_canonical(event):
        raw = _with_canonical_times(raw)
        event = _decode(raw)
    if event.type in EVOLVED:
        event = _upcast(event, raw)
    if b"\\" in raw or b"\x7f" in raw:  # JSON can hold a control character only escaped
        _check_names(event)
    _check_time(event, now)
    _check_facts(event)
    return event, raw


def _decode(raw: bytes) -> Event:
    try:
        return _strict.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error


def _upcast(event: Event, raw: bytes) -> Event:
    try:
        return upcast(event, raw)
    except msgspec.MsgspecError as error:
        raise _malformed(error) from error


def _malformed(error: Exception) -> Malformed:
    found = _PATH.match(str(error))
    problem, path = (found["problem"], found["path"]) if found else (str(error), "")
    missing = re.search(r"missing required field `(\w+)`", problem)
    if missing:
        path = f"{path}.{missing[1]}" if path else missing[1]
    return Malformed(path or "", problem)


def _is_canonical(event: Event) -> bool:
    """Whether every instant is canonical; a retired field may hide one, so those count as not."""
    if event.type in EVOLVED or not _CANONICAL.match(event.time):
        return False
    data = event.data
    return data is NOTHING or all(
        _CANONICAL.match(value)
        for value in (getattr(data, name) for name in _INSTANTS)
        if value is not None
    )


def _with_canonical_times(raw: bytes) -> bytes:
    fields = decode(raw)
    changed = _canonicalise(fields, "time", "time")
    for name in (*_INSTANTS, *_RETIRED):
        changed |= _canonicalise(fields.get("data") or {}, name, f"data.{name}")
    return to_json(fields) if changed else raw


def _canonicalise(fields: dict[str, Any], name: str, path: str) -> bool:
    text = fields.get(name)
    if not isinstance(text, str):
        return False  # absent or of another type: the schema says so in its own words
    try:
        fields[name] = canonical(text)
    except (ValueError, OverflowError) as error:
        raise Malformed(path, f"not an RFC 3339 instant: {error}") from error
    return bool(fields[name] != text)


def _check_names(event: Event) -> None:
    for name in ("id", "source", "subject", "type", "sequence"):
        if _CONTROL.search(getattr(event, name)):
            raise Malformed(name, "contains a control character")
    for name in event.data.__struct_fields__:
        value = getattr(event.data, name)
        if isinstance(value, str) and _CONTROL.search(value):
            raise Malformed(f"data.{name}", "contains a control character")


def _check_time(event: Event, now: int) -> None:
    if event.time < EARLIEST:
        raise Malformed("time", f"{event.time} is before {EARLIEST}")
    try:
        ahead = millis(event.time) - now
    except ValueError as error:
        raise Malformed("time", f"not an instant: {error}") from error
    if ahead > AHEAD:
        raise Malformed("time", f"{event.time} is {ahead} ms ahead of the intake")


def _check_facts(event: Event) -> None:
    row = VOCABULARY.get(event.type)
    if row is None:
        return  # unknown types are archived and counted
    for name in row.required:
        if getattr(event.data, name) is None:
            raise Malformed(f"data.{name}", f"{event.type} needs it")
    for name, allowed in row.choices.items():
        value = getattr(event.data, name)
        if value is not None and value not in allowed:
            raise Malformed(f"data.{name}", f"{value!r} is not one of {', '.join(allowed)}")
    if event.type == "control.total_declared":
        _check_declaration(event)


def _check_declaration(event: Event) -> None:
    start, end = str(event.data.period_start), str(event.data.period_end)
    for name, value in (("period_start", start), ("period_end", end)):
        if _milliseconds(f"data.{name}", value) % QUARTER_HOUR:
            raise Malformed(f"data.{name}", "is not on a quarter of an hour")
    if start >= end:
        raise Malformed("data.period_end", "is not after data.period_start")


def _milliseconds(path: str, text: str) -> int:
    try:
        return millis(text)
    except ValueError as error:
        raise Malformed(path, f"not an instant: {error}") from error
