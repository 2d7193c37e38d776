"""A fiscal year recomputed from its archive: by the published SQL, and by the core on Beam.

Every measure by month, of 3.2 and of 6.4 million events, and with VOUCH_SCALE=10 of 64 million
too: a fiscal year of 8 million contacts. Each engine is the command a user gives, watched from
outside, two workers of Beam at a time, one engine after the other; the archive's files have just
been written or read, and lie in the machine's memory as far as they fit there. Archives are made
in the folder VOUCH_BENCH and used again; without one, they are removed at the end.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from math import log2
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.archives import SINCE, UNTIL, archive, rows
from benchmarks.result import Result, at_most
from benchmarks.watching import Stage, watch

SCALE = float(os.environ.get("VOUCH_SCALE", "1"))
EVENTS, YEAR = 6_400_000, 64_000_000
_MADE = Path(__file__).parents[1] / "deploy" / "flink" / "jars"  # by `make flink`
JARS = Path(os.environ.get("VOUCH_FLINK_JARS", _MADE))
FLINK = "beam_flink"
ENGINES = {
    "sql": ("--engine", "sql"),
    "beam_local": ("--engine", "beam", "--runner", "local", "--workers", "2"),
    FLINK: ("--engine", "beam", "--runner", "flink", "--workers", "2"),
}
_PERIOD = ("--from", f"{SINCE}", "--to", f"{UNTIL}", "--by", "month", "--format", "json")
_TWICE = 2.2  # times the time at most, for twice the data
_SECONDS, _MIB = {"sql": 90, "beam_local": 600}, {"sql": 6_144}  # at most, for the year


class Archive(NamedTuple):
    """A data folder of some size; `events` were asked for, `rows` are in it."""

    data: Path
    events: int
    rows: int

    @property
    def size(self) -> str:
        """As millions."""
        return f"{self.events / 1e6:g} M"


class Run(NamedTuple):
    """What an engine took for an archive."""

    engine: str
    archive: Archive
    stage: Stage


def run() -> list[Result]:
    with _folder() as folder:
        archives = [_archive(folder, events) for events in _sizes()]
        results = [Result(f"rows, {found.size}", found.rows, "events") for found in archives]
        runs: list[Run] = []
        for engine in ENGINES:
            if engine == FLINK and not _has_flink():
                results.append(Result(f"{engine}: not measured, no Java or jars", 0, "runs"))
                continue
            done, failed = _measured(engine, archives)
            results += [*_costs(done), *_growth(done), *failed]
            runs += done
        return results + [_equal(found, runs) for found in archives]


def _sizes() -> list[int]:
    """How many events; below a scale of 1 it is a trial."""
    base = round(EVENTS * min(SCALE, 1))
    return [base // 2, base, *([round(EVENTS * SCALE)] if SCALE > 1 else [])]


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("VOUCH_BENCH")
    if kept:
        yield Path(kept)
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _archive(folder: Path, events: int) -> Archive:
    """The archive of a size, in a folder such as 6m4."""
    millions, _, part = f"{events / 1e6:g}".partition(".")
    data = archive(folder / f"{millions}m{part}", events)
    return Archive(data, events, rows(data))


def _has_flink() -> bool:
    return which("java") is not None and any(JARS.glob("beam-runners-flink-*.jar"))


def _measured(engine: str, archives: list[Archive]) -> tuple[list[Run], list[Result]]:
    """One engine's runs, and a row for each that failed: what others took is still worth it."""
    runs, failed = [], []
    for found in archives:
        words = ("recompute", "--data", f"{found.data}", *_PERIOD, *ENGINES[engine])
        try:
            runs.append(Run(engine, found, watch("streams.cli", *words)))
        except subprocess.CalledProcessError as error:
            name = f"{engine}, {found.size}: FAILED"
            failed.append(Result(name, error.returncode, "exit status", "0", holds=False))
    return runs, failed


def _costs(runs: list[Run]) -> Iterator[Result]:
    for engine, found, stage in runs:
        name, year = f"{engine}, {found.size}", found.events >= YEAR
        seconds, mib = (_SECONDS.get(engine), _MIB.get(engine)) if year else (None, None)
        yield _row(f"{name}: time", stage.wall_s, "s by the wall", seconds)
        yield Result(f"{name}: processors", stage.processor_s, "s of all processes")
        yield _row(f"{name}: memory", stage.peak_mib, "MiB, all processes", mib)
        yield Result(f"{name}: speed", found.rows / stage.wall_s, "events/s by the wall")


def _row(name: str, value: float, unit: str, most: float | None) -> Result:
    return Result(name, value, unit) if most is None else at_most(name, value, unit, most)


def _growth(runs: list[Run]) -> Iterator[Result]:
    """How time grows with the data, from each size to the next; a doubling may be 2.2 times."""
    for less, more in pairwise(runs):
        doublings = log2(more.archive.rows / less.archive.rows)
        ratio = more.stage.wall_s / less.stage.wall_s
        name = f"{more.engine}, {less.archive.size} to {more.archive.size}"
        yield at_most(f"{name}: time", ratio, "times", round(_TWICE**doublings, 2))
        used = more.stage.processor_s / less.stage.processor_s
        yield Result(f"{name}: processors", used, "times")


def _equal(found: Archive, runs: list[Run]) -> Result:
    """Whether all engines say the same of an archive, byte for byte."""
    said = [run.stage.said for run in runs if run.archive == found]
    figures = said[0].count(b'"measure"') if said else 0
    engines = " = ".join(run.engine for run in runs if run.archive == found)
    same = figures > 0 and len(said) > 1 and len(set(said)) == 1
    return Result(f"{found.size}: {engines}", figures, "figures", "equal to the unit", same)
