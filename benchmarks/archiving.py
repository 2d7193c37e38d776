"""From Kafka to committed Parquet, hashes and fsync included: rows a second on one core.

One archive role, in a process of its own that may use one core only, reads a whole topic from its
beginning, all partitions side by side, in commits of 100,000 rows. What is timed is from the first
row taken in until the last commit, with the core to itself as far as the broker lets it be.
"""

from __future__ import annotations

import os
import time
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from benchmarks.result import Result, at_least
from schemas.topics import EVENTS
from sinks.archive.verifier import verify
from sinks.archive.writer import PartitionWriter
from streams.garbage import look_seldom
from streams.kafka.archive import ArchiveRole
from streams.kafka.facts import Facts
from streams.kafka.settings import Kafka
from streams.kafka.topics import log_id

GOAL = 150_000


class Measured(NamedTuple):
    """What a role did: rows, seconds by the wall, and seconds of a processor, all its threads'."""

    rows: int
    wall_s: float
    cpu_s: float


def results(kafka: Kafka, rows: int, folder: Path) -> list[Result]:
    """The rows of a benchmark, of a topic that has so many rows."""
    found = measured(kafka, rows, folder)
    return [
        at_least("archive", round(found.rows / found.wall_s), "rows/s", GOAL),
        Result("archive, by its processor time", round(found.rows / found.cpu_s), "rows/s"),
    ]


def measured(kafka: Kafka, rows: int, folder: Path) -> Measured:
    """Archive a topic that has so many rows into a folder of its own, and check what was made."""
    with get_context("spawn").Pool(1) as pool:
        found = pool.apply(_archive, (kafka, rows, folder))
    report = verify(folder)
    if report.faults or report.rows != rows:
        msg = f"{report.rows} rows of {rows}, {report.faults[:3]}"
        raise SystemExit(msg)
    return found


def _archive(kafka: Kafka, rows: int, folder: Path) -> Measured:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    look_seldom()
    log, facts = log_id(kafka), Facts()

    def writer(number: int) -> PartitionWriter:
        return PartitionWriter(folder, log, EVENTS, number, writer="benchmark")

    role = ArchiveRole(kafka, writer, facts)
    while not facts.events:  # the group takes its time
        role.step()
    before, wall, cpu = facts.events, time.perf_counter(), time.process_time()
    while facts.events < rows:
        role.step()
    role.close()
    return Measured(rows - before, time.perf_counter() - wall, time.process_time() - cpu)
