"""What an archive needs once a day: days that are over recorded, and small files made large.

A day is over one hour after its end (UTC): until then rows of it may wait for their commit.
Files are replaced by one of about a million rows when there are so many; what is left of a
month when that is over, or when it is asked for. A file stays as it is where it alone is left,
or where the key under which it is sealed is not here any more.

What fails in one chain is left for the next time, in words, and the others go on: nothing of
this changes what was committed, so none of it is a reason to take in no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path, PurePath

from schemas.errors import Retry, Stop
from schemas.instants import DAY, HOUR, instant
from sinks.archive.compaction import Compactor, compacting
from sinks.archive.day_end import record_days
from sinks.archive.days import Day
from sinks.archive.entry import Entry, sealed_under
from sinks.archive.files import DISK, Files
from sinks.archive.layout import DATA, Chain
from sinks.archive.reader import chains, follow, load
from sinks.archive.sealed import NO_KEYS, Keys
from sinks.archive.seals import Seal, Seals

MANY = 1_000_000  # rows of a file
SETTLED = HOUR  # after the end of a day


@dataclass(slots=True)
class Upkeep:
    """What was done.

    Attributes:
        before, after: files that readers glob.
        days: that were recorded, some perhaps as late.
        seals: of the files that were made.
        waits: what was left for the next time, and why, in words: the disk refused, another
            process is at it, a file is damaged, folders cannot be exchanged here, or a commit
            is of a time that is far ahead. What was begun is finished then.
    """

    before: int = 0
    after: int = 0
    days: list[Day] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)

    def wait(self, why: str) -> None:
        """Leave something for the next time; said once, also of what several steps met."""
        if why not in self.waits:
            self.waits.append(why)

    @contextmanager
    def leaving(self, what: str) -> Iterator[None]:
        """What fails inside is left for the next time."""
        try:
            yield
        except (Retry, Stop) as error:
            self.wait(str(error))
        except OSError as error:
            self.wait(f"{what}: {error}")


def upkeep(
    root: Path,
    now: int,
    keys: Keys = NO_KEYS,
    *,
    month_end: bool = False,
    most: int = MANY,
    files: Files = DISK,
    told: Callable[[Seal], object] = lambda _: None,
    go_on: Callable[[], bool] = lambda: True,
) -> Upkeep:
    """Record the days that are over, and compact what is due; it may run beside a writer.

    Call it once a day; to call it more often does no harm, and where nothing is due costs little.
    It raises nothing of its own: what cannot be done now is in `Upkeep.waits`.

    Args:
        root: of the archive.
        now: milliseconds since 1970.
        keys: what sealed files are opened with, and their successors sealed.
        month_end: whether to take what there is of the month that runs, too.
        most: rows of a file.
        files: the disk.
        told: hears of every file that was made.
        go_on: asked before every chain and every file; once it says no, the rest is left.
    """
    due = _Due(keys, now, (now - SETTLED) // DAY * DAY, most, month_end, go_on)
    done = Upkeep()
    with done.leaving("listing the archive"):
        done.before = _published(root)
        with done.leaving("recording days"):
            record_days(root, due.over, now, files, recorded=done.days.append, left=done.wait)
        for chain in takewhile(lambda _: go_on(), chains(root)):
            with done.leaving(f"compacting {chain}"):
                for seal in _compacted(root, chain, due, files, done.wait):
                    done.seals.append(seal)
                    told(seal)
        done.after = _published(root)
    return done


@dataclass(frozen=True, slots=True)
class _Due:
    """What is compacted."""

    keys: Keys
    now: int
    over: int
    most: int
    month_end: bool
    go_on: Callable[[], bool]

    def closed(self, entries: Sequence[Entry]) -> bool:
        """Whether nothing more can come to some commits, since their month is over."""
        return self.month_end or instant(self.over)[:7] != instant(entries[-1].max_intake_ms)[:7]

    def key(self, entry: Entry) -> bytes | None:
        """The key of what is sealed, if it is here."""
        period = sealed_under(entry)
        with suppress(Stop):
            return None if period is None else self.keys.opening(period)
        return None


def _compacted(
    root: Path, chain: Chain, due: _Due, files: Files, wait: Callable[[str], object]
) -> Iterator[Seal]:
    """Compact what is due of a chain, file by file."""
    with compacting(root, chain, due.now, files) as compactor:
        unsealed = [*_unsealed(root, chain, compactor.seals)]
        ahead = [entry for entry in unsealed if entry.max_intake_ms > due.now + DAY]
        for entry in ahead[:1]:
            wait(f"{root / chain.entry(entry.seq)}: {_ahead(entry)}")
        yield from _sealed(compactor, [*_runs(root, unsealed, due)], due)


def _ahead(entry: Entry) -> str:
    return (
        f"commit {entry.seq} was taken in at {instant(entry.max_intake_ms)}, more than a day ahead "
        "of now: until then it and those after it are in no record of a day and their files small"
    )


def _sealed(compactor: Compactor, runs: list[list[Entry]], due: _Due) -> Iterator[Seal]:
    for run in runs:
        for chunk in _chunks(run, due, last=run is runs[-1]):
            left = chunk
            while len(left) > 1 and due.go_on():
                seal = compactor.compact(left, due.key(left[0]))
                if seal is not None:
                    yield seal
                left = left[seal.last - left[0].seq + 1 :] if seal else left[1:]


def _chunks(run: list[Entry], due: _Due, *, last: bool) -> Iterator[list[Entry]]:
    """The commits of a run that make one file each, as far as they are due."""
    chunk: list[Entry] = []
    rows = 0
    for entry in run:
        if chunk and rows + entry.rows > due.most:
            yield chunk
            chunk, rows = [], 0
        chunk.append(entry)
        rows += entry.rows
    if rows >= due.most or not last or due.closed(chunk):
        yield chunk


def _runs(root: Path, unsealed: list[Entry], due: _Due) -> Iterator[list[Entry]]:
    """Commits that follow each other and could lie in one file; each run as long as can be."""
    run: list[Entry] = []
    for entry in unsealed:
        if entry.max_intake_ms >= due.over:
            break
        fits = (root / entry.file).exists() and (
            sealed_under(entry) is None or due.key(entry) is not None
        )
        if run and not (fits and _go_together(run[-1], entry)):
            yield run
            run = []
        run += [entry] if fits else []
    if run:
        yield run


def _go_together(one: Entry, other: Entry) -> bool:
    here = (one.seq + 1, one.schema_id, PurePath(one.file).parent)
    return here == (other.seq, other.schema_id, PurePath(other.file).parent)


def _unsealed(root: Path, chain: Chain, seals: Seals) -> Iterator[Entry]:
    """The commits of which no seal stands for, in order, each checked to go on from another."""
    first = 0
    for seal in sorted(seals.all, key=lambda seal: seal.first):
        yield from _between(root, chain, first, seal.first)
        first = seal.last + 1
    yield from _between(root, chain, first, None)


def _between(root: Path, chain: Chain, first: int, upto: int | None) -> list[Entry]:
    if first == upto:
        return []
    return follow(root, chain, load(root, chain, first - 1) if first else None, upto)


def _published(root: Path) -> int:
    return sum(1 for _ in (root / DATA).rglob("*.parquet"))
