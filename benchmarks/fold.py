"""From the bytes of events to figures: the fold, a partition with log and state, and the SQL.

The rate of one core is by processor time, the best of several runs, so that what else the
machine does counts little; the wall is beside it.
"""

from __future__ import annotations

from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contacts import batches, rows
from benchmarks.result import Cost, Result, at_least, cost, least, rate
from schemas.departments import HEADQUARTERS
from schemas.errors import Stop
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive.reader import files
from sinks.archive.writer import PartitionWriter
from sinks.sql import Recomputation
from streams.core.process import apply
from streams.core.registers import COHORT, Register, Registers, kind, merge
from streams.core.state import State
from streams.logs.sqlite import SqliteLog
from streams.past import ArchivedPast
from streams.runtimes.archiver import Archiver
from streams.runtimes.live import TICK
from streams.runtimes.partition import LivePartition
from streams.runtimes.store_sqlite import SqliteStore

CONTACTS, RUNS = 110_000, 4
END_OF_TIME = 2**42
ARRIVED = kind("contacts", COHORT)


def run() -> list[Result]:
    results, arrived = _one()
    return [*results, *_two(), *_stored(arrived)]


def _one() -> tuple[list[Result], int]:
    """One partition in memory, and how many contacts arrived."""
    batch = rows(CONTACTS)
    spent = least(cost(lambda: _fold(batch)) for _ in range(RUNS))
    return rate("fold", len(batch), spent, 150_000, 250_000), _arrived(_fold(batch))


def _fold(batch: list[Row]) -> Registers:
    """The core alone: ticks as in catch-up, and what they changed added up."""
    state, totals = State(), Registers()
    for start in range(0, len(batch), TICK):
        changes = apply(state, batch[start : start + TICK], lambda _: {})
        for key, register in changes.registers.items():
            merge(totals.setdefault(key, Register()), register)
    return totals


def _arrived(registers: Registers) -> int:
    return sum(found.sums["arrived"] for key, found in registers.items() if key[0] == ARRIVED)


def _check(counted: int, arrived: int) -> None:
    """A fast engine that counts something else has measured nothing."""
    if counted != arrived:
        msg = f"{counted} contacts, where the fold counted {arrived}"
        raise Stop(msg)


def _two() -> list[Result]:
    """Half the contacts each: one partition alone, then both at a time, each in a process."""
    alone, both = _together(1)[0], _together(2)
    return [
        at_least("two partitions, by core", sum(b.cpu for b in both) / alone.cpu, "times one", 1.7),
        at_least("two partitions", sum(b.wall for b in both) / alone.wall, "times one", 1.7),
        Result("two partitions, by the wall", sum(b.wall for b in both), "events/s"),
    ]


def _together(number: int) -> list[Cost]:
    """Events a second of each of so many processes, by both clocks."""
    context = get_context("spawn")
    barrier, results, workers = context.Barrier(number), [], []
    for part in range(number):
        receiver, sender = context.Pipe(duplex=False)
        worker = context.Process(target=_part, args=(part, barrier, sender))
        worker.start()
        workers.append((worker, receiver))
    for worker, receiver in workers:
        events, wall, cpu = receiver.recv()
        results.append(Cost(events / wall, events / cpu))
        worker.join()
    return results


def _part(part: int, barrier: Barrier, sender: Connection) -> None:
    batch = rows(CONTACTS, part=part, parts=2)
    costs = []
    for _ in range(RUNS):
        barrier.wait()
        costs.append(cost(lambda: _fold(batch)))
    sender.send((len(batch), *least(costs)))


def _stored(arrived: int) -> list[Result]:
    """With a log behind it and a state file before it; and the SQL over the same events."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        log = SqliteLog(root / "log.sqlite", partitions=1)
        for batch in batches(CONTACTS, 20_000):
            log.append(EVENTS, batch, 0)
        events = log.bounds(EVENTS, 0)[1]
        spent = least(_live(log, root / f"state-{run}.sqlite", arrived) for run in range(2))
        writer = PartitionWriter(root / "archive", log.log_id, EVENTS, 0, writer="benchmark")
        Archiver(log, [writer]).step(0, flush=True)
        log.close()
        sql = least(cost(lambda: _sql(root / "archive", arrived)) for _ in range(2))
    return [
        Result("live (with log and state file)", round(events / spent.cpu), "events/s of one core"),
        Result("sql", round(events / sql.cpu), "events/s of one core"),
    ]


def _live(log: SqliteLog, path: Path, arrived: int) -> Cost:
    store = SqliteStore(path, identity="benchmark")
    partition = LivePartition(log, 0, store, ArchivedPast(path.parent / "none", log.log_id))
    spent = cost(lambda: partition.catch_up(TICK, lambda _: None))
    counted = store.registers(0, END_OF_TIME, ARRIVED)
    _check(sum(sums["arrived"] for _, _, sums, _ in counted), arrived)
    store.close()
    return spent


def _sql(archive: Path, arrived: int) -> None:
    """`kept.sql` and `contacts.sql`: every contact from the Parquet, on one thread."""
    with Recomputation(files(archive), END_OF_TIME, threads=1) as recomputation:
        asked = [(0, END_OF_TIME, HEADQUARTERS)]
        (figure,) = recomputation.figures(["funnel.arrived"], asked, {}, HEADQUARTERS, ())
        _check(figure.numerator or 0, arrived)
