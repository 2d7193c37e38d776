"""Contact records on their topic: what one save makes of them is one transaction.

Subscribers keep the newest record of a contact, so an older one must never come after it. A worker
that was taken for dead may not know, and has records in hand. So the transaction tells the group
the position, too, as the member that we are: the brokers refuse that from one whom the group has
given up, and what was sent is not seen (KIP-447). They are asked when everything has been sent:
what is seen was therefore on the topic before anybody else could have had the partition.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from threading import Thread

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from schemas.errors import Retry
from schemas.topics import EVENTS, RECORDS
from streams.kafka.clients import errors_of, producer
from streams.kafka.sending import offered
from streams.kafka.settings import Kafka

PATIENCE_S = 10.0
#: When brokers end a transaction that its producer has not ended; until then, subscribers wait.
FORGOTTEN_MS = 20_000
_ABORT_S, _MOST_LEFT = 1.0, 20
ROOM = 500_000

_GIVEN_UP = {
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.FENCED_INSTANCE_ID,
}

#: What a member of a group shows: `Application.membership`.
Membership = Callable[[], bytes]


class GivenUp(Retry):
    """The group is at another generation than this worker, which will soon hear of it.

    Either it is given up, or it keeps the partition and may publish a moment later.
    """


class Records:
    """One producer, opened when it is needed. Not for several threads.

    Args:
        kafka: the brokers.
        membership: as which member of its group this worker is given partitions, at present.
        patience_s: for how long the brokers may be away before something fails.
        room: how many records may wait to be acknowledged.
    """

    def __init__(
        self,
        kafka: Kafka,
        membership: Membership,
        patience_s: float = PATIENCE_S,
        room: int = ROOM,
    ) -> None:
        self._room = room
        self._kafka, self._membership, self._patience_s = kafka, membership, patience_s
        self._records, self._events = kafka.topic(RECORDS), kafka.topic(EVENTS)
        self._name = f"{kafka.group_of('live')}-{secrets.token_hex(8)}"  # of us alone
        self._silent = f"results: the coordinator of {kafka.group_of('live')} does not answer"
        self._producer: Producer | None = None
        self._left: list[Thread] = []  # who waits for a coordinator, each with a producer

    def publish(self, partition: int, records: Sequence[tuple[str, bytes]], position: int) -> None:
        """Publish records (contact id, JSON) of a partition of events counted up to a position.

        Raises:
            GivenUp: none was, and the partition may be another's.
            Retry: none was; the brokers are away, say.
            Stop: none was, and it will not be otherwise the next time.
        """
        if not records:
            return
        place = TopicPartition(self._events, partition, position)
        with errors_of("results"):
            opened = self._opened()
            try:
                opened.begin_transaction()
                self._send(opened, partition, records)
                self._tell_group(opened, place)
                opened.commit_transaction(self._patience_s)
            except BaseException as error:
                self._take_back(opened)
                if isinstance(error, KafkaException) and error.args[0].code() in _GIVEN_UP:
                    msg = f"records: the group has gone on without us ({error.args[0].str()})"
                    raise GivenUp(msg) from error
                raise

    def close(self) -> None:
        """Let go."""
        self._producer = None

    def _send(self, opened: Producer, partition: int, records: Sequence[tuple[str, bytes]]) -> None:
        """Have them on the topic, where nobody sees them yet."""
        for contact, record in records:
            while not offered(opened, self._records, record, contact, partition):
                pass
        if opened.flush(self._patience_s):
            msg = f"{self._records}: not everything was acknowledged"
            raise Retry(msg)

    def _tell_group(self, opened: Producer, place: TopicPartition) -> None:
        """The position, in a thread that can be left behind.

        librdkafka (2.16) may wait for the group's coordinator for ever, whatever the time limit
        (its issues 5456 and 5511). The next producer fences the one that is left.
        """
        membership, answer = self._membership(), Future[None]()
        ask = partial(opened.send_offsets_to_transaction, [place], membership, self._patience_s)
        thread = Thread(target=_answered, args=(answer, ask), name="coordinator", daemon=True)
        thread.start()
        try:
            answer.result(self._patience_s + _ABORT_S)
        except TimeoutError as error:
            self._producer = None
            self._left.append(thread)
            raise Retry(self._silent) from error

    def _take_back(self, opened: Producer) -> None:
        """End the transaction, lest subscribers wait for it until the brokers have forgotten it."""
        opened.purge()
        if self._producer is None:  # it is left behind
            return
        try:
            opened.abort_transaction(_ABORT_S)
        except KafkaException:
            self._producer = None  # the next one ends it, when it is opened

    def _opened(self) -> Producer:
        if self._producer is None:
            self._left = [thread for thread in self._left if thread.is_alive()]
            if len(self._left) >= _MOST_LEFT:  # a broker that comes back frees them
                raise Retry(self._silent)
            settings = {
                "transactional.id": self._name,
                "transaction.timeout.ms": FORGOTTEN_MS,
                "delivery.timeout.ms": int(1_000 * self._patience_s),
                "queue.buffering.max.messages": self._room,
            }
            made = producer(self._kafka, "records", **settings)
            made.init_transactions(self._patience_s)
            self._producer = made
        return self._producer


def _answered(answer: Future[None], ask: Callable[[], None]) -> None:
    try:
        ask()
        answer.set_result(None)
    except BaseException as error:
        answer.set_exception(error)
