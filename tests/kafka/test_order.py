"""In which order the one thread of a live worker does what waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest

from schemas.errors import Retry
from schemas.rows import Row
from streams.kafka.facts import Facts
from streams.kafka.held import Copy
from streams.kafka.live import SHOW_S, Live
from streams.kafka.owned import Owned

_BATCH_S = 2 * SHOW_S  # so that there is something to be shown before one batch is done


class Noted:
    """Partitions that take their time, and note what was asked of them."""

    def __init__(self, refused: int = 0) -> None:
        self.facts = Facts()
        self.asked: list[str] = []
        self.mute = self.stands = False
        self._refused = refused

    def take(self, number: int, rows: Sequence[Row]) -> None:
        """Note a batch; the first partition cannot take its own yet."""
        if number == 0 and self._refused:
            self._refused -= 1
            self.asked.append("refused")
            msg = "not now"
            raise Retry(msg)
        time.sleep(_BATCH_S)
        self.asked.append(f"batch {number}")

    def open(self, number: int, interrupted: Callable[[], bool]) -> int:
        """Not now, and never."""
        self.asked.append(f"open {number}")
        msg = "its last owner has not ended"
        raise Retry(msg)

    def close(self, number: int) -> None:
        """Note it."""
        self.asked.append(f"close {number}")

    def show(self) -> None:
        """Note it, unless it cannot be done."""
        self.asked.append("show")
        if self.mute:
            msg = "the brokers do not answer"
            raise Retry(msg)

    def advance(self) -> None:
        """Nothing to do, unless it cannot be done."""
        if self.stands:
            self.asked.append("stands")
            msg = "a partition has no leader"
            raise Retry(msg)

    def moved(self) -> list[Copy]:
        """Nothing did."""
        return []

    def end(self) -> None:
        """Nothing to let go of."""


@asynccontextmanager
async def living(partitions: Noted) -> AsyncIterator[Live]:
    """The live role over these partitions, until all ends."""
    live = Live(lambda _: cast(Owned, partitions), copy_s=60)
    await live.start(lambda: b"")
    try:
        yield live
    finally:
        await live.end()


def asked(partitions: Noted) -> list[str]:
    """What was asked, where four partitions had something at the same time."""

    async def story() -> None:
        async with living(partitions) as live:
            await asyncio.gather(*(live.batch(number, []) for number in range(4)))

    asyncio.run(story())
    return partitions.asked


def test_what_is_to_be_shown_waits_for_one_batch_and_not_for_those_of_all_partitions() -> None:
    found = asked(Noted())
    assert [what for what in found if what != "show"] == [f"batch {n}" for n in range(4)]
    assert "show" in found[: found.index("batch 2")]


def test_a_batch_that_must_wait_lets_the_others_go_first() -> None:
    found = [what for what in asked(Noted(refused=1)) if what != "show"]
    assert found == ["refused", "batch 1", "batch 2", "batch 3", "batch 0"]


def test_what_changed_is_shown_though_the_clock_must_wait() -> None:
    partitions = Noted()
    partitions.stands = True

    async def story() -> None:
        async with living(partitions), asyncio.timeout(60):
            while "show" not in _after("stands", partitions.asked):
                await asyncio.sleep(SHOW_S)

    asyncio.run(story())


def _after(what: str, asked: list[str]) -> list[str]:
    return asked[asked.index(what) :] if what in asked else []


def test_one_that_must_wait_is_told_of_for_as_long_as_it_waits() -> None:
    partitions = Noted(refused=2)

    async def story() -> list[str | None]:
        async with living(partitions) as live:
            waiting = asyncio.create_task(live.batch(0, []))
            told = []
            while not waiting.done():
                await asyncio.sleep(SHOW_S)
                told.append(live.trouble)
        return [*told, live.trouble]

    *told, at_last = asyncio.run(story())
    first, last = told.index("live: not now"), told[::-1].index("live: not now")
    assert {*told[first : len(told) - last]} == {"live: not now"}
    assert partitions.asked.count("show") > 1  # which went well meanwhile
    assert at_last is None


class Opening(Noted):
    """Partitions that take their time to open."""

    def open(self, number: int, interrupted: Callable[[], bool]) -> int:
        """Note it."""
        time.sleep(_BATCH_S)
        self.asked.append(f"open {number}")
        return 0


def test_what_is_open_goes_on_between_the_openings_of_others() -> None:
    partitions = Opening()

    async def story() -> None:
        async with living(partitions) as live:
            await asyncio.gather(*(live.assigned(number) for number in range(4)), live.batch(9, []))

    asyncio.run(story())
    assert {"batch 9", "show"} <= {*partitions.asked[: partitions.asked.index("open 2")]}


def test_what_is_given_up_before_its_turn_is_not_opened() -> None:
    partitions = Opening()

    async def story() -> list[int | None]:
        async with living(partitions) as live:
            opening = asyncio.gather(*(live.assigned(number) for number in range(3)))
            await asyncio.sleep(0)
            live.leaving({1})
            found = await opening
            assert "open 1" not in partitions.asked
            again = await live.assigned(1)
        return [*found, again]

    assert asyncio.run(story()) == [0, None, 0, 0]


@pytest.mark.parametrize("all_ends", [False, True])
def test_what_cannot_be_done_of_a_partition_that_leaves_is_not_waited_for(all_ends: bool) -> None:
    """Others wait for it, and some things can be done only once they have it."""
    partitions = Noted(refused=10**6)

    async def story() -> None:
        async with living(partitions) as live:
            waiting = [asyncio.create_task(live.batch(0, [])), asyncio.create_task(_opened(live))]
            while not {"refused", "open 1"} <= {*partitions.asked}:
                await asyncio.sleep(0.01)
            if all_ends:
                live.give_way()
            else:
                live.leaving({0, 1})
            await asyncio.gather(*waiting)
            await live.revoked({0, 1})

    asyncio.run(story())
    closed = [what for what in partitions.asked if what.startswith("close")]
    assert closed == ["close 1", "close 0", "close 1"]  # one was never open, and is let go at once


def test_what_cannot_be_shown_any_more_when_all_ends_is_no_failure() -> None:
    partitions = Noted()
    partitions.mute = True

    async def story() -> bool:
        async with living(partitions) as live:
            failed = asyncio.create_task(live.failed())
            live.give_way()
            while "show" not in partitions.asked:
                await asyncio.sleep(0.01)
            await asyncio.sleep(SHOW_S)
            found = failed.done()
            failed.cancel()
        return found

    assert not asyncio.run(story())


async def _opened(live: Live) -> None:
    assert await live.assigned(1) is None
