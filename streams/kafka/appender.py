"""Appending to topics: idempotent, and waited for until every message is acknowledged."""

from __future__ import annotations

from collections.abc import Iterable

from streams.kafka.clients import errors_of
from streams.kafka.faults import fault
from streams.kafka.sending import Sending
from streams.kafka.settings import Kafka

PATIENCE_S = 10.0

#: Partition, key and value.
Entry = tuple[int, str, bytes]


class Appender:
    """One producer. Not for several threads.

    Args:
        kafka: the brokers.
        patience_s: for how long they may be away before an append fails.
    """

    def __init__(self, kafka: Kafka, patience_s: float = PATIENCE_S) -> None:
        self._sending = Sending(kafka, "log", patience_s)

    def append(self, topic: str, entries: Iterable[Entry]) -> dict[int, list[int]]:
        """Append entries; the offsets of each partition, in the order of its entries.

        Raises:
            Retry: not all of them were acknowledged; any of them may have been written.
            Stop: the same, and it will not be otherwise the next time.
        """
        with errors_of(topic):
            self._sending.begin()  # an append that was given up may have left some
            for partition, key, value in entries:
                self._sending.send(topic, key, value, partition)
            sent = self._sending.wait()
        if sent.error:
            raise fault(sent.error, f"{topic}: not everything was acknowledged")
        return sent.offsets

    def close(self) -> None:
        """Let go; everything that `append` returned for is safe."""
        self._sending.close()
