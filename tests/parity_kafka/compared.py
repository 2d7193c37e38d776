"""Two runs held against each other: byte by byte, and told by the first things that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.parity_kafka.runs import Told

_SHOWN, _LONG = 5, 300


def apart(due: Told, told: Told) -> list[str]:
    """What differs, in words; [] where the runs are equal."""
    found = [
        words
        for place, records in told.records.items()
        for words in _apart(f"record ({place})", due.records["state"], records)
    ]
    found += _apart("interval", due.intervals, told.intervals)
    found += _apart("figures", due.figures, told.figures)
    if due.open != told.open:
        found.append(f"not the same are in memory: {sorted(due.open ^ told.open)[:_SHOWN]}")
    if due.letters != told.letters:
        found.append(f"{len(told.letters)} dead letters, not the {len(due.letters)} that are due")
    return found


def _apart(what: str, due: Mapping[str, bytes], told: Mapping[str, bytes]) -> Iterator[str]:
    names = sorted(due.keys() | told.keys())
    wrong = [name for name in names if due.get(name) != told.get(name)]
    for name in wrong[:_SHOWN]:
        yield f"{what} {name}: {_first(told.get(name), due.get(name))}"
    if len(wrong) > _SHOWN:
        yield f"{what}: {len(wrong) - _SHOWN} more of {len(names)} differ"


def _first(told: bytes | None, due: bytes | None) -> str:
    """Both from a little before the first byte that differs."""
    if told is None or due is None:
        return "is missing" if told is None else "is too much"
    pairs = zip(told, due, strict=False)
    at = next(
        (n for n, (one, other) in enumerate(pairs) if one != other), min(map(len, (told, due)))
    )
    since = max(0, at - _LONG // 2)
    return f"{told[since:][:_LONG]!r}, not {due[since:][:_LONG]!r}"
