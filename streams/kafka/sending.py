"""Messages of one producer: any number are queued, then one wait for all of them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from streams.kafka.clients import producer
from streams.kafka.settings import Kafka

_FULL_S = 0.1  # between two looks at a queue that is full


def offered(opened: Producer, *message: Any) -> bool:
    """Queue a message, as `Producer.produce` takes it; False where there was no room yet.

    Then some time has passed, in which messages may have been acknowledged, or have failed.
    """
    try:
        opened.produce(*message)
    except BufferError:
        opened.poll(_FULL_S)
        return False
    return True


class Sent:
    """What became of the messages between two waits.

    Attributes:
        offsets: of what was acknowledged, by partition, in the order in which it was sent.
        error: the first there was; None: everything is safe. Otherwise any of it may be.
    """

    def __init__(self) -> None:
        self.offsets: defaultdict[int, list[int]] = defaultdict(list)
        self.error: KafkaError | None = None

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """What the client reports of one message."""
        if error is not None:
            self.error = self.error or error
        else:
            self.offsets[message.partition() or 0].append(message.offset() or 0)


class Sending:
    """An idempotent producer, opened when it is needed. Not for several threads.

    Args:
        kafka: the brokers.
        name: ends the client's name.
        patience_s: for how long they may be away before what is sent has failed.
        **more: settings of librdkafka, over ours.

    Raises:
        KafkaException: the client refuses a message or a setting; from every call.
    """

    def __init__(self, kafka: Kafka, name: str, patience_s: float, **more: object) -> None:
        self._kafka, self._name, self._patience_s = kafka, name, patience_s
        self._more = {"delivery.timeout.ms": int(patience_s * 1_000), **more}
        self._producer: Producer | None = None
        self._sent = Sent()

    def begin(self) -> None:
        """The next wait tells nothing of what was sent before this."""
        self._sent = Sent()

    def send(self, topic: str, key: bytes | str, value: bytes | None, partition: int) -> None:
        """Queue a message, unless one has failed since the last wait."""
        opened = self._opened()
        while self._sent.error is None:
            if offered(opened, topic, value, key, partition, self._sent):
                return

    def wait(self) -> Sent:
        """What became of everything, once that is known."""
        sent = self._sent
        if self._producer is not None:
            left = self._producer.flush(2 * self._patience_s)  # each was given half of that
            if left or sent.error:
                self._let_go(sent.error)
                sent.error = sent.error or KafkaError(KafkaError._TIMED_OUT, "no answer")
        self.begin()
        return sent

    def close(self) -> None:
        """Let go; what was not waited for may be lost."""
        self._producer = None

    def _let_go(self, error: KafkaError | None) -> None:
        """What nobody waits for any more is not sent later; a producer that broke is replaced."""
        if self._producer is not None:
            self._producer.purge()
        if error is None or error.fatal():
            self._producer = None

    def _opened(self) -> Producer:
        if self._producer is None:
            self._producer = producer(self._kafka, self._name, **self._more)
        return self._producer
