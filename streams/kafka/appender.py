"""Appending to topics: idempotent, and waited for until every message is acknowledged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from confluent_kafka import KafkaError, Message, Producer

from schemas.errors import Retry
from streams.kafka.clients import errors_of, producer
from streams.kafka.faults import fault
from streams.kafka.settings import Kafka

PATIENCE_S = 10.0
_FULL_S = 0.1  # between two looks at a queue that is full

#: Partition, key and value.
Entry = tuple[int, str, bytes]


class Appender:
    """One producer. Not for several threads.

    Args:
        kafka: the brokers.
        patience_s: for how long they may be away before an append fails.
    """

    def __init__(self, kafka: Kafka, patience_s: float = PATIENCE_S) -> None:
        self._kafka, self._patience_s = kafka, patience_s
        self._producer: Producer | None = None

    def append(self, topic: str, entries: Iterable[Entry]) -> dict[int, list[int]]:
        """Append entries; the offsets of each partition, in the order of its entries.

        Raises:
            Retry: not all of them were acknowledged; any of them may have been written.
            Stop: the same, and it will not be otherwise the next time.
        """
        with errors_of(topic):
            opened = self._opened()
            reports = _Reports()
            for entry in entries:
                _produce(opened, topic, entry, reports)
                if reports.error:
                    break
            left = opened.flush(2 * self._patience_s)  # each was given half of that
        if left or reports.error:
            self._let_go_of_what_failed(reports.error)
            msg = f"{topic}: not everything was acknowledged"
            raise fault(reports.error, msg) if reports.error else Retry(msg)
        return reports.offsets

    def close(self) -> None:
        """Let go; everything that `append` returned for is safe."""
        self._producer = None

    def _opened(self) -> Producer:
        if self._producer is None:
            wait_ms = int(self._patience_s * 1_000)
            self._producer = producer(self._kafka, "log", **{"delivery.timeout.ms": wait_ms})
        return self._producer

    def _let_go_of_what_failed(self, error: KafkaError | None) -> None:
        """What nobody waits for any more is not sent later; a producer that broke is replaced."""
        if self._producer is not None:
            self._producer.purge()
        if error is None or error.fatal():
            self._producer = None


class _Reports:
    """What became of the messages of one append; those of a partition are told in order."""

    def __init__(self) -> None:
        self.offsets: defaultdict[int, list[int]] = defaultdict(list)
        self.error: KafkaError | None = None

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self.error = self.error or error
        else:
            self.offsets[message.partition() or 0].append(message.offset() or 0)


def _produce(producer: Producer, topic: str, entry: Entry, reports: _Reports) -> None:
    partition, key, value = entry
    while not reports.error:
        try:
            producer.produce(topic, value, key, partition, reports)
        except BufferError:  # until some are acknowledged, or fail
            producer.poll(_FULL_S)
        else:
            return
