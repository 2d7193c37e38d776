"""Sending what the live worker makes: any number of messages, then one wait for all of them."""

from __future__ import annotations

from typing import Any

from streams.kafka.clients import errors_of
from streams.kafka.faults import fault
from streams.kafka.sending import Sending
from streams.kafka.settings import Kafka

PATIENCE_S = 10.0
_QUEUE: dict[str, Any] = {"queue.buffering.max.messages": 500_000}


class Results:
    """One producer. Not for several threads.

    Args:
        kafka: the brokers.
        patience_s: for how long they may be away before a flush fails.
    """

    def __init__(self, kafka: Kafka, patience_s: float = PATIENCE_S) -> None:
        self._kafka = kafka
        self._sending = Sending(kafka, "live", patience_s, **_QUEUE)

    def send(self, topic: str, key: bytes | str, value: bytes | None, partition: int) -> None:
        """Queue a message for a topic of `schemas.topics`; it is safe after the next `flush`."""
        name = self._kafka.topic(topic)
        with errors_of(name):
            self._sending.send(name, key, value, partition)

    def flush(self) -> None:
        """Wait until all that was queued is acknowledged.

        Raises:
            Retry: not all of it was since the last flush; any of it may have been.
            Stop: the same, and it will not be otherwise the next time.
        """
        with errors_of("results"):
            error = self._sending.wait().error
        if error:
            raise fault(error, "results: not everything was acknowledged")

    def close(self) -> None:
        """Let go; what was not flushed may be lost."""
        self._sending.close()
