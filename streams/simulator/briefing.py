"""Four years of IRCC as its briefing of 3 March 2022 counts them (`docs/definitions.md` section 8).

What was received is fixed: so many calls and messages a year. What became of them is not
written anywhere: it follows from the agents on shift, the clerks at work, the room for callers
who wait, their patience, and what the menu takes off the agents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from streams.simulator.demand import Demand, Year, day
from streams.simulator.parts import Aftermath, Callback, Handling, Mailroom, Menu, Queue, Team
from streams.simulator.services import Service, changed


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """One year of the table, and what was staffed for it, at full size.

    Attributes:
        until: the first day that does not belong to it.
        calls, messages, parliamentary: received, the first rows of the table.
        self_served: share of callers whom the menu serves.
        agents: on shift in the busiest hours.
        clerks: who answer messages on any business day.
        waiting: messages in the backlog from which on as many clerks again work overtime.
    """

    since: date
    until: date
    calls: int
    messages: int
    parliamentary: int
    self_served: float
    agents: float
    clerks: float
    waiting: float


# The last four columns were found by `benchmarks/calibrate.py`, which simulates the years at
# 1:100 with three seeds and corrects each number by how far its cell is off, until none is.
# fmt: off
_ROWS = (
    (date(2018, 4, 1), date(2019, 4, 1), 5_500_000, 747_000, 203_000, 0.2135, 102.6, 36, 33_400),
    (date(2019, 4, 1), date(2020, 4, 1), 4_300_000, 997_000, 186_000, 0.2605, 143.5, 48, 17_100),
    (date(2020, 4, 1), date(2021, 4, 1), 4_200_000, 1_500_000, 136_000, 0.2700, 120.6, 72, 59_100),
    (date(2021, 4, 1), date(2022, 1, 1), 5_300_000, 1_300_000, 176_000, 0.2700, 130.8, 83, 60_000),
)
# fmt: on
YEARS = tuple(FiscalYear(*row) for row in _ROWS)

_ECONOMIC, _FAMILY = "permanent-residence", "family-sponsorship"
# Callback came line by line, and longer hours with the end of 2020.
_ROLL_OUT = (
    (date(2019, 4, 1), frozenset({_ECONOMIC})),
    (date(2019, 5, 1), frozenset({_ECONOMIC, _FAMILY})),
    (date(2019, 12, 31), None),
)
_LONGER_HOURS, _CLOSES = date(2020, 12, 31), 19

_HOURLY = day(7, 22, 66, 84, 82, 72, 62, 64, 58, 44, 18, 10, otherwise=2.5)
_MONTHLY = (1.05, 1.0, 1.1, 1.05, 1.05, 1.0, 0.95, 0.95, 1.0, 1.0, 0.95, 0.8)
_SHIFTS = day(8, 0.7, 0.95, 1, 1, 0.8, 0.9, 1, 0.9)
_EVENING = day(16, 0.5, 0.4, 0.3)
_LINES = (
    Queue(queue=_ECONOMIC, program=_ECONOMIC, share=0.42),
    Queue(queue=_FAMILY, program=_FAMILY, share=0.16, overflow=(1_800, _ECONOMIC)),
    Queue(queue="citizenship", program="citizenship", share=0.2),
    Queue(queue="temporary-residence", program="temporary-residence", share=0.22),
)
_PROGRAMS = tuple((queue.program, queue.share) for queue in _LINES)
_MAIL_DAY = day(7, 2, 4, 5.5, 5.5, 5, 4, 4.5, 4.5, 4, 3, 2, 2, 2, 1.5, 1, otherwise=0.4)
_OFFICE_DAY = day(8, 1, 1.5, 1.5, 1.5, 1, 1, 1.5, 1, 0.5)

_BASE = Service(
    department="ircc",
    zone="America/Toronto",
    opens=8,
    closes=16,
    calls=Demand(_HOURLY, monthly=_MONTHLY),
    teams=(),
    lines=1_600,
    capacity=300,
    patience=1_500,
    french=0.18,
    other=0.04,
    redials=0.45,
    redial=5_400,
    callers=900_000,
    handling=Handling(talk=560, shape=4, wrap_up=90),
    aftermath=Aftermath(
        topics=(("application-status", 6), ("documents", 3), ("fees", 1)),
        kinds=(("urgent-travel", 5), ("member-of-parliament", 3), ("threat", 1)),
        invited=0.1,
    ),
)


def briefing(years: Sequence[FiscalYear] = YEARS) -> list[Service]:
    """The department at full size: a row for every day on which something changes."""
    rows = [_row(year, years) for year in years]
    for since, programs in _ROLL_OUT:
        rows = changed(rows, since, partial(_call_back, programs))
    return changed(rows, _LONGER_HOURS, _open_longer)


def _call_back(programs: frozenset[str] | None, row: Service) -> Service:
    rule = Callback(programs=programs, above=900, until=16, room=60, accepted=0.5)
    return replace(row, callback=rule)


def _open_longer(row: Service) -> Service:
    (team,) = row.teams
    most = max(team.staff)
    staff = tuple(day + most * evening for day, evening in zip(team.staff, _EVENING, strict=True))
    return replace(row, closes=_CLOSES, teams=(replace(team, staff=staff),))


def _row(year: FiscalYear, years: Sequence[FiscalYear]) -> Service:
    staff = tuple(year.agents * part for part in _SHIFTS)
    return replace(
        _BASE,
        since=year.since,
        calls=replace(_BASE.calls, years=tuple(Year(y.since, y.until, y.calls) for y in years)),
        menu=Menu(seconds=95, self_served=year.self_served, leaves=0.13),
        mail=(_email(year, years), _parliamentary(year, years)),
        teams=(Team(name="agents", staff=staff, queues=_LINES),),
    )


def _email(year: FiscalYear, years: Sequence[FiscalYear]) -> Mailroom:
    counts = tuple(Year(y.since, y.until, y.messages) for y in years)
    return Mailroom(
        channel="email",
        demand=Demand(_MAIL_DAY, (1.2, 1.05, 1.0, 1.0, 0.9, 0.45, 0.4), _MONTHLY, counts),
        intakes=(("web_form", 9), ("mailbox", 1)),
        programs=_PROGRAMS,
        clerks=year.clerks,
        overtime=(year.waiting, year.clerks),
    )


def _parliamentary(year: FiscalYear, years: Sequence[FiscalYear]) -> Mailroom:
    counts = tuple(Year(y.since, y.until, y.parliamentary) for y in years)
    return Mailroom(
        channel="parliamentary",
        demand=Demand(_OFFICE_DAY, (1, 1, 1, 1, 0.8, 0, 0), _MONTHLY, counts),
        intakes=(("mailbox", 6), ("phone", 3), ("fax", 1)),
        programs=_PROGRAMS,
        clerks=20,
        overtime=(2_000, 20),
        seconds=900,
        acknowledged=None,
    )
