"""The call log of an Israeli bank, 1999 (Guedj and Mandelbaum, Technion, Haifa).

One row is one call: tab-separated, 17 columns. A row's events tell what the log says, in the
order of a call; nothing is put right and nothing is made up:

* The contact is line, call id and date (`AA0101-33116-990101`). An event's id adds the time
  of entry and the event's name. So a call id that was given out twice in a day puts the facts
  of both calls into one contact, whichever comes first, and the same call told differently
  comes out as `conflicting`. Both are counted here as `repeated id`.
* Times are of the wall clock in Jerusalem, and the date is that of the entry. A time more than
  12 hours before the one it follows is of the next day; what is before by less stays so.
* Where the menu was left before it was entered, the time in it is unknown, and so there is no
  `ivr.entered` nor `ivr.left`; the arrival is the entry all the same.
* A HANG was queued if its `q_start` is not 0:00:00: that is what the log writes for callers
  who never were. An AGENT call has a queue if it has either of `q_start` and `q_exit`.
* The agent connects when the queue is left, or the menu where there was no queue; the start of
  service, which a second clock took, is kept as `reported_start`.
* Service ends when the log says so; should that be before the connection, it ends the length
  of the service after it. With neither start nor end the end is unknown, never 0 s.
* Who ended an answered call is not in the log: `by` is `system`, `reason` is `not_recorded`.
* TT are customers who had asked for a call and, when the system rang them, waited for the agent
  in the queue. The log has a row for this part only, so they stay calls of a queue of their own.
* PHANTOM rows are "a virtual call to be ignored": counted and left out.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.json import encode as to_json

from schemas.errors import Malformed
from streams.sources.local import DAY_SECONDS, LocalDay
from streams.sources.port import Entry, Facts, Rejected, Settings, Tally

ZONE = "Asia/Jerusalem"
COLUMNS = (
    "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time "
    "q_start q_exit q_time outcome ser_start ser_exit ser_time server"
).split()
TYPES = frozenset({"PS", "PE", "IN", "NE", "NW", "TT"})
OUTCOMES = ("AGENT", "HANG", "PHANTOM")
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
NO_SERVER = "NO_SERVER"
CLOCKS_AGREE = 2  # seconds: the clocks of queue and service differ by less in 99 of 100 calls
_SEQUENCE = {name: f"{step:02d}" for step, name in enumerate(STEPS, 1)}
_NEVER = "0:00:00"
_HALF_DAY = DAY_SECONDS // 2
_TIME = re.compile(r"(\d|[01]\d|2[0-3]):([0-5]\d):([0-5]\d)", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9]{1,20}")
_DATE = re.compile(r"(?:19)?(9[1-9])(\d\d)(\d\d)", re.ASCII)
_PRIORITY = re.compile(r"\d{1,3}", re.ASCII)
_CUSTOMER = re.compile(r"\d{1,20}", re.ASCII)


class Call(NamedTuple):
    """A row, understood. Times are seconds of the wall clock since midnight of the date.

    Without a queue, `q_start` and `q_exit` are the exit of the menu; without service, so are
    `ser_start` and `ser_exit` the exit of the queue.
    """

    row: tuple[str, ...]
    contact: str
    line: str
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
    def customer(self) -> str:
        """The customer's number as the log has it; 0 is unknown."""
        return self.row[2]

    @property
    def priority(self) -> str:
        """0 and 1 are regular or unidentified customers, 2 are priority customers."""
        return self.row[3]

    @property
    def type(self) -> str:
        """The kind of service; its two letters name the program and the queue."""
        return self.row[4]

    @property
    def server(self) -> str:
        """The agent's name, or NO_SERVER."""
        return self.row[16]


DIRT: dict[str, Callable[[Call], bool]] = {
    "vru exit before entry": lambda call: call.vru_exit < call.vru_entry,
    "queue start is not vru exit": lambda call: call.q_start != call.vru_exit,
    "queue exit before start": lambda call: call.q_exit < call.q_start,
    "queue exit without start": lambda call: call.row[9] == _NEVER != call.row[10],
    "service start before connection": lambda call: call.ser_start < call.q_exit - CLOCKS_AGREE,
    "service start after connection": lambda call: call.ser_start > call.q_exit + CLOCKS_AGREE,
    "service exit before start": lambda call: call.ser_exit < call.ser_start,
    "service exit before connection": lambda call: call.ser_exit < call.q_exit,
    "service of 0 s": lambda call: call.served and call.ser_exit == call.ser_start,
    "answered without service times": lambda call: call.answered and not call.served,
    "answered without server": lambda call: call.answered and call.server == NO_SERVER,
    "hung up with server": lambda call: not call.answered and call.server != NO_SERVER,
    "hung up with service times": lambda call: not call.answered and _clocked(call.row[13:15]),
    "type unknown": lambda call: call.type not in TYPES,
    "priority unreadable": lambda call: not _PRIORITY.fullmatch(call.priority),
    "customer id unreadable": lambda call: not _CUSTOMER.fullmatch(call.customer),
    "vru_time disagrees": lambda call: call.row[8] != str(call.vru_exit - call.vru_entry),
    "q_time disagrees": lambda call: call.row[11] != str(call.q_exit - call.q_start),
    "ser_time disagrees": lambda call: (
        call.served and call.row[15] != str(call.ser_exit - call.ser_start)
    ),
    "local time skipped": lambda call: "skipped" in _changes(call),
    "local time ambiguous": lambda call: "ambiguous" in _changes(call),
}


@dataclass(frozen=True, slots=True)
class Technion:
    """The bank's call log; `key` is the secret under which customers' numbers are hashed."""

    key: bytes
    zone: ZoneInfo

    def read(self, lines: Iterable[bytes], name: str, tally: Tally) -> Iterator[Facts | Rejected]:
        """The events of each call, or the row as a dead letter."""
        columns = _columns(COLUMNS)
        for number, raw in enumerate(lines, 1):
            tally.read += 1
            try:
                fields = _fields(raw)
                if fields[0] == COLUMNS[0]:
                    tally.left_out["header"] += 1
                    columns = _columns(fields)
                elif fields != [""] and (facts := self._facts(columns(fields), tally)):
                    yield tally.accept(facts)
                elif fields == [""]:
                    tally.left_out["blank line"] += 1
            except Malformed as error:
                yield tally.reject(name, number, error, raw.rstrip(b"\r\n"))
