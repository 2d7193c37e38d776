"""A department's telephone: its queues, its lines and the hours they are open."""

from __future__ import annotations

from schemas.periods import Span
from streams.simulator.arriving import arrive
from streams.simulator.demand import Demand, wall_hour
from streams.simulator.desk import Call, Desk, dispatch
from streams.simulator.holidays import is_holiday
from streams.simulator.parts import Queue
from streams.simulator.people import Caller, pick
from streams.simulator.queueing import send_away
from streams.simulator.services import History, Service
from streams.simulator.shifts import begin_day, roster
from streams.simulator.site import Site

_GOLDEN = 0.6180339887498949  # its multiples spread evenly, over any number of days


class Phone(Site):
    """The calls of one department.

    Attributes:
        open: callers may join a queue.
        lines_taken: contacts in the menu, waiting or talking.
        arrivals, attempts: of this hour, as the switch and as the carrier count them.
        answered: callers of this day who were connected live.
    """

    def __init__(self, history: History, seed: int) -> None:
        super().__init__(history, seed)
        self.desks: dict[str, Desk] = {}
        self.queues: dict[str, tuple[Queue, Desk]] = {}
        self.day = ""
        self.hour = self.lines_taken = 0
        self.arrivals = self.attempts = self.answered = 0
        self.open = False

    def demand(self, service: Service) -> Demand:
        """Those who ring."""
        return service.calls

    def arrive(self, caller: Caller) -> None:
        """An attempt to call."""
        arrive(self, caller)

    def begin_day(self) -> None:
        """Queues open and close with the row in force; nobody's shift goes on into the day."""
        teams = {team.name: team for team in self.service.teams}
        for name, team in teams.items():
            self.desks.setdefault(name, Desk(team)).team = team
        self.queues = {
            queue.queue: (queue, self.desks[name])
            for name, team in teams.items()
            for queue in team.queues
        }
        self.day = f"{self.today:%Y%m%d}"
        for desk in self.desks.values():
            begin_day(self, desk)

    def begin_hour(self, span: Span) -> None:
        """Shifts change, doors open or close."""
        self.hour = wall_hour(span)
        working = not is_holiday(self.service.department, self.today)
        weekday = self.today.weekday()
        self.open = working and self.service.is_open(weekday, self.hour)
        for desk in self.desks.values():
            serves = desk.team in self.service.teams  # else its line has closed for good
            on_shift = serves and working and weekday in self.service.weekdays
            roster(self, desk, self._staff(desk) if on_shift else 0)
            if not desk.staff and not (serves and self.open):
                send_away(self, desk)
            dispatch(self, desk)

    def _staff(self, desk: Desk) -> int:
        """A part of an agent is one on so large a part of the days."""
        spread = (self.today.toordinal() * _GOLDEN + len(desk.team.name) * _GOLDEN / 7) % 1
        return int(desk.team.staff[self.hour] + spread)

    def call(self, caller: Caller) -> Call:
        """A new call, of a caller who tries again or of anyone."""
        if caller.wants not in self.queues:
            shares = tuple((name, queue.share) for name, (queue, _) in self.queues.items())
            caller.wants = pick(shares, self.rng.random())
        queue, desk = self.queues[caller.wants]
        call = Call(self.name(), caller, queue, desk)
        if self.service.urgent:
            call.priority = 1 if self.chance(self.service.urgent) else 2
        return call

    def lost(self, call: Call) -> None:
        """Somebody was not served; some try again."""
        if self.chance(self.service.redials):
            self.again(call.caller, self.service.redial)

    def end_hour(self, span: Span) -> None:
        """The switch, or the carrier, says how many it counted in the hour."""
        authority = self.service.authority
        count = self.attempts if authority == "carrier" else self.arrivals
        self.declare_total("arrived", "phone", count, authority, span.start_ms, "cohort")
        self.arrivals = self.attempts = 0

    def end_day(self, start_ms: int) -> None:
        """The workforce system says how many callers its agents took in the day."""
        self.declare_total("answered", "phone", self.answered, "workforce", start_ms, "interval")
        self.answered = 0
