"""Reading topics from given offsets, one partition at a time, as fast as it goes."""

from __future__ import annotations

import time
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from schemas.errors import Retry, Stop
from schemas.rows import Row
from streams.kafka.clients import consumer, errors_of
from streams.kafka.rows import rows_of
from streams.kafka.settings import Kafka

PATIENCE_S = 10.0
_AT_ONCE = 20_000  # messages
_FETCHING: dict[str, Any] = {
    "enable.partition.eof": True,
    "queued.max.messages.kbytes": 65_536,  # fetched and not asked for yet
}
_LOOK_S, _AGAIN_S = 0.2, 0.5


class Reader:
    """Consumers of no group. Who reads on from where it was goes on without seeking.

    One is asked for bounds only: the brokers answer a connection in turn, so that another would
    wait until the fetch before it has found something. Not for several threads.

    What could not be done is tried again with a new one: a client that was told once of a topic
    without its partitions, by a broker that was just coming back, goes by that for five minutes.
    """

    def __init__(self, kafka: Kafka, patience_s: float = PATIENCE_S) -> None:
        self._kafka, self._patience_s = kafka, patience_s
        self._fetching: Consumer | None = None
        self._asking: Consumer | None = None
        self._next: tuple[str, int, int] | None = None  # where it reads on without seeking

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """(first offset held, next to be written).

        Raises:
            Retry: the brokers do not say so.
        """
        until = time.monotonic() + self._patience_s
        while True:
            try:
                # Less than nothing would be without end.
                return self._bounds(topic, partition, max(_LOOK_S, until - time.monotonic()))
            except Retry:  # nobody leads it just now, say: a moment later another may
                self._let_go_of_asking()
                if time.monotonic() > until:
                    raise
            time.sleep(_AGAIN_S)

    def read(self, topic: str, partition: int, start: int, limit: int) -> list[Row]:
        """At most `limit` rows that were there when it was called, in order.

        Raises:
            Retry: the brokers are away.
            Stop: `start` is below what is held, or beyond what was written.
        """
        first, end = self.bounds(topic, partition)
        if not first <= start <= end:
            msg = f"{topic}/{partition} holds {first} to {end}, {start} was asked for"
            raise Stop(msg)
        rows: list[Row] = []
        if start < end and limit > 0:
            try:
                with errors_of(f"{topic}/{partition}"):
                    self._go_to(topic, partition, start)
                    self._next = topic, partition, self._fill(rows, start, end, limit)
            except Retry:
                self._let_go_of_fetching()
                raise
        return rows

    def close(self) -> None:
        """Let go; a second call does nothing."""
        self._let_go_of_fetching()
        self._let_go_of_asking()

    def _let_go_of_fetching(self) -> None:
        if self._fetching is not None:
            self._fetching.close()
        self._fetching = None

    def _let_go_of_asking(self) -> None:
        if self._asking is not None:
            self._asking.close()
        self._asking = None

    def _bounds(self, topic: str, partition: int, timeout: float) -> tuple[int, int]:
        with errors_of(f"{topic}/{partition}"):
            if self._asking is None:
                self._asking = consumer(self._kafka, "log")
            there = TopicPartition(topic, partition)
            return self._asking.get_watermark_offsets(there, timeout=timeout)

    def _go_to(self, topic: str, partition: int, start: int) -> None:
        was, self._next = self._next, None  # known again after a read that went well
        if was != (topic, partition, start):
            self._opened().assign([TopicPartition(topic, partition, start)])

    def _fill(self, rows: list[Row], start: int, end: int, limit: int) -> int:
        """Take rows up to the limit or `end`, though there be holes; where the next one is read."""
        until = time.monotonic() + self._patience_s
        while start < end and len(rows) < limit:
            wanted = min(limit - len(rows), end - start, _AT_ONCE)
            found, ends = _parted(self._opened().consume(wanted, _LOOK_S))
            rows += rows_of(found)
            start = max([rows[-1].offset + 1 if rows else start, *ends])
            if found:
                until = time.monotonic() + self._patience_s
            elif time.monotonic() > until:
                msg = "nothing came, though there is something"
                raise Retry(msg)
        return start

    def _opened(self) -> Consumer:
        if self._fetching is None:
            self._fetching = consumer(self._kafka, "log", None, **_FETCHING)
        return self._fetching


def _parted(messages: list[Message]) -> tuple[list[Message], list[int]]:
    """Messages, and the offsets at which the partition was found to end."""
    found, ends = [], []
    for message in messages:
        error = message.error()
        if error is not None and error.code() == KafkaError._PARTITION_EOF:
            ends.append(message.offset() or 0)
        else:
            found.append(message)
    return found, ends
