"""Sending what the live worker makes: any number of messages, then one wait for all of them."""

from __future__ import annotations

from confluent_kafka import KafkaError, Message, Producer

from schemas.errors import Retry
from streams.kafka.clients import errors_of, producer
from streams.kafka.settings import Kafka

PATIENCE_S = 10.0
_FULL_S = 0.1  # between two looks at a queue that is full


class Results:
    """One producer. Not for several threads.

    Args:
        kafka: the brokers.
        patience_s: for how long they may be away before a flush fails.
    """

    def __init__(self, kafka: Kafka, patience_s: float = PATIENCE_S) -> None:
        self._kafka, self._patience_s = kafka, patience_s
        self._producer: Producer | None = None
        self._error: KafkaError | None = None
        self._sent = 0

    def send(self, topic: str, key: bytes | str, value: bytes | None, partition: int) -> None:
        """Queue a message for a topic of `schemas.topics`; it is safe after the next `flush`."""
        name = self._kafka.topic(topic)
        with errors_of(name):
            opened = self._opened()
            while not self._error:
                try:
                    opened.produce(name, value, key, partition, self._report)
                except BufferError:  # until some are acknowledged, or fail
                    opened.poll(_FULL_S)
                else:
                    self._sent += 1
                    return

    def flush(self) -> None:
        """Wait until all that was queued is acknowledged.

        Raises:
            Retry: not all of it was since the last flush; any of it may have been.
        """
        if not self._sent and not self._error:
            return
        with errors_of("results"):
            left = self._opened().flush(2 * self._patience_s)  # each was given half of that
        error, self._error, self._sent = self._error, None, 0
        if left or error:
            self._let_go(error)
            why = error.str() if error else "no answer"
            msg = f"results: {why}; not everything was acknowledged"
            raise Retry(msg)

    def close(self) -> None:
        """Let go; what was not flushed may be lost."""
        self._producer = None

    def _report(self, error: KafkaError | None, _: Message) -> None:
        self._error = self._error or error

    def _let_go(self, error: KafkaError | None) -> None:
        """What nobody waits for any more is not sent later; a producer that broke is replaced."""
        if self._producer is not None:
            self._producer.purge()
            self._producer.poll(0)
            self._error = None
        if error is None or error.fatal():
            self._producer = None

    def _opened(self) -> Producer:
        if self._producer is None:
            wait_ms = int(self._patience_s * 1_000)
            more = {"delivery.timeout.ms": wait_ms, "queue.buffering.max.messages": 500_000}
            self._producer = producer(self._kafka, "live", **more)
        return self._producer
