"""Workers: what may pass is waited out with everything opened afresh; the rest ends the server."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from schemas.errors import Retry, Stop
from schemas.event import Data, Event, encode
from streams.workers import Worker
from tests.e2e.world import PATIENCE_S, ROOT, imported, jsonl


@dataclass
class Plan:
    """Jobs that fail as told: an error for each step, None for a good one; then all is idle."""

    steps: list[Exception | None]
    opened: int = 0
    closed: int = 0
    troubles: list[str | None] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    failed: threading.Event = field(default_factory=threading.Event)

    def start(self) -> Plan:
        self.opened += 1
        return self

    def step(self) -> bool:
        self.troubles.append(self.worker.trouble)
        if not self.steps:
            self.over.set()
            return False
        error = self.steps.pop(0)
        if error is not None:
            raise error
        return True

    def close(self) -> None:
        self.closed += 1

    def run(self) -> Worker:
        self.worker = Worker(
            "archive", self.start, pause_s=0, failed=self.failed.set, patience_s=0.01
        )
        self.worker.start()
        return self.worker


def test_a_worker_whose_disk_fails_opens_everything_again_and_comes_back() -> None:
    plan = Plan([None, Retry("disk full"), Retry("disk full"), None])
    worker = plan.run()
    assert plan.over.wait(PATIENCE_S)
    worker.stop()
    assert (plan.opened, plan.closed) == (3, 3)
    assert plan.troubles[:4] == [None, None, "archive: disk full", "archive: disk full"]
    assert (worker.trouble, worker.failure, plan.failed.is_set()) == (None, None, False)


def test_any_other_failure_ends_the_worker_and_says_so() -> None:
    error = Stop("the chain contradicts itself")
    plan = Plan([None, error])
    worker = plan.run()
    assert plan.failed.wait(PATIENCE_S)
    worker.stop()
    assert (plan.opened, plan.closed, worker.failure) == (1, 1, error)
    assert worker.trouble == "archive stopped: the chain contradicts itself"


def test_a_contradiction_on_disk_stops_the_server_with_words(tmp_path: Path) -> None:
    arrival = Event(
        time="2026-01-05T15:00:00.000Z",
        source="acd",
        id="1",
        type="contact.arrived",
        subject="c1",
        data=Data(department="ircc", channel="phone"),
    )
    data = tmp_path / "data"
    imported(data, "events", jsonl(tmp_path / "one.jsonl", [encode(arrival)]))
    (entry,) = (data / "archive" / "log").rglob("*.json")
    entry.write_bytes(entry.read_bytes()[:100])
    command = [sys.executable, "-m", "streams.cli", "run", "--data", str(data), "--port", "0"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 1
    assert f"vouch run: {entry}" in done.stderr
    assert "archive stopped: " in done.stderr
    assert "Traceback" not in done.stderr
