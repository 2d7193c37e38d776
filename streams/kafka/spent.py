"""Where the seconds of a live worker go."""

from __future__ import annotations

from dataclasses import dataclass

_STEPS = ("fold", "produce", "store", "outlet", "open")


@dataclass(slots=True)
class Spent:
    """Counted by the live worker's own thread; anybody may read. Seconds, by the wall.

    Attributes:
        events: rows applied.
        fold: decoding and folding them, and looking up what was applied before.
        produce: sending records and dead letters, and waiting until they are acknowledged.
        store: saving the state.
        outlet: sending registers, progress and the clock.
        open: opening and rebuilding states.
    """

    events: int = 0
    fold: float = 0.0
    produce: float = 0.0
    store: float = 0.0
    outlet: float = 0.0
    open: float = 0.0

    def seconds(self) -> dict[str, float]:
        """Seconds by step."""
        return {name: getattr(self, name) for name in _STEPS}
