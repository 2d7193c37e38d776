"""A data folder for live workers alone, and what they leave on topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from confluent_kafka import Consumer
from msgspec.json import decode

from schemas.errors import Retry
from schemas.rows import Row
from schemas.topics import EVENTS, REGISTERS
from streams.core.registers import Key
from streams.home import rules
from streams.kafka.clients import consumer
from streams.kafka.copies import Copies
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka
from streams.kafka.topics import ensure
from streams.kafka.worker import LiveRole
from streams.logs.memory import MemoryLog
from streams.logs.port import Log
from streams.past import ArchivedPast
from streams.runtimes.live import LiveWorker
from streams.runtimes.partition import LivePartition
from streams.runtimes.store import Spreads
from streams.runtimes.store_memory import MemoryStore
from streams.runtimes.store_sqlite import SqliteStore
from tests.runtimes.support import ListedPast

WAIT_S = 60.0
Figures = dict[Key, tuple[dict[str, int], Spreads]]


class Folder:
    """A `streams.kafka.owned.Place`: state files in a folder, copies in another."""

    def __init__(self, kafka: Kafka, root: Path, shared: Path | None = None) -> None:
        ensure(kafka)
        self.kafka, self.root, self._shared = kafka, root, shared
        root.mkdir(exist_ok=True)

    def log(self) -> Log:
        """See `Place`."""
        return KafkaLog(self.kafka)

    def past(self, log: Log) -> ArchivedPast:
        """See `Place`."""
        return ArchivedPast(self.root / "archive", log.log_id)

    def store(self, log: Log, number: int) -> SqliteStore:
        """See `Place`."""
        return SqliteStore(self.file(number), identity=f"{log.log_id}/{number}")

    def file(self, number: int) -> Path:
        """The state file of a partition."""
        return self.root / f"partition-{number:02d}.sqlite"

    def copies(self, log: Log) -> Copies:
        """See `Place`."""
        return Copies(self._shared, f"{log.log_id}-{rules()}")

    def progress(self) -> list[tuple[int, int | None]]:
        """(position, clock) of every partition, by the files; [] while one is being opened."""
        with suppress(Retry), closing(self.log()) as log:
            found = []
            for number in range(log.partitions):
                path = self.file(number)
                if path.exists():
                    identity = f"{log.log_id}/{number}"
                    with closing(SqliteStore(path, identity=identity, read_only=True)) as store:
                        found.append(store.progress())
            return found
        return []


@contextmanager
def member(kafka: Kafka, group: str = "owners") -> Iterator[Consumer]:
    """A member of a group; as long as others come and go, it must be polled to stay one."""
    ensure(kafka)
    with closing(consumer(kafka, "member", group)) as joined:
        joined.subscribe([kafka.topic(EVENTS)])
        until(lambda: joined.poll(0.1) is not None or bool(joined.assignment()))
        yield joined


@contextmanager
def running(place: Folder) -> Iterator[LiveRole]:
    """A live role, stopped at the end."""
    role = LiveRole(place, place.kafka, lambda: None)
    role.start()
    try:
        yield role
    finally:
        role.stop()
    assert role.failure is None


def bring(kafka: Kafka, entries: Iterable[tuple[str, bytes]]) -> int:
    """Append events; how many."""
    found = list(entries)
    with closing(KafkaLog(kafka)) as log:
        log.append(EVENTS, found, 0)
    return len(found)


def until(what: object, limit_s: float = WAIT_S) -> None:
    """Wait until a condition holds."""
    assert callable(what)
    end = monotonic() + limit_s
    while not what():
        assert monotonic() < end, "it did not come about"
        sleep(0.1)


def on_topic(kafka: Kafka, topic: str) -> list[tuple[int, Row]]:
    """(partition, message) of all there is on a topic, partition by partition."""
    with closing(KafkaLog(kafka)) as log:
        return [
            (number, row)
            for number in range(log.partitions)
            for row in log.read(topic, number, log.bounds(topic, number)[0], 1_000_000)
        ]


def shown(kafka: Kafka) -> dict[int, tuple[tuple[int, int], Figures]]:
    """By partition, the furthest `Progress` and the registers of its writer as of then."""
    writers: dict[tuple[int, str], tuple[tuple[int, int], Figures]] = {}
    pending: dict[tuple[int, str], Figures] = {}
    for number, row in on_topic(kafka, REGISTERS):
        (what, writer, *key), value = decode(row.key), decode(row.value)
        at = (number, writer)
        figures = pending.setdefault(at, {})
        if what == "register":
            kind, quarter, dims = key
            spreads = {
                term: {int(second): count for second, count in spread.items()}
                for term, spread in value["spreads"].items()
            }
            figures[(kind, quarter, tuple(decode(dims)))] = (value["sums"], spreads)
        elif what == "progress":
            version = (value["version"]["position"], value["version"]["now_ms"])
            writers[at] = (version, {k: v for k, v in figures.items() if v != ({}, {})})
    best: dict[int, tuple[tuple[int, int], Figures]] = {}
    for (number, _), found in writers.items():
        if number not in best or found[0] > best[number][0]:
            best[number] = found
    return best


def embedded(entries: Sequence[tuple[str, bytes]], partitions: int) -> list[MemoryStore]:
    """The states that the embedded runtime makes of the same events."""
    log, stores = MemoryLog(partitions=partitions), [MemoryStore() for _ in range(partitions)]
    log.append(EVENTS, list(entries), 0)
    LiveWorker(
        [LivePartition(log, n, store, ListedPast()) for n, store in enumerate(stores)]
    ).step()
    return stores


def figures(store: MemoryStore) -> Figures:
    """The registers of a state, in the words of `shown`."""
    return {
        (kind, quarter, tuple(decode(dims))): (found.sums, found.spreads)
        for (kind, quarter, dims), found in store.every_register()
    }
