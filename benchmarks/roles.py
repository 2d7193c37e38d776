"""Roles as processes of their own, as an operator runs them, watched through their /metrics."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from streams.kafka.settings import Kafka

_VOUCH = Path(sys.executable).with_name("vouch")
_LOOK_S = 0.1
_EVENTS = ("vouchline_role_events_total", "live")

Samples = dict[tuple[str, str], float]  # (name, its labels' values) -> value


class Role(NamedTuple):
    """A process that runs some roles."""

    process: subprocess.Popen[str]
    address: str

    def samples(self, named: str = "") -> Samples:
        """What its /metrics say now; only of one name, if it is given: the others cost time."""
        with urlopen(f"{self.address}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        text = "\n".join(line for line in lines if line.startswith(named))
        return {
            (sample.name, ",".join(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(f"{text}\n")
            for sample in family.samples
        }

    def figure(self, measure: str, department: str) -> int:
        """The numerator of today's figure of a department; 0 before there is one."""
        return round(
            sum(
                value
                for (_, labels), value in self.samples("vouchline_figure_numerator").items()
                if {measure, department, "today"} <= {*labels.split(",")}
            )
        )


@contextmanager
def role(names: str, data: Path, kafka: Kafka, sections: str = "") -> Iterator[Role]:
    """Run roles on a data folder until the block ends."""
    data.mkdir(parents=True, exist_ok=True)
    fields = msgspec.to_builtins(kafka)
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    (data / "vouch.toml").write_text("\n".join(["[kafka]", *lines, sections, ""]))
    command = [str(_VOUCH), "run", "--data", str(data), "--roles", names, "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield Role(process, _address(process))
    finally:
        process.terminate()
        process.wait(60)


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        if "/metrics" in line:
            return line.split()[-1].removesuffix("/metrics")
    raise SystemExit(f"a role ended with {process.wait()} before it served")


class Counted(NamedTuple):
    """How live workers counted: events, seconds by the wall, and by step of all of them."""

    events: int
    seconds: float
    steps: Mapping[str, float]

    @property
    def rate(self) -> int:
        """Events a second."""
        return round(self.events / self.seconds)


def counted(kafka: Kafka, folder: Path, workers: int, events: int) -> Counted:
    """Live workers that count a whole topic, from the first batch counted to the last."""
    with ExitStack() as running:
        roles = [
            running.enter_context(role("live", folder / f"live-{workers}-{number}", kafka))
            for number in range(workers)
        ]

        def done() -> float:
            return sum(one.samples(_EVENTS[0]).get(_EVENTS, 0) for one in roles)

        counted, seconds = watched(done, events)
        return Counted(counted, seconds, _steps([one.samples() for one in roles]))


def watched(done: Callable[[], float], enough: int) -> tuple[int, float]:
    """How much was done since some was first seen until there was enough, in how many seconds."""
    began = first = 0.0
    while True:
        found, now = done(), time.perf_counter()
        if not first:
            began, first = now, found
        elif found >= enough:
            return round(found - first), now - began
        time.sleep(_LOOK_S)


def _steps(found: list[Samples]) -> dict[str, float]:
    steps: dict[str, float] = {}
    for (name, labels), seconds in (item for one in found for item in one.items()):
        of, _, step = labels.partition(",")
        if name == "vouchline_role_step_seconds_total" and of == "live":
            steps[step] = steps.get(step, 0) + seconds
    return steps
