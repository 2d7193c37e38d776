"""The briefing's table (`docs/definitions.md` section 8) out of `vouch measures`, at 1:100.

Four fiscal years of IRCC are simulated into a log, archived, counted, and asked about like
any others. VOUCH_SEED is another seed than 1, VOUCH_SCALE another size than 1:100. The totals that
the briefing prints are not the sums of its parts: both are shown, and what they differ by.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import chain
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from msgspec.json import decode

from benchmarks.result import Result
from streams.simulator.briefing import YEARS as CALENDAR

SEED = int(os.environ.get("VOUCH_SEED", "1"))
SCALE = float(os.environ.get("VOUCH_SCALE", "0.01"))
NEAR = 0.02  # of each cell
YEARS = ("2018-19", "2019-20", "2020-21", "2021-22")
ANSWERED = timedelta(days=40)


ByYear = tuple[float | None, float | None, float | None, float | None]


class Cells(NamedTuple):
    """One row of the table, by year; None is unknown. Counts are at full size."""

    name: str
    unit: str
    values: ByYear


#: By measure.
TABLE = {
    "funnel.arrived": Cells("by phone", "contacts", (5.5e6, 4.3e6, 4.2e6, 5.3e6)),
    "email.received": Cells("by email", "messages", (747e3, 997e3, 1.5e6, 1.3e6)),
    "parliamentary.received": Cells("parliamentary", "messages", (203e3, 186e3, 136e3, 176e3)),
    "funnel.asked": Cells("asked for an agent", "contacts", (3.71e6, 2.71e6, 2.61e6, None)),
    "answer.rate": Cells("answer rate", "%", (25, 44, 40, 29)),
    "email.delay_business_mean": Cells("email delay", "business days", (10, 4, 9, None)),
}
#: Everything received, as printed, and the measures that are its parts.
TOTALS: ByYear = (6.5e6, 5.4e6, 5.9e6, 6.8e6)
PARTS = ("funnel.arrived", "email.received", "parliamentary.received")


def run() -> list[Result]:
    return results(len(YEARS))


def results(years: int) -> list[Result]:
    """Every cell of the first so many years, simulated until their messages are answered."""
    first = CALENDAR[0].since
    last = min(CALENDAR[years - 1].until + ANSWERED, CALENDAR[-1].until)
    with TemporaryDirectory() as folder:
        data, size = Path(folder), ("--seed", str(SEED), "--scale", str(SCALE))
        days = ("--start", f"{first}", "--days", str((last - first).days))
        _vouch("simulate", data, "--scenario", "briefing", *days, *size)
        found = {measure: values[:years] for measure, values in _ask(data).items()}
        cells = [compare(row, found[measure]) for measure, row in TABLE.items()]
        return [*chain.from_iterable(cells), *totals(found)]


def _ask(data: Path) -> dict[str, list[float | None]]:
    """What `vouch measures` says, by measure and fiscal year."""
    period = ("--from", f"{CALENDAR[0].since}", "--to", f"{CALENDAR[-1].until}")
    words = (*period, "--by", "fiscal_year", "--measure", ",".join(TABLE), "--format", "json")
    rows: list[dict[str, Any]] = decode(_vouch("measures", data, *words))
    found: dict[str, list[float | None]] = {measure: [] for measure in TABLE}
    cells = (row for row in rows if row["measure"] in TABLE)  # not what stands beside them
    for row in sorted(cells, key=lambda row: row["period"]["start"]):
        found[row["measure"]].append(None if row["value"] is None else float(row["value"]))
    return found


def _vouch(name: str, data: Path, *words: str) -> bytes:
    call = [sys.executable, "-m", "streams.cli", name, *words, "--data", str(data)]
    return subprocess.run(call, check=True, stdout=subprocess.PIPE).stdout


def compare(row: Cells, found: list[float | None]) -> list[Result]:
    """A row of the table beside what came out; a cell that is unknown there has no goal."""
    return [
        _held(f"{row.name}, {year}", value, goal, row.unit)
        for year, value, goal in zip(YEARS, found, row.values, strict=False)
    ]


def totals(found: Mapping[str, list[float | None]]) -> list[Result]:
    """Everything received: the printed total, the sums of its parts, and the differences."""
    return [
        result
        for n, year in enumerate(YEARS[: len(found[PARTS[0]])])
        for result in _total(
            f"received in all, {year}",
            TOTALS[n],
            _sum(TABLE[part].values[n] for part in PARTS),
            _sum(found[part][n] for part in PARTS),
        )
    ]


def _total(
    name: str, printed: float | None, parts: float | None, simulated: float | None
) -> Iterator[Result]:
    """At full size, but what was simulated, which is beside both at its own."""
    yield _shown(f"{name}: printed", printed)
    yield _shown(f"{name}: sum of the printed parts", parts)
    yield _shown(f"{name}: printed less that sum", _less(printed, parts))
    yield _held(f"{name}: sum of the simulated parts", simulated, parts, "contacts")
    at_scale = None if printed is None else printed * SCALE
    yield _shown(f"{name}: printed, at that size, less that sum", _less(at_scale, simulated))


def _sum(values: Iterable[float | None]) -> float | None:
    """Unknown where a part is."""
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)


def _less(total: float | None, parts: float | None) -> float | None:
    return None if total is None or parts is None else total - parts


def _shown(name: str, value: float | None) -> Result:
    return Result(name, nan if value is None else value, "contacts")


def _held(name: str, value: float | None, goal: float | None, unit: str) -> Result:
    """Held against a goal, which what is missing does not reach."""
    if goal is None:
        return Result(name, nan if value is None else value, unit)
    goal = goal if unit in {"%", "business days"} else goal * SCALE
    if value is None:
        return Result(name, nan, unit, f"{goal:,g} (unknown)", False)
    off = value / goal - 1
    return Result(name, value, unit, f"{goal:,g} ({off:+.1%})", abs(off) <= NEAR)
