"""Local wall-clock times, as old telephone systems log them -> instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.instants import HOUR, instant

DAY_SECONDS = 86_400
_SPAN = 3  # days
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REST = [f"{rest // 60:02d}:{rest % 60:02d}.000Z" for rest in range(3_600)]


class LocalDay:
    """A local date, on which times are seconds of the wall clock since its midnight.

    86,400 and more is the day after. Where the clock changes, two rules settle what a time
    means: one that the clock skipped is read as if it had not been changed yet, and of two
    equal times the first is meant. `change` names both, so that they can be counted; on a
    `steady` day, with no change in the two to come, there are none.
    """

    __slots__ = ("_midnight", "_start", "_zone", "steady")

    def __init__(self, day: date, zone: ZoneInfo) -> None:
        self._zone = zone
        self._start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 (a wall clock)
        self._midnight = self._at(0)
        days = range(0, (_SPAN + 1) * DAY_SECONDS, DAY_SECONDS)
        self.steady = all(self._at(seconds) - self._midnight == seconds for seconds in days)

    def text(self, seconds: int) -> str:
        """The canonical instant of a wall-clock time."""
        utc = self._midnight + seconds if self.steady else self._at(seconds)
        hour, rest = divmod(utc, 3_600)
        return _hour(hour) + _REST[rest]

    def change(self, seconds: int) -> str:
        """What a change of the clock did to a time: `skipped`, `ambiguous`, or ''."""
        first, second = self._at(seconds), self._at(seconds, fold=1)
        if first == second:
            return ""
        return "ambiguous" if first < second else "skipped"

    def _at(self, seconds: int, fold: int = 0) -> int:
        wall = self._start + timedelta(seconds=seconds)
        moment = wall.replace(tzinfo=self._zone, fold=fold)
        return (moment - _EPOCH) // timedelta(seconds=1)


@lru_cache(maxsize=100_000)
def _hour(hour: int) -> str:
    return instant(hour * HOUR)[:14]
