"""When a line was written: seconds since 1970, or the local time of a database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.errors import Malformed
from schemas.instants import HOUR, MINUTE, SECOND, millis

#: The log is as old as Asterisk; a time before it, or ahead of the intake, is no time of a line.
EARLIEST = millis("1999-12-01T00:00:00.000Z")
AHEAD = 5 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"(\d{9,10})(?:\.(\d{1,9}))?", re.ASCII)
_LOCAL = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s?(Z|UTC|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_BORN = re.compile(r"(?:.*[-_])?(\d{9,10})\.\d+", re.ASCII | re.DOTALL)
_UTC = ("Z", "UTC")


def born(call: str) -> int | None:
    """When the channel of a call id began, in seconds since 1970; None where it does not say.

    A channel's unique id is the second in which it was made, a point, and a counter, after the
    name of the system where it has one (`pbx1-1717397243.239826`).
    """
    found = _BORN.fullmatch(call)
    return int(found[1]) if found else None


def moment(text: str, call: str, zone: ZoneInfo | None, now: int) -> tuple[int, str]:
    """Milliseconds since 1970, and what was odd about the text ('' mostly).

    A local time that the change of the clock repeats is the earlier of the two, unless the
    channel named by the call id was not there yet; one that it skipped is read as if the clock
    had not been changed. Both are dirt, to be counted.

    Raises:
        Malformed: it is no time, a local one without a zone, or one that cannot be meant.
    """
    found = _SECONDS.fullmatch(text)
    ms, odd = _plain(found[1], found[2]) if found else _written(text, call, zone)
    if ms < EARLIEST:
        raise Malformed("time", "before there were such logs")
    if ms > now + AHEAD:
        raise Malformed("time", "ahead of the intake's clock")
    return ms, odd


def earlier(ms: int, seconds: int) -> int:
    """The moment that many whole seconds before a line, as the line counts them.

    Asterisk subtracts whole seconds. So a line that has only whole seconds means the whole
    second; of one that is finer, the moment lies somewhere in that second, and the end of it
    is taken: never earlier than what another line says to the millisecond.
    """
    second = ms - ms % SECOND - seconds * SECOND
    return second if ms % SECOND == 0 else min(ms, second + SECOND - 1)


def _plain(seconds: str, fraction: str | None) -> tuple[int, str]:
    return int(seconds) * SECOND + _millis(fraction), ""


def _millis(fraction: str | None) -> int:
    return int(f"{fraction or 0:0<3}"[:3])


def _written(text: str, call: str, zone: ZoneInfo | None) -> tuple[int, str]:
    found = _LOCAL.fullmatch(text)
    if found is None:
        raise Malformed("time", "neither seconds since 1970 nor a date and time")
    try:
        wall = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError as error:
        raise Malformed("time", "not a time of the calendar") from error
    if found[4]:
        ms, odd = _whole(wall.replace(tzinfo=UTC)) - _offset(found[4]), ""
    elif zone is None:
        raise Malformed("time", "a local time, and no zone is given (--zone)")
    else:
        ms, odd = _local(wall, call, zone)
    return ms + _millis(found[3]), odd


def _local(wall: datetime, call: str, zone: ZoneInfo) -> tuple[int, str]:
    first = _whole(wall.replace(tzinfo=zone))
    second = _whole(wall.replace(tzinfo=zone, fold=1))
    if first == second:
        return first, ""
    if first > second:
        return first, "local time skipped by the clock"
    if (born(call) or 0) * SECOND > first:
        return second, ""
    return first, "local time that the clock repeats: the first is meant"


def _offset(text: str) -> int:
    if text in _UTC:
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    return (1 if text[0] == "+" else -1) * (int(digits[:2]) * HOUR + int(digits[2:]) * MINUTE)


def _whole(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
