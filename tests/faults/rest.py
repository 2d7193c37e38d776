"""A world at rest: all is archived, counted and merged; then what there is is collected.

The clean run is the embedded runtime, given exactly the rows of the archive.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import msgspec

from schemas.intervals import BY, GRAIN
from schemas.letters import Letter
from schemas.topics import DEAD_LETTERS, EVENTS, INTERVALS, RECORDS
from sinks.archive.lost import losses
from streams.commands.intake import catch_up
from streams.home import Home
from streams.logs.sqlite import SqliteLog
from streams.runtimes.asking import Request
from streams.runtimes.board import MEASURED
from tests.e2e.world import figures as measured
from tests.e2e.world import vouch
from tests.faults.checker import Evidence, figures
from tests.faults.groups import archived
from tests.faults.history import read
from tests.faults.load import DAYS, START
from tests.faults.process import until
from tests.faults.reading import (
    Found,
    counted,
    ends,
    intervals,
    intervals_of,
    messages,
    newest,
    records,
    rows,
    still_open,
)
from tests.faults.world import World

_letter = msgspec.json.Decoder(Letter).decode
Values = Mapping[str, object]
END = START + timedelta(days=DAYS + 1)
PERIOD = ("--from", START.isoformat(), "--to", END.isoformat())
BY_INTERVAL = Request(START, END, GRAIN, BY, tuple(measure.id for measure in MEASURED))
BY_DAY = (*PERIOD, "--by", "day,queue")
#: Asked of both engines and of the clean run.
QUESTIONS: Mapping[str, Sequence[str]] = {
    "figures by day and queue": BY_DAY,
    "figures by channel, when it happened": (
        *(*PERIOD, "--by", "month,channel"),
        *("--attribution", "interval"),
    ),
}
LIMIT_S = 180.0


def rested(world: World, clean: Path) -> Evidence:
    """What the checker wants, of a world on which there is no load any more."""
    end = ends(world)
    until(lambda: archived(world) == end, lambda: f"archived {archived(world)} of {end}", LIMIT_S)
    until(lambda: counted(world) == end, lambda: f"counted {counted(world)} of {end}", LIMIT_S)
    found = rows(world.archive)
    rebuild(clean, found)
    due: Values = intervals_of(clean, BY_INTERVAL)
    with suppress(AssertionError):  # the checker says by how much
        until(lambda: intervals(world) == due, "all is merged", 60)
    return _evidence(world, clean, found, due)


def rebuild(clean: Path, found: Found) -> None:
    """An embedded run of the same rows, each contact's in their order."""
    clean.mkdir()
    with closing(SqliteLog(clean / "log.sqlite")) as log:
        for of in found.values():
            log.append(EVENTS, [(contact, value) for _, contact, value in of], 0)
    assert catch_up(Home(clean))


def _evidence(world: World, clean: Path, found: Found, due: Values) -> Evidence:
    past = read(world.history.path)
    return Evidence(
        past=past,
        partitions=world.kafka.partitions,
        archived={n: [(offset, value) for offset, _, value in of] for n, of in found.items()},
        ends={number: (0, end) for number, end in ends(world).items()},
        gaps=gaps(world),
        letters=Counter(_letter(value).sha256 for _, value in messages(world, DEAD_LETTERS)),
        poison=frozenset(past.direct),
        compared=_compared(world, clean, due),
        said=verified(world.asker),
    )


def gaps(world: World) -> dict[int, list[tuple[int, int]]]:
    """By partition, what is recorded as gone before it was archived."""
    found: dict[int, list[tuple[int, int]]] = {}
    for gap in losses(world.archive):
        found.setdefault(gap.chain.partition, []).append((gap.start, gap.next))
    return found


def verified(data: Path) -> list[str]:
    """What `vouch verify archive` names; [] where the archive is whole."""
    done = vouch(data, "verify", "archive")
    said = done.stdout.decode().splitlines()
    faults = [f"vouch verify: {line}" for line in said if line.startswith("FAULT")]
    return faults if done.returncode == 0 or faults else [f"vouch verify: {done.stderr.decode()}"]


def engines(world: World, clean: Path, asked: Sequence[str]) -> dict[str, Values]:
    """What a clean run, the live state and SQL say when a user asks."""
    commands = {
        "clean": (clean, *asked),
        "live state": (world.asker, *asked),
        "SQL": (world.asker, *asked, "--engine", "sql"),
    }
    with ThreadPoolExecutor(2) as side_by_side:
        said = side_by_side.map(lambda words: figures(measured(*words)), commands.values())
        return dict(zip(commands, said, strict=True))


def _compared(world: World, clean: Path, due: Values) -> dict[str, dict[str, Values]]:
    """What every place says: state, SQL, topics, and the clean run."""
    found = {what: engines(world, clean, asked) for what, asked in QUESTIONS.items()}
    found["intervals"] = {"clean": due, INTERVALS: intervals(world)}
    told = newest(messages(world, RECORDS))
    moot = still_open(clean)
    found["records"] = {
        place: {name: value for name, value in of.items() if name not in moot}
        for place, of in (
            ("clean", records(clean)),
            ("live state", records(world.asker)),
            (RECORDS, told),
        )
    }
    return found
