"""What a role has done, for operators: gauges and counters of `/metrics`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Sample = tuple[str, tuple[str, ...], float]


@dataclass(slots=True)
class Facts:
    """Written by the role's own thread, whole values at a time; anybody may read.

    Attributes:
        trouble: what a person must hear of while the role goes on; null when all is well.
        positions: of every partition that the role has now, the next offset to be read.
        ends: of the same, the next offset that Kafka will give, as far as it is known.
        committed_ms: when the role last made something durable; null before that.
        moves: partitions given to this process, or taken from it.
        letters: events set aside as dead letters.
        fenced: writes that another process had already done.
        gaps: events that Kafka had let go of before they were read.
        events: events handled.
        seconds: how long the role has worked, by step.
    """

    trouble: str | None = None
    positions: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    committed_ms: int | None = None
    moves: int = 0
    letters: int = 0
    fenced: int = 0
    gaps: int = 0
    events: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


_SHARED = ("lag_events", "partitions", "commit_timestamp_seconds", "moves", "fenced_writes")
#: What each role keeps; of the rest nothing is said, for nothing is not zero.
_KEPT = {
    "live": (*_SHARED, "dead_letters", "events", "step_seconds"),
    "archive": (*_SHARED, "gap_events"),
    "merge": ("lag_events", "commit_timestamp_seconds", "step_seconds"),
    "page": ("commit_timestamp_seconds",),
}


def samples(role: str, facts: Facts, trouble: str | None) -> Iterator[Sample]:
    """What the exposition says of one role of this process."""
    yield "role_ready", (role,), 0 if trouble else 1
    for name in _KEPT.get(role, ()):
        for labels, value in _values(name, facts):
            yield f"role_{name}", (role, *labels), value


def _values(name: str, facts: Facts) -> Iterator[tuple[tuple[str, ...], float]]:
    match name:
        case "lag_events":
            for partition, end in sorted(facts.ends.items()):
                if partition in facts.positions:
                    yield (str(partition),), max(0, end - facts.positions[partition])
        case "partitions":
            yield (), len(facts.positions)
        case "commit_timestamp_seconds":
            if facts.committed_ms is not None:
                yield (), facts.committed_ms / 1000
        case "step_seconds":
            for step, seconds in sorted(facts.seconds.items()):
                yield (step,), seconds
        case _:
            yield (), getattr(facts, _FIELDS[name])


_FIELDS = {
    "moves": "moves",
    "dead_letters": "letters",
    "fenced_writes": "fenced",
    "gap_events": "gaps",
    "events": "events",
}
