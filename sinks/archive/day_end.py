"""Recording the days of intake that are over: see `sinks.archive.days`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from schemas.errors import Stop
from schemas.instants import DAY, instant, millis
from sinks.archive import records
from sinks.archive.days import Day, Mark, days
from sinks.archive.entry import Entry, digest
from sinks.archive.files import DISK, Files
from sinks.archive.layout import DAYS, Chain
from sinks.archive.reader import chains, follow, load

Marks = dict[Chain, Mark]


def record_days(
    root: Path,
    over: int,
    now: int,
    files: Files = DISK,
    *,
    recorded: Callable[[Day], object],
    left: Callable[[str], object],
) -> None:
    """Record the days of intake before an instant, as far as they are not.

    A chain that contradicts itself is left out, and recorded as late once it does so no more.

    Args:
        root: of the archive.
        over: the beginning of the first day that is not over, in milliseconds since 1970.
        now: the time, likewise.
        files: the disk.
        recorded: hears of every day that was recorded.
        left: hears of every chain that was left out, and why, in words.

    Raises:
        OSError: the disk refused; some may be recorded.
        Retry: another process records them.
        Stop: what was recorded contradicts itself.
    """
    known = days(root)
    newest = max((day.day for day in known), default="")
    marks, fresh = _marks(known), _fresh(root, known, over, left)
    for name in sorted(fresh):
        more = fresh[name]
        before = sum(marks[chain].rows for chain in more if chain in marks)
        marks |= more
        late = name <= newest
        day = Day(
            seq=len(known),
            day=name,
            late=late,
            rows=sum(mark.rows for mark in more.values()) - before,
            chains=[mark for _, mark in sorted((more if late else marks).items())],
            time=instant(now),
            prev=records.digest(known[-1]) if known else None,
        )
        records.append(root, root / DAYS, day, files)
        known.append(day)
        recorded(day)


def _marks(known: list[Day]) -> Marks:
    """How far every chain was when it was recorded last."""
    return {mark.chain: mark for day in known for mark in day.chains}


def _fresh(
    root: Path, known: list[Day], over: int, left: Callable[[str], object]
) -> dict[str, Marks]:
    """What there is of days that are over and is not recorded: how far chains were after each."""
    first = {(mark.chain, mark.seq): day.day for day in reversed(known) for mark in day.chains}
    marks = _marks(known)
    fresh: dict[str, Marks] = {}
    for chain in chains(root):
        mark = marks.get(chain)
        since = 0 if mark is None else millis(f"{first[chain, mark.seq]}T00:00:00.000Z") // DAY
        try:
            advanced = [*_advanced(root, chain, mark, since, over)]
        except Stop as error:
            left(str(error))
            continue
        for day, reached in advanced:
            fresh.setdefault(instant(day * DAY)[:10], {})[chain] = reached
    return fresh


def _advanced(
    root: Path, chain: Chain, mark: Mark | None, day: int, over: int
) -> Iterator[tuple[int, Mark]]:
    """How far a chain was after each day on which it went on from a mark, which is of a day."""
    rows, end = mark.rows if mark else 0, None
    for entry in follow(root, chain, _marked(root, chain, mark) if mark else None):
        if entry.max_intake_ms >= over:
            break
        if end is not None and entry.max_intake_ms // DAY > day:
            yield day, _mark(end, rows)
        day = max(day, entry.max_intake_ms // DAY)
        rows, end = rows + entry.rows, entry
    if end is not None:
        yield day, _mark(end, rows)


def _marked(root: Path, chain: Chain, mark: Mark) -> Entry:
    """The commit that a record names."""
    entry = load(root, chain, mark.seq)
    if digest(entry) != mark.sha256:
        msg = f"{root / chain.entry(mark.seq)}: not the entry that the record of a day names"
        raise Stop(msg)
    return entry


def _mark(entry: Entry, rows: int) -> Mark:
    return Mark(
        log_id=entry.log_id,
        topic=entry.topic,
        partition=entry.partition,
        seq=entry.seq,
        sha256=digest(entry),
        next=entry.next,
        rows=rows,
    )
