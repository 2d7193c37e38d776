"""What becomes of a producer that is broken for good; one that works is in test_log.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streams.kafka.sending import Sending
from streams.kafka.settings import Kafka

ANYWHERE = Kafka(brokers=["127.0.0.1:1"], development=True)
Report = Callable[[KafkaError | None, Message], None]


class Client:
    """A producer as far as `Sending` knows it; what is flushed is acknowledged."""

    def __init__(self, breaks: str = "") -> None:
        self._breaks = breaks
        self._queued: list[tuple[bytes, Report]] = []

    def produce(self, _: str, value: bytes, _key: str, partition: int, report: Report) -> None:
        """Queue a message."""
        self._fail("produce")
        self._queued.append((value, report))

    def flush(self, _: float) -> int:
        """Acknowledge all."""
        self._fail("flush")
        for number, (_value, report) in enumerate(self._queued):
            report(None, cast(Message, Acknowledged(number)))
        return 0

    def purge(self) -> None:
        """Forget what is queued."""
        self._queued.clear()

    def _fail(self, at: str) -> None:
        if at == self._breaks and self._queued:
            raise KafkaException(KafkaError(KafkaError._FATAL, "out of order", fatal=True))


class Acknowledged:
    """A message that is in the log."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def partition(self) -> int:
        """Which partition it is in."""
        return 0

    def offset(self) -> int:
        """And where."""
        return self._offset


@pytest.mark.parametrize("breaks", ["produce", "flush"])
def test_one_that_is_broken_for_good_is_replaced_and_what_it_had_is_not_acknowledged(
    breaks: str,
) -> None:
    clients = [Client(breaks), Client()]
    sending = Sending(ANYWHERE, "test", 1, lambda *_, **__: cast(Producer, clients.pop(0)))
    sending.send("topic", "a", b"1", 0)
    with pytest.raises(KafkaException, match="out of order"):
        _send_and_wait(sending)
    if breaks == "produce":  # a caller that goes on must not take the first for safe
        assert sending.wait().error is not None
    assert _send_and_wait(sending) == {0: [0]}


def _send_and_wait(sending: Sending) -> dict[int, list[int]]:
    sending.send("topic", "b", b"2", 0)
    sent = sending.wait()
    assert sent.error is None
    return sent.offsets
