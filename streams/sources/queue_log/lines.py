"""A line of a queue log, taken apart: `time|call|queue|agent|EVENT|parameters`.

The same rows come out of a database as CSV, or as the table that psql and mysql print, with a
header and borders; parameters then have columns of their own, and what did not fit is glued
into the last with its `|`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.errors import Malformed
from schemas.instants import SECOND
from streams.sources.queue_log.times import moment

LONGEST_NAME = 100  # of a queue or an agent; Asterisk's own are at most 80
LONGEST_CALL = 150
WEEK = 7 * 24 * 3_600  # seconds; nobody waits, talks or rings for longer
NO_CALL = frozenset({"", "NONE", "REALTIME", "MANAGER"})
_NOTHING = frozenset({"", "NONE"})
_NULLS = frozenset({"\\N", "NULL"})
_DELIMITER = re.compile(r"[^|,;\t]*([|,;\t])")
_BORDER = re.compile(r"[-+|=\s]*|\(\d+ (?:rows?|lignes?)\)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EVENT = re.compile(r"[A-Za-z][\w-]{0,39}", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_DATA = re.compile(r"data\d*|param\d*")


class Columns(NamedTuple):
    """Where things are in a row."""

    time: int = 0
    call: int = 1
    queue: int = 2
    agent: int = 3
    event: int = 4
    data: Sequence[int] | None = None  # None: all the rest


@dataclass(slots=True)
class Line:
    """A line, understood as far as all lines are alike.

    Attributes:
        ms: milliseconds since 1970.
        call: the call id; '' where the line is not about a call.
        queue, agent: None where it names none.
        parameters: as text.
        dirt: what is odd about the line, so far.
    """

    ms: int
    call: str
    queue: str | None
    agent: str | None
    event: str
    parameters: list[str]
    dirt: list[str] = field(default_factory=list)

    @property
    def second(self) -> int:
        """Its whole second."""
        return self.ms // SECOND

    def text(self, place: int, name: str) -> str | None:
        """A parameter; None where it is missing or empty.

        Raises:
            Malformed: it contains a control character.
        """
        return checked(self.parameters[place], name) if place < len(self.parameters) else None

    def number(self, place: int, name: str, most: int = 2**31) -> int | None:
        """A parameter that is a whole number; None where it is missing, which is dirt.

        Raises:
            Malformed: there is something else, or a greater number than can be meant.
        """
        text = self.parameters[place] if place < len(self.parameters) else ""
        if not text:
            self.dirt.append(f"{self.event} without {name}")
            return None
        if not _NUMBER.fullmatch(text):
            raise Malformed(name, "not a whole number")
        if int(text) > most:
            raise Malformed(name, "more than can be meant")
        return int(text)


def checked(text: str, name: str, longest: int = 200) -> str | None:
    """A text that may enter an event; None for the empty one.

    Raises:
        Malformed: it contains a control character, or is too long.
    """
    if len(text) > longest or _CONTROL.search(text):
        raise Malformed(name, "contains a control character, or is too long")
    return text or None


def fields_of(text: str) -> list[str]:
    """The fields of a row, whatever separates them; [] for a border of a printed table.

    Raises:
        Malformed: it is not even a row.
    """
    if _BORDER.fullmatch(text):
        return []
    found = _DELIMITER.match(text)
    delimiter = found[1] if found else "|"
    if delimiter == "|":
        inner = text.strip()
        parts = (inner[1:].removesuffix("|") if inner.startswith("|") else inner).split("|")
    else:
        parts = _quoted(text, delimiter)
    stripped = (part.strip() for part in parts)
    return ["" if part in _NULLS else part for part in stripped]


def _quoted(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error as error:
        raise Malformed("", f"not a row of CSV: {error}") from error


def header_of(fields: Sequence[str]) -> Columns | None:
    """The columns that a header names; None where the row is none."""
    names = [name.lower() for name in fields]
    queue = next((name for name in ("queuename", "queue") if name in names), "")
    if not queue or not {"time", "callid", "agent", "event"} <= set(names):
        return None
    return Columns(
        time=names.index("time"),
        call=names.index("callid"),
        queue=names.index(queue),
        agent=names.index("agent"),
        event=names.index("event"),
        data=[at for at, name in enumerate(names) if _DATA.fullmatch(name)],
    )


def line_of(fields: Sequence[str], columns: Columns, zone: ZoneInfo | None, now: int) -> Line:
    """The line that fields tell.

    Raises:
        Malformed: a column is missing or cannot be read.
    """
    fixed = (columns.call, columns.queue, columns.agent, columns.event)
    if len(fields) <= max(columns.time, *fixed):
        raise Malformed("", "fewer than the five fields of every line")
    call, queue, agent, event = (fields[at] for at in fixed)
    if not _EVENT.fullmatch(event):
        raise Malformed("event", "not the name of an event")
    ms, odd = moment(fields[columns.time], call, zone, now)
    places = range(5, len(fields)) if columns.data is None else columns.data
    parameters = "|".join(fields[at] for at in places if at < len(fields)).split("|")
    return Line(
        ms,
        "" if call in NO_CALL else checked(call, "callid", LONGEST_CALL) or "",
        None if queue in _NOTHING else checked(queue, "queue", LONGEST_NAME),
        None if agent in _NOTHING else checked(agent, "agent", LONGEST_NAME),
        event,
        [part.strip() for part in parameters],
        [odd] if odd else [],
    )
