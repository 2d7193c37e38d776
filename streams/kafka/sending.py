"""Messages of one producer: any number are queued, then one wait for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

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
        make: makes the client.
        **more: settings of librdkafka, over ours.

    Raises:
        KafkaException: the client refuses a message or a setting, or is broken for good; from
            every call. The next one has another client.
    """

    def __init__(
        self,
        kafka: Kafka,
        name: str,
        patience_s: float,
        make: Callable[..., Producer] = producer,
        **more: object,
    ) -> None:
        self._patience_s = patience_s
        settings = {"delivery.timeout.ms": int(patience_s * 1_000), **more}
        self._make = partial(make, kafka, name, **settings)
        self._producer: Producer | None = None
        self._sent = Sent()

    def begin(self) -> None:
        """The next wait tells nothing of what was sent before this."""
        self._sent = Sent()

    def send(self, topic: str, key: bytes | str, value: bytes | None, partition: int) -> None:
        """Queue a message, unless one has failed since the last wait."""
        with self._replacing() as opened:
            while self._sent.error is None:
                if offered(opened, topic, value, key, partition, self._sent):
                    return

    def wait(self) -> Sent:
        """What became of everything, once that is known."""
        sent = self._sent
        try:
            if self._producer is not None:
                self._flush(sent)
        finally:
            self.begin()
        return sent

    def _flush(self, sent: Sent) -> None:
        with self._replacing() as opened:
            left = opened.flush(2 * self._patience_s)  # each was given half of that
            if left or sent.error:
                opened.purge()  # what nobody waits for any more is not sent later
        if left:
            self._producer = None
            sent.error = sent.error or KafkaError(KafkaError._TIMED_OUT, "no answer")

    def close(self) -> None:
        """Let go; what was not waited for may be lost."""
        self._producer = None

    @contextmanager
    def _replacing(self) -> Iterator[Producer]:
        """The client. One that raises is let go, with what it was to send: it may do so for ever.

        A fatal error is not one of a message: the client raises it from whatever is called next.
        """
        if self._producer is None:
            self._producer = self._make()
        try:
            yield self._producer
        except (KafkaException, SystemError):
            with suppress(KafkaException):
                self._producer.purge()
            self._producer = None
            self._sent.error = KafkaError(KafkaError._FAIL, "what was sent before it is void")
            raise
