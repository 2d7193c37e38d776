"""What a run says of its scenario, in forms that can be compared byte by byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import msgspec
from msgspec.json import encode

from schemas.departments import DEPARTMENTS, HEADQUARTERS
from schemas.intervals import BY, GRAIN, IntervalFigures, interval_figures
from schemas.letters import Letter
from schemas.periods import spans
from schemas.rows import Row
from schemas.topics import DEAD_LETTERS, INTERVALS, RECORDS
from streams.core.figures import Question, figures
from streams.home import Home
from streams.kafka.log import KafkaLog
from streams.kafka.settings import Kafka
from streams.logs.port import Log
from streams.runtimes.asking import clock_of, inquire
from streams.runtimes.board import MEASURED
from tests.parity_kafka.scenario import Days

_MOST = 10_000
_interval = msgspec.json.Decoder(IntervalFigures).decode
_letter = msgspec.json.Decoder(Letter).decode


def records_in(data: Path) -> tuple[dict[str, bytes], set[str]]:
    """The records of the state files; and who is in memory, of whom a record may be left over.

    A contact that was over, for all that was known, may be open again; what was written of it
    stays until it is over again, and depends on what came when.
    """
    with Home(data).stores() as stores:
        found = {name: value for store in stores for name, _, value in store.records()}
        return found, {name for store in stores for name in store.load().contacts}


def records_on(kafka: Kafka) -> dict[str, bytes]:
    """The records of `contact.records.v1`, as compaction will leave them: the last of each."""
    return {row.key: row.value for row in rows(kafka, RECORDS)}


def intervals_on(kafka: Kafka, days: Sequence[Days]) -> dict[str, bytes]:
    """By interval and group, the figures of `measure.intervals.v1`."""
    newest = {row.key: row.value for row in rows(kafka, INTERVALS)}
    return {
        key: encode(_interval(value).figures)
        for key, value in newest.items()
        if value and any(f"{start}" <= key < f"{end}" for start, end in days)
    }


def intervals_in(data: Path, days: Sequence[Days]) -> dict[str, bytes]:
    """The same of the state files."""
    zones = {row.id: row.zone for row in DEPARTMENTS}
    every = sorted({HEADQUARTERS, *zones.values()})
    found: dict[str, bytes] = {}
    with Home(data).stores() as stores:
        as_of = clock_of(stores)
        assert as_of is not None
        for start, end in days:
            cut = [span for zone in every for span in spans(zone, start, end, GRAIN)]
            asked = Question(
                MEASURED, sorted(cut, key=attrgetter("start_ms")), BY, zones, HEADQUARTERS
            )
            told = figures(asked, inquire(stores, asked, as_of, across={}), as_of)
            for _, group in groupby(told, lambda figure: (figure.period, figure.dimensions)):
                key, value = interval_figures([*group])
                found[key] = encode(value.figures)
    return found


def letters(log: Log) -> list[tuple[str, str, str]]:
    """What was refused, and why: all letters, whenever and from whom they came."""
    found = [
        _letter(row.value)
        for number in range(log.partitions)
        for row in _rows(log, DEAD_LETTERS, number)
    ]
    return sorted((letter.sha256, letter.field, letter.problem) for letter in found)


def rows(kafka: Kafka, topic: str) -> Iterator[Row]:
    """All that a topic holds, each partition in order."""
    with closing(KafkaLog(kafka, patience_s=60)) as log:  # a machine may be busy with others
        for number in range(log.partitions):
            yield from _rows(log, topic, number)


def _rows(log: Log, topic: str, number: int) -> Iterator[Row]:
    at, end = log.bounds(topic, number)
    while at < end:
        found = log.read(topic, number, at, _MOST)
        yield from found
        at = found[-1].offset + 1 if found else end  # at the end there may be marks of Kafka's own
