"""The gate over the bank's four months and over a simulated year: live = Beam = SQL?

The bank's log of January to April 1999, and a year of one department at 1:10 with all channels
(VOUCH_SCALE is another size). Every measure, in both groupings of the gate, over the whole period.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.bank import MONTHS, folder
from benchmarks.result import Result
from benchmarks.watching import watch
from benchmarks.year import SCALE, YEAR

_BANK = "1999-01-01..1999-05-01"
_PASSED_OR_NOT_FINAL = (0, 3)


def run() -> list[Result]:
    with TemporaryDirectory() as scratch:
        bank, year = Path(scratch) / "bank", Path(scratch) / "year"
        files = [f"{folder() / month}.txt.gz" for month in MONTHS]
        watch("streams.cli", "import", "technion", *files, "--data", f"{bank}")
        events = f"{scratch}/events.jsonl"
        watch("benchmarks.year", events, f"{SCALE}")
        watch("streams.cli", "import", "events", events, "--data", f"{year}")
        os.unlink(events)
        fiscal = f"FY{YEAR.since.year}-{YEAR.until.year % 100}"
        return [*_gated("the bank", bank, _BANK), *_gated("the year", year, fiscal)]


def _gated(name: str, data: Path, period: str) -> Iterator[Result]:
    words = ("gate", period, "--data", f"{data}", "--format", "json")
    stage = watch("streams.cli", *words, statuses=_PASSED_OR_NOT_FINAL)
    report = msgspec.json.decode(stage.said)
    agreed, mismatched = report["agreed"], report["mismatched"]
    yield Result(f"{name}: time", stage.wall_s, "s by the wall")
    yield Result(f"{name}: processors", stage.processor_s, "s of all processes")
    yield Result(f"{name}: memory", stage.peak_mib, "MiB, peak of all processes")
    yield Result(f"{name}: live = Beam = SQL", agreed, "figures")
    yield Result(f"{name}: not equal", mismatched, "figures", "0", mismatched == 0 < agreed)
