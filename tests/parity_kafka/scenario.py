"""What both are told: the bank's months, and simulated days as producers send them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from msgspec.structs import replace

from schemas.event import Event, encode
from schemas.instants import DAY, millis
from streams.simulator import deliver, simulate
from streams.sources import source
from streams.sources.files import lines_of
from streams.sources.port import Rejected, Settings, Tally
from tests.core.examples import raw

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("VOUCH_DATA") or ROOT / "shared" / "data")
FOLDER = DATA / "technion" if (DATA / "technion").is_dir() else DATA
MONTHS = ("01_January", "02_February", "03_March", "04_April")
START, SEED, BATCH = date(2026, 1, 5), 6, 1_000
DIRTY = 97  # of so many events one comes once more in each way that is dirty
#: So much later that every contact is over, and has left memory; but unanswered messages.
LATER = raw("contact.arrived", 40 * DAY // 1_000, "later", department="vac", channel="email")
BANK, WEEK = date(1999, 1, 1), timedelta(days=7)
SIMULATED = (date(2026, 1, 1), date(2026, 2, 1))
Days = tuple[date, date]


@dataclass(frozen=True)
class Scenario:
    """Entries for a log, then bodies for a gateway, in this order.

    Attributes:
        days: half-open spans of local days in which all of it happened.
        intervals: those of which every quarter of an hour is looked at.
    """

    entries: Sequence[tuple[str, bytes]]
    bodies: Sequence[Sequence[bytes]]
    days: Sequence[Days]
    intervals: Sequence[Days]

    @property
    def questions(self) -> list[tuple[str, ...]]:
        """What `vouch measures` is asked: every measure, split two ways, both attributions."""
        return [
            ("--from", f"{start}", "--to", f"{end}", *words)
            for start, end in self.days
            for words in (
                ("--by", "day,queue"),
                ("--by", "month,department,channel,language", "--attribution", "interval"),
            )
        ]


def bank(months: int) -> list[Path]:
    """The first months of the bank's call log; [] where it is not here."""
    found = [FOLDER / f"{name}.txt.gz" for name in MONTHS[:months]]
    return found if all(path.is_file() for path in found) else []


def scenario(
    files: Sequence[Path], days: int, *, lines: int | None = None, every_interval: bool = False
) -> Scenario:
    """Months of the bank, and simulated days with repeats, out of order, late and dirty.

    Of each month the first `lines`, where that is given. Unless `every_interval`, the bank's
    intervals are looked at in its first week only.
    """
    delivered = deliver(simulate(START, days, SEED), SEED, duplicates=0.03, late=0.05)
    values = [*dirty(delivered), LATER]
    bodies = [values[at : at + BATCH] for at in range(0, len(values), BATCH)]
    entries = [entry for path in files for entry in _imported(path, lines)]
    bank = [(BANK, date(1999, len(files) + 1, 1))] if files else []
    looked_at = bank if every_interval else [(since, since + WEEK) for since, _ in bank]
    return Scenario(entries, bodies, [*bank, SIMULATED], [*looked_at, SIMULATED])


def _imported(path: Path, lines: int | None) -> Iterator[tuple[str, bytes]]:
    """What `vouch import technion` appends; callers under a key that is always the same."""
    reader = source("technion", Settings(millis("2026-01-05T00:00:00.000Z"), key=b"parity"))
    for facts in reader.read(islice(lines_of(path), lines), path.name, Tally()):
        assert not isinstance(facts, Rejected), facts
        yield from facts


def dirty(events: Iterator[Event]) -> Iterator[bytes]:
    """The events, and some that no producer should send; the same every time."""
    for number, event in enumerate(events):
        yield encode(event)
        if number % DIRTY == 0:
            yield encode(replace(event, time=f"yesterday, {event.time}"))  # refused
            yield encode(replace(event, type="parrot.spoke", id=f"parrot-{number}"))  # unknown
            yield encode(replace(event, sequence=f"{number:09d}"))  # same id, other bytes
