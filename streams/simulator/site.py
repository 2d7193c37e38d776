"""A department while it is simulated: its clock, its chance, its journal and its desks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import blake2b
from heapq import heappop, heappush
from random import Random

from schemas.event import NOTHING, Data, Event, schema_id
from schemas.instants import MINUTE, SECOND, instant
from schemas.vocabulary import VOCABULARY
from streams.simulator.desk import Contact, Desk
from streams.simulator.services import Service

Action = Callable[..., None]
_SCHEMAS = {row.name: schema_id(row.name, row.version) for row in VOCABULARY.values()}


class Site:
    """What every step of a contact's life may see and change.

    A step is a function `step(site, ...)`. It tells facts at `now` and schedules the steps
    that follow, so time never goes backwards. Times are UTC milliseconds.
    """

    def __init__(self, service: Service, seed: int, arrive: Action) -> None:
        self.service = service
        self.rng = Random(f"{seed}/{service.department}")
        self.desks = [Desk(team, service.capacity) for team in service.teams]
        self.now = 0
        self.day = ""
        self.hour = 0
        self.open = False
        self.lines_taken = 0
        self.arrivals = 0
        self.attempts = 0
        self._arrive = arrive
        self._seed = str(seed).encode()
        self._source = f"sim/{service.department}"
        self._agenda: list[tuple[int, int, Action, tuple[object, ...]]] = []
        self._scheduled = self._sequence = self._contacts = 0
        self._told: list[Event] = []

    def at(self, when: int, step: Action, *facts: object) -> None:
        """Schedule a step; steps of one instant happen in the order they were scheduled."""
        self._scheduled += 1
        heappush(self._agenda, (when, self._scheduled, step, facts))

    def after(self, delay: int, step: Action, *facts: object) -> None:
        """Schedule a step in so many milliseconds."""
        self.at(self.now + delay, step, *facts)

    def run(self, until: int) -> Iterator[Event]:
        """What happens before an instant, which is then `now`."""
        while self._agenda and self._agenda[0][0] < until:
            self.now, _, step, facts = heappop(self._agenda)
            step(self, *facts)
            yield from self.told()
        self.now = until

    def told(self) -> list[Event]:
        """The facts told since this was last asked."""
        told, self._told = self._told, []
        return told

    def some(self, mean: float) -> int:
        """An exponential duration in milliseconds, from its mean in seconds."""
        return int(self.rng.expovariate(1 / (mean * SECOND))) if mean else 0

    def chance(self, share: float) -> bool:
        """Whether something happens that does in so large a share of cases."""
        return self.rng.random() < share

    def contact(self, caller: str | None) -> Contact:
        """A new contact, of a caller who tries again or of anyone."""
        self._contacts += 1
        name = f"sim-{self.service.department}-{self.day}-{self._contacts:06d}"
        desk = self._wanted()
        french = self.chance(self.service.french)
        language = desk.team.language or ("fr" if french else "en")
        return Contact(name, caller or self._caller(), desk, language)

    def begin_day(self, day: str) -> None:
        """Contacts are numbered within the local day on which they arrive."""
        self.day, self._contacts = day, 0

    def lost(self, contact: Contact) -> None:
        """Somebody was not served; some try again."""
        if contact.caller and self.chance(self.service.redials):
            self.after(self.some(self.service.redial), self._arrive, contact.caller)

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

    def _wanted(self) -> Desk:
        weights = [desk.team.share for desk in self.desks]
        return self.rng.choices(self.desks, weights)[0]

    def _caller(self) -> str | None:
        if not self.chance(self.service.known):
            return None
        number = f"{self.service.department}/{self.rng.randrange(self.service.callers)}"
        return blake2b(number.encode(), key=self._seed, digest_size=8).hexdigest()


def _text(ms: int) -> str:
    """`schemas.instants.instant`, with the minute looked up: the journal's largest cost."""
    minute, rest = divmod(ms, MINUTE)
    return f"{_minute(minute)}{rest // SECOND:02d}.{rest % SECOND:03d}Z"


@lru_cache(maxsize=4096)
def _minute(minute: int) -> str:
    return instant(minute * MINUTE)[:17]
