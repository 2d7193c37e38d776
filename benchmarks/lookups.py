"""Look-ups of late contacts in a partition of many small commits.

A commit is a quarter of an hour of a partition with 40 contacts in it, 6 events each: three
weeks of a year's 35,000. Facts then come late for ten contacts, one every two days.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.contacts import START
from benchmarks.result import Result, at_most, cost, least
from schemas.event import Data, Event, encode
from schemas.instants import QUARTER_HOUR, SECOND, instant
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive.files import Disk
from sinks.archive.history import History
from sinks.archive.index import Index
from sinks.archive.layout import Chain
from sinks.archive.writer import PartitionWriter

COMMITS, CONTACTS, LATE, RUNS = 2_000, 40, 10, 5
LOG = "benchmark"
_STORY = (
    ("contact.arrived", Data(department="taxes", channel="phone")),
    ("agent.requested", Data(queue="claims")),
    ("queue.entered", Data(queue="claims")),
    ("queue.left", Data(how="answered")),
    ("agent.connected", Data(agent="agent-1")),
    ("contact.ended", Data(by="customer")),
)
_Span = tuple[int, int]


def run() -> list[Result]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        spans = _archive(root)
        step = len(spans) // LATE
        late = dict(list(spans.items())[step // 2 :: step][:LATE])
        within = list(late.values())

        def opened() -> History:
            return History(root, Index(root, Chain(LOG, EVENTS, 0)))

        known = opened()
        first = cost(lambda: known.lookup(late, within=within))
        entries = known.index.read
        again = least(cost(lambda: known.lookup(late, within=within)) for _ in range(RUNS))
        blind = cost(lambda: opened().lookup(late))
        return [
            Result("commits", len(known.index), "files"),
            Result("first look-up of a process", first.wall * 1_000, "ms"),
            Result("entries read for it", entries, "entries"),
            at_most("every later look-up", again.wall * 1_000, "ms", 100),
            at_most(
                "files opened for it", len(known.index.covering(within=within)), "files", 3 * LATE
            ),
            Result("entries read for it", (known.index.read - entries) / RUNS, "entries"),
            Result("without index and spans", blind.wall * 1_000, "ms"),
        ]


class _NoFlush(Disk):
    """A disk whose flushes are not what is measured."""

    def sync(self, path: Path) -> None:
        path.stat()


def _archive(root: Path) -> dict[str, _Span]:
    """Make the archive; when each contact's events happened."""
    into = PartitionWriter(root, LOG, EVENTS, 0, writer="benchmark", files=_NoFlush())
    spans: dict[str, _Span] = {}
    waiting: list[Row] = []
    for row in _rows(spans):
        if waiting and row.intake_ms // QUARTER_HOUR != waiting[0].intake_ms // QUARTER_HOUR:
            into.append(waiting)
            into.commit(0)
            waiting = []
        waiting.append(row)
    return spans


def _rows(spans: dict[str, _Span]) -> Iterator[Row]:
    random = Random(1)
    told: list[tuple[int, str, bytes]] = []
    for number in range(COMMITS * CONTACTS):
        contact = f"call-{random.getrandbits(64):016x}"
        first = at = START + number * QUARTER_HOUR // CONTACTS
        for kind, data in _STORY:
            told.append((at, contact, _event(contact, kind, at, data)))
            last, at = at, at + round(random.expovariate(1 / 60) * SECOND)
        spans[contact] = (first, last)
    for offset, (at, contact, value) in enumerate(sorted(told)):
        yield Row(offset, at, contact, value)


def _event(contact: str, kind: str, at: int, data: Data) -> bytes:
    return encode(
        Event(
            time=instant(at),
            source="switch/site-1",
            id=f"{contact}-{kind}",
            type=kind,
            subject=contact,
            data=data,
        )
    )
