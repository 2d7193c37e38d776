"""Where the seconds of a live worker go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

_STEPS = ("fetch", "fold", "produce", "store", "outlet", "open")


@dataclass(slots=True)
class Spent:
    """Counted by the live worker's threads; anybody may read. Seconds, by the wall but for `fetch`.

    Attributes:
        events: rows applied.
        fetch: taking rows from the client, in a thread beside the rest; of a processor.
        fold: decoding and folding them, and looking up what was applied before.
        produce: sending records and dead letters, and waiting until they are acknowledged.
        store: saving the state.
        outlet: sending registers, progress and the clock.
        open: opening and rebuilding states.
    """

    events: int = 0
    fetch: float = 0.0
    fold: float = 0.0
    produce: float = 0.0
    store: float = 0.0
    outlet: float = 0.0
    open: float = 0.0

    @contextmanager
    def folding(self) -> Iterator[None]:
        """What is done within is folding, but for what is counted as producing or storing."""
        began = perf_counter() - self.produce - self.store
        try:
            yield
        finally:
            self.fold += perf_counter() - self.produce - self.store - began

    def seconds(self) -> dict[str, float]:
        """Seconds by step."""
        return {name: getattr(self, name) for name in _STEPS}
