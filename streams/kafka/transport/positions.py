"""How far a partition has been done, and how far the group has been told."""

from __future__ import annotations

from collections import deque


class Positions:
    """The batches of one partition: handed over in order, done in any, committed in order.

    What is committed is the end of the last batch that is done with all before it done. It says
    how far behind the worker is; nobody reads on from it.
    """

    def __init__(self, start: int) -> None:
        self.done = start  # the next offset to be done; everything below is
        self.reported: int | None = None  # what the group has confirmed
        self._out: deque[int] = deque()  # ends of the batches handed over and not done, in order
        self._early: set[int] = set()  # of them, those that are done while one before is not

    @property
    def out(self) -> bool:
        """Whether a batch handed over is not done yet."""
        return bool(self._out)

    def handed(self, end: int) -> None:
        """A batch was handed over whose last offset is `end` - 1."""
        self._out.append(end)

    def acked(self, end: int) -> None:
        """The batch with that end is done."""
        self._early.add(end)
        while self._out and self._out[0] in self._early:
            self.done = self._out.popleft()
            self._early.discard(self.done)

    def skipped(self, to: int) -> None:
        """Nothing below `to` will ever come; for a partition with no batch out."""
        self.done = to

    def due(self) -> int | None:
        """What the group should be told; None where it knows."""
        return self.done if self.done != self.reported else None

    def committed(self, offset: int) -> None:
        """The group has confirmed `offset`."""
        self.reported = offset
