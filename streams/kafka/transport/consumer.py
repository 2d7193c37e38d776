"""Faust's consumer, on librdkafka: one message for all rows fetched of a partition.

A partition has one message out at a time; what comes meanwhile becomes the next one. So messages
are small and immediate while there is little, and large when the agents are behind.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from confluent_kafka import Consumer as Client
from confluent_kafka import KafkaException
from faust.transport import consumer as base
from faust.types import TP
from faust.types.transports import TPorTopicSet
from mode import Service

from schemas.errors import Stop
from streams.kafka.transport.batches import Batches
from streams.kafka.transport.buffer import Limits
from streams.kafka.transport.fetching import Fetching
from streams.kafka.transport.lot import Batch, Lot
from streams.kafka.transport.watchdog import Watchdog

_AGAIN_S = 1.0
_log = logging.getLogger(__name__)


class Consumer(base.Consumer):
    """What an application takes for its consumer; positions to read from are those of `Batches`."""

    _paused_partitions: set[TP]

    def __init__(
        self,
        *args: Any,
        client: Callable[[], Client],
        topic: str,
        batches: Batches,
        limits: Limits,
        stall_s: float,
        patience_s: float,
        **kwargs: Any,
    ) -> None:
        """As Faust makes it, and with what is ours.

        Args:
            *args: Faust's.
            client: makes librdkafka's consumer, of a cooperative group.
            topic: the one topic that is read.
            batches: whose positions count.
            limits: how much is fetched ahead of the agents, per partition.
            stall_s: how long a partition may have more and hand nothing over, in seconds.
            patience_s: how long closing partitions may take, in seconds.
            **kwargs: Faust's.
        """
        super().__init__(*args, **kwargs)
        self._batches, self._topic, self._patience_s = batches, topic, patience_s
        self._fetching = Fetching(client, topic, self, self.loop, limits)
        self._watchdog = Watchdog(stall_s, self._end, self._fetching.has)
        self._lots: dict[int, Lot] = {}
        self._news, self._ended = asyncio.Event(), asyncio.Event()
        self._committing, self._telling = asyncio.Lock(), asyncio.Lock()

    @property
    def fetching_s(self) -> float:
        """Seconds of a processor that fetching has taken."""
        return self._fetching.seconds

    @property
    def membership(self) -> bytes:
        """As which member of the group."""
        return self._fetching.membership

    # What the group does; for what is given up, the fetching thread waits.

    async def take_over(self, partition: int) -> int | None:
        """Open the partition, and let its rows be handed over."""
        if self.should_stop:
            return None
        offset = await self._batches.assigned(partition)  # others may come and go meanwhile
        if offset is not None:
            self._lots[partition] = Lot(partition, offset)
            await self._tell_faust()
        return offset

    def leaving(self, partitions: set[int]) -> None:
        """Have nothing waited for that may not come."""
        self._batches.leaving(partitions)

    async def give_up(self, partitions: set[int], *, lost: bool) -> None:
        """Finish what is in work of the partitions, commit, and close them.

        Raises:
            Stop: that takes so long that others have waited enough for the partitions.
        """
        if not partitions:
            return
        try:
            async with asyncio.timeout(self._patience_s):
                await self._close([self._lots[partition] for partition in partitions], lost=lost)
        except TimeoutError as error:
            msg = f"partitions {sorted(partitions)} were not closed within {self._patience_s} s"
            raise Stop(msg) from error
        await self._tell_faust()

    async def _close(self, lots: Collection[Lot], *, lost: bool) -> None:
        for lot in lots:
            lot.kept = False
        await self._finished(lots)
        async with self._committing:
            if not (lost or self.crashed):
                await self._commit_now(lots)
            for lot in lots:
                del self._lots[lot.partition]
        for lot in lots:
            async with lot.asking:
                pass  # nothing is asked of it any more
        if not self.crashed:
            await self._batches.revoked({lot.partition for lot in lots})

    async def _tell_faust(self) -> None:
        """What Faust does at a rebalance, without its halting of all partitions.

        One at a time: what one has halted, another would take for what somebody has paused.
        """
        async with self._telling:
            self.app.on_rebalance_start()
            held = set(self._paused_partitions)
            await self._on_partitions_assigned(self.assignment(), 0)
            self._paused_partitions = held & self.assignment()
            self.app.on_rebalance_return()
            self.app.on_rebalance_end()
        self._news.set()

    async def _finished(self, lots: Collection[Lot]) -> None:
        """Wait until no agent works on them, or all ends."""
        while any(lot.working for lot in lots):
            self._ended.clear()
            if await self.wait_for_stopped(self._ended.wait()):
                return

    def fetched(self) -> None:
        """Rows have come."""
        self._news.set()

    async def failed(self, error: Exception) -> None:
        """Fetching has ended by an error: so does the application."""
        await self.crash(error)

    # From the buffers to the agents, and what they have done.

    async def feed(self) -> None:
        """Hand over what there is of every partition that has nothing out, and wait for more."""
        self._news.clear()
        for lot in list(self._lots.values()):
            if self._free(lot):
                await self._hand_over(lot)
        await self._news.wait()

    def _free(self, lot: Lot) -> bool:
        return self.flow_active and lot.kept and not lot.positions.out and not self._held(lot)

    def _held(self, lot: Lot) -> bool:
        return TP(self._topic, lot.partition) in self._paused_partitions

    def _flows(self, lot: Lot) -> bool:
        """Whether its rows should come: nobody has paused it, or asks where to read on."""
        return not self._held(lot) and not lot.asking.locked()

    async def _hand_over(self, lot: Lot) -> None:
        if rows := self._fetching.take(lot.partition):
            lot.handed(rows[-1].offset + 1)
            await self.callback(Batch(self._topic, lot, rows))
        elif self._fetching.broken(lot.partition) and not lot.asking.locked():
            await lot.asking.acquire()
            self.add_future(self._go_on(lot))  # others are handed over meanwhile

    async def _go_on(self, lot: Lot) -> None:
        try:
            while lot.kept and not self.should_stop and not await self._seek_again(lot):
                await self.sleep(_AGAIN_S)
        finally:
            lot.asking.release()

    async def _seek_again(self, lot: Lot) -> bool:
        """Read on where Kafka has something again, as `Batches` says; False: not just now."""
        try:
            first, end = await self._fetching.held(lot.partition)
        except KafkaException as error:
            _log.warning("%s/%d cannot be read on: %s", self._topic, lot.partition, error)
            return False
        done = lot.positions.done
        if done > end:
            msg = (
                f"{self._topic}/{lot.partition} ends at {end}, and {done} was to be read next: "
                "it is not the log that it was"
            )
            raise Stop(msg)
        if lot.kept and done < first:
            lot.positions.skipped(await self._batches.missing(lot.partition, first))
        return await self._fetching.seek(lot.partition, lot.positions.done)

    def begin(self, batch: Batch) -> bool:
        """A stream is about to yield the batch; False where that is void."""
        if batch.lot.kept:
            batch.lot.working += 1
        return batch.lot.kept

    def end(self, batch: Batch) -> None:
        """The stream that has begun it is done with it, well or not."""
        batch.lot.working -= 1
        self._ended.set()

    def ack(self, message: Any) -> bool:
        """All streams have done the batch, well."""
        message.acked = True
        message.lot.positions.acked(message.offset + 1)
        self._news.set()
        return True

    async def wait_empty(self) -> None:
        """Wait for what agents have begun, and commit it."""
        await self._finished(self._lots.values())
        await self.commit()

    def pause_partitions(self, tps: Iterable[TP]) -> None:
        """Hand over nothing more of them; fetching stops when their buffers are full.

        In a rebalance Faust pauses everything by this, and is not listened to: nor is who calls
        it meanwhile.
        """
        self._paused_partitions.update(tps)

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Hand over again."""
        self._paused_partitions.difference_update(tps)
        self._news.set()

    # What the group is told.

    async def commit(
        self, topics: TPorTopicSet | None = None, start_new_transaction: bool = True
    ) -> bool:
        """Tell the group what is done; False where it was not told, or knows."""
        async with self._committing:
            return await self._commit_now(self._lots.values())

    async def _commit_now(self, lots: Collection[Lot]) -> bool:
        due = [(lot, offset) for lot in lots if (offset := lot.positions.due()) is not None]
        if not due:
            return False
        try:
            await self._fetching.commit({lot.partition: offset for lot, offset in due})
        except KafkaException as error:
            _log.warning("%s: positions not committed: %s", self._topic, error)
            return False
        for lot, offset in due:
            lot.positions.committed(offset)
        return True

    # The life of the service.

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group; once, for the one topic.

        Raises:
            Stop: an agent reads something else.
        """
        if set(topics) != {self._topic}:
            msg = f"agents read {sorted(topics)}; this transport brings {self._topic} only"
            raise Stop(msg)
        self.app.flow_control.resume()
        self._fetching.start()

    async def on_stop(self) -> None:
        """Give up all partitions and leave the group."""
        await asyncio.to_thread(self._fetching.stop)

    @Service.task  # type: ignore[untyped-decorator]
    async def _commit_livelock_detector(self) -> None:
        """In place of Faust's, which only warns."""
        while not self.should_stop:
            await self.sleep(self._watchdog.stall_s / 8)
            await self._watchdog.look([lot for lot in self._lots.values() if self._flows(lot)])

    async def _end(self, partition: int) -> int:
        return (await self._fetching.held(partition))[1]

    def assignment(self) -> set[TP]:
        """The partitions that are ours."""
        return {TP(self._topic, partition) for partition in self._lots}

    async def position(self, tp: TP) -> int | None:
        """The next offset of a partition of ours that is to be done."""
        return self._lots[tp.partition].positions.done

    # What Faust's own consumer does, and this one must not.

    async def perform_seek(self) -> None:
        """Do nothing: positions are not the group's."""

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Do nothing: positions are not the group's."""
        return {}

    def _not_here(self, *_args: object, **_options: object) -> Any:
        raise NotImplementedError(type(self).__doc__)

    seek = seek_wait = _seek = _commit = _getmany = _to_message = _not_here
    create_topic = earliest_offsets = highwaters = highwater = key_partition = _not_here
    topic_partitions = _new_topicpartition = _not_here
