"""What `measure.intervals.v1` carries: live figures of a quarter of an hour, for any reader.

A message holds all figures of one interval and one group; a later one of the same key replaces
it. Contacts count to the interval in which they arrived (cohort), so that a rate has one
population; the figures of an interval go on changing until the last of its contacts is over.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from schemas.board import Figure, Period

GRAIN = "quarter_hour"
BY = ("department", "queue")


class IntervalFigure(Struct, frozen=True):
    """One figure, in the forms of `vouch measures`: null is unknown, and never zero."""

    measure: str
    version: int
    numerator: int | None
    denominator: int | None
    value: int | str | None
    unit: str


class IntervalFigures(Struct, frozen=True, kw_only=True):
    """The figures of one quarter of an hour, of one department and queue (null is unknown).

    `as_of` is the clock of events that all of it is true for, ISO 8601 with the zone's offset.
    `status` is always "live": what may be published is for the gate to say, and never said here.
    """

    period: Period
    dimensions: dict[str, str | None]
    as_of: str
    status: str = "live"
    figures: list[IntervalFigure]


def key_of(period: Period, dimensions: dict[str, str | None]) -> str:
    """The key of a message: `start|zone|department|queue`, with nothing for what is unknown.

    Within a name, "|" is written "%7C" and "%" is "%25", so that no two groups share a key.
    """
    names = ((dimensions[name] or "").replace("%", "%25").replace("|", "%7C") for name in BY)
    return "|".join((period.start, period.zone, *names))


def interval_figures(found: Sequence[Figure]) -> tuple[str, IntervalFigures]:
    """Key and value of a message, from all figures of one interval and group.

    `found` is not empty, and of one period, one group and one `as_of`.
    """
    first = found[0]
    value = IntervalFigures(
        period=first.period,
        dimensions=first.dimensions,
        as_of=first.as_of,
        figures=[
            IntervalFigure(
                row.measure, row.version, row.numerator, row.denominator, row.value, row.unit
            )
            for row in found
        ],
    )
    return key_of(first.period, first.dimensions), value
