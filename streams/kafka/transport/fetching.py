"""The thread that fetches: librdkafka's consumer, its rebalances, and nothing of Faust.

Everything that librdkafka calls back runs in this thread. What is to be given up waits there until
the loop is done with it, and what is given to us is fetched only then. So partitions are ours only
after their state is open, and somebody else's only after it is closed. Everything that is asked of
librdkafka is asked here, too: a call from another thread would wait until no message is being
waited for, which may be never.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from itertools import groupby
from threading import Event, Thread
from time import thread_time
from typing import Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from schemas.errors import Stop
from schemas.rows import Row
from streams.kafka.faults import fault
from streams.kafka.rows import rows_of
from streams.kafka.transport.buffer import Buffer, Limits
from streams.kafka.transport.calls import Calls

_log = logging.getLogger(__name__)
_IDLE_S = 0.1  # the longest that a stop, a pause or a resume waits
_AT_ONCE = 10_000  # messages of one call
_PATIENCE_S = 2.0  # for an answer of a broker; nothing is fetched meanwhile


class Owner(Protocol):
    """Who the partitions are fetched for; called and awaited in its own loop."""

    async def take_over(self, partition: int) -> int | None:
        """The partition is ours; the offset to read it from. None: it is given up, or all ends."""
        ...

    def leaving(self, partitions: set[int]) -> None:
        """They are to be another's; called in the loop, before `give_up`."""
        ...

    async def give_up(self, partitions: set[int], *, lost: bool) -> None:
        """They are to be another's; `lost`: they may be already."""
        ...

    def fetched(self) -> None:
        """There is something new in the buffers; called in the loop."""
        ...

    async def failed(self, error: Exception) -> None:
        """The thread has ended by an error."""
        ...


class Fetching:
    """Fetches the partitions that a group gives us of one topic, each into a buffer.

    Attributes:
        seconds: of a processor, of this thread, but for what it does for rebalances.
        membership: as which member of the group, as librdkafka writes it. It is never newer than
            what is ours: of one who lost partitions, none is noted before `give_up` has returned.
    """

    def __init__(
        self,
        client: Callable[[], Consumer],
        topic: str,
        owner: Owner,
        loop: asyncio.AbstractEventLoop,
        limits: Limits,
    ) -> None:
        self.seconds, self.membership = 0.0, b""
        self._buffers: dict[int, Buffer] = {}
        self._client, self._topic, self._owner = client, topic, owner
        self._loop, self._limits = loop, limits
        self._opening: set[int] = set()  # given to us, and not open yet
        self._fetched: set[int] = set()
        self._leaving: set[int] = set()  # to be another's
        self._flowing = False
        self._stopped, self._calls = Event(), Calls(loop)
        self._damaged: Exception | None = None  # why a partition could not be opened
        self._thread = Thread(target=self._run, name=f"fetch {topic}", daemon=True)

    def start(self) -> None:
        """Join the group, and fetch.

        Raises:
            Stop: the settings are refused.
        """
        self._consumer = self._client()
        self._thread.start()

    def stop(self) -> None:
        """Give up all partitions, leave the group and wait for that; the loop must be running."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join()

    def take(self, partition: int) -> list[Row]:
        """The rows that were fetched of a partition since they were last taken."""
        buffer = self._buffers.get(partition)
        return buffer.take() if buffer else []

    def has(self, partition: int) -> bool:
        """Whether there are such rows."""
        return bool(self._buffers.get(partition))

    def broken(self, partition: int) -> bool:
        """Whether Kafka does not hold what comes after them."""
        buffer = self._buffers.get(partition)
        return buffer is not None and buffer.broken

    async def commit(self, offsets: dict[int, int]) -> None:
        """Tell the group how far we are.

        Raises:
            KafkaException: for one of the partitions at least, it was not told.
        """
        await self._calls.ask(partial(self._commit, offsets))

    async def seek(self, partition: int, offset: int) -> bool:
        """Read on from an offset, for a partition whose buffer is broken; False: not just now."""
        return await self._calls.ask(partial(self._seek, partition, offset))

    async def held(self, partition: int) -> tuple[int, int]:
        """(first offset that Kafka holds, the next it will give); asks the broker.

        Raises:
            KafkaException: it cannot be asked at present.
        """
        place = TopicPartition(self._topic, partition)
        ask = partial(self._consumer.get_watermark_offsets, place, timeout=_PATIENCE_S)
        first, end = await self._calls.ask(ask)
        return first, end

    def _run(self) -> None:
        try:
            self._consumer.subscribe(
                [self._topic],
                on_assign=lambda _, places: self._assigned(_partitions(places)),
                on_revoke=lambda _, places: self._revoked(_partitions(places), lost=False),
                on_lost=lambda _, places: self._revoked(_partitions(places), lost=True),
            )
            while not self._stopped.is_set():
                self._calls.serve()
                self._fetch()
                self._regulate()
                self._check()
        except Exception as error:
            self._calls.wait(self._owner.failed(error))
        finally:
            self._close()
            self._calls.end()

    def _close(self) -> None:
        """Give everything up, and leave.

        Closing alone does not tell the group where nothing was assigned to us (librdkafka 2.16):
        what was about to be would be nobody's until our session has timed out.
        """
        try:
            self._consumer.unsubscribe()
            self._consumer.consume(1, _IDLE_S)
            self._consumer.close()
            self._check()
        except Exception as error:
            self._calls.wait(self._owner.failed(error))

    def _fetch(self) -> None:
        """One message as soon as it is there, and then all there are.

        A call for many with a time limit would wait for the time limit whenever there are fewer.
        """
        began = thread_time()
        messages = (
            self._consumer.consume(_AT_ONCE, 0)
            if self._flowing
            else self._consumer.consume(1, _IDLE_S)
        )
        self._flowing = bool(messages)
        self._note_membership()
        if messages:
            self._sort(messages)
        self.seconds += thread_time() - began

    def _note_membership(self) -> None:
        """Here, since librdkafka may be asked by this thread only; a rebalance may change it."""
        self.membership = self._consumer.consumer_group_metadata()

    def _sort(self, messages: list[Message]) -> None:
        if any(map(_error, messages)):
            messages = [message for message in messages if not self._reported(message)]
        for partition, run in groupby(messages, _partition):
            if (buffer := self._buffers.get(partition or 0)) is not None:
                buffer.add(rows_of(list(run)))
        self._loop.call_soon_threadsafe(self._owner.fetched)

    def _reported(self, message: Message) -> bool:
        """Whether it is the report of an error, not a row."""
        error = message.error()
        if error is None:
            return False
        buffer = self._buffers.get(message.partition() or 0)
        if error.code() == KafkaError._AUTO_OFFSET_RESET and buffer is not None:
            buffer.broken = True
        elif isinstance(meant := fault(error, self._topic), Stop):
            raise meant
        else:
            _log.warning("%s", meant)
        return True

    def _regulate(self) -> None:
        for partition, buffer in self._buffers.items():
            place = [TopicPartition(self._topic, partition)]
            if buffer.full and not buffer.paused:
                self._consumer.pause(place)
                buffer.paused = True
            elif buffer.paused and buffer.low:
                self._consumer.resume(place)
                buffer.paused = False

    def _assigned(self, partitions: set[int]) -> None:
        """Have each opened, and fetch meanwhile what we have already."""
        self._consumer.incremental_assign([])
        self._note_membership()
        self._opening |= partitions
        for partition in sorted(partitions):
            self._calls.begin(self._owner.take_over(partition), partial(self._opened, partition))

    def _opened(self, partition: int, done: Future[int | None]) -> None:
        self._opening.discard(partition)
        try:
            offset = done.result()
        except Exception as error:
            self._damaged = self._damaged or error
            return
        if offset is not None:
            self._assign(partition, offset)

    def _check(self) -> None:
        """Here, since nobody waits for what is opened."""
        error, self._damaged = self._damaged, None
        if error is not None:
            raise error

    def _revoked(self, partitions: set[int], *, lost: bool) -> None:
        """Have them closed, and wait for that: when this returns, others open them."""
        self._leaving = partitions
        self._note_membership()  # until this returns they are nobody else's, unless they are lost
        self._loop.call_soon_threadsafe(self._owner.leaving, partitions)
        while self._opening & partitions:
            self._calls.serve_one()
        ours = partitions & self._buffers.keys()
        self._calls.wait(self._owner.give_up(ours, lost=lost))
        self._unassign(self._fetched & partitions)
        for partition in ours:
            del self._buffers[partition]
        self._leaving = set()

    def _commit(self, offsets: dict[int, int]) -> None:
        told = self._consumer.commit(offsets=self._places(offsets), asynchronous=False)
        for place in told or ():
            if place.error:
                raise KafkaException(place.error)

    def _seek(self, partition: int, offset: int) -> bool:
        """Not while any is leaving: librdkafka would take it for the answer, and tell the group."""
        if self._leaving:
            return False
        if partition in self._fetched:
            self._unassign({partition})  # librdkafka has given it up, and seeks in it no more
            self._assign(partition, offset)
        return True

    def _assign(self, partition: int, offset: int) -> None:
        self._buffers[partition] = Buffer(self._limits)
        if partition not in self._leaving:
            self._consumer.incremental_assign(self._places({partition: offset}))
            self._fetched.add(partition)

    def _unassign(self, partitions: set[int]) -> None:
        """Fetch no more of them. One that is paused would still be when it is assigned again."""
        places = [TopicPartition(self._topic, partition) for partition in partitions]
        self._consumer.resume(places)
        self._consumer.incremental_unassign(places)
        self._fetched -= partitions

    def _places(self, offsets: dict[int, int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, *place) for place in offsets.items()]


_error, _partition = Message.error, Message.partition


def _partitions(places: list[TopicPartition]) -> set[int]:
    return {place.partition for place in places}
