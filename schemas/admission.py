"""Admission: what may enter the log, checked once, at the door.

Everything that reads the log afterwards may assume what is checked here: canonical times,
required facts, known choices, no control characters in names.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from msgspec.json import Decoder

from schemas.errors import Malformed
from schemas.event import Event
from schemas.instants import MINUTE, QUARTER_HOUR, millis
from schemas.times import is_plain, rewrite
from schemas.vocabulary import VOCABULARY

AHEAD = 5 * MINUTE
EARLIEST = "1990-01-01T00:00:00.000Z"
DEEPEST = 64  # levels of nesting; a reader deep in its own calls must never run out of stack
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ().-]{5,14}")
_PATH = re.compile(r"^(?P<problem>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)


class _Incoming(Event, frozen=True, kw_only=True, order=True, gc=False):
    specversion: Literal["1.0"]
    disposed: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_strict = Decoder(_Incoming)


def admit(raw: bytes, now: int) -> tuple[Event, bytes]:
    """One event as it may enter the log: the event, and its bytes with canonical times.

    The bytes are kept as they came when their times are canonical already; unknown fields
    are kept either way, as they were written. `now` is the intake's clock in milliseconds.

    Raises:
        Malformed: with the field and the problem.
    """
    event = _decode(raw)
    if raw.count(b"[") + raw.count(b"{") > DEEPEST:
        _check_depth(raw)
    if b"\\" in raw or b"\x7f" in raw:  # JSON can hold a control character only escaped
        _check_names(event)
    if not is_plain(event):
        raw, event = _rewritten(raw, event)
    _check_time(event, now)
    _check_facts(event)
    return event, raw


def _decode(raw: bytes) -> Event:
    try:
        if not raw.isascii():
            raw.decode()  # msgspec does not look into the text of unknown fields
        return _event(_strict.decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error


def _event(e: _Incoming) -> Event:
    """The same without `specversion`: equal to what a reader of the log will decode."""
    if e.disposed is not msgspec.UNSET:  # however it is written: it would choose between repeats
        raise Malformed("disposed", "is for the archive to write, when it disposes of an event")
    return Event(
        time=e.time,
        source=e.source,
        sequence=e.sequence,
        id=e.id,
        type=e.type,
        subject=e.subject,
        dataschema=e.dataschema,
        data=e.data,
    )


def _malformed(error: Exception) -> Malformed:
    found = _PATH.match(str(error))
    assert found  # it matches any text
    problem, path = found["problem"], found["path"] or ""
    missing = re.search(r"missing required field `(\w+)`", problem)
    if missing:
        path = f"{path}.{missing[1]}" if path else missing[1]
    return Malformed(path, problem)


def _rewritten(raw: bytes, event: Event) -> tuple[bytes, Event]:
    try:
        return rewrite(raw, event)
    except msgspec.MsgspecError as error:
        raise _malformed(error) from error


def _check_depth(raw: bytes) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(raw):
        depth += (bracket["open"] is not None) - (bracket["close"] is not None)
        if depth > DEEPEST:
            raise Malformed("", f"nested more than {DEEPEST} levels deep")


def _check_names(event: Event) -> None:
    for name in ("id", "source", "subject", "type", "sequence", "dataschema"):
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
    _check_pairs(event)


def _check_pairs(event: Event) -> None:
    """Facts that contradict each other, and a number where only a keyed hash may be."""
    data = event.data
    if data.score is not None and data.scale is not None and data.score > data.scale:
        raise Malformed("data.score", f"{data.score} is above the scale of {data.scale}")
    if data.promise_from and data.promise_until and data.promise_until < data.promise_from:
        raise Malformed("data.promise_until", "is before data.promise_from")
    for name in ("caller", "caller_before"):
        if _TELEPHONE.fullmatch(getattr(data, name) or ""):
            raise Malformed(f"data.{name}", "looks like a telephone number; send a keyed hash")


def _check_declaration(event: Event) -> None:
    start, end = str(event.data.period_start), str(event.data.period_end)
    for name, value in (("period_start", start), ("period_end", end)):
        if millis(value) % QUARTER_HOUR:
            raise Malformed(f"data.{name}", "is not on a quarter of an hour")
    if start >= end:
        raise Malformed("data.period_end", "is not after data.period_start")
