"""Kafka as the log: a `streams.logs.port.Log` on the brokers' topics."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.errors import Stop
from schemas.rows import Row
from schemas.topics import partition_of
from streams.kafka.appender import PATIENCE_S, Appender
from streams.kafka.reader import Reader
from streams.kafka.settings import Kafka
from streams.kafka.topics import log_id


class KafkaLog:
    """Topics that are there already (`streams.kafka.topics.ensure`).

    The brokers' clock is the intake's, and they forget rows by themselves. Connections are
    made at first use. One instance for each thread.
    """

    def __init__(self, kafka: Kafka, *, patience_s: float = PATIENCE_S) -> None:
        """Open the log.

        Args:
            kafka: the brokers.
            patience_s: for how long they may be away before a call fails.

        Raises:
            Retry: the brokers are away.
            Stop: they refuse us, or there is no such topic.
        """
        self.partitions = kafka.partitions
        self.log_id = log_id(kafka)
        self.kafka = kafka
        self._appender, self._reader = Appender(kafka, patience_s), Reader(kafka, patience_s)

    def append(
        self, topic: str, entries: Sequence[tuple[str, bytes]], now: int
    ) -> list[tuple[int, int]]:
        """See the port; after Retry, what was written comes again as a repeat."""
        partitions = [partition_of(key, self.partitions) for key, _ in entries]
        offsets = self._appender.append(
            self.kafka.topic(topic),
            (
                (partition, key, value)
                for partition, (key, value) in zip(partitions, entries, strict=True)
            ),
        )
        following = {partition: iter(found) for partition, found in offsets.items()}
        return [(partition, next(following[partition])) for partition in partitions]

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """See the port; Stop also beyond the tail."""
        self._check(topic, partition)
        return self._reader.read(self.kafka.topic(topic), partition, start, limit)

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """See the port."""
        self._check(topic, partition)
        return self._reader.bounds(self.kafka.topic(topic), partition)

    def trim(self, topic: str, partition: int, below: int) -> None:
        """Nothing: the brokers forget what is older than the topic's retention."""

    def close(self) -> None:
        """See the port."""
        self._appender.close()
        self._reader.close()

    def _check(self, topic: str, partition: int) -> None:
        if not 0 <= partition < self.partitions:
            msg = f"{topic} has partitions 0 to {self.partitions - 1}, not {partition}"
            raise Stop(msg)
