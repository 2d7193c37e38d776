"""One process's share of a topic: a group divides the partitions, positions come from elsewhere.

The group says who reads what, and notices who is dead; what it stores as positions is for people
who watch the lag, and never read by us. Partitions move one at a time (`cooperative-sticky`): those
that stay where they are go on being read, so that a process that joins or leaves costs the others
nothing, and makes no small commits of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from itertools import groupby
from operator import methodcaller

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.rows import Row
from streams.kafka.clients import consumer, errors_of
from streams.kafka.rows import rows_of
from streams.kafka.settings import Kafka

_PATIENCE_S = 10.0
_ASTRAY = {
    KafkaError._AUTO_OFFSET_RESET,
    KafkaError.OFFSET_OUT_OF_RANGE,
    KafkaError._LOG_TRUNCATION,
}
_partition = methodcaller("partition")


class Share:
    """The partitions that this process has at present. Not for several threads.

    Args:
        kafka: the brokers.
        topic: as it is called there.
        role: whose group shares it.
        given: is told of partitions that are ours now, and says from which offset to read each.
        taken: is told of partitions that are ours no more, some of which another may have since
            long: a process that was stopped learns of that when it goes on.

    Both are called from within `rows` and `close`, and may raise what these may.

    Raises:
        Retry: Kafka is away or busy; from every call.
        Stop: Kafka refuses us; from every call.
    """

    def __init__(
        self,
        kafka: Kafka,
        topic: str,
        role: str,
        *,
        given: Callable[[list[int]], Mapping[int, int]],
        taken: Callable[[list[int]], None],
    ) -> None:
        self._topic, self._given, self._taken = topic, given, taken
        self._astray: set[int] = set()
        with errors_of(topic):
            self._consumer = consumer(kafka, role, role, **{"check.crcs": True})
            self._consumer.subscribe([topic], on_assign=self._assign, on_revoke=self._revoke)

    def rows(
        self, most: int, wait_s: float, astray: Callable[[int], int]
    ) -> list[tuple[int, list[Row]]]:
        """What came, at most `most` rows: (partition, rows), in the order of each partition.

        Where Kafka does not hold the position of a partition, `astray` says where to go on. It is
        asked in a later call, when what came of that partition before has been taken in.
        """
        with errors_of(self._topic):
            self._mend(astray)
            found = self._consumer.consume(most, wait_s)
            fine = [message for message in found if message.error() is None]
            if len(fine) < len(found):
                self._note(message for message in found if message.error())
        return [(number, rows_of([*messages])) for number, messages in groupby(fine, _partition)]

    def bounds(self, number: int) -> tuple[int, int]:
        """(first offset that Kafka holds of a partition, next offset to be written)."""
        with errors_of(self._topic):
            found = self._consumer.get_watermark_offsets(self._at(number), _PATIENCE_S)
            return found

    def ends(self, numbers: Iterable[int]) -> dict[int, int]:
        """The next offset to be written of partitions, as far as fetching has told."""
        with errors_of(self._topic):
            ends = {
                number: self._consumer.get_watermark_offsets(self._at(number), cached=True)[1]
                for number in numbers
            }
        return {number: end for number, end in ends.items() if end >= 0}

    def tell(self, positions: Mapping[int, int]) -> None:
        """Let those who watch the lag know; whether it arrives is of no consequence."""
        if positions:
            at = [self._at(number, offset) for number, offset in positions.items()]
            self._consumer.commit(offsets=at, asynchronous=True)

    def close(self) -> None:
        """Give the partitions to others, and let go."""
        with errors_of(self._topic), closing(self._consumer):
            self._consumer.unsubscribe()
            # Closing alone would not tell the group of a member that has no partition just now.
            self._consumer.consume(1, 0.1)

    def _assign(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        starts = self._given([at.partition for at in partitions])
        self._consumer.incremental_assign([self._at(*start) for start in starts.items()])

    def _revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._astray -= {at.partition for at in partitions}
        self._taken([at.partition for at in partitions])

    def _note(self, errors: Iterable[Message]) -> None:
        for message in errors:
            error, number = message.error(), message.partition()
            if error is None or number is None or error.code() not in _ASTRAY:
                raise KafkaException(error)
            self._astray.add(number)

    def _mend(self, astray: Callable[[int], int]) -> None:
        """A partition that is not read any more is assigned anew: seeking needs one that is."""
        while self._astray:
            number = self._astray.pop()
            start = self._at(number, astray(number))
            self._consumer.incremental_unassign([start])
            self._consumer.incremental_assign([start])

    def _at(self, number: int, offset: int = -1) -> TopicPartition:
        return TopicPartition(self._topic, number, offset)
