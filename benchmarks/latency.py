"""From an acknowledged event to the figure it changed, on its topic and on /metrics.

A broker, a live worker and the merge share two cores, at 10,000 events a second. Five times a
second a contact of one queue arrives, which nobody else uses; the count of those that arrived is
waited for on `measure.intervals.v1`, and on /metrics, which is asked ten times a second. A figure
goes out once a second at most by design, so an event waits for up to a second for its turn: what
the goal speaks of is what comes on top of that.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from confluent_kafka import OFFSET_END, Consumer, TopicPartition

from benchmarks.brokers import broker_for
from benchmarks.contacts import Entry, batches
from benchmarks.result import Result, at_most
from benchmarks.roles import Role, role
from schemas.event import schema_id
from schemas.intervals import IntervalFigures
from schemas.topics import EVENTS, INTERVALS
from streams.kafka.clients import consumer
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka

SECONDS = int(os.environ.get("VOUCH_SECONDS", "60"))
PACE, TURN_S, PROBE_EVERY = 10_000, 0.1, 2  # events a second; a turn appends a tenth of them
TURN_MS = 1_000  # figures go out once in so long
DEPARTMENT, ARRIVED = "probe", "funnel.arrived"

_decode = msgspec.json.Decoder(IntervalFigures).decode


def run() -> list[Result]:
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory()))
        kafka = running.enter_context(broker_for(folder, 4))
        running.enter_context(role("live", folder / "live", kafka))
        merge = running.enter_context(role("merge", folder / "merge", kafka))
        log = running.enter_context(closing(KafkaLog(kafka)))
        with _Topic(kafka) as topic, _Metrics(merge) as metrics:
            acknowledged, behind = _produce(log)
            for watched in (topic, metrics):
                watched.wait(len(acknowledged))
    return [
        *_rows("topic", acknowledged, topic.seen),
        *_rows("/metrics", acknowledged, metrics.seen),
        Result("events a second", round(PACE * SECONDS / (SECONDS + behind)), "events/s"),
    ]


def _rows(
    where: str, acknowledged: Mapping[int, float], seen: Mapping[int, float]
) -> Iterator[Result]:
    delays = sorted(1_000 * (seen[probe] - at) for probe, at in acknowledged.items())
    p99 = _quantile(delays, 0.99)
    yield Result(f"{where}, p50", _quantile(delays, 0.5), "ms")
    yield Result(f"{where}, p99", p99, "ms")
    yield Result(f"{where}, max", delays[-1], "ms")
    yield at_most(f"{where}, p99 beyond the turn of a second", max(0, p99 - TURN_MS), "ms", 250)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them do not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _produce(log: KafkaLog) -> tuple[dict[int, float], float]:
    """Events at an even pace; when each probe was acknowledged, and how late it was at the end."""
    made = batches(SECONDS * PACE // 9, round(PACE * TURN_S))
    turns = [*islice(made, round(SECONDS / TURN_S))]  # before, for making them takes a core
    acknowledged: dict[int, float] = {}
    began = time.perf_counter()
    for turn, batch in enumerate(turns):
        log.append(EVENTS, batch, 0)
        if turn % PROBE_EVERY == 0:
            log.append(EVENTS, [_probe(len(acknowledged), _time_of(batch))], 0)
            acknowledged[len(acknowledged)] = time.perf_counter()
        time.sleep(max(0.0, began + (turn + 1) * TURN_S - time.perf_counter()))
    return acknowledged, max(0.0, time.perf_counter() - began - SECONDS)


def _time_of(batch: Sequence[Entry]) -> str:
    """The newest event time of a batch: a probe comes when it happens."""
    return max(value.partition(b'"time":"')[2][:24] for _, value in batch).decode()


def _probe(number: int, time: str) -> Entry:
    subject, kind = f"probe-{number}", "contact.arrived"
    return subject, (
        f'{{"specversion":"1.0","id":"{subject}","source":"probe","type":"{kind}",'
        f'"subject":"{subject}","time":"{time}","dataschema":"{schema_id(kind, 1)}",'
        f'"sequence":"000001","data":{{"channel":"phone","department":"{DEPARTMENT}",'
        f'"queue":"{DEPARTMENT}"}}}}'
    ).encode()


class _Watch:
    """Notes in a thread of its own when each probe was seen first."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def look(self) -> None:
        """Look once."""
        raise NotImplementedError

    def count(self, arrived: int) -> None:
        """So many probes are counted now; they come in order."""
        self.seen |= dict.fromkeys(range(len(self.seen), arrived), time.perf_counter())

    def wait(self, probes: int) -> None:
        """Until all were seen."""
        limit = time.monotonic() + 60
        while len(self.seen) < probes and time.monotonic() < limit:
            time.sleep(TURN_S)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.is_set():
            self.look()


class _Topic(_Watch):
    """Watches the public topic."""

    def __init__(self, kafka: Kafka) -> None:
        super().__init__()
        self._consumer: Consumer = consumer(kafka, "watch")
        name = kafka.topic(INTERVALS)
        parts = self._consumer.list_topics(name).topics[name].partitions
        self._consumer.assign([TopicPartition(name, part, OFFSET_END) for part in parts])
        self._arrived: dict[str, int] = {}  # by the start of the interval

    def look(self) -> None:
        """All that has come."""
        for message in self._consumer.consume(1_000, 0.01):
            value = message.value()
            if value and (told := _decode(value)).dimensions["queue"] == DEPARTMENT:
                (arrived,) = (f.numerator for f in told.figures if f.measure == ARRIVED)
                self._arrived[told.period.start] = arrived or 0
                self.count(sum(self._arrived.values()))


class _Metrics(_Watch):
    """Asks for the metrics."""

    def __init__(self, merge: Role) -> None:
        super().__init__()
        self._merge = merge

    def look(self) -> None:
        """The department's count of contacts: so many probes have arrived."""
        self.count(self._merge.figure(ARRIVED, DEPARTMENT))
        time.sleep(TURN_S)
