"""A small month in which every rule that a fault may break has a contact on its edge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from streams.home import Home
from tests.e2e.folder import IRCC, call, clock, fact, later
from tests.runtimes.support import bring

PERIOD = "2026-01"
_CALLER = {name: f"{number:032x}" for number, name in enumerate(("returning", "another"), 1)}


def _served(at: str, subject: str, waited: int, **data: str) -> list[bytes]:
    """Waited some minutes, and talked for five."""
    return call(at, subject, waited, **data)


def _plain() -> Iterator[bytes]:
    for number in range(24):
        at = later("2026-01-05T14:00", 7 * number)
        yield from _served(at, f"plain-{number}", number % 9 + 3)


def _edges() -> Iterator[bytes]:
    yield from _served("2026-01-05T15:01", "waits-120s", 2)
    # the first instant of January in Toronto
    yield from _served("2026-01-01T05:00", "first-instant", 3)
    # one event twice, byte for byte
    twice = _served("2026-01-06T15:00", "repeated", 4)
    yield from [*twice, twice[1]]
    # one id, three contents: the one with the smallest SHA-256 counts
    at = "2026-01-06T16:00"
    yield from _served(at, "contradicted", 4)
    for language in ("fr", "other"):
        yield fact(at, "contact.arrived", "contradicted", **{**IRCC, "language": language})
    # nobody says how long they talked
    at = "2026-01-07T15:00"
    yield from _served(at, "talk-unknown", 4)[:-1]
    # nobody says when the caller was let go
    yield from call("2026-01-29T02:00", "silent-12h", None)
    # served, and there again to the millisecond a week after
    caller = {"caller": _CALLER["returning"]}
    yield from _served("2026-01-08T15:00", "comes-again", 5, **caller)  # ends at 15:10
    yield from _served("2026-01-15T15:10", "came-again", 5, **caller)
    # rung back; the only neighbour entered half an hour before
    yield from _served("2026-01-09T15:00", "neighbour", 5)
    at = "2026-01-09T15:30"
    yield fact(at, "contact.arrived", "called-back", **IRCC)
    yield fact(at, "queue.entered", "called-back", queue="q")
    yield fact(later(at, 1), "callback.accepted", "called-back")
    yield fact(later(at, 20), "callback.attempted", "called-back")
    yield fact(later(at, 21), "callback.connected", "called-back", agent="a")
    yield fact(later(at, 25), "contact.ended", "called-back", by="agent")


def make(data: Path) -> None:
    """The month in a data folder, archived in two files for most partitions."""
    home, told = Home(data), [*_plain(), *_edges()]
    half = len(told) // 2
    for part in (told[:half], [*told[half:], clock("2026-01-29T14:00")]):
        with closing(home.log()) as log:
            bring(log, part)
            with home.lock():
                home.archiver(log).step(0, flush=True)
