"""No figure has more than one turn in a second; within it, each has one of its own.

A round in which all of them went out at once would take long, and what comes in the meantime would
wait for the next one.
"""

from __future__ import annotations

from streams.kafka.marks import Changed, Place

TURN_S = 0.95  # a second, but for rounds that begin a little early


class Turns:
    """When groups of figures were last published; times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, Place], float] = {}

    def due(self, changed: Changed, now: float) -> Changed:
        """Those that may go out now."""
        self._last = {group: at for group, at in self._last.items() if now - at < TURN_S}
        waiting = {
            quarter: {place for place in places if (quarter, place) not in self._last}
            for quarter, places in changed.items()
        }
        return {quarter: places for quarter, places in waiting.items() if places}

    def published(self, groups: Changed, now: float) -> None:
        """They have gone out."""
        self._last |= {(quarter, place): now for quarter in groups for place in groups[quarter]}
