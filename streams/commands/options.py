"""Values of options: what cannot be meant is refused with words, before anything is done."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from math import isfinite
from zoneinfo import ZoneInfo

from schemas.instants import canonical, millis


def day(text: str) -> date:
    """A local day, such as 2026-01-05."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is not a day such as 2026-01-05"
        raise ArgumentTypeError(msg) from error


def when(text: str) -> int:
    """An instant, such as 2026-01-05T12:00:00Z, in milliseconds."""
    try:
        return millis(canonical(text))
    except ValueError as error:
        msg = f"{text!r} is not an instant such as 2026-01-05T12:00:00Z"
        raise ArgumentTypeError(msg) from error


def zone(text: str) -> ZoneInfo:
    """A time zone by its name, such as America/Toronto."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:  # a folder of zones is an OSError
        msg = f"{text!r} is not a time zone such as America/Toronto"
        raise ArgumentTypeError(msg) from error


def count(text: str) -> int:
    """A whole number from 1 on."""
    if not text.isdecimal() or int(text) == 0:
        msg = f"{text!r} is not a whole number from 1 on"
        raise ArgumentTypeError(msg)
    return int(text)


def positive(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not (number > 0 and isfinite(number)):
        msg = f"{text!r} is not a number above 0"
        raise ArgumentTypeError(msg)
    return number


def port(text: str) -> int:
    """A TCP port; 0 takes a free one."""
    if not text.isdecimal() or int(text) > 65_535:
        msg = f"{text!r} is not a port from 0 to 65535"
        raise ArgumentTypeError(msg)
    return int(text)
