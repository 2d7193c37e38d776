"""Asterisk's `queue_log`, as Asterisk, FreePBX, Issabel and Wazo write it.

A line is one event of a call or of an agent. It is understood by itself, without any other
line, so that lines may come in any order, twice, or not at all; the fold puts them together.

* A contact is a call id with the name of the telephone system before it (`pbx-1717397243.2`).
* Times are seconds since 1970 or, from a database, a local time (`times`).
* What a line says is told in `calls` (how a call entered and left), `talks` (its agents) and
  `agents` (their states); the order of facts within one second, and their ids, in `facts`.
* A caller's number is kept as a keyed hash, a caller's name not at all, not even of a line that
  is rejected.
* `SILENT` events, and those that nobody here knows, are left out and counted by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schemas.departments import department
from schemas.errors import Malformed
from streams.sources.port import LONGEST_LINE, Facts, Rejected, Settings, Tally
from streams.sources.queue_log import agents, calls, talks
from streams.sources.queue_log.facts import STATE, Exchange, Fact
from streams.sources.queue_log.lines import Columns, Line, fields_of, header_of, line_of

NAME = "pbx"
#: Event -> why it says nothing about a contact, nor about the state of an agent.
SILENT = {
    "CONFIGRELOAD": "the configuration was read again",
    "QUEUESTART": "the system began",
    "PENALTY": "a member's rank in a queue",
    "RINGINUSE": "whether a busy member is rung",
    "OUTCALL": "a call that was made, and did not arrive",
}


#: What may hold a number or a name of somebody outside, which not even a dead letter keeps.
_NUMBERS = re.compile(rb"((?:ENTERQUEUE|\bTRANSFER|BLINDTRANSFER)\W).*", re.DOTALL)
_OF_CALLS = {**calls.HANDLERS, **talks.HANDLERS}


@dataclass(frozen=True, slots=True)
class QueueLog:
    """The queue log of one telephone system; `now` is the intake's clock in milliseconds."""

    exchange: Exchange
    now: int

    def read(self, lines: Iterable[bytes], name: str, tally: Tally) -> Iterator[Facts | Rejected]:
        """All events of each line together, or the line as a dead letter."""
        columns = Columns()
        for number, raw in enumerate(lines, 1):
            tally.read += 1
            try:
                text, dirt = _text(raw)
                fields = fields_of(text)
                if header := header_of(fields):
                    columns = header
                    tally.left_out["header"] += 1
                elif facts := self._facts(fields, columns, dirt, tally):
                    yield tally.accept(facts)
            except Malformed as error:
                yield tally.reject(name, number, error, _NUMBERS.sub(rb"\1(left out)", raw))

    def _facts(self, fields: list[str], columns: Columns, dirt: list[str], tally: Tally) -> Facts:
        if not any(fields):
            tally.left_out["blank line or border"] += 1
            return []
        line = line_of(fields, columns, self.exchange.zone, self.now)
        handler = _handler(line)
        if handler is None:
            why = SILENT.get(line.event, "not a known event")
            tally.left_out[f"{line.event}: {why}"] += 1
            return []
        told = list(handler(line, self.exchange))
        if not told:  # the end of somebody else's conversation
            tally.left_out[line.dirt[-1]] += 1
            return []
        for reason in (*dirt, *line.dirt):
            tally.dirty[reason] += 1
        if any(fact.type != STATE for fact in told):
            tally.meets(self.exchange.contact(line.call))
        return [self.exchange.entry(line, fact) for fact in told]


def _handler(line: Line) -> Callable[[Line, Exchange], Iterator[Fact]] | None:
    """What understands a line; None where it says nothing.

    Raises:
        Malformed: it is about a call, and names none.
    """
    found = _OF_CALLS.get(line.event)
    if found and not line.call:
        raise Malformed("callid", "names no call")
    return found or agents.HANDLERS.get(line.event)


def _text(raw: bytes) -> tuple[str, list[str]]:
    """A line without its end; a name of a caller may be in any encoding, and is not kept.

    Raises:
        Malformed: it is longer than `LONGEST_LINE`.
    """
    line = raw.rstrip(b"\r\n")
    if len(line) > LONGEST_LINE:
        raise Malformed("", "longer than 1 MiB, of which the first is kept")
    try:
        return line.decode(), []
    except UnicodeDecodeError:
        return line.decode("latin-1"), ["not UTF-8, read as Latin-1"]


def source(settings: Settings) -> QueueLog:
    """A queue log; uses `now`, `zone`, `name`, `department` and what callers are kept under.

    Raises:
        ValueError: there is no key; without one, a hash of a number is soon undone.
    """
    known = department(settings.department)
    zone = settings.zone or (ZoneInfo(known.zone) if known else None)
    name, callers = settings.name or NAME, settings.callers()
    return QueueLog(Exchange(name, callers, settings.department, zone), settings.now)
