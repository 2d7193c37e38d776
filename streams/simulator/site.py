"""One source of events while it is simulated: its clock and its chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from heapq import heappop, heappush
from random import Random

from schemas.event import Data, Event
from schemas.instants import SECOND, instant
from schemas.periods import Span, spans
from streams.simulator.demand import Demand, Slots
from streams.simulator.journal import Journal
from streams.simulator.parts import Shares
from streams.simulator.people import Caller, People, pick
from streams.simulator.services import History, Service

Action = Callable[..., None]


class Site(Journal):
    """What every step of a contact's life may see and change.

    A step is a function `step(site, ...)`. It tells facts at `now` and schedules the steps
    that follow, so time never goes backwards. Times are UTC milliseconds.

    A kind of site says which `demand` it meets, how a contact arrives (`arrive`), and may do
    something of its own when a day or an hour begins or ends.
    """

    def __init__(self, history: History, seed: int, part: str = "") -> None:
        name = f"{history.department}{part and '/'}{part}"
        super().__init__(name)
        self.history = history
        self.service = history.rows[0]
        self.rng = Random(f"{seed}/{name}")
        self.people = People(history.department, seed, self.rng)
        self._slots = Slots(history.department, Random(f"{seed}/{name}/slots"), self._demand_on)
        self._agenda: list[tuple[int, int, Action, tuple[object, ...]]] = []
        self._returning: list[tuple[int, int, Caller]] = []
        self._scheduled = 0

    def demand(self, service: Service) -> Demand:
        """The contacts of a row that come to this site."""
        raise NotImplementedError

    def arrive(self, caller: Caller) -> None:
        """Somebody contacts us."""
        raise NotImplementedError

    def begin_day(self) -> None:
        """A local day begins, and perhaps another row is in force."""

    def begin_hour(self, span: Span) -> None:
        """An hour of the local clock begins."""

    def end_hour(self, span: Span) -> None:
        """An hour is over."""

    def end_day(self, start_ms: int) -> None:
        """A local day is over, which began at that instant."""

    def declare_total(
        self, of: str, channel: str, count: int, authority: str, since: int, attribution: str
    ) -> None:
        """Somebody says how many they counted from an instant until now."""
        department, start = self.service.department, instant(since)
        subject = f"declared-{department}-{channel}-{of}-{start[:13]}"
        total = Data(
            department=department,
            channel=channel,
            of=of,
            count=count,
            period_start=start,
            period_end=instant(self.now),
            attribution=attribution,
            authority=authority,
        )
        self.declare(subject, subject, "control.total_declared", total)

    def days(self, start: date, days: int) -> Iterator[Event]:
        """The facts of so many local days, in order."""
        for n in range(days):
            today = start + timedelta(days=n)
            hours = spans(self.history.zone, today, today + timedelta(days=1), "hour")
            self.now = hours[0].start_ms
            self.turn_page(today)
            self.service = self.history.on(today)
            self.people.begin_day(today)
            self.begin_day()
            for hour in hours:
                self.begin_hour(hour)
                for moment in self._slots.of(hour, today):
                    self.at(moment, _take_slot)
                yield from self._run(hour.end_ms)
                self.end_hour(hour)
                yield from self.told()
            self.end_day(hours[0].start_ms)
            yield from self.told()

    def _run(self, until: int) -> Iterator[Event]:
        """What happens before an instant, which is then `now`."""
        while self._agenda and self._agenda[0][0] < until:
            self.now, _, step, facts = heappop(self._agenda)
            step(self, *facts)
            if self._told:
                yield from self.told()
        self.now = until

    def _demand_on(self, day: date) -> Demand:
        return self.demand(self.history.on(day))

    def at(self, when: int, step: Action, *facts: object) -> None:
        """Schedule a step; steps of one instant happen in the order they were scheduled."""
        self._scheduled += 1
        heappush(self._agenda, (when, self._scheduled, step, facts))

    def after(self, delay: int, step: Action, *facts: object) -> None:
        """Schedule a step in so many milliseconds."""
        self.at(self.now + delay, step, *facts)

    def again(self, caller: Caller, seconds: float) -> None:
        """The caller tries again in about so long; a fixed year gives them the next slot."""
        if caller.number is None:
            return  # nothing would tell that it is the same
        delay = self.some(seconds)
        if self._slots.is_fixed(self.today):
            self._scheduled += 1
            heappush(self._returning, (self.now + delay, self._scheduled, caller))
        else:
            self.after(delay, _arrive, caller)

    def next_caller(self) -> Caller:
        """Whose slot it is: one who wants to try again, else anyone."""
        if self._returning and self._returning[0][0] <= self.now:
            return heappop(self._returning)[2]
        return self.people.someone(self.service)

    def some(self, mean: float) -> int:
        """An exponential duration in milliseconds, from its mean in seconds."""
        return int(self.rng.expovariate(1 / (mean * SECOND))) if mean else 0

    def about(self, mean: float, shape: float) -> int:
        """A duration in milliseconds, gamma distributed, of this mean in seconds."""
        return int(self.rng.gammavariate(shape, mean * SECOND / shape)) if mean else 0

    def chance(self, share: float) -> bool:
        """Whether something happens that does in so large a share of cases."""
        return self.rng.random() < share

    def one_of(self, shares: Shares) -> str:
        """One of several, by weight."""
        return pick(shares, self.rng.random())


def _take_slot(site: Site) -> None:
    site.arrive(site.next_caller())


def _arrive(site: Site, caller: Caller) -> None:
    site.arrive(caller)
