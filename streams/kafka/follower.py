"""Following a topic: all its partitions, from given offsets on, in no group."""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka import OFFSET_BEGINNING, KafkaError, Message, TopicPartition

from schemas.errors import Retry
from schemas.rows import Row
from streams.kafka.clients import consumer, errors_of
from streams.kafka.rows import rows_of
from streams.kafka.settings import Kafka

AT_ONCE = 50_000  # messages
#: In the place of an offset: the last message of the partition, if it has any.
NEWEST = -2001  # librdkafka's OFFSET_TAIL(1)
_NO_SUCH_OFFSET = {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}


class Gone(Retry):
    """The topic does not hold the offset that was to be read next."""


class Follower:
    """For one thread.

    Attributes:
        positions: by partition, the next offset to be read.
    """

    def __init__(
        self,
        kafka: Kafka,
        name: str,
        topic: str,
        partitions: int,
        offsets: Mapping[int, int] | None = None,
    ) -> None:
        """Begin to read.

        Args:
            kafka: where.
            name: of the client.
            topic: its name on the brokers.
            partitions: how many it has.
            offsets: what is to be read next, or `NEWEST`; where it is not said, all there is.
        """
        known = {number: at for number, at in (offsets or {}).items() if at >= 0}
        self.positions = dict.fromkeys(range(partitions), 0) | known
        self._topic, self._unread = topic, set(range(partitions))
        self._consumer = consumer(kafka, name, group=None, **{"enable.partition.eof": True})
        begin = dict.fromkeys(range(partitions), OFFSET_BEGINNING) | dict(offsets or {})
        with errors_of(topic):
            self._consumer.assign([TopicPartition(topic, n, at) for n, at in begin.items()])

    @property
    def caught_up(self) -> bool:
        """Whether the end of every partition was seen."""
        return not self._unread

    def take(self, wait_s: float) -> dict[int, list[Row]]:
        """What came, by partition; waits for it no longer than that.

        Raises:
            Gone: what was to be read next is not there.
            Retry: the brokers are away.
        """
        found: dict[int, list[Message]] = {}
        with errors_of(self._topic):
            for message in self._consumer.consume(AT_ONCE, wait_s):
                number, error = message.partition() or 0, message.error()
                if error is None:
                    found.setdefault(number, []).append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    self._unread.discard(number)
                else:
                    found.setdefault(number, []).append(_present(message, error))
            read = {number: rows_of(messages) for number, messages in found.items()}
        self.positions |= {number: rows[-1].offset + 1 for number, rows in read.items()}
        return read

    def ends(self) -> dict[int, int]:
        """By partition, the next offset that will be given, as far as the client has heard."""
        found: dict[int, int] = {}
        with errors_of(self._topic):
            for number in self.positions:
                there = TopicPartition(self._topic, number)
                bounds = self._consumer.get_watermark_offsets(there, cached=True)
                if bounds[1] >= 0:
                    found[number] = bounds[1]
        return found

    def close(self) -> None:
        """Let go."""
        self._consumer.close()


def _present(message: Message, error: KafkaError) -> Message:
    """A message that reports an error, unless it says that the offset is no more."""
    if error.code() in _NO_SUCH_OFFSET:
        msg = f"{message.topic()}/{message.partition()} does not hold what comes next: {error}"
        raise Gone(msg)
    return message
