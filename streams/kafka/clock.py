"""The event clock of all live workers: the newest event time that any partition has seen."""

from __future__ import annotations

import logging
import threading

import msgspec
from confluent_kafka import KafkaError, Message, TopicPartition

from schemas.errors import Retry, Stop
from schemas.topics import CLOCK
from streams.kafka.clients import consumer, errors_of
from streams.kafka.faults import fault
from streams.kafka.messages import Clock
from streams.kafka.results import Results
from streams.kafka.settings import Kafka

_WAIT_S, _PATIENCE_S = 0.2, 1.0
_log = logging.getLogger(__name__)
_clock = msgspec.json.Decoder(Clock).decode


class EventClock:
    """Tells what our partitions have seen, and hears what those of others have.

    A thread of its own hears; all else is for the thread that sends results.

    Args:
        kafka: the brokers.
        results: where it is told.
    """

    def __init__(self, kafka: Kafka, results: Results) -> None:
        self._kafka, self._results = kafka, results
        self._heard: int | None = None
        self._seen: dict[int, int] = {}
        self._telling: int | None = None
        self._told: int | None = None
        self._failure: Stop | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="event clock", daemon=True)

    @property
    def now(self) -> int | None:
        """The newest event time of all, in milliseconds; None before the first event."""
        known = [ms for ms in (self._heard, *self._seen.values()) if ms is not None]
        return max(known, default=None)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def see(self, partition: int, now_ms: int) -> None:
        """A partition of ours is at an instant, and it is saved."""
        self._seen[partition] = max(now_ms, self._seen.get(partition, now_ms))

    def tell(self) -> None:
        """Queue the newest instant, unless others know of it or of a later one.

        Raises:
            Stop: those of others cannot be heard, and never will.
        """
        if self._failure is not None:
            raise self._failure
        partition = max(self._seen, key=self._seen.__getitem__, default=None)
        if partition is None:
            return
        newest = self._seen[partition]
        if newest > max(self._heard or 0, self._told or 0):
            value = msgspec.json.encode(Clock(partition=partition, now_ms=newest))
            self._results.send(CLOCK, b"%d" % partition, value, 0)
            self._telling = newest

    def told(self) -> None:
        """What was queued is acknowledged; until this is said, it is told again."""
        self._told = self._telling

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                self._hear()
            except Stop as error:
                self._failure = error
                return
            except Retry as error:
                _log.warning("the event clock is not heard: %s", error)
                self._stopped.wait(_PATIENCE_S)
            except Exception:
                _log.exception("the event clock is not heard")
                self._stopped.wait(_PATIENCE_S)

    def _hear(self) -> None:
        """From the first message that is held; an old one is harmless."""
        topic = self._kafka.topic(CLOCK)
        with errors_of(topic):
            client = consumer(self._kafka, "clock")
            try:
                first, _ = client.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
                client.assign([TopicPartition(topic, 0, first)])
                while not self._stopped.is_set():
                    self._note(client.consume(1_000, _WAIT_S))
            finally:
                client.close()

    def _note(self, messages: list[Message]) -> None:
        for message in messages:
            if (error := message.error()) is not None:
                if error.code() == KafkaError._AUTO_OFFSET_RESET:  # heard again from its beginning
                    msg = f"{self._kafka.topic(CLOCK)}: {error.str()}"
                    raise Retry(msg)
                raise fault(error, self._kafka.topic(CLOCK))
            now_ms = _clock(message.value() or b"").now_ms
            self._heard = max(now_ms, self._heard or now_ms)
