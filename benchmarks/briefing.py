"""The briefing's table (definitions.md section 8) out of `vouch measures`, at 1:100.

Four fiscal years of IRCC are simulated into a log, archived, counted, and asked about like
any others. VOUCH_SEED is another seed than 1, VOUCH_SCALE another size than 1:100.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
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


class Cells(NamedTuple):
    """One row of the table, by year; None is unknown. Counts are at full size."""

    name: str
    unit: str
    values: tuple[float | None, float | None, float | None, float | None]


#: By measure.
TABLE = {
    "funnel.arrived": Cells("by phone", "contacts", (5.5e6, 4.3e6, 4.2e6, 5.3e6)),
    "email.received": Cells("by email", "messages", (747e3, 997e3, 1.5e6, 1.3e6)),
    "parliamentary.received": Cells("parliamentary", "messages", (203e3, 186e3, 136e3, 176e3)),
    "funnel.asked": Cells("asked for an agent", "contacts", (3.71e6, 2.71e6, 2.61e6, None)),
    "answer.rate": Cells("answer rate", "%", (25, 44, 40, 29)),
    "email.delay_business_mean": Cells("email delay", "business days", (10, 4, 9, None)),
}


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
        found = _ask(data)
        return [
            result
            for measure, row in TABLE.items()
            for result in compare(row, found[measure][:years])
        ]


def _ask(data: Path) -> dict[str, list[float | None]]:
    """What `vouch measures` says, by measure and fiscal year."""
    period = ("--from", f"{CALENDAR[0].since}", "--to", f"{CALENDAR[-1].until}")
    words = (*period, "--by", "fiscal_year", "--measure", ",".join(TABLE), "--format", "json")
    rows: list[dict[str, Any]] = decode(_vouch("measures", data, *words))
    found: dict[str, list[float | None]] = {measure: [] for measure in TABLE}
    for row in sorted(rows, key=lambda row: row["period"]["start"]):
        found[row["measure"]].append(None if row["value"] is None else float(row["value"]))
    return found


def _vouch(name: str, data: Path, *words: str) -> bytes:
    call = [sys.executable, "-m", "streams.cli", name, *words, "--data", str(data)]
    return subprocess.run(call, check=True, stdout=subprocess.PIPE).stdout


def compare(row: Cells, found: list[float | None]) -> list[Result]:
    """A row of the table beside what came out; a cell that is unknown there has no goal."""
    return [
        _held(f"{row.name}, {year}", value or 0, goal, row.unit)
        for year, value, goal in zip(YEARS, found, row.values, strict=False)
    ]


def _held(name: str, value: float, goal: float | None, unit: str) -> Result:
    if goal is None:
        return Result(name, value, unit)
    goal = goal if unit in {"%", "business days"} else goal * SCALE
    off = value / goal - 1
    return Result(name, value, unit, f"{goal:,g} ({off:+.1%})", abs(off) <= NEAR)
