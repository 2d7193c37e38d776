"""A year of one department at 1:10: simulated, imported, reported; time and peak memory.

IRCC's 2018-19 with all channels, 0.55 million calls, delivered with repeats and late facts. Each
stage is a process of its own (and those it starts), watched from outside: its time by the wall,
its processors' time, and the most memory its processes held together. VOUCH_SCALE is another
size than 1:10.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.result import Result
from benchmarks.watching import Stage, watch
from schemas.event import encode
from streams.simulator import deliver, simulate
from streams.simulator.briefing import YEARS, briefing

SCALE = float(os.environ.get("VOUCH_SCALE", "0.1"))
YEAR, SEED = YEARS[0], 1
_PERIOD = ("--from", f"{YEAR.since}", "--to", f"{YEAR.until}", "--by", "month")


def run() -> list[Result]:
    with TemporaryDirectory() as folder:
        file, data = Path(folder) / "events.jsonl", ("--data", f"{folder}/data")
        simulated = watch("benchmarks.year", str(file), str(SCALE))
        events, contacts = map(int, simulated.said.split())
        size = file.stat().st_size
        imported = watch("streams.cli", "import", "events", str(file), *data)
        file.unlink()
        asked = ("streams.cli", "measures", *_PERIOD, "--format", "json", *data)
        live, by_sql = watch(*asked), watch(*asked, "--engine", "sql")
        return [
            Result("contacts by phone", contacts, "contacts"),
            Result("events", events, "events"),
            Result("their bytes", size / 2**20, "MiB"),
            *_rows("simulated", simulated),
            Result("simulated, of one core", events / simulated.processor_s, "events/s"),
            *_rows("imported", imported),
            Result("imported, by the wall", events / imported.wall_s, "events/s"),
            *_rows("reported, live", live),
            *_rows("reported, by SQL", by_sql),
            _equal(live, by_sql),
        ]


def _rows(name: str, stage: Stage) -> Iterable[Result]:
    yield Result(f"{name}: time", stage.wall_s, "s by the wall")
    yield Result(f"{name}: processors", stage.processor_s, "s of all processes")
    yield Result(f"{name}: memory", stage.peak_mib, "MiB, peak of all processes")


def _equal(live: Stage, by_sql: Stage) -> Result:
    figures, same = live.said.count(b'"measure"'), live.said == by_sql.said
    return Result("figures, live = SQL", figures, "figures", "equal to the unit", same)


def _simulate(file: Path, scale: float) -> None:
    """In a process of its own: the year's events in the order of their delivery, one a line."""
    days = (YEAR.until - YEAR.since).days
    events = contacts = 0
    with file.open("wb", buffering=2**20) as out:
        for event in deliver(simulate(YEAR.since, days, SEED, briefing(), scale), SEED):
            events += 1
            contacts += event.type == "contact.arrived"
            out.write(encode(event) + b"\n")
    print(events, contacts)


if __name__ == "__main__":
    _simulate(Path(sys.argv[1]), float(sys.argv[2]))
