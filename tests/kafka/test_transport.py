"""The micro-batch transport on a real broker: what an agent is handed, and what is committed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from faust.types import TP

from schemas.errors import Stop
from schemas.rows import Row
from streams.kafka import clients
from streams.kafka.settings import Kafka
from streams.kafka.transport import Limits
from streams.kafka.transport.buffer import Buffer
from tests.kafka.workers import Place, Worker, buffered, until


@pytest.fixture
def place(kafka: Kafka) -> Place:
    return Place(kafka)


def test_agents_are_handed_all_rows_in_order(place: Place) -> None:
    async def scenario() -> None:
        place.produce(1_000)
        async with Worker(place).running():
            await until(place.finished)
            place.produce(10)
            await until(place.finished)
        assert place.owners == {}

    asyncio.run(scenario())
    place.exact()
    first = place.rows[0][0]
    assert (first.offset, first.key, first.value) == (0, "c0", b"0")
    assert all(row.intake_ms > 1_600_000_000_000 for row in place.rows[3])
    assert place.committed() == place.produced


def test_nothing_is_committed_before_it_is_done(place: Place) -> None:
    async def scenario() -> None:
        place.produce(1_000)
        worker = Worker(place)
        worker.gate.clear()
        async with worker.running():
            await until(lambda: worker.taken)
            await worker.app.consumer.commit()
            assert set(place.committed().values()) == {0}
            worker.gate.set()
            await until(place.finished)
            assert not set(place.committed().values()) - {0, 250}
        assert place.committed() == place.produced

    asyncio.run(scenario())


def test_what_comes_while_an_agent_is_busy_is_one_batch(place: Place) -> None:
    async def scenario() -> None:
        worker = Worker(place)
        async with worker.running():
            worker.gate.clear()
            place.produce(1, [2])
            await until(lambda: worker.taken)
            for _ in range(3):
                place.produce(50, [2])
            await until(lambda: len(buffered(worker, 2)) == 150)
            worker.gate.set()
            await until(place.finished)
            assert worker.taken == [(2, 1), (2, 150)]

    asyncio.run(scenario())


def test_partitions_are_worked_on_side_by_side_and_each_in_order(place: Place) -> None:
    async def scenario() -> None:
        worker = Worker(place, concurrency=4)
        worker.gate.clear()
        async with worker.running():
            place.produce(400)
            await until(lambda: len(worker.taken) == 4)
            place.produce(400)
            worker.gate.set()
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


class Broken(Worker):
    """Its agent cannot stand a value."""

    async def process(self, partition: int, rows: list[Row]) -> None:
        if any(row.value == b"777" for row in rows):
            raise ValueError(partition)
        await super().process(partition, rows)


@pytest.mark.parametrize("events", [False, True])
def test_a_body_that_raises_ends_the_application_and_its_batch_is_not_done(
    place: Place, events: bool
) -> None:
    class Plain(Broken):
        async def agent(self, stream: Any) -> None:
            async for rows in stream:
                partition = stream.current_event.message.partition
                await self.process(partition, rows)

    async def scenario() -> None:
        place.produce(1_000)
        worker = (Broken if events else Plain)(place)
        async with worker.running():
            error = await worker.failure()
            assert (type(error), error and error.args) == (ValueError, (777 % 4,))
        assert worker.closed == []  # what was not saved is void
        assert place.committed()[777 % 4] <= place.positions[777 % 4] <= 777 // 4
        place.owners.clear()
        async with Worker(place).running():  # the group was left, too
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_an_error_while_opening_ends_the_application(place: Place) -> None:
    class Damaged(Worker):
        async def opening(self, partition: int) -> None:
            msg = "the state file is damaged"
            raise Stop(msg)

    async def scenario() -> None:
        worker = Damaged(place)
        async with worker.running():
            assert str(await worker.failure()) == "the state file is damaged"

    asyncio.run(scenario())


def test_an_error_while_closing_is_not_silent(place: Place) -> None:
    class Full(Worker):
        async def closing(self, partitions: set[int]) -> None:
            msg = "the disk is full"
            raise Stop(msg)

    async def scenario() -> None:
        worker = Full(place)
        async with worker.running():
            await until(lambda: worker.opened)
        assert str(await worker.failure()) == "the disk is full"

    asyncio.run(scenario())


def test_a_full_buffer_stops_fetching_and_an_empty_one_starts_it(place: Place) -> None:
    async def scenario() -> None:
        worker = Worker(place, limits=Limits(rows=1_000))
        worker.gate.clear()
        place.produce(40_000, [1])
        async with worker.running():
            await until(lambda: len(worker.taken) == 1 and buffered(worker, 1).paused)
            assert len(buffered(worker, 1)) <= 1_000 + 10_000  # and what one call brings
            worker.gate.set()
            await until(place.finished)
            assert max(rows for _, rows in worker.taken) <= 11_000

    asyncio.run(scenario())
    place.exact()


def test_large_events_fill_a_buffer_too() -> None:
    limits = Limits(rows=1_000, size=100)
    row = Row(0, 0, "", b"x" * 60)
    for rows, full in (([row], False), ([row, row], True)):
        buffer = Buffer(limits)
        buffer.add(rows)
        assert (buffer.full, buffer.low) == (full, False)
        assert buffer.take() == rows
        assert buffer.low


def test_a_paused_partition_waits_and_the_others_go_on(place: Place) -> None:
    async def scenario() -> None:
        worker = Worker(place)
        async with worker.running():
            await until(lambda: len(worker.opened) == 4 and not worker.app.rebalancing)
            held = {TP(place.topic, 3)}
            worker.app.consumer.pause_partitions(held)
            place.produce(400)
            await until(lambda: [*place.positions.values()][:3] == [100, 100, 100])
            await until(lambda: len(buffered(worker, 3)) == 100)
            assert place.positions[3] == 0
            worker.app.consumer.resume_partitions(held)
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_stopping_finishes_the_batch_in_work_and_drops_the_others(place: Place) -> None:
    async def scenario() -> None:
        place.produce(4_000)
        worker = Worker(place)
        worker.gate.clear()
        async with worker.running():
            await until(lambda: worker.taken)
            stopping = asyncio.create_task(worker.app.stop())
            await until(lambda: worker.app.should_stop)
            assert worker.closed == []
            worker.gate.set()
            await stopping
        (only,) = worker.taken
        assert sum(place.positions.values()) == only[1]
        assert {p: place.committed()[p] for p in place.positions} == place.positions
        async with Worker(place).running():
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_what_is_no_longer_held_is_said_and_never_stepped_over(place: Place) -> None:
    async def scenario() -> None:
        forgotten(place)
        async with Worker(place).running():
            await until(place.finished)

    asyncio.run(scenario())
    assert place.missed == [(2, 70)]
    assert [row.offset for row in place.rows[2]] == list(range(70, 100))
    assert [row.offset for row in place.rows[1]] == list(range(100))


class Asking(Worker):
    """One that learns late where to go on after what is missing."""

    async def missing(self, partition: int, first: int) -> int:
        await self.shut.wait()
        return await super().missing(partition, first)


def test_a_partition_that_waits_for_what_is_missing_keeps_no_other(place: Place) -> None:
    """Neither from being fed nor from leaving; and it may wait for longer than a stall."""

    class Leaving(Asking):
        def leaving(self, partitions: set[int]) -> None:
            if 2 in partitions:
                self.shut.set()

    async def scenario() -> None:
        forgotten(place)
        async with Leaving(place, stall_s=2).running() as worker:
            for _ in range(2):
                await until(lambda: lacks(place) == {2})
                await asyncio.sleep(3)
                place.produce(30, [0, 1, 3])
            async with Worker(place).running() as second:
                await until(lambda: len(second.mine) == 2)
            worker.shut.set()
            await until(place.finished)
            assert worker.app.crash_reason is None

    asyncio.run(scenario())
    assert {*place.missed} == {(2, 70)}
    assert [row.offset for row in place.rows[2]] == list(range(70, 100))


def test_nothing_is_sought_while_another_partition_leaves(place: Place) -> None:
    """Its next owner would have it before it is closed."""

    class Closing(Asking):
        async def closing(self, partitions: set[int]) -> None:
            self.shut.set()
            await asyncio.sleep(3)

    async def scenario() -> None:
        forgotten(place)
        async with Closing(place).running():
            await until(lambda: lacks(place) == {2})
            async with Worker(place).running() as second:
                await until(lambda: len(second.mine) == 2)
                await until(place.finished)

    asyncio.run(scenario())
    assert {*place.missed} == {(2, 70)}


def forgotten(place: Place) -> None:
    """A hundred rows of each partition, the first seventy of one of which Kafka let go of."""
    place.produce(400)
    client = clients.admin(place.kafka)
    for done in client.delete_records([TopicPartition(place.topic, 2, 70)]).values():
        done.result(30)


def lacks(place: Place) -> set[int]:
    """The partitions of which not all is done."""
    return {part for part, end in place.produced.items() if place.positions[part] < end}


def test_a_position_beyond_the_end_is_another_log(place: Place) -> None:
    async def scenario() -> None:
        place.produce(400)
        place.positions[1] = 4_711
        worker = Worker(place)
        async with worker.running():
            assert "ends at 100, and 4711 was to be read" in str(await worker.failure())

    asyncio.run(scenario())


def test_an_agent_that_is_gone_is_noticed(place: Place) -> None:
    class Short(Worker):
        async def agent(self, stream: Any) -> None:
            """Ends, as an agent never should."""

    async def scenario() -> None:
        worker = Short(place, stall_s=0.4)
        place.produce(400)
        async with worker.running():
            assert "although there is more" in str(await worker.failure())

    asyncio.run(scenario())


def test_agents_read_the_one_topic_only(place: Place) -> None:
    async def scenario() -> None:
        worker = Worker(place)
        worker.app.agent(worker.app.topic("another"))(worker.agent)
        async with worker.running():
            assert "brings" in str(await worker.failure())

    asyncio.run(scenario())
