"""A token bucket, pure: a rate with some patience, and the time is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.instants import SECOND


@dataclass(frozen=True, slots=True)
class Bucket:
    """How much a producer may still send.

    A request is let in while the level is above zero and then spends what it carried, so the
    level may fall below zero: a batch larger than the burst waits longer, never for ever.

    Attributes:
        rate: events a second that flow in.
        burst: the highest level, in events.
        level: the level at `at_ms`, in thousandths of an event.
        at_ms: when the level was last counted, in milliseconds.
    """

    rate: int
    burst: int
    level: int
    at_ms: int

    @classmethod
    def full(cls, rate: int, burst: int, now: int) -> Bucket:
        """A bucket that nobody has used yet."""
        return cls(rate, burst, burst * SECOND, now)

    def wait_ms(self, now: int) -> int:
        """Milliseconds until the next request is let in; 0 is at once."""
        level = self._at(now)
        return 0 if level > 0 else -level // self.rate + 1

    def spend(self, events: int, now: int) -> Bucket:
        """The bucket after a request of so many events."""
        return Bucket(self.rate, self.burst, self._at(now) - events * SECOND, max(now, self.at_ms))

    def _at(self, now: int) -> int:
        passed = max(0, now - self.at_ms)  # a clock that steps back gives nothing and takes nothing
        return min(self.burst * SECOND, self.level + passed * self.rate)
