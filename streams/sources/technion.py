"""The call log of an Israeli bank, 1999 (Guedj and Mandelbaum, Technion, Haifa).

One row is one call: tab-separated, 17 columns. A row's events tell what the log says, in the
order of a call; nothing is put right and nothing is made up:

* The contact is line, call id and date (`AA0101-33116-990101`). An event's id adds the time
  of entry and the event's name. So two calls of one id put the facts of both into one contact,
  whichever is read first, and one call told in two ways comes out as `conflicting`. Rows of
  either kind are counted as `repeated id`.
* Times are of the wall clock in Jerusalem, and the date is that of the entry. A time 12 hours
  or more before the one it follows is of the next day; a time before it by less stays so.
* Where the menu was left before it was entered, the time in it is unknown, so there is neither
  `ivr.entered` nor `ivr.left`; the entry is the arrival all the same.
* A HANG was queued if its `q_start` is not 0:00:00, which is what the log writes for callers
  who never were. An AGENT call has a queue if it has a `q_start` or a `q_exit`.
* The agent connects when the queue is left, or the menu where there was no queue; the start of
  service, which another clock took, is kept as `reported_start`.
* Service ends when the log says so; should that be before the connection, it ends the length
  of the service after it. Where the log has no end, there is none: unknown is never 0 s.
* Who ended an answered call is not in the log: `by` is `system`, `reason` is `not_recorded`.
* TT are customers who had left a message and, when the system rang them, waited for an agent.
  The log has no row of the call before, so they stay calls of a program and queue of their own.
* PHANTOM rows are "a virtual call to be ignored": counted and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.errors import Malformed
from schemas.event import NOTHING, Data, Event, encode
from schemas.instants import millis
from streams.sources.port import Facts, Rejected, Settings, Tally, Tokens, checked
from streams.sources.technion_rows import COLUMNS, DIRT, NUMBER, Call, Row, call_of, columns

ZONE = "Asia/Jerusalem"
#: The events of a call in their natural order, which is also that of equal times.
STEPS = (
    "contact.arrived",
    "ivr.entered",
    "ivr.left",
    "agent.requested",
    "queue.entered",
    "queue.left",
    "agent.connected",
    "contact.ended",
)
_SEQUENCE = {name: f"{step:02d}" for step, name in enumerate(STEPS, 1)}
_OUTCOME = COLUMNS.index("outcome")
_LEFT = {True: Data(how="answered"), False: Data(how="abandoned")}
_ENDED = {True: Data(by="system", reason="not_recorded"), False: Data(by="customer")}

Fact = tuple[str, int, Data]  # event, seconds since midnight, what it carries


@dataclass(frozen=True, slots=True)
class Technion:
    """The bank's call log; `callers` is what stands for customers' numbers."""

    callers: Tokens
    zone: ZoneInfo

    def read(self, lines: Iterable[bytes], name: str, tally: Tally) -> Iterator[Facts | Rejected]:
        """All events of each call together, or the row as a dead letter."""
        in_order = columns(COLUMNS)
        for number, line in enumerate(lines, 1):
            tally.read += 1
            try:
                text = checked(line).decode()
                if "\r" in text:
                    raise Malformed("", "a line that ends with CR alone; LF or CRLF is understood")
                fields = [field.strip() for field in text.split("\t")]
                if fields[0] == COLUMNS[0]:
                    in_order = columns(fields)
                    tally.left_out["header"] += 1
                elif not any(fields):
                    tally.left_out["blank line"] += 1
                elif facts := self._facts(in_order(fields), tally):
                    yield tally.accept(facts)
            except Malformed as error:
                yield tally.reject(name, number, error, line)

    def _facts(self, row: Row, tally: Tally) -> Facts:
        outcome = row[_OUTCOME]
        if outcome == "PHANTOM":
            tally.left_out["PHANTOM"] += 1
            return []
        if outcome not in ("AGENT", "HANG"):
            raise Malformed("outcome", "not one of AGENT, HANG, PHANTOM")
        call = call_of(row, self.zone)
        new = tally.meets(call.contact, row)
        if new is None:
            tally.left_out["same row again"] += 1
            return []
        for reason, holds in DIRT.items():
            if holds(call):
                tally.dirty[reason] += 1
        if not new:
            tally.dirty["repeated id"] += 1
        return _events(call, self.callers)


def _events(call: Call, callers: Tokens) -> Facts:
    source = f"technion/{call.line}"
    moment = f"{call.contact}/{call.entry}/"
    return [
        (
            call.contact,
            encode(
                Event(
                    time=call.day.text(seconds),
                    source=source,
                    sequence=_SEQUENCE[name],
                    id=moment + name,
                    type=name,
                    subject=call.contact,
                    data=data,
                )
            ),
        )
        for name, seconds, data in _story(call, callers)
    ]


def _story(call: Call, callers: Tokens) -> Iterator[Fact]:
    queue = _queue(call.type)
    yield "contact.arrived", call.vru_entry, _arrival(call, callers)
    if call.vru_exit >= call.vru_entry:
        yield "ivr.entered", call.vru_entry, NOTHING
    if call.vru_exit >= call.vru_entry and call.asked:
        yield "ivr.left", call.vru_exit, NOTHING
    if call.asked:
        yield "agent.requested", call.vru_exit, queue
    if call.queued:
        yield "queue.entered", call.q_start, queue
        yield "queue.left", call.q_exit, _LEFT[call.answered]
    if call.answered:
        yield "agent.connected", call.q_exit, _connection(call)
    if call.served or not call.answered:
        yield "contact.ended", _end(call), _ENDED[call.answered]


def _end(call: Call) -> int:
    if not call.answered:
        return call.q_exit
    if call.ser_exit >= call.q_exit:
        return call.ser_exit
    return call.q_exit + max(0, call.ser_exit - call.ser_start)


def _arrival(call: Call, callers: Tokens) -> Data:
    number, at_ms = _number(call.customer), millis(call.day.text(call.vru_entry))
    return Data(
        department="bank",
        program=call.type or None,
        channel="phone",
        language="en" if call.type == "PE" else "he",
        line=call.line,
        caller=number and callers.token(number, at_ms),
        caller_before=number and callers.token_before(number, at_ms),
        priority=int(call.priority) if NUMBER.fullmatch(call.priority) else None,
    )


def _connection(call: Call) -> Data:
    return Data(
        agent=call.server or None,
        reported_start=call.day.text(call.ser_start) if any(call.clocks[4:]) else None,
    )


@lru_cache(maxsize=1_000)
def _queue(kind: str) -> Data:
    return Data(queue=kind or "unknown")


def _number(customer: str) -> str | None:
    """A customer's number; one that a spreadsheet rounded (`6.02E+11`) is nobody's."""
    number = customer.lstrip("0")
    return number if NUMBER.fullmatch(number) else None


def source(settings: Settings) -> Technion:
    """The bank's call log; uses the key or the tokens, and `zone`.

    Raises:
        ValueError: there is neither.
    """
    return Technion(settings.callers(), settings.zone or ZoneInfo(ZONE))
