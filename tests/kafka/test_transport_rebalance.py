"""Workers join, leave and come back: nobody works on what is another's, and no row is missed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, cast

import pytest

from streams.kafka.settings import Kafka
from streams.kafka.transport import Limits
from streams.kafka.transport.consumer import Consumer
from tests.kafka.conftest import running
from tests.kafka.workers import Place, Worker, buffered, until


@pytest.fixture
def place(kafka: Kafka) -> Place:
    return Place(kafka)


def test_a_second_worker_gets_half_and_gives_it_back(place: Place) -> None:
    async def scenario() -> None:
        async with Worker(place).running() as first:
            await until(lambda: len(first.mine) == 4)
            async with Worker(place).running() as second:
                await until(lambda: len(first.mine) == len(second.mine) == 2)
                place.produce(1_000)
                await until(place.finished)
                assert {partition for partition, _ in second.taken} == second.mine
            assert len(first.closed) == 1  # what it kept was not closed in between
            await until(lambda: len(first.mine) == 4)
            place.produce(1_000)
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_partitions_go_to_another_only_after_they_are_closed(place: Place) -> None:
    class Slow(Worker):
        def __init__(self, place: Place) -> None:
            super().__init__(place)
            self.asked: set[int] = set()

        async def closing(self, partitions: set[int]) -> None:
            self.asked |= partitions
            await self.shut.wait()

    async def scenario() -> None:
        slow = Slow(place)
        async with slow.running():
            await until(lambda: len(slow.mine) == 4)
            async with Worker(place).running() as second:
                await until(lambda: len(slow.asked) == 2)
                assert (slow.closed, second.opened) == ([], [])
                slow.shut.set()
                await until(lambda: second.mine == slow.asked)
                await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_a_batch_in_work_is_finished_before_its_partition_goes(place: Place) -> None:
    async def scenario() -> None:
        first = Worker(place, concurrency=4)  # so that all are in work, whichever goes
        first.gate.clear()
        place.produce(1_000)
        async with first.running():
            await until(lambda: len(first.taken) == 4)
            async with Worker(place).running() as second:
                await until(lambda: any(lot_states(first)))
                assert first.closed == []
                first.gate.set()
                await until(lambda: len(second.mine) == 2)
                await until(place.finished)

    asyncio.run(scenario())
    place.exact()


class Waiting(Worker):
    """One whose agent waits for something that comes only once others have the partition."""

    def leaving(self, partitions: set[int]) -> None:
        self.gate.set()


def test_who_waits_hears_that_the_partition_is_to_go(place: Place) -> None:
    async def scenario() -> None:
        first = Waiting(place)
        first.gate.clear()
        place.produce(1_000)
        async with first.running():
            await until(lambda: first.taken)
            async with Worker(place).running() as second:
                await until(lambda: len(second.mine) == 2)
                await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_a_partition_that_cannot_be_opened_yet_does_not_keep_another_from_leaving(
    place: Place,
) -> None:
    class Stuck(Worker):
        async def opening(self, partition: int) -> None:
            if len(self.opened) >= 4:  # the first time all goes well
                await self.shut.wait()

    async def scenario() -> None:
        place.produce(1_000)
        async with Stuck(place).running() as first:
            await until(lambda: len(first.mine) == 4)
            async with Worker(place).running() as second:
                await until(lambda: len(second.mine) == 2)
            await until(lambda: len(place.owners) == 2)  # it cannot open what comes back
            async with Worker(place).running() as third, Worker(place).running() as fourth:
                await until(lambda: len(third.mine) + len(fourth.mine) >= 1)
                first.shut.set()
                await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_a_partition_that_cannot_be_opened_yet_keeps_none_that_came_with_it(place: Place) -> None:
    class Stuck(Worker):
        async def opening(self, partition: int) -> None:
            if partition == 3:
                await self.shut.wait()

        def leaving(self, partitions: set[int]) -> None:
            if 3 in partitions:
                self.shut.set()

    async def scenario() -> None:
        async with Stuck(place).running() as first:
            await until(lambda: first.mine == {0, 1, 2})
            async with Worker(place).running() as second:
                await until(lambda: len(second.mine) == 2)
                assert not first.shut.is_set()
                first.shut.set()
                place.produce(1_000)
                await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_what_was_full_when_it_left_is_fetched_when_it_comes_back(place: Place) -> None:
    """The client would go on pausing what was paused, whoever had it meanwhile."""

    class Full(Worker):
        def leaving(self, partitions: set[int]) -> None:
            self.gate.set()  # only now: until then its buffers are full

    async def scenario() -> None:
        async with Full(place, concurrency=4, limits=Limits(rows=1_000)).running() as first:
            first.gate.clear()
            place.produce(4)
            await until(lambda: len(first.taken) == 4)
            place.produce(40_000)
            await until(lambda: all(buffered(first, part).paused for part in range(4)))
            async with Worker(place).running() as second:
                await until(lambda: len(second.mine) == 2)
            await until(lambda: len(first.mine) == 4)
            place.produce(1_000)
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_two_rebalances_at_a_time_leave_nothing_halted(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        async with Worker(place).running() as worker:
            await until(lambda: len(worker.mine) == 4)
            consumer = cast(Consumer, worker.app.consumer)
            told = []
            for _ in range(50):  # each begins at another moment of those before it
                told.append(asyncio.create_task(consumer._tell_faust()))
                await asyncio.sleep(0)
            await asyncio.gather(*told)
            place.produce(1_000)
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()
    assert "sensor state" not in caplog.text  # it knows which of them has ended


@pytest.mark.parametrize("members", [2, 3])
def test_ten_joins_and_leaves_under_load(place: Place, members: int) -> None:
    async def scenario() -> None:
        async with AsyncExitStack() as kept:
            await kept.enter_async_context(Worker(place, concurrency=2).running())
            for _ in range(10):
                async with AsyncExitStack() as passing:
                    others = [
                        await passing.enter_async_context(Worker(place).running())
                        for _ in range(members - 1)
                    ]
                    place.produce(2_000)
                    await until(partial(all_have_some, others))
                    place.produce(2_000)
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()
    assert place.committed() == place.produced


def test_restarts_in_a_storm_that_nobody_waits_for(place: Place) -> None:
    async def scenario() -> None:
        async with Worker(place).running():
            for i in range(10):
                async with Worker(place).running():
                    place.produce(500 + i)
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_what_is_open_goes_on_while_another_partition_is_opened(place: Place) -> None:
    class Slow(Worker):
        """Opens what is new only when told to."""

        async def opening(self, partition: int) -> None:
            if len(self.opened) >= 4:
                await self.shut.wait()

    async def scenario() -> None:
        slow = Slow(place)
        async with slow.running():
            await until(lambda: len(slow.mine) == 4)
            async with Worker(place).running():
                await until(lambda: len(slow.mine) == 2)
            await until(lambda: len(place.owners) == 2)
            kept = slow.mine
            place.produce(1_000)
            await until(lambda: all(place.positions[p] == 250 for p in kept))
            assert slow.mine == kept
            slow.shut.set()
            await until(place.finished)

    asyncio.run(scenario())
    place.exact()


def test_a_worker_that_was_not_heard_of_closes_and_opens_again(tmp_path: Path) -> None:
    brokers = running(tmp_path / "broker")
    broker = next(brokers)
    try:
        kafka = Kafka(
            brokers=broker.addresses,
            development=True,
            partitions=4,
            replication=1,
            in_sync=1,
            session_s=2,
        )
        place = Place(kafka)

        async def scenario() -> None:
            async with Worker(place).running() as worker:
                place.produce(1_000)
                await until(place.finished)
                broker.pause()
                over = monotonic() + 3 * kafka.session_s
                await until(lambda: monotonic() > over)
                broker.resume()
                await until(lambda: worker.closed == [{0, 1, 2, 3}])
                await until(lambda: worker.mine == {0, 1, 2, 3})
                place.produce(1_000)
                await until(place.finished)

        asyncio.run(scenario())
        place.exact()
    finally:
        assert next(brokers, None) is None


def test_a_closing_that_does_not_end_ends_the_worker(place: Place) -> None:
    class Stuck(Worker):
        async def closing(self, partitions: set[int]) -> None:
            await self.shut.wait()

    async def scenario() -> None:
        stuck = Stuck(place, patience_s=45)
        consumer: Any = stuck.app.consumer
        consumer._patience_s = 0.5
        async with stuck.running():
            await until(lambda: len(stuck.mine) == 4)
            async with Worker(place).running():
                assert "not closed" in str(await stuck.failure())

    asyncio.run(scenario())


def all_have_some(workers: list[Worker]) -> bool:
    return all(worker.mine for worker in workers)


def lot_states(worker: Worker) -> list[bool]:
    """Of every partition of a worker, whether it is being given up."""
    return [not lot.kept for lot in worker.app.consumer._lots.values()]
