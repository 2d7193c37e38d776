"""A run: faults at seeded moments under load, then rest, then the checker.

The moments are drawn from the seed; what the machine makes of them is not repeatable, so the
history and what every process said are kept.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.faults.checker import Evidence, check
from tests.faults.faults import FAULTS, kill, kill_broker
from tests.faults.gap import let_go
from tests.faults.history import read
from tests.faults.process import Process, until
from tests.faults.rest import rested
from tests.faults.world import World

#: What must have been seen, and of a fence by whom: what stops a late archiver is another thing
#: than what stops a late live worker.
MARKS = ("fenced live", "fenced archive", "rolled forward", "rebuilt", "dead letter", "gap")
#: As the roles say it: fixed words at the begin of a warning.
_WORDS = "fenced|rolled forward|rebuilt|dead letter|gap"
_TRACE = re.compile(r"(?:[^\n]*\n)?Traceback.{,4000}", re.DOTALL)
_MARK = re.compile(rf"^.*?\bWARNING +(?:\S+ +)?({_WORDS}): ", re.MULTILINE)
TARGETS = ("live-1", "live-2", "archive-1", "archive-2", "gateway", "merge", "broker")
#: Most kinds of fault, and a dozen kills; that all states are lost comes after the end.
SHORT = (
    *("poison", "live-1", "zombie archive", "broker", "gateway", "archive-1", "zombie live"),
    *("interrupted commit", "merge", "live-2", "rebalance storm", "cut line"),
    *("lost state", "archive-2", "lost mirror"),
)


@dataclass
class Outcome:
    """What came of a run; without `findings` and with nothing `unreached`, all is well."""

    findings: list[str]
    kills: Counter[str]
    faults: Counter[str]
    reached: Counter[str]
    acknowledged: int
    archived: int
    compared: int
    seconds: float
    unreached: list[str] = field(default_factory=list)


def drawn(rng: Random, kills: int) -> list[str]:
    """An order of so many kills; after every fourth another fault, and at the end each once."""
    order: list[str] = []
    for number in range(kills):
        order.append(rng.choice(TARGETS))
        if number % 4 == 3:
            order.append(rng.choice(sorted(FAULTS)))
    return [*order, *sorted(FAULTS)]


def run(world: World, rng: Random, order: Iterable[str], until_s: float | None = None) -> Outcome:
    """Play, let it rest and check; then once more, with a log that lets go too early.

    Args:
        world: that serves.
        rng: of the moments.
        order: names of FAULTS, or of what is killed.
        until_s: begin no fault after so many seconds.
    """
    began = time.monotonic()
    with world.load.running():
        for name in order:
            if until_s is not None and time.monotonic() - began > until_s:
                break
            play(world, rng, name)
        world.settle()
    evidence = rested(world, world.folder / "clean")
    findings = [*check(evidence), *let_go(world, rng), *tracebacks(world)]
    return _outcome(world, evidence, findings, time.monotonic() - began)


def play(world: World, rng: Random, name: str) -> None:
    """One fault; a plain kill may hit what is still starting, all others find a sound system."""
    before = world.load.acknowledged
    if name in FAULTS:
        world.settle()
        FAULTS[name](world, rng)
    elif name == "broker":
        kill_broker(world, rng)
    else:
        kill(world, name, rng)
    if name in FAULTS or rng.random() < 0.6:
        world.settle()
        until(lambda: world.load.alive() and world.load.acknowledged > before, "events are taken")


def reached(world: World) -> Counter[str]:
    """How often each of the marks was said."""
    return Counter(
        f"{mark} {one.roles}" if mark == "fenced" else mark
        for one in _everybody(world)
        for mark in _MARK.findall(one.said())
    )


def tracebacks(world: World) -> list[str]:
    """Who said something that nobody thought of."""
    return [
        f"{one.name} printed a trace: {trace.group()}"
        for one in _everybody(world)
        if (trace := _TRACE.search(one.said()))
    ]


def _everybody(world: World) -> Sequence[Process]:
    return [*world.processes.values(), *world.guests.values()]


def _outcome(world: World, evidence: Evidence, findings: list[str], seconds: float) -> Outcome:
    done, seen = read(world.history.path).faults, reached(world)
    kills, faults = Counter[str](), Counter[str]()
    for (fault, whom), many in done.items():
        if fault == "kill":
            kills[whom] += many
        else:
            faults[fault] += many
    places = [values for found in evidence.compared.values() for values in found.values()]
    return Outcome(
        findings,
        kills,
        faults,
        seen,
        acknowledged=evidence.past.acknowledged.total(),
        archived=sum(map(len, evidence.archived.values())),
        compared=sum(map(len, places)),
        seconds=seconds,
        unreached=[mark for mark in MARKS if not seen[mark]],
    )
