"""The live role between Kafka and its partitions: batches in, results out at their times.

All work on partitions is done in one thread of its own, so that the loop goes on beating; what
fails for a while is waited out here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import TypeVar

from schemas.errors import Retry
from schemas.rows import Row
from streams.kafka.held import Copy
from streams.kafka.owned import Owned
from streams.kafka.records import Membership

SHOW_S, ADVANCE_S, PATIENCE_S = 0.1, 0.5, 1.0
_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_AT_ONCE = nullcontext()


class Live:
    """A `streams.kafka.transport.Batches`. Started and ended in the loop that awaits the rest.

    Args:
        make: opens what there is to open, in the thread that works on it, for a member of the
            group that hands the partitions out.
        copy_s: how often states are copied.
    """

    def __init__(self, make: Callable[[Membership], Owned], copy_s: int) -> None:
        self._make, self._copy_s = make, copy_s
        self._troubles: dict[int | str, str] = {}  # of a partition, or of what is done for all
        self._hands = ThreadPoolExecutor(1, "live")
        self._copier = ThreadPoolExecutor(1, "copies")
        self._turn, self._opening = asyncio.Lock(), asyncio.Lock()
        self._ending, self._leaving = False, set[int]()

    @property
    def trouble(self) -> str | None:
        """Why it, or a partition of it, cannot go on at present; from any thread."""
        return next(iter(self._troubles.values()), None)

    async def start(self, membership: Membership) -> None:
        """Open; reaches the brokers.

        Raises:
            Retry: they are away.
        """
        self._owned = await self._do(partial(self._make, membership))
        repeated = (
            self._repeat(self._owned.show, SHOW_S, "what changed"),
            self._repeat(self._owned.advance, ADVANCE_S, "the clock"),
            self._copy(),
        )
        self._tasks = [asyncio.create_task(one) for one in repeated]

    async def failed(self) -> None:
        """Wait until something fails that cannot be waited out, and raise that."""
        await asyncio.gather(*self._tasks)

    async def end(self) -> None:
        """Let go of everything, after the last `revoked`."""
        self._ending = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._do(self._owned.end)
        self._hands.shutdown()
        self._copier.shutdown()

    def give_way(self) -> None:
        """Wait for nothing any more: what cannot be done now is the next owners' to do."""
        self._ending = True

    async def assigned(self, partition: int) -> int | None:
        """See `streams.kafka.transport.Batches`."""
        self._owned.facts.moves += 1
        return await self._open(partition)

    def leaving(self, partitions: set[int]) -> None:
        """See `streams.kafka.transport.Batches`."""
        self._leaving |= partitions

    async def missing(self, partition: int, first: int) -> int:
        """See `streams.kafka.transport.Batches`."""
        return max(first, await self._open(partition) or 0)

    async def _open(self, partition: int) -> int | None:
        """None: it is given up, before it could be opened.

        Openings wait for one another here, as batches do: what is open goes on between them.
        """

        def work() -> int:
            if self._is_given_up(partition):
                msg = f"partition {partition} is given up"
                raise Retry(msg)
            return self._owned.open(partition, self._is_awaited)

        try:
            return await self._patiently(work, self._opening, partition)
        except Retry:
            await self._let_go(partition)
            return None

    async def revoked(self, partitions: set[int]) -> None:
        """See `streams.kafka.transport.Batches`; all that was done is saved already."""
        self._owned.facts.moves += len(partitions)
        for number in sorted(partitions):
            await self._let_go(number)

    async def _let_go(self, number: int) -> None:
        copy = await self._do(partial(self._owned.close, number))
        self._leaving.discard(number)  # it may come back
        self._note(number, None)
        if copy is not None:
            await self._put(copy)

    async def batch(self, partition: int, rows: list[Row]) -> None:
        """Apply and save; when it returns, the batch is done, or left to the next owner.

        Batches wait for one another here, not in the thread: there, what is to be shown would
        wait for those of all partitions.
        """
        work = partial(self._owned.take, partition, rows)
        try:
            await self._patiently(work, self._turn, partition)
        except Retry as error:
            _log.warning("partition %d goes on elsewhere, without: %s", partition, error)

    async def _do(self, work: Callable[[], _T]) -> _T:
        """In the thread of the partitions."""
        return await asyncio.get_running_loop().run_in_executor(self._hands, work)

    async def _patiently(
        self, work: Callable[[], _T], turn: AbstractAsyncContextManager[None], of: int
    ) -> _T:
        """The same again, until it can be done; each time in its turn.

        Raises:
            Retry: it cannot, and all ends, or the partition that it is of is given up.
        """
        while True:
            try:
                return await self._once(work, turn, of)
            except Retry:
                if self._is_given_up(of):
                    raise
                await asyncio.sleep(PATIENCE_S)

    async def _once(
        self, work: Callable[[], _T], turn: AbstractAsyncContextManager[None], of: int | str
    ) -> _T:
        """What is done for a partition, or for all; operators hear of it while it cannot be.

        Raises:
            Retry: not this time.
        """
        try:
            async with turn:
                done = await self._do(work)
        except Retry as error:
            if not self._is_given_up(of):
                self._note(of, error)
            raise
        self._note(of, None)
        return done

    def _is_awaited(self) -> bool:
        """Whether others wait for something that is ours."""
        return self._ending or bool(self._leaving)

    def _is_given_up(self, of: int | str) -> bool:
        return self._ending or of in self._leaving

    def _note(self, of: int | str, error: Retry | None) -> None:
        others = {name: why for name, why in self._troubles.items() if name != of}
        self._troubles = others if error is None else {**others, of: f"live: {error}"}
        if error is not None:
            _log.warning("live waits: %s", error)

    async def _repeat(self, work: Callable[[], None], every_s: float, of: str) -> None:
        """Until it cannot be done, and all ends; the next owners will."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await self._once(work, _AT_ONCE, of)
            except Retry:
                if self._ending:
                    return
                await asyncio.sleep(PATIENCE_S)

    async def _copy(self) -> None:
        while True:
            await asyncio.sleep(self._copy_s)
            for copy in await self._do(self._owned.moved):
                await self._put(copy)

    async def _put(self, copy: Copy) -> None:
        """Beside the work; what cannot be copied is copied the next time, or never."""
        put = self._owned.copies.put
        try:
            await asyncio.get_running_loop().run_in_executor(self._copier, put, *copy)
        except Retry as error:
            _log.warning("the state of partition %d is not copied: %s", copy.number, error)
