"""Workers on a real broker that keep the simplest of states: the position, in memory."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from itertools import count
from typing import Any

from confluent_kafka import TopicPartition

from schemas.rows import Row
from schemas.topics import EVENTS
from streams.kafka import clients, topics
from streams.kafka.settings import Kafka
from streams.kafka.transport import application, ended
from streams.kafka.transport.buffer import LIMITS, Buffer

PATIENCE_S = 60


async def until(condition: Callable[[], Any]) -> None:
    """Wait for a condition, and no longer than a minute."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


class Place:
    """One topic on the broker: what was written there, and what was made of it by all workers.

    Attributes:
        positions: the saved state of every partition, which is its position.
        owners: who has a partition open.
        rows: every row that was processed, in order.
        done: how often each offset was processed.
        missed: what workers were told that is no longer held.
    """

    def __init__(self, kafka: Kafka) -> None:
        self.kafka = kafka
        topics.ensure(kafka)
        self.topic = kafka.topic(EVENTS)
        self.positions = dict.fromkeys(range(kafka.partitions), 0)
        self.owners: dict[int, Worker] = {}
        self.rows: dict[int, list[Row]] = defaultdict(list)
        self.done: dict[int, Counter[int]] = defaultdict(Counter)
        self.missed: list[tuple[int, int]] = []
        self.produced = dict.fromkeys(range(kafka.partitions), 0)
        self._producer = clients.producer(kafka, "test")
        self._numbers = count()

    def produce(self, events: int, partitions: Iterable[int] | None = None) -> None:
        """Write some more, evenly, and wait until it is there."""
        places = list(partitions or range(self.kafka.partitions))
        for i in range(events):
            partition = places[i % len(places)]
            value = b"%d" % next(self._numbers)
            self._producer.produce(self.topic, key=f"c{i}", value=value, partition=partition)
            self.produced[partition] += 1
            if i % 1000 == 0:
                self._producer.poll(0)
        assert self._producer.flush(PATIENCE_S) == 0

    def finished(self) -> bool:
        """Whether everything that was written has been processed."""
        return self.positions == self.produced

    def exact(self) -> None:
        """Every row once, in order."""
        for partition, end in self.produced.items():
            assert [row.offset for row in self.rows[partition]] == list(range(end))

    def committed(self) -> dict[int, int]:
        """What the group was told, of the partitions of which it was."""
        asked = [TopicPartition(self.topic, p) for p in range(self.kafka.partitions)]
        with closing(clients.consumer(self.kafka, "live", "live")) as client:
            found = client.committed(asked, timeout=PATIENCE_S)
        return {place.partition: place.offset for place in found if place.offset >= 0}


class Worker:
    """A member of the group.

    Attributes:
        gate: lets the agent work while it is set.
        shut: for tests that hold up opening or closing.
        taken: batches that the agent was handed, as (partition, rows).
        opened: calls of `assigned` that have returned.
        closed: calls of `revoked` that have.
    """

    def __init__(self, place: Place, *, concurrency: int = 1, **options: Any) -> None:
        self.place = place
        self.gate = asyncio.Event()
        self.gate.set()
        self.shut = asyncio.Event()
        self.taken: list[tuple[int, int]] = []
        self.opened: list[int] = []
        self.closed: list[set[int]] = []
        self.app = application(place.kafka, "live", EVENTS, self, **options)
        self.app.agent(self.app.source, concurrency=concurrency)(self.agent)

    async def agent(self, stream: Any) -> None:
        async for event in stream.events():
            await self.process(event.message.partition, event.value)

    async def process(self, partition: int, rows: list[Row]) -> None:
        self.taken.append((partition, len(rows)))
        await self.gate.wait()
        self.save(partition, rows)

    def save(self, partition: int, rows: list[Row]) -> None:
        place = self.place
        assert place.owners[partition] is self, f"{partition} is not ours"
        assert rows[0].offset == place.positions[partition], "a batch out of order"
        place.rows[partition] += rows
        place.done[partition].update(row.offset for row in rows)
        place.positions[partition] = rows[-1].offset + 1

    async def assigned(self, partition: int) -> int:
        await self.opening(partition)
        assert partition not in self.place.owners, f"{partition} is another's"
        self.place.owners[partition] = self
        self.opened.append(partition)
        return self.place.positions[partition]

    async def opening(self, partition: int) -> None:
        """What takes long."""

    def leaving(self, partitions: set[int]) -> None:
        """Nothing here waits for what may not come."""

    async def revoked(self, partitions: set[int]) -> None:
        await self.closing(partitions)
        for partition in partitions:
            assert self.place.owners.pop(partition) is self
        self.closed.append(partitions)

    async def closing(self, partitions: set[int]) -> None:
        """What takes long."""

    async def missing(self, partition: int, first: int) -> int:
        assert self.place.owners[partition] is self
        self.place.missed.append((partition, first))
        self.place.positions[partition] = first
        return first

    @property
    def mine(self) -> set[int]:
        return {partition for partition, owner in self.place.owners.items() if owner is self}

    async def failure(self) -> BaseException | None:
        """Why it ended; waits for that."""
        async with asyncio.timeout(PATIENCE_S):
            return await ended(self.app)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Worker]:
        async with asyncio.timeout(2 * PATIENCE_S):
            await self.app.start()
            try:
                yield self
            finally:
                self.gate.set()
                self.shut.set()
                await self.app.stop()


def buffered(worker: Worker, partition: int) -> Buffer:
    """The rows that were fetched of a partition and not handed over; none, if it is not open."""
    consumer: Any = worker.app.consumer
    found: dict[int, Buffer] = consumer._fetching._buffers
    return found.get(partition, Buffer(LIMITS))
