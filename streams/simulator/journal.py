"""What a source tells: facts about contacts, and others, in the order of time."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from schemas.event import NOTHING, Data, Event, schema_id
from schemas.instants import MINUTE, SECOND, instant
from schemas.vocabulary import VOCABULARY
from streams.simulator.people import Caller

_SCHEMAS = {row.name: schema_id(row.name, row.version) for row in VOCABULARY.values()}


class Contact:
    """Somebody's attempt to reach us; `facts` is how many were told."""

    __slots__ = ("caller", "facts", "name")

    def __init__(self, name: str, caller: Caller) -> None:
        self.name = name
        self.caller = caller
        self.facts = 0


class Journal:
    """The events of one source, numbered; whoever writes moves `now` on (UTC milliseconds).

    Attributes:
        today: the local day.
    """

    def __init__(self, name: str) -> None:
        self.now = 0
        self.today = date.min
        self._source = f"sim/{name}"
        self._prefix = f"sim-{name.replace('/', '-')}"
        self._sequence = self._contacts = 0
        self._told: list[Event] = []

    def turn_page(self, today: date) -> None:
        """A local day begins."""
        self.today, self._contacts = today, 0

    def told(self) -> list[Event]:
        """The facts told since this was last asked."""
        told, self._told = self._told, []
        return told

    def name(self) -> str:
        """Contacts are numbered within the local day on which they arrive."""
        self._contacts += 1
        return f"{self._prefix}-{self.today:%Y%m%d}-{self._contacts:06d}"

    def tell(self, contact: Contact, kind: str, data: Data = NOTHING) -> None:
        """Write a fact about a contact in the journal."""
        contact.facts += 1
        self.declare(contact.name, f"{contact.name}-{contact.facts:02d}", kind, data)

    def declare(self, subject: str, name: str, kind: str, data: Data) -> None:
        """Write an event of any subject; `name` is its id."""
        self._sequence += 1
        self._told.append(
            Event(
                time=_text(self.now),
                source=self._source,
                sequence=f"{self._sequence:012d}",
                id=name,
                type=kind,
                subject=subject,
                dataschema=_SCHEMAS[kind],
                data=data,
            )
        )


def _text(ms: int) -> str:
    """`schemas.instants.instant`, with the minute looked up: the journal's largest cost."""
    minute, rest = divmod(ms, MINUTE)
    return f"{_minute(minute)}{rest // SECOND:02d}.{rest % SECOND:03d}Z"


@lru_cache(maxsize=4096)
def _minute(minute: int) -> str:
    return instant(minute * MINUTE)[:17]
