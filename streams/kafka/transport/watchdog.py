"""Notices a partition that has more and of which nothing comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from time import monotonic

from confluent_kafka import KafkaException

from schemas.errors import Stop
from streams.kafka.transport.lot import Lot


class Watchdog:
    """Looks at the partitions that are ours, several times within `stall_s`.

    An agent that is long in its batch is none of its business: it may be waiting for a disk or a
    broker, and says so itself.
    """

    def __init__(
        self,
        stall_s: float,
        end: Callable[[int], Awaitable[int]],
        waiting: Callable[[int], bool],
    ) -> None:
        """Of one consumer.

        Args:
            stall_s: how long a partition may have more and hand nothing over, in seconds.
            end: the next offset that Kafka will give of a partition; asks the brokers.
            waiting: whether rows of a partition were fetched and not handed over.
        """
        self.stall_s, self._end, self._waiting = stall_s, end, waiting

    async def look(self, lots: Collection[Lot]) -> None:
        """See how long each has been behind.

        Raises:
            Stop: one of them for too long.
        """
        busy = any(lot.working for lot in lots)
        for lot in lots:
            now = monotonic()
            moving = lot.working or now - lot.moved < self.stall_s / 4
            if moving or not await self._more(lot, busy):
                lot.behind = None
            elif lot.behind is None:
                lot.behind = now
            elif now - lot.behind >= self.stall_s:
                msg = (
                    f"partition {lot.partition} stands at {lot.positions.done} for "
                    f"{now - lot.moved:.0f} s although there is more"
                )
                raise Stop(msg)

    async def _more(self, lot: Lot, busy: bool) -> bool:
        """Whether there is more that should come; while agents are busy, rows may wait."""
        if lot.positions.out or self._waiting(lot.partition):
            return not busy
        try:
            return await self._end(lot.partition) > lot.positions.done
        except KafkaException:
            return False  # Kafka is away, and nothing can come
