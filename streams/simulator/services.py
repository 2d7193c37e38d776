"""What a department is, as data: a row says what callers want and what awaits them.

Behaviour is in the modules beside this one; whatever differs between departments, or from a
day on, or is to be calibrated, is a number here or in `parts`. Units are those of `parts`.

Several rows of one department are its history: each is in force from its own first day on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from streams.simulator.demand import Demand
from streams.simulator.parts import (
    Aftermath,
    Callback,
    Handling,
    Mailroom,
    Menu,
    Shares,
    Team,
    Website,
)

WEEKDAYS = frozenset(range(5))  # Monday is 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One department, from a day on.

    Attributes:
        since: the first local day of the row; the earliest row also holds before it.
        calls: those who ring.
        lines: contacts that fit at once, in the menu, waiting or talking; more are blocked.
        capacity: callers who may wait live for one team.
        estimate: an expected wait from here on is announced; None announces nothing.
        redials: share of those blocked, refused or lost who try again.
        urgent: share of callers who go before others.
        french, other: share of callers by language; `other` needs an interpreter, of `spoken`.
        origins: where callers are, with weights.
        callers: size of the public; `known` is the share of calls that show their number.
        representatives: how many numbers make a share `represented` of the known calls.
        authority: who declares the arrivals of every hour.
        unseen: share of attempts lost in the network: only the carrier counts them.
    """

    department: str
    zone: str
    opens: int
    closes: int
    calls: Demand
    teams: tuple[Team, ...]
    since: date = date.min
    weekdays: frozenset[int] = WEEKDAYS
    lines: float = 40
    capacity: float = 20
    patience: float = 900
    french: float = 0.2
    other: float = 0.0
    spoken: tuple[str, ...] = ("pa", "zh", "ar", "es")
    origins: Shares = (("CA-ON", 39), ("CA-QC", 22), ("CA-BC", 14), ("CA-AB", 12), ("CA-NS", 3))
    urgent: float = 0.0
    estimate: float | None = 60
    redials: float = 0.25
    redial: float = 1500
    callers: float = 4000
    known: float = 0.6
    representatives: int = 2
    represented: float = 0.0
    authority: str = "switch"
    unseen: float = 0.0
    menu: Menu = field(default_factory=Menu)
    handling: Handling = field(default_factory=Handling)
    callback: Callback | None = None
    aftermath: Aftermath | None = field(default_factory=Aftermath)
    mail: tuple[Mailroom, ...] = ()
    web: Website | None = None

    def is_open(self, weekday: int, hour: int) -> bool:
        """Whether callers may join a queue in an hour of the local clock."""
        return weekday in self.weekdays and self.opens <= hour < self.closes

    def scaled(self, scale: float) -> Service:
        """The same service for so many times the public: callers, agents, lines, room.

        There is always one line, and room for one to wait.
        """
        if scale == 1:
            return self
        return replace(
            self,
            calls=self.calls.scaled(scale),
            teams=tuple(_team(team, scale) for team in self.teams),
            lines=max(1, round(scale * self.lines)),
            capacity=max(1, round(scale * self.capacity)),
            callers=max(1, round(scale * self.callers)),
            callback=self.callback and replace(self.callback, room=scale * self.callback.room),
            mail=tuple(_mailroom(room, scale) for room in self.mail),
            web=self.web and replace(self.web, demand=self.web.demand.scaled(scale)),
        )


def _team(team: Team, scale: float) -> Team:
    return replace(team, staff=tuple(scale * number for number in team.staff))


def _mailroom(room: Mailroom, scale: float) -> Mailroom:
    above, clerks = room.overtime
    return replace(
        room,
        demand=room.demand.scaled(scale),
        clerks=scale * room.clerks,
        overtime=(scale * above, scale * clerks),
    )


class History:
    """The rows of one department, each in force from its first day on."""

    def __init__(self, rows: Sequence[Service]) -> None:
        self.rows = sorted(rows, key=lambda row: row.since)
        self.department, self.zone = rows[0].department, rows[0].zone

    def on(self, day: date) -> Service:
        """The row in force on a day; before them all, the first."""
        return next((row for row in reversed(self.rows) if row.since <= day), self.rows[0])


def changed(
    rows: Sequence[Service], since: date, change: Callable[[Service], Service]
) -> list[Service]:
    """The rows of a department with a change from a day on, on top of what they say."""
    before = [row for row in rows if row.since < since]
    later = [row for row in rows if row.since > since]
    return [
        *before,
        *(change(row) for row in (replace(History(rows).on(since), since=since), *later)),
    ]
