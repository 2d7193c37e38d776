"""Scenarios: what `vouch simulate --scenario` can show. To add one, add a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from streams.simulator.briefing import YEARS, briefing
from streams.simulator.demonstration import demonstration, surge
from streams.simulator.services import Service


@dataclass(frozen=True, slots=True)
class Scenario:
    """Departments from a first day on.

    Attributes:
        rows: the departments' rows, if the simulation starts on that day.
        first, until: the first day that the scenario is about, and the day after the last;
            None where any day will do.
        scale: by default.
    """

    words: str
    rows: Callable[[date], Sequence[Service]]
    first: date | None = None
    until: date | None = None
    scale: float = 1.0


SCENARIOS = {
    "demonstration": Scenario("three departments, and a crisis line that opens", demonstration),
    "surge": Scenario("the same, with 60 % more calls from the fourth day on", surge),
    "briefing": Scenario(
        "IRCC as its briefing counts it, April 2018 to December 2021, at 1:100",
        lambda _: briefing(),
        YEARS[0].since,
        YEARS[-1].until,
        0.01,
    ),
}
