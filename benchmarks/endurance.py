"""The live role over a long run: its memory, a restart with many open contacts, a rebuild.

Memory is the resident size of a worker on a real broker, after two million events and after ten.
The restart opens the state files of twelve partitions in which a million contacts wait; joining
the group comes on top of it. The rebuild makes the state of a partition from its archive alone.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.brokers import broker_for
from benchmarks.contacts import START, batches, rows
from benchmarks.result import Result, at_most
from benchmarks.roles import role, watched
from schemas.event import schema_id
from schemas.instants import instant
from schemas.rows import Row
from schemas.topics import EVENTS, PARTITIONS
from sinks.archive.writer import PartitionWriter
from streams.garbage import look_seldom
from streams.kafka.log import KafkaLog
from streams.logs.memory import MemoryLog
from streams.past import ArchivedPast
from streams.runtimes.partition import LivePartition
from streams.runtimes.store_sqlite import SqliteStore

CONTACTS = int(os.environ.get("VOUCH_CONTACTS", "1050000"))  # some ten million events
OPEN = int(os.environ.get("VOUCH_OPEN", "1000000"))
ARCHIVED = 110_000  # contacts; some million events
_STEPS = ("contact.arrived", "ivr.entered", "ivr.left", "agent.requested", "queue.entered")


def run() -> list[Result]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        restarted = _apart(_restart, root / "open")
        rebuilt = _apart(_rebuild, root / "rebuild")
        early, late = _memory(root / "memory")
    return [
        at_most(f"restart with {OPEN:,} open contacts", restarted, "s", 10),
        Result("rebuild from the archive", rebuilt, "s for a million events"),
        Result("memory after a fifth of the events", early, "MiB"),
        Result("memory after all of them", late, "MiB"),
        at_most("memory, all to a fifth", late / early, "times", 1.25),
    ]


def _apart(work: Callable[[Path], float], folder: Path) -> float:
    """What a piece of work measured, in a process that has done nothing else."""
    folder.mkdir()
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (folder,))


def _restart(folder: Path) -> float:
    look_seldom()
    for number in range(PARTITIONS):
        _partition(folder, number).take(_waiting(number))
    began = time.perf_counter()
    held = [_partition(folder, number) for number in range(PARTITIONS)]
    spent = time.perf_counter() - began
    if sum(len(partition.state.contacts) for partition in held) != OPEN // PARTITIONS * PARTITIONS:
        msg = "not all contacts are open"
        raise SystemExit(msg)
    return spent


def _partition(folder: Path, number: int) -> LivePartition:
    store = SqliteStore(folder / f"{number}.sqlite", identity=f"benchmark/{number}")
    past = ArchivedPast(folder / "none", "benchmark")
    return LivePartition(MemoryLog("benchmark", PARTITIONS), number, store, past)


def _waiting(number: int) -> list[Row]:
    """Contacts that have come into a queue and wait there."""
    told: list[Row] = []
    for contact in range(OPEN // PARTITIONS):
        subject = f"call-{number:02d}-{contact:07d}"
        for sequence, kind in enumerate(_STEPS):
            told.append(Row(len(told), START, subject, _event(subject, sequence, kind)))
    return told


def _event(subject: str, sequence: int, kind: str) -> bytes:
    return (
        f'{{"specversion":"1.0","id":"{subject}-{sequence}","source":"switch/1","type":"{kind}",'
        f'"subject":"{subject}","time":"{instant(START + sequence * 1_000)}",'
        f'"dataschema":"{schema_id(kind, 1)}","sequence":"{sequence:06d}","data":'
        f'{{"department":"benefits","queue":"general","channel":"phone","language":"en"}}}}'
    ).encode()


def _rebuild(folder: Path) -> float:
    """Seconds for a million events."""
    look_seldom()
    told = rows(ARCHIVED)
    writer = PartitionWriter(folder / "archive", "benchmark", EVENTS, 0, writer="benchmark")
    for start in range(0, len(told), 100_000):
        writer.append(told[start : start + 100_000])
        writer.commit(START)
    store = SqliteStore(folder / "0.sqlite", identity="next/0")
    past = ArchivedPast(folder / "archive", "next")  # a log that has begun since
    began = time.perf_counter()
    LivePartition(MemoryLog("next", PARTITIONS), 0, store, past).recover()
    return (time.perf_counter() - began) * 1e6 / len(told)


def _memory(folder: Path) -> tuple[float, float]:
    """Resident MiB of a live worker after a fifth of the events, and after all of them."""
    with ExitStack() as running:
        kafka = running.enter_context(broker_for(folder, 4))
        log, events = KafkaLog(kafka), 0
        for batch in batches(CONTACTS, 20_000):
            events += len(log.append(EVENTS, batch, 0))
        log.close()
        live = running.enter_context(role("live", folder / "live", kafka))

        def done() -> float:
            return live.samples().get(("vouchline_role_events_total", "live"), 0)

        watched(done, events // 5)
        early = _resident(live.process.pid)
        watched(done, events)
        return early, _resident(live.process.pid)


def _resident(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0.0
