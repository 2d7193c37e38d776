"""A telephone system's log into a committed archive: `vouch import`, whole and by its stages.

The bank's four months where they are at hand (VOUCH_TECHNION, a folder), else made-up rows of
the same kind. `import` is by the wall, from the start of the command to its last commit, two
processes sharing the work. The stages come afterwards, one by one, each on one core.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.result import Result, at_least, cost
from schemas.topics import EVENTS
from sinks.archive.reader import chains, tail
from streams.clock import now_ms
from streams.commands.intake import BATCH
from streams.home import Home
from streams.sources import source
from streams.sources.files import lines_of
from streams.sources.port import Entry, Rejected, Settings, Tally
from streams.sources.technion_rows import COLUMNS

DATA = Path(os.environ.get("VOUCH_TECHNION", "../shared/data/technion"))
CALLS, RUNS = 130_000, 3
_LOOK_S = 0.1


def run() -> list[Result]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        files = sorted(DATA.glob("*.txt.gz")) or [_made_up(root / "calls.txt")]
        runs = [_command(files, root / str(number)) for number in range(RUNS)]
        return [*_whole(runs), *_stages(files, Home(root / "stages"))]


class _Run(NamedTuple):
    events: int
    committed_s: float
    counted_s: float
    processor_s: float


def _command(files: list[Path], data: Path) -> _Run:
    """`vouch import` as anybody runs it, watched from outside."""
    call = [sys.executable, "-m", "streams.cli", "import", "technion", *map(str, files)]
    before, began = _children(), time.perf_counter()
    process = subprocess.Popen([*call, "--data", str(data)], stdout=subprocess.DEVNULL)
    events, committed_s = 0, 0.0
    while process.poll() is None:
        time.sleep(_LOOK_S)
        if (found := _committed(data / "archive")) > events:
            events, committed_s = found, time.perf_counter() - began
    return _Run(events, committed_s, time.perf_counter() - began, _children() - before)


def _committed(archive: Path) -> int:
    tails = (tail(archive, c.log_id, c.topic, c.partition) for c in chains(archive))
    return sum(found.next for found in tails if found)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _whole(runs: list[_Run]) -> list[Result]:
    events = max(run.events for run in runs)
    value = round(events / min(run.committed_s for run in runs))
    counted = round(events / min(run.counted_s for run in runs))
    return [
        Result("events in the files", events, "events"),
        at_least("import", value, "events/s", 60_000),
        at_least("import, wished for", value, "events/s", 100_000),
        Result("import, counted too", counted, "events/s"),
        Result("processor time", min(run.processor_s for run in runs), "s of all processes"),
    ]


def _stages(files: list[Path], home: Home) -> list[Result]:
    """What each part of it takes by itself, by processor time."""
    log, entries = home.log(), list[Entry]()
    archiver = home.archiver(log)
    worker = home.live(log)
    stages = {
        "source": cost(lambda: entries.extend(_read(files))),
        "log": cost(lambda: _append(home, entries)),
        "archive": cost(lambda: archiver.step(now_ms(), flush=True)),
        "counting": cost(worker.step),
    }
    worker.close()
    log.close()
    return [
        Result(f"stage: {name}", round(len(entries) / spent.cpu), "events/s of one core")
        for name, spent in stages.items()
    ]


def _read(files: list[Path]) -> list[Entry]:
    reader, tally = source("technion", Settings(now=now_ms(), key=b"benchmark")), Tally()
    told = (facts for path in files for facts in reader.read(lines_of(path), path.name, tally))
    return [entry for facts in told if not isinstance(facts, Rejected) for entry in facts]


def _append(home: Home, entries: list[Entry]) -> None:
    log = home.log()
    for start in range(0, len(entries), BATCH):
        log.append(EVENTS, entries[start : start + BATCH], now_ms())
    log.close()


def _made_up(path: Path) -> Path:
    """Calls in the bank's columns: four of five answered, every other one queued."""
    random = Random(1)
    with path.open("w") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for number in range(CALLS):
            file.write("\t".join(_call(number, random)) + "\n")
    return path


def _call(number: int, random: Random) -> list[str]:
    month, day = divmod(number * 120 // CALLS, 30)
    entry = random.randrange(7 * 3_600, 23 * 3_600)
    asked = entry + random.randrange(5, 15)
    queued = random.randrange(300) if random.random() < 0.5 else 0
    answered = not queued or random.random() < 0.6
    left = asked + queued
    end = left + random.randrange(400)
    start = _clock(asked) if queued else _clock(0)
    menu = [_clock(entry), _clock(asked), str(asked - entry)]
    queue = [start, _clock(left) if queued else _clock(0), str(queued)]
    service = (
        [_clock(left), _clock(end), str(end - left)] if answered else [_clock(0), _clock(0), "0"]
    )
    caller = ["AA0101", str(number), str(random.randrange(10**7)), "2", "PS"]
    outcome, server = ("AGENT", f"A{random.randrange(15)}") if answered else ("HANG", "NO_SERVER")
    date = f"99{month + 1:02d}{min(day + 1, 28):02d}"
    return [*caller, date, *menu, *queue, outcome, *service, server]


def _clock(seconds: int) -> str:
    return f"{seconds // 3_600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
