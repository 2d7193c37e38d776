"""kill -9 of the whole server under load, fifty times: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from pathlib import Path

import pytest

from sinks.archive.verifier import verify
from streams.simulator import deliver, simulate
from tests.e2e.world import Server, archived, encoded, figures, imported, jsonl, start, until

KILLS, SEED, BATCH, CLIENTS = 50, 20_260_105, 20, 2
DAYS = ("--from", "2026-01-05", "--to", "2026-01-07")


@dataclass
class Load:
    """Clients that post batch after batch, each again until it is acknowledged."""

    values: list[bytes]
    server: Server | None = None
    sent: set[bytes] = field(default_factory=set)
    acknowledged: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        parts = [self.values[i : i + BATCH] for i in range(0, len(self.values), BATCH)]
        self._batches = cycle(parts)
        self._threads = [threading.Thread(target=self._post_all) for _ in range(CLIENTS)]

    def _post_all(self) -> None:
        while not self.over.is_set():
            with self.lock:
                batch = next(self._batches)
                self.sent.update(batch)
            while not self._post(batch) and not self.over.is_set():
                self.over.wait(0.005)

    def _post(self, batch: list[bytes]) -> bool:
        server = self.server
        if server is None:
            return False
        status, words = server.post(batch)
        if status != 200:
            self._gone(server)
            assert status in (0, 503), words  # gone, or stopping
            return False
        with self.lock:
            self.acknowledged += batch
        return True

    def _gone(self, server: Server) -> None:
        """Knock no more: a free port that is tried often enough answers itself."""
        with self.lock:
            if self.server is server:
                self.server = None

    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    @contextmanager
    def running(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in self._threads:
                thread.join()


def _one_life(data: Path, load: Load, rng: random.Random) -> None:
    """Start, work, and be killed: at any moment, or while it stops and archives."""
    server, before = start(data), len(load.acknowledged)
    process, load.server = server.process, server
    try:
        until(lambda: len(load.acknowledged) > before or not load.alive())
        assert load.alive()
        with pytest.raises(subprocess.TimeoutExpired):  # it does not end by itself
            process.wait(rng.uniform(0.05, 0.4))
        if rng.random() < 0.5:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(rng.uniform(0, 0.5))
    finally:
        load.server = None
        server.kill()


@pytest.mark.slow
def test_fifty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    data, clean = tmp_path / "killed", tmp_path / "clean"
    rng = random.Random(SEED)
    load = Load(encoded(deliver(simulate(date(2026, 1, 5), 1, SEED, scale=2), SEED)))
    with load.running():
        for _ in range(KILLS):
            _one_life(data, load, rng)
    by_day = (*DAYS, "--by", "day,queue")
    live = figures(data, *by_day)  # archives and counts what the last kill left

    report, rows = verify(data / "archive"), archived(data)
    values = [value for found in rows.values() for _, value in found]
    assert not report.faults
    for found in rows.values():
        assert [offset for offset, _ in found] == list(range(len(found)))
    assert report.rows == len(values) >= len(load.acknowledged)
    assert set(values) <= load.sent
    assert not Counter(load.acknowledged) - Counter(values)  # each acknowledgement has its row

    assert figures(data, *by_day, "--engine", "sql") == live
    imported(clean, "events", jsonl(tmp_path / "distinct.jsonl", sorted(set(values))))
    assert figures(clean, *by_day) == live
    assert "Traceback" not in (tmp_path / "killed.stderr").read_text()
