"""The departments, as data: a row says what callers want and what awaits them.

Behaviour is in the modules beside this one; whatever differs between departments, or is to
be calibrated, is a number here. Durations are means in seconds, shares lie between 0 and 1,
and a tuple of 24 goes by the hour of the local clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

Day = tuple[float, ...]
WEEKDAYS = frozenset(range(5))  # Monday is 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The agents of one queue; `share` is its weight among what callers want.

    A team without a `language` serves both; its callers' languages follow `Service.french`.
    """

    queue: str
    program: str
    share: float
    staff: Day
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """The voice menu: some serve themselves, some leave, the others ask for an agent."""

    seconds: float = 70
    self_served: float = 0.22
    asks_anyway: float = 0.08
    leaves: float = 0.14
    tasks: tuple[str, ...] = ("status",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What an agent's part takes; a phone not picked up takes the agent `away` for a while."""

    ring: float = 5
    not_picked_up: float = 0.01
    away: float = 60
    talk: float = 480
    held: float = 0.2
    hold: float = 75
    transferred: float = 0.04
    hung_up_by_agent: float = 0.15
    wrap_up: float = 60

    @property
    def seconds(self) -> float:
        """Mean seconds of an agent's time per contact."""
        return self.ring + self.talk + self.held * self.hold + self.wrap_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Who is offered a callback, and what becomes of it.

    Offered when the expected wait reaches `above`, before the local hour `until`, while fewer
    than `room` are owed in the queue. A share `promised` is told a window of `window` seconds,
    which holds the plan.
    """

    above: float = 480
    until: int = 15
    room: int = 6
    decision: float = 8
    accepted: float = 0.55
    promised: float = 0.5
    window: int = 1800
    ring: float = 12
    human: float = 0.8
    machine: float = 0.08
    attempts: int = 2
    retry: float = 1200
    cancelled: float = 0.05
    expires: float = 4 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One department's phone service.

    Attributes:
        hourly: mean arrivals of an hour; `weekly` multiplies them by weekday, Monday first.
        lines: contacts that fit at once, in the menu, waiting or talking; more are blocked.
        capacity: callers who may wait live in one queue.
        estimate: an expected wait from here on is announced; None announces nothing.
        redials: share of those blocked, refused or lost who try again.
        callers: size of the public; `known` is the share of calls that show their number.
        authority: who declares the arrivals of every hour.
        unseen: share of attempts lost in the network: only the carrier counts them.
    """

    department: str
    zone: str
    opens: int
    closes: int
    hourly: Day
    teams: tuple[Team, ...]
    weekdays: frozenset[int] = WEEKDAYS
    weekly: tuple[float, ...] = (1.15, 1.0, 0.95, 0.95, 0.95, 0.25, 0.15)
    lines: int = 40
    capacity: int = 20
    patience: float = 900
    french: float = 0.2
    estimate: float | None = 60
    redials: float = 0.25
    redial: float = 1500
    callers: int = 4000
    known: float = 0.6
    authority: str = "switch"
    unseen: float = 0.0
    menu: Menu = Menu()
    handling: Handling = Handling()
    callback: Callback | None = None

    def is_open(self, weekday: int, hour: int) -> bool:
        """Whether callers may join a queue in an hour of the local clock."""
        return weekday in self.weekdays and self.opens <= hour < self.closes

    def scaled(self, scale: float) -> Service:
        """The same service for so many times the public: callers, agents, lines, room."""
        if scale == 1:
            return self
        return replace(
            self,
            hourly=tuple(scale * mean for mean in self.hourly),
            teams=tuple(
                replace(team, staff=tuple(_whole(scale * n) for n in team.staff))
                for team in self.teams
            ),
            lines=_whole(scale * self.lines),
            capacity=_whole(scale * self.capacity),
            callers=_whole(scale * self.callers),
            callback=self.callback
            and replace(self.callback, room=_whole(scale * self.callback.room)),
        )


def _whole(number: float) -> int:
    return max(1, round(number)) if number else 0


def day(first: int, *values: float, otherwise: float = 0) -> Day:
    """Values for the hours of a day from the local hour `first`, and for all others."""
    before, after = first, 24 - first - len(values)
    return (otherwise,) * before + values + (otherwise,) * after


IRCC = Service(
    department="ircc",
    zone="America/Toronto",
    opens=8,
    closes=16,
    hourly=day(7, 22, 66, 84, 82, 72, 62, 64, 58, 44, 18, 10, otherwise=2.5),
    teams=(
        Team(
            queue="permanent-residence-en",
            program="permanent-residence",
            language="en",
            share=0.46,
            staff=day(8, 2, 3, 3, 3, 2, 3, 3, 3, 1),
        ),
        Team(
            queue="permanent-residence-fr",
            program="permanent-residence",
            language="fr",
            share=0.14,
            staff=day(8, 1, 1, 2, 1, 1, 1, 2, 1),
        ),
        Team(
            queue="citizenship-en",
            program="citizenship",
            language="en",
            share=0.31,
            staff=day(8, 1, 2, 2, 2, 1, 2, 2, 2, 1),
        ),
        Team(
            queue="citizenship-fr",
            program="citizenship",
            language="fr",
            share=0.09,
            staff=day(9, 1, 1, 1, 1, 1, 1, 1),
        ),
    ),
    lines=17,
    capacity=6,
    patience=1200,
    menu=Menu(seconds=95, self_served=0.18, leaves=0.2, tasks=("application-status", "forms")),
    handling=Handling(talk=560, wrap_up=90),
    callback=Callback(above=600, until=16, room=5, accepted=0.5),
)

ESDC = Service(
    department="esdc",
    zone="America/Winnipeg",
    opens=8,
    closes=17,
    hourly=day(7, 15, 60, 66, 62, 54, 46, 50, 48, 42, 26, 10, otherwise=1.5),
    teams=(
        Team(
            queue="ei",
            program="ei",
            share=0.62,
            staff=day(8, 4, 5, 5, 5, 4, 5, 5, 4, 3, 1),
        ),
        Team(
            queue="pensions",
            program="pensions",
            share=0.38,
            staff=day(8, 3, 4, 4, 4, 3, 4, 4, 3, 2, 1),
        ),
    ),
    lines=30,
    capacity=14,
    patience=1000,
    french=0.24,
    menu=Menu(
        seconds=80, self_served=0.34, leaves=0.1, tasks=("claim-status", "report", "tax-slip")
    ),
    handling=Handling(talk=520, wrap_up=60),
    callback=Callback(above=420, until=16, promised=1.0, window=3600),
    authority="carrier",
    unseen=0.012,
)

VAC = Service(
    department="vac",
    zone="America/Halifax",
    opens=8,
    closes=17,
    hourly=day(8, 26, 30, 30, 27, 22, 26, 26, 22, 14, otherwise=0.6),
    weekly=(1.1, 1.0, 1.0, 1.0, 0.9, 0.15, 0.1),
    teams=(
        Team(
            queue="veterans",
            program="veterans",
            share=1,
            staff=day(8, 4, 5, 5, 5, 4, 5, 5, 4, 3),
        ),
    ),
    lines=20,
    capacity=12,
    patience=600,
    french=0.3,
    callers=900,
    menu=Menu(seconds=40, self_served=0.08, leaves=0.06, tasks=("payment-date",)),
    handling=Handling(talk=540, wrap_up=75, transferred=0),
)

SERVICES = (IRCC, ESDC, VAC)
