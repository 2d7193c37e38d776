"""One row of a benchmark, and the two clocks it is measured with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Result:
    """A measured value; a goal such as ">= 150000" is what it must reach.

    Attributes:
        holds: whether it does; None where the row has no goal.
    """

    name: str
    value: float
    unit: str
    goal: str | None = None
    holds: bool | None = None


class Cost(NamedTuple):
    """Seconds by the clock on the wall, and seconds of this process on a processor."""

    wall: float
    cpu: float


def at_least(name: str, value: float, unit: str, goal: float) -> Result:
    return Result(name, value, unit, f">= {goal:g}", value >= goal)


def at_most(name: str, value: float, unit: str, goal: float) -> Result:
    return Result(name, value, unit, f"<= {goal:g}", value <= goal)


def cost(work: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def least(costs: Iterable[Cost]) -> Cost:
    """The best of several runs, by each clock: what others do to the machine only adds."""
    walls, cpus = zip(*costs, strict=True)
    return Cost(min(walls), min(cpus))


def rate(name: str, events: int, spent: Cost, must: int, wish: int) -> list[Result]:
    """Events a second of processor time, against both goals, and by the wall beside it."""
    value = round(events / spent.cpu)
    return [
        at_least(name, value, "events/s of one core", must),
        at_least(f"{name}, wished for", value, "events/s of one core", wish),
        Result(f"{name}, by the wall", round(events / spent.wall), "events/s"),
    ]
