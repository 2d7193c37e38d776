"""A recomputation of all that a data folder holds, wherever Beam is told to run it.

    python -m tests.flink.jobs HOME JARS FOLDER

prints the figures as Flink inside a job server gives them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sinks.tables import FORMATS
from streams.core.figures import figures
from streams.core.tally import Task
from streams.home import Home
from streams.recounting.evidence import evidence
from streams.recounting.recompute import everywhere, present
from streams.recounting.shares import linked, shares
from streams.runtimes.asking import Request
from streams.runtimes.beam.flink import flink
from streams.runtimes.beam.pipeline import run

LOCAL = ["--runner=FnApiRunner", "--direct_running_mode=in_memory"]
EVERYTHING = Request(date(2025, 4, 1), date(2026, 4, 1), by=("department", "channel", "language"))


def recomputed(home: Path, options: Sequence[str], scratch: Path) -> bytes:
    """Every figure of the year, as text."""
    scratch.mkdir(parents=True, exist_ok=True)
    with evidence(Home(home)) as found:
        as_of = found.newest_ms
        assert as_of is not None
        asked = everywhere(EVERYTHING, as_of)
        task = Task(asked.question, asked.attribution, as_of, linked=linked(found))
        tally = run(shares(found), task, options, scratch)
    answers = tally.answer(asked.question)
    shown = figures(present(asked.question, answers), answers, as_of)
    return FORMATS["json"](shown, asked.attribution)


def main() -> None:
    home, jars, folder = map(Path, sys.argv[1:])
    with flink(jars, folder / "flink") as options:
        sys.stdout.buffer.write(recomputed(home, options, folder / "scratch"))


if __name__ == "__main__":
    main()
