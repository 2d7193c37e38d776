"""What lies there after a run, read with plain clients: the archive's files, and the topics.

The archive is read by its layout and not by the reader of this project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
from confluent_kafka import Consumer, KafkaError, TopicPartition

from schemas.board import Period
from schemas.errors import Retry
from schemas.intervals import BY, IntervalFigures, key_of
from schemas.periods import Span, local
from schemas.topics import EVENTS, INTERVALS
from streams.core.process import restore
from streams.home import Home
from streams.runtimes.asking import Request, ask
from tests.faults.world import World

#: Partition -> (offset, contact, value) of every row, by offset.
Found = dict[int, list[tuple[int, str, bytes]]]
_ALL = {"isolation.level": "read_uncommitted"}
_intervals = msgspec.json.Decoder(IntervalFigures).decode


def rows(archive: Path) -> Found:
    """Every row in the published files."""
    found: Found = {}
    for path in sorted((archive / "data").rglob("*.parquet")):
        number = int(path.parent.parent.name.removeprefix("partition="))
        table = pq.ParquetFile(path).read(columns=["offset", "subject", "value"])
        columns = (table[name].to_pylist() for name in ("offset", "subject", "value"))
        found.setdefault(number, []).extend(zip(*columns, strict=True))
    return {number: sorted(of) for number, of in found.items()}


def ends(world: World) -> dict[int, int]:
    """By partition of the events, the next offset to be written."""
    with closing(Home(world.asker).log()) as log:
        return {number: log.bounds(EVENTS, number)[1] for number in range(log.partitions)}


def counted(world: World) -> dict[int, int]:
    """By partition, the first offset that no state that a command can read has counted."""
    try:
        with Home(world.asker).stores() as stores:
            return {number: store.progress()[0] for number, store in enumerate(stores)}
    except Retry:
        return {}


def records(data: Path) -> dict[str, bytes]:
    """Contact id -> record of every contact that was over once, from state files."""
    with Home(data).stores() as stores:
        return {name: value for store in stores for name, _, value in store.records()}


def still_open(data: Path) -> set[str]:
    """Contacts that are not over: of one that seemed to be, there may be a record, or none."""
    found: set[str] = set()
    with Home(data).stores() as stores:
        for saved in (store.load() for store in stores):
            contacts = restore(saved.now, saved.contacts).contacts
            found |= {name for name, contact in contacts.items() if not contact.due.closed}
    return found


def intervals(world: World) -> dict[str, object]:
    """Key of `measure.intervals.v1` -> the integers of all its figures."""
    return {
        key: {row.measure: (row.numerator, row.denominator) for row in _intervals(value).figures}
        for key, value in newest(messages(world, INTERVALS)).items()
    }


def intervals_of(data: Path, request: Request) -> dict[str, object]:
    """The same, asked of state files."""
    with Home(data).stores() as stores:
        answers = ask(stores, request).answers
    return {
        key_of(_period(group.span), dict(zip(BY, group.dims, strict=True))): {
            measure: tuple(found.get(measure, (None, None))) for measure in request.measures
        }
        for group, found in answers.items()
    }


def _period(span: Span) -> Period:
    return Period(local(span.zone, span.start_ms), local(span.zone, span.end_ms), span.zone)


def newest(found: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The last value of every key; none of those whose last value is none."""
    return {key: value for key, value in dict(found).items() if value}


def messages(world: World, topic: str) -> Iterator[tuple[str, bytes]]:
    """Key and value of everything on a topic, each partition in order."""
    name = world.kafka.topic(topic)
    with closing(_consumer(world, **_ALL)) as asking, closing(_consumer(world)) as consumer:
        for number in consumer.list_topics(name, 30).topics[name].partitions:
            yield from _partition(asking, consumer, TopicPartition(name, number))


def _consumer(world: World, **more: object) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": ",".join(world.broker.addresses),
            "group.id": "checker",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": True,
            "log_level": 2,
            **more,
        }
    )


def _partition(
    asking: Consumer, consumer: Consumer, at: TopicPartition
) -> Iterator[tuple[str, bytes]]:
    """To the end of what was written, though what a killed worker began must be ended first."""
    at.offset, end = asking.get_watermark_offsets(at, 30)
    consumer.assign([at])
    reached = at.offset
    while reached < end:
        for message in consumer.consume(10_000, 1.0):
            if (error := message.error()) is None:
                yield (message.key() or b"").decode(), message.value() or b""
            else:
                assert error.code() == KafkaError._PARTITION_EOF, error
                reached = message.offset() or 0
