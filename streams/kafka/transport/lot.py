"""A partition while it is ours, and the messages that agents get of it."""

from __future__ import annotations

from asyncio import Lock
from time import monotonic
from typing import Any

from faust.types import ConsumerMessage

from schemas.rows import Row
from streams.kafka.transport.positions import Positions


class Lot:
    """A partition while it is ours.

    Attributes:
        partition: its number.
        positions: what of it is done.
        working: how many streams have a batch of it.
        kept: whether it is still ours; a batch that was not begun by then is dropped.
        asking: held by who asks its keeper where to read on, and by who closes it after that.
        moved: when rows of it were last handed over, on the monotonic clock.
        behind: since when there has been more, on the same clock; None where there is not.
    """

    def __init__(self, partition: int, start: int) -> None:
        self.partition, self.positions = partition, Positions(start)
        self.working, self.kept = 0, True
        self.asking = Lock()
        self.moved = monotonic()
        self.behind: float | None = None

    def handed(self, end: int) -> None:
        """Rows up to `end` were handed over."""
        self.positions.handed(end)
        self.moved, self.behind = monotonic(), None


class Batch(ConsumerMessage):
    """A message whose value is all rows of a batch; its offset is that of the last."""

    __slots__ = ("lot",)

    def __init__(self, topic: str, lot: Lot, rows: list[Row]) -> None:
        last = rows[-1]
        value: Any = rows  # Faust says bytes, and only passes them on
        super().__init__(
            topic, lot.partition, last.offset, last.intake_ms / 1000, 1, None, None, value, None
        )
        self.lot = lot
