"""Writing an archive: every row of a partition lands in it once, whatever is killed when.

The order of the steps is the protocol:

1. stage the rows: write the file, make it durable, then its name;
2. write the commit entry under a temporary name and make it durable;
3. link it as number `seq` of the chain. This is the commit, and the fence: the name can be
   taken only once, so of two writers one is refused, and goes on from what the other did;
4. publish: link the staged file into the readers' folder.

A writer that finds a tail whose step 4 is not done does it before anything else, so only
the newest entry of a chain can be unpublished.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import Retry, Stop
from schemas.instants import DAY, MINUTE
from schemas.rows import Row
from sinks.archive import merkle
from sinks.archive.entry import Entry, Tail, canonical, digest
from sinks.archive.files import DISK, Files
from sinks.archive.layout import Chain, start_of
from sinks.archive.reader import follow, is_file_of, load, locate, tail
from sinks.archive.table import SCHEMA_ID, counts, encode, sums, table

MOST_ROWS = 100_000
LONGEST_WAIT = 15 * MINUTE
WRITER_VERSION = f"vouchline {version('vouchline')}, arrow {pa.__version__}"


class PartitionWriter:
    """The writer of one partition; not for several threads.

    Opening it finishes what a killed writer left, and says in `next` where to go on.

    Attributes:
        skipped: rows handed over that another writer had committed already.

    Raises:
        Retry: the disk refused; opening it again may succeed.
        Stop: the archive contradicts itself.
    """

    def __init__(
        self,
        root: Path,
        log_id: str,
        topic: str,
        partition: int,
        *,
        writer: str,
        files: Files = DISK,
        continues: Tail | None = None,
    ) -> None:
        self.skipped = 0
        self._root, self._chain, self._files = root, Chain(log_id, topic, partition), files
        self._writer, self._continues = writer, continues
        self._rows: list[Row] = []
        self._waiting_since: int | None = None
        self._durable: set[Path] = set()  # folders whose names are
        self._litter: list[Path] = []
        self._absent: list[tuple[int, int]] = []  # holes in the commits of other writers
        self._fence = 0  # rows below are in commits that this writer did not see succeed
        with self._retrying():
            self._folder(self._chain.log)
            self._folder(self._chain.staging)
            self._tail = tail(root, log_id, topic, partition)
            self._settle()
        self._settled = True

    @property
    def next(self) -> int:
        """The offset of the next row it wants."""
        return self._rows[-1].offset + 1 if self._rows else self.committed

    @property
    def committed(self) -> int:
        """The first offset that is not in the archive; all rows below are, for good."""
        return self._tail.next if self._tail else 0

    @property
    def tail(self) -> Entry | None:
        """The newest commit it knows."""
        return self._tail

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows in, in order; all or none. They are durable once `committed` passes them.

        Offsets that are passed over become holes. After another writer was faster, the rows
        it committed are skipped, and counted in `skipped`.

        Raises:
            Stop: a row that was taken in before, or one that the log did not have when
                another writer committed that place.
        """
        fresh = [row for row in rows if row.offset >= self._fence] if self._fence else rows
        expected = self.next
        for row in fresh:
            if row.offset < expected:
                msg = f"{self._chain}: offset {row.offset} again; {expected} or later was due"
                raise Stop(msg)
            expected = row.offset + 1
        if len(fresh) < len(rows):
            self._skip([row for row in rows if row.offset < self._fence])
        self._rows += fresh

    def due(self, now: int) -> bool:
        """Whether to commit: 100,000 rows wait, or some have for 15 minutes.

        The wait counts from the first call that sees a row waiting, not from the row's intake:
        a writer that catches up on old rows fills its files too.
        """
        if not self._rows:
            return False
        since = now if self._waiting_since is None else self._waiting_since
        self._waiting_since = min(since, now)  # a clock set back starts the wait again
        return len(self._rows) >= MOST_ROWS or now - self._waiting_since >= LONGEST_WAIT

    def commit(self, now: int) -> Entry | None:
        """Commit what waits: at most 100,000 rows, of one day of intake. Call it until None.

        Returns:
            The new commit; None when nothing waits, also because others had committed it, or
            an earlier call that failed late had.

        Raises:
            Retry: the disk refused; the rows still wait, and a later call may succeed.
            Stop: the archive contradicts itself or the rows.
        """
        entry = None
        with self._retrying():
            while entry is None and self._catch_up():
                entry = self._attempt(_one_file_of(self._rows))
        waited = now if self._waiting_since is None else self._waiting_since
        self._waiting_since = waited if self._rows else None
        return entry

    def _attempt(self, rows: list[Row]) -> Entry | None:
        """The four steps; None where another writer was faster."""
        self._settled = False
        columns = table(rows)
        content = memoryview(encode(columns))
        entry = self._describe(rows, columns, content)
        staged = self._stage(entry.start, content, "parquet")
        self._files.sync(staged.parent)
        draft = self._stage(entry.start, canonical(entry), "json")
        try:
            self._files.link(draft, self._root / self._chain.entry(entry.seq))
        except FileExistsError:
            return None
        self._files.sync(self._root / self._chain.log)
        self._publish(entry, staged)
        self._files.unlink(draft)
        self._litter.clear()
        self._tail, self._settled = entry, True
        del self._rows[: len(rows)]
        return entry

    def _describe(self, rows: list[Row], columns: pa.Table, content: memoryview) -> Entry:
        start, last = self.committed, rows[-1].offset
        happened, taken = pc.min_max(columns["time_ms"]), pc.min_max(columns["intake_ms"])
        return Entry(
            seq=self._tail.seq + 1 if self._tail else 0,
            log_id=self._chain.log_id,
            topic=self._chain.topic,
            partition=self._chain.partition,
            start=start,
            next=last + 1,
            first_offset=rows[0].offset,
            last_offset=last,
            rows=len(rows),
            holes=_holes(start, rows),
            min_time_ms=happened["min"].as_py(),
            max_time_ms=happened["max"].as_py(),
            min_intake_ms=taken["min"].as_py(),
            max_intake_ms=taken["max"].as_py(),
            file=self._chain.data(start, taken["max"].as_py()),
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
            records_root=merkle.root(row.value for row in rows),
            schema_id=SCHEMA_ID,
            writer=self._writer,
            writer_version=WRITER_VERSION,
            counts=counts(columns),
            sums=sums(columns),
            prev=digest(self._tail) if self._tail else None,
            continues=None if self._tail else self._continues,
        )

    def _stage(self, start: int, content: bytes | memoryview, suffix: str) -> Path:
        """Write a durable file under a name that no other attempt has or will ever write to."""
        sha = sha256(content).hexdigest()
        for attempt in count():
            path = self._root / self._chain.staged(start, sha, attempt, suffix)
            try:
                self._files.write(path, content)
            except FileExistsError:
                continue
            self._litter.append(path)
            self._files.sync(path)
            return path
        raise AssertionError

    def _publish(self, entry: Entry, staged: Path) -> None:
        published = self._root / entry.file
        self._folder(published.parent.relative_to(self._root).as_posix())
        try:
            self._files.link(staged, published)
        except (FileExistsError, FileNotFoundError) as error:  # another writer rolled it forward
            if not published.exists() or not is_file_of(published, entry):
                msg = f"{published}: not the file that entry {entry.seq} committed"
                raise Stop(msg) from error
        self._files.sync(published.parent)
        self._files.unlink(staged)

    def _catch_up(self) -> bool:
        """Learn what became of an attempt that did not end well. Whether rows still wait."""
        if not self._settled:
            news = follow(self._root, self._chain, self._tail)
            if news:
                self._give_way_to(news)
            self._settle()
            self._settled = True
        return bool(self._rows)

    def _give_way_to(self, news: list[Entry]) -> None:
        self._tail, self._fence = news[-1], news[-1].next
        self._absent += [hole for entry in news for hole in entry.holes]
        covered = [row for row in self._rows if row.offset < self._fence]
        self._rows = self._rows[len(covered) :]
        self._skip(covered)

    def _skip(self, covered: list[Row]) -> None:
        for row in covered:
            at = bisect_right(self._absent, (row.offset, row.offset + 1 << 62)) - 1
            if at >= 0 and row.offset < self._absent[at][1]:
                msg = f"{self._chain}: offset {row.offset} is there, but was committed as a hole"
                raise Stop(msg)
        self.skipped += len(covered)

    def _settle(self) -> None:
        """Make the tail durable and published, whoever wrote it, and clear the staging folder.

        A staged file below `committed` can never be committed any more: the number it would
        have is taken. Those from `committed` on may be another writer's work at hand.
        """
        if self._tail:
            self._files.sync(self._root / self._chain.log)
            place = locate(self._root, self._tail)
            self._files.sync(place)
            self._roll_forward(self._tail, place)
        staging = self._root / self._chain.staging
        starts = [(path, start_of(path.name)) for path in staging.iterdir()]
        done = [path for path, start in starts if start is not None and start < self.committed]
        for path in {*done, *self._litter}:
            self._files.unlink(path)
        self._litter.clear()
