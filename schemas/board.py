"""What the live page shows: a small value made by the live worker once a second."""

from __future__ import annotations

from msgspec import Struct


class QueueNow(Struct, frozen=True, kw_only=True):
    """One queue at this moment. Durations are milliseconds; null is unknown."""

    department: str | None
    queue: str | None
    language: str | None = None
    waiting: int
    longest_wait_ms: int | None
    connected: int


class Figure(Struct, frozen=True, kw_only=True):
    """One figure, as `vouch measures` prints it.

    `value` of a count is an integer, of a ratio or a mean an exact decimal string, of a
    percentile whole units; null is unknown. Times are ISO 8601 with the zone's offset. `open` is
    how many of its population can still change, and `why` what keeps it from being final.

    `in_force` is whether its version is the one in force at the start of the period; false of
    the version before it, which is given beside it while both are computed. `breaks` says that it
    is not one series with what comes before: its period is the first of a version that breaks
    the series, or it is compared across such a version.
    """

    measure: str
    version: int
    status: str
    as_of: str
    period: Period
    dimensions: dict[str, str | None]
    numerator: int | None
    denominator: int | None
    value: int | str | None
    unit: str
    open: int | None = None
    why: str = ""
    in_force: bool = True
    breaks: bool = False
    compared: Comparison | None = None


class Comparison(Struct, frozen=True, kw_only=True):
    """The same figure of another period, or of a named baseline.

    `difference` is an integer for counts and percentiles, else an exact decimal string: this
    figure's value less the other's. Null, with the reason, where they cannot be compared.
    """

    period: Period
    numerator: int | None
    denominator: int | None
    value: int | str | None
    difference: int | str | None
    reason: str = ""


class Period(Struct, frozen=True):
    """A half-open span of local time."""

    start: str
    end: str
    zone: str


class Gated(Struct, frozen=True, kw_only=True):
    """What the gate said last of a period: how many figures agree, and how many do not."""

    period: str
    agreed: int
    mismatched: int


class Board(Struct, frozen=True, kw_only=True):
    """The newest live figures: indicative, seconds old, never published.

    Attributes:
        as_of_ms: the clock of events that all of it is true for; null before the first event.
        queues: every queue with somebody waiting or connected.
        today: figures of the department's local day so far, by department.
        last_interval: the same for the last closed quarter of an hour.
        carriers: departments of which a carrier declared how many contacts arrived today.
        positions: per partition, the next offset to be read.
        counters: monotone counters of first outcomes, by "outcome|department".
        gated: what the gate said last, by period.
    """

    as_of_ms: int | None = None
    queues: list[QueueNow] = []
    today: list[Figure] = []
    last_interval: list[Figure] = []
    carriers: list[str] = []
    positions: dict[int, int] = {}
    counters: dict[str, int] = {}
    gated: list[Gated] = []
