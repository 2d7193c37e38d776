"""Find the staffing that gives the briefing's table: python -m benchmarks.calibrate [ROUNDS].

The years are simulated at 1:100 with three seeds, and every number of `YEARS` in
`streams.simulator.briefing` that says what was staffed is corrected by how far the mean of its
cell is off. The last round's rows are printed; they are to be copied.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from statistics import mean
from typing import NamedTuple

from benchmarks.briefing import TABLE
from schemas.business import number
from schemas.instants import millis
from schemas.periods import day_of
from streams.simulator import simulate
from streams.simulator.briefing import YEARS, FiscalYear, briefing

SCALE, SEEDS, ROUNDS = 0.01, (1, 2, 3), 5
_MEASURES = ("funnel.asked", "answer.rate", "email.delay_business_mean")


class Found(NamedTuple):
    """What came of a year: asked (at full size), answer rate (%), email delay (days)."""

    asked: float
    rate: float
    delay: float


class Goal(NamedTuple):
    """The same of the table; None is unknown there."""

    asked: float | None
    rate: float | None
    delay: float | None


GOALS = [Goal(*cells) for cells in zip(*(TABLE[name].values for name in _MEASURES), strict=True)]


def found(years: Sequence[FiscalYear], seed: int) -> list[Found]:
    """The cells of every year, by counting events."""
    days = (years[-1].until - years[0].since).days
    counts: Counter[tuple[int, str]] = Counter()
    of: dict[str, tuple[int, str, int]] = {}
    for event in simulate(years[0].since, days, seed, briefing(years), SCALE):
        year, channel, day = of.get(event.subject, (0, "", 0))
        match event.type:
            case "contact.arrived" | "email.received":
                ms = millis(event.time)
                channel = event.data.channel or ""
                of[event.subject] = _year(years, ms), channel, number("ircc", ms)
            case "agent.requested":
                counts[year, "asked"] += 1
            case "agent.connected" | "callback.connected":
                counts[year, "answered"] += 1
                of[event.subject] = -1, "", 0  # a second agent answers nobody new
            case "email.responded" if channel == "email":
                counts[year, "replies"] += 1
                counts[year, "days"] += number("ircc", millis(event.time)) - day
                of[event.subject] = -1, "", 0
    return [_found(counts, year) for year in range(len(years))]


def _year(years: Sequence[FiscalYear], ms: int) -> int:
    day = day_of("America/Toronto", ms)
    return next(n for n, year in enumerate(years) if day < year.until)


def _found(counts: Counter[tuple[int, str]], year: int) -> Found:
    asked, answered = counts[year, "asked"], counts[year, "answered"]
    delay = counts[year, "days"] / max(counts[year, "replies"], 1)
    return Found(asked / SCALE, 100 * answered / asked, delay)


def corrected(year: FiscalYear, cell: Found, goal: Goal) -> FiscalYear:
    """Each number times, or plus, what its cell lacks."""
    served, agents, waiting = year.self_served, year.agents, year.waiting
    if goal.asked:  # too many ask: the menu serves more
        served += (cell.asked - goal.asked) / year.calls
    if goal.rate:
        agents *= goal.rate / cell.rate
    if goal.delay:
        waiting *= goal.delay / cell.delay
    return replace(
        year,
        self_served=round(served, 4),
        agents=round(agents, 1),
        waiting=round(waiting, -2),
    )


def main(rounds: int) -> None:
    """Correct so many times, and print the rows and what they gave."""
    years: Sequence[FiscalYear] = YEARS
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for _ in range(rounds):
            by_seed = list(pool.map(partial(found, years), SEEDS))
            by_year = [list(cells) for cells in zip(*by_seed, strict=True)]
            means = [Found(*map(mean, zip(*cells, strict=True))) for cells in by_year]
            for year, cell, cells in zip(years, means, by_year, strict=True):
                print(
                    year.since,
                    year.self_served,
                    year.agents,
                    year.waiting,
                    cell,
                    *cells,
                    sep="\n  ",
                )
            years = list(map(corrected, years, means, GOALS))
    print(*years, sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
