"""A row of the bank's call log, understood, and what is wrong with it.

How the columns are read, and what the log leaves open, is told in `streams.sources.technion`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.errors import Malformed
from streams.sources.local import DAY_SECONDS, LocalDay

_MENU = ("vru_entry", "vru_exit", "vru_time")
_QUEUE = ("q_start", "q_exit", "q_time")
_SERVICE = ("ser_start", "ser_exit", "ser_time")
_CALLER = ("vru+line", "call_id", "customer_id", "priority", "type", "date")
COLUMNS = (*_CALLER, *_MENU, *_QUEUE, "outcome", *_SERVICE, "server")
TYPES = frozenset({"PS", "PE", "IN", "NE", "NW", "TT"})
NO_SERVER = "NO_SERVER"
CLOCKS_AGREE = 2  # seconds: in 99 of 100 calls the clocks of queue and service are as close

_CLOCKS = (*_MENU[:2], *_QUEUE[:2], *_SERVICE[:2])
_TIME = re.compile(r"(?:\d|[01]\d|2[0-3]):[0-5]\d:[0-5]\d\Z", re.ASCII)
_DATE = re.compile(r"(?:19)?(9[1-9])(\d\d)(\d\d)", re.ASCII)
_PART_OF_ID = re.compile(r"[A-Za-z0-9]{1,20}")
NUMBER = re.compile(r"\d{1,15}", re.ASCII)
_NAME = re.compile(r"[^\x00-\x1f\x7f]{0,200}")

Row = tuple[str, ...]
_Course = tuple[bool, bool, bool, int, int, int, int, int, int]  # the rest of a Call


class Call(NamedTuple):
    """A row, understood: one call.

    Times are seconds of the wall clock since midnight of the date of entry. Without a queue,
    `q_start` and `q_exit` are the exit of the menu. `ser_exit` holds where `served`: where the
    log knows when service ended; `ser_start` is the exit of the queue where there is none.
    """

    line: str
    contact: str
    entry: str
    customer: str
    priority: str
    type: str
    server: str
    durations: tuple[str, str, str]
    clocks: tuple[int, ...]
    day: LocalDay
    answered: bool
    queued: bool
    served: bool
    vru_entry: int
    vru_exit: int
    q_start: int
    q_exit: int
    ser_start: int
    ser_exit: int

    @property
    def asked(self) -> bool:
        """Whether the caller asked for an agent: every other call ended in the menu."""
        return self.answered or self.queued

    @property
    def times(self) -> tuple[int, ...]:
        """The moments of the call, in its order."""
        return self[-6:]


#: Reason -> whether it holds. A call with any is counted as it is told, never left out.
DIRT: dict[str, Callable[[Call], bool]] = {
    "vru exit before entry": lambda call: call.vru_exit < call.vru_entry,
    "queue start is not vru exit": lambda call: call.q_start != call.vru_exit,
    "queue exit before start": lambda call: call.q_exit < call.q_start,
    "queue exit without start": lambda call: call.clocks[2] == 0 != call.clocks[3],
    "service start before connection": lambda call: call.ser_start < call.q_exit - CLOCKS_AGREE,
    "service start after connection": lambda call: call.ser_start > call.q_exit + CLOCKS_AGREE,
    "service exit before start": lambda call: call.served and call.ser_exit < call.ser_start,
    "service exit before connection": lambda call: call.served and call.ser_exit < call.q_exit,
    "service of 0 s": lambda call: call.served and call.ser_exit == call.ser_start,
    "answered without service times": lambda call: call.answered and not call.served,
    "answered without server": lambda call: call.answered and not call.server,
    "hung up with server": lambda call: not call.answered and bool(call.server),
    "hung up with service times": lambda call: not call.answered and any(call.clocks[4:]),
    "type unknown": lambda call: call.type not in TYPES,
    "priority unreadable": lambda call: not NUMBER.fullmatch(call.priority),
    "customer id unreadable": lambda call: not NUMBER.fullmatch(call.customer),
    "vru_time disagrees": lambda call: call.durations[0] != str(call.vru_exit - call.vru_entry),
    "q_time disagrees": lambda call: call.durations[1] != str(call.q_exit - call.q_start),
    "ser_time disagrees": lambda call: (
        call.served and call.durations[2] != str(call.ser_exit - call.ser_start)
    ),
    "local time skipped": lambda call: "skipped" in _changes(call),
    "local time ambiguous": lambda call: "ambiguous" in _changes(call),
}


def _changes(call: Call) -> set[str]:
    return set() if call.day.steady else {call.day.change(time) for time in call.times}


def columns(header: Sequence[str]) -> Callable[[Sequence[str]], Row]:
    """What puts the fields of a row into the order of `COLUMNS`.

    It raises Malformed for a row of another width than the header, and for every row under a
    header that lacks a column.
    """
    missing = [name for name in COLUMNS if name not in header]
    pick = None if missing else itemgetter(*(header.index(name) for name in COLUMNS))

    def picked(fields: Sequence[str]) -> Row:
        if len(fields) != len(header):
            raise Malformed("", "another number of columns than the header")
        if pick is None:
            raise Malformed(missing[0], "the header has no such column")
        row: Row = pick(fields)
        return row

    return picked


def call_of(row: Row, zone: ZoneInfo) -> Call:
    """The call that a row of `COLUMNS` tells, whose outcome is AGENT or HANG.

    Raises:
        Malformed: a name, the date or a time of day cannot be read.
    """
    line, call_id, customer, priority, kind, day, entry = row[:7]
    for column, text in ((COLUMNS[0], line), (COLUMNS[1], call_id)):
        if not _PART_OF_ID.fullmatch(text):
            raise Malformed(column, "not 1 to 20 letters and digits")
    for column, text in (("type", kind), ("server", row[16])):
        if not _NAME.fullmatch(text):
            raise Malformed(column, "contains a control character, or is too long")
    clocks = _clocks((entry, row[7], row[9], row[10], row[13], row[14]))
    return Call(
        line,
        f"{line}-{call_id}-{day[-6:]}",
        entry.zfill(8),
        customer,
        priority,
        kind,
        "" if row[16] == NO_SERVER else row[16],
        (row[8], row[11], row[15]),
        clocks,
        _day(day, zone),
        *_course(clocks, answered=row[12] == "AGENT"),
    )


def _course(clocks: Sequence[int], *, answered: bool) -> _Course:
    entry, left, q_start, q_exit, ser_start, ser_exit = clocks
    queued = q_start != 0 or (answered and q_exit != 0)
    left = _after(left, entry)
    q_start = _known(q_start, left) if queued else left
    q_exit = _known(q_exit, q_start) if queued else left
    ser_start = _after(ser_start, q_exit) if answered and any(clocks[4:]) else q_exit
    end = _after(ser_exit, ser_start)
    served = answered and any(clocks[4:]) and (ser_exit != 0 or end > ser_start)
    return answered, queued, served, entry, left, q_start, q_exit, ser_start, end


def _after(clock: int, before: int) -> int:
    """A time of day that follows another: of the next day if 12 hours or more before it."""
    while clock <= before - DAY_SECONDS // 2:
        clock += DAY_SECONDS
    return clock


def _known(clock: int, before: int) -> int:
    """The same where 0:00:00 is either midnight or no time at all: then the time before."""
    return _after(clock, before) if clock else max(_after(clock, before), before)


def _clocks(texts: Sequence[str]) -> tuple[int, ...]:
    try:
        return tuple(map(_clock, texts))
    except ValueError as error:
        unread = (name for name, text in zip(_CLOCKS, texts, strict=True) if not _TIME.match(text))
        raise Malformed(next(unread), "not a time of day (H:MM:SS)") from error


@lru_cache(maxsize=2 * DAY_SECONDS)
def _clock(text: str) -> int:
    if not _TIME.match(text):
        raise ValueError(text)
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3_600 + int(minutes) * 60 + int(seconds)


@lru_cache(maxsize=10_000)
def _day(text: str, zone: ZoneInfo) -> LocalDay:
    found = _DATE.fullmatch(text)
    if found is None:
        raise Malformed("date", "not a date of 1991 to 1999 (YYMMDD)")
    try:
        return LocalDay(date(1900 + int(found[1]), int(found[2]), int(found[3])), zone)
    except ValueError as error:
        raise Malformed("date", "not a day of the calendar") from error
