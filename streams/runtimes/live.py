"""The live worker: every partition to the log's tail, then all of them to one clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streams.runtimes.partition import LivePartition

#: Rows applied at a time when there is much to catch up with: contacts are then folded about
#: once each, and memory stays in the hundreds of megabytes.
TICK = 400_000


class LiveWorker:
    """All partitions of one log. `now` is the newest event time of any of them."""

    def __init__(self, partitions: Sequence[LivePartition], tick: int = TICK) -> None:
        self.partitions = partitions
        self._tick = tick

    @property
    def now(self) -> int | None:
        """The clock of events, in milliseconds: what every live figure is true of."""
        return max(
            (part.state.now for part in self.partitions if part.state.now is not None),
            default=None,
        )

    def step(self, applied: Callable[[int], None] = lambda _: None) -> int:
        """Apply what is new; how many rows that was. Figures may be read afterwards.

        `applied` hears of progress, in rows.
        """
        total = sum(part.catch_up(self._tick, applied) for part in self.partitions)
        now = self.now
        if now is not None:
            for part in self.partitions:
                part.advance(now)
        return total

    def close(self) -> None:
        """Let go of the state files; nothing saved depends on it."""
        for part in self.partitions:
            part.store.close()
