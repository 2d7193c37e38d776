"""What a line can say: facts, and the events they become.

An event's id is a digest of what it says. So the same line always gives the same event, two
lines that state the same thing give it twice (and it counts once), and what was logged twice in
different words never passes for one event in two versions.

The log has whole seconds, so the order within one must come from the lines. A fact's `since` is
the second in which what it ends began: a call that leaves one queue and enters another in the
same second leaves first, because it entered the first one earlier. Then come the queue's name
(what happened in one queue stays together) and the natural order of steps. What is still open
then is which of two queues came first when the call stayed in one for less than a second: no
line says it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from schemas.departments import zone_of
from schemas.event import Data, Event, encode
from schemas.instants import SECOND, instant
from streams.sources.port import Entry, Tokens
from streams.sources.queue_log.lines import Line

FIRST = 0  # `since` of what comes before anything else in its second
UNKNOWN = "unknown"  # a department that nobody named
LONGEST_EXTENSION = 6  # a transfer's target with more digits is somebody's telephone number

STATE = "agent.state_changed"
STEPS = (
    "contact.arrived",
    "agent.requested",
    "contact.turned_away",
    "queue.entered",
    "agent.offered",
    "agent.ring_no_answer",
    "queue.left",
    "agent.connected",
    "transfer.requested",
    "transfer.completed",
    "contact.ended",
)
_STEP = {name: step for step, name in enumerate(STEPS, 1)}
_DIGITS = re.compile(r"\d{3,20}", re.ASCII)
_BRACKETED = re.compile(r".*<([^<>]*)>")
_PUNCTUATION = str.maketrans("", "", " -.()/\u00a0")


class Fact(NamedTuple):
    """One fact of a line.

    Attributes:
        type: of the event.
        ms: when it happened.
        since: the second in which what it ends began; None: its own second.
        step: its place among facts of one second; 0: that of its type.
    """

    type: str
    ms: int
    data: Data
    since: int | None = None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One telephone system: what its lines do not say.

    Attributes:
        name: keeps its calls apart from those of others; a part of every contact's id.
        department: of its contacts; None: unknown.
        tokens: what stands for callers' numbers.
        zone: of local times in the file; None: they cannot be read.
    """

    name: str
    tokens: Tokens
    department: str | None = None
    zone: ZoneInfo | None = None

    @property
    def place(self) -> str:
        """The department that contacts carry."""
        return self.department or UNKNOWN

    def contact(self, call: str) -> str:
        """The contact of a call id."""
        return f"{self.name}-{call}"

    def shift(self, agent: str, ms: int) -> str:
        """The shift of an agent: a local day, so that an agent who never logs off has an end."""
        zone = self.zone or ZoneInfo(zone_of(self.department))
        return f"shift-{self.name}-{agent}-{datetime.fromtimestamp(ms // SECOND, zone):%Y-%m-%d}"

    def target(self, line: Line, place: int) -> str | None:
        """Where a transfer went: an extension or a name as it is, a longer number as a caller's.

        Raises:
            Malformed: it contains a control character.
        """
        text = line.text(place, "extension")
        digits = number_of(text)
        if digits is None or len(digits) <= LONGEST_EXTENSION:
            return text
        return self.tokens.token(digits, line.ms)

    def arrived(
        self, line: Line, since: int | None = None, caller: str | None = None, dialled: str = ""
    ) -> Fact:
        """That the caller had reached us by then; of several such facts the first counts."""
        number = number_of(caller)
        data = Data(
            department=self.place,
            channel="phone",
            line=dialled or None,
            caller=number and self.tokens.token(number, line.ms),
            caller_before=number and self.tokens.token_before(number, line.ms),
        )
        return Fact("contact.arrived", line.ms, data, since)

    def asked(self, line: Line, ms: int) -> Fact:
        """That the caller was in the line's queue by then, and so had asked for an agent."""
        return Fact("agent.requested", ms, Data(department=self.place, queue=line.queue))

    def entry(self, line: Line, fact: Fact) -> Entry:
        """A fact as an event for the log, under the id of its contact or shift."""
        since = fact.ms // SECOND if fact.since is None else fact.since
        step = fact.step or _STEP[fact.type]
        state = fact.type == STATE
        subject = self.shift(fact.data.agent or "", fact.ms) if state else self.contact(line.call)
        within = "" if state else f"{line.queue or '':.26}/"
        event = Event(
            time=instant(fact.ms),
            source=f"queue_log/{self.name}",
            sequence=f"{since:010d}/{within}{step:02d}",
            id="-",
            type=fact.type,
            subject=subject,
            data=fact.data,
        )
        return subject, encode(replace(event, id=sha256(encode(event)).hexdigest()[:32]))


def number_of(text: str | None) -> str | None:
    """The digits of a telephone number; None for one that is withheld, or no number."""
    found = _BRACKETED.match(text or "")
    digits = (found[1] if found else text or "").translate(_PUNCTUATION).removeprefix("+")
    return digits if _DIGITS.fullmatch(digits) else None
