"""Writing an archive: every row of a partition lands in it once, whatever is killed when.

The position is where the last commit ends, and nowhere else: what a writer does not find
committed, it asks for again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

from schemas.errors import Retry, Stop
from schemas.instants import MINUTE
from schemas.rows import Row
from sinks.archive.draft import MOST_ROWS, draft, one_file_of
from sinks.archive.entry import Entry, Tail
from sinks.archive.files import DISK, Files
from sinks.archive.layout import Chain
from sinks.archive.losses import Loss
from sinks.archive.reader import follow, tail
from sinks.archive.sealing import Seal
from sinks.archive.store import Store

LONGEST_WAIT = 15 * MINUTE


class PartitionWriter:
    """The writer of one partition; not for several threads.

    Opening it finishes what a killed writer left, and says in `next` where to go on. With a
    `seal`, the personal columns of what it writes are sealed.

    Attributes:
        longest_wait: for how long a row may wait until `due` says so, in milliseconds.
        skipped: rows found to be committed already, by another writer or by a call of this
            one that failed late.
        finished: the commit that a killed writer left unpublished, and opening this published.

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
        seal: Seal | None = None,
    ) -> None:
        self.longest_wait = LONGEST_WAIT
        self.skipped = 0
        self.finished: Entry | None = None
        self._overtaken: list[Entry] = []
        self._root, self._chain = root, Chain(log_id, topic, partition)
        self._writer, self._continues, self._seal = writer, continues, seal
        self._store = Store(root, self._chain, files)
        self._rows: list[Row] = []
        self._waiting_since: int | None = None
        self._forgotten = 0  # the log holds no rows below
        self._fence = 0  # rows below are in commits that this writer did not see succeed,
        self._holes: list[tuple[int, int]] = []  # and these are the holes in them
        with _retrying(self._chain):
            self._store.open()
            self._tail = tail(root, log_id, topic, partition)
            if self._store.settle(self._tail):
                self.finished = self._tail
        self._settled = True

    @property
    def next(self) -> int:
        """The offset of the next row it wants."""
        taken = self._rows[-1].offset + 1 if self._rows else self.committed
        return max(taken, self._forgotten)

    @property
    def committed(self) -> int:
        """The rows below this offset are in the archive for good; the log may forget them."""
        return self._tail.next if self._tail else 0

    @property
    def waiting(self) -> int:
        """How many rows were taken in and are not committed."""
        return len(self._rows)

    def overtaken(self) -> list[Entry]:
        """The commits of other writers found in the place of ours, since this was asked last."""
        found, self._overtaken = self._overtaken, []
        return found

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows in, in order; all or none. They are safe once `committed` has passed them.

        Offsets that are passed over become holes. Where another writer was faster, the rows
        it committed are skipped, and counted in `skipped`.

        Raises:
            Stop: a row that was taken in before, or one that is a hole in another's commit.
        """
        covered = [row for row in rows if row.offset < self._fence] if self._fence else []
        fresh = [row for row in rows if row.offset >= self._fence] if covered else rows
        expected = self.next
        for row in fresh:
            if row.offset < expected:
                msg = f"{self._chain}: offset {row.offset} came again; {expected} was due"
                raise Stop(msg)
            expected = row.offset + 1
        self._skip(covered)
        self._rows += fresh

    def lose(self, upto: int, now: int) -> None:
        """Record for good that the log holds no row below `upto` any more, and go on from there.

        See `sinks.archive.losses` for why no other writer's record can contradict this one.

        Raises:
            Retry: the disk refused; `next` is what it was.
        """
        last = self._rows[-1].intake_ms if self._rows else None
        tail = self._tail.max_intake_ms if self._tail else None
        loss = Loss(
            log_id=self._chain.log_id,
            topic=self._chain.topic,
            partition=self._chain.partition,
            start=self.next,
            next=upto,
            after_ms=tail if last is None else last,
            seen_ms=now,
            writer=self._writer,
        )
        with _retrying(self._chain):
            self._store.lose(loss)
        self._forgotten = upto

    def due(self, now: int) -> bool:
        """Whether to commit: 100,000 rows wait, or some have waited for the longest wait.

        The wait counts from the first call that finds rows waiting, not from their intake, so
        that a writer which catches up on old rows fills its files too. `now` is in milliseconds.
        """
        if not self._rows:
            return False
        since = now if self._waiting_since is None else self._waiting_since
        self._waiting_since = min(since, now)  # a clock that is set back starts the wait again
        return len(self._rows) >= MOST_ROWS or now - self._waiting_since >= self.longest_wait

    def commit(self, now: int) -> Entry | None:
        """Commit what waits: at most 100,000 rows of one day of intake. Call it until None.

        Returns:
            The new commit. None: nothing waits (any more: another writer may have committed
            it, or an earlier call of this one that failed late).

        Raises:
            Retry: the disk refused; the rows still wait, and a later call may succeed.
            Stop: the archive contradicts itself, or the rows.
        """
        entry = None
        with _retrying(self._chain):
            while entry is None and self._catch_up():
                entry = self._attempt(one_file_of(self._rows))
        waited = now if self._waiting_since is None else self._waiting_since
        self._waiting_since = waited if self._rows else None
        return entry

    def _attempt(self, rows: list[Row]) -> Entry | None:
        """One commit; None where another writer was faster."""
        self._settled = False
        entry, content = draft(
            rows, self._chain, self._tail, self._writer, self._continues, self._seal
        )
        staged = self._store.stage(entry.start, entry.sha256, content)
        if not self._store.enter(entry):
            return None
        self._store.publish(entry, staged)
        self._tail, self._settled = entry, True
        del self._rows[: len(rows)]
        return entry

    def _catch_up(self) -> bool:
        """Learn what became of an attempt that did not end well. Returns whether rows wait."""
        if not self._settled:
            news = follow(self._root, self._chain, self._tail)
            self._store.settle(news[-1] if news else self._tail)
            self._give_way_to(news)
            self._settled = True
        return bool(self._rows)

    def _give_way_to(self, news: list[Entry]) -> None:
        for entry in news:
            if entry.writer != self._writer:
                self._overtaken.append(entry)
            self._tail, self._fence = entry, entry.next
            self._holes += entry.holes
        covered = [row for row in self._rows if row.offset < self._fence]
        self._skip(covered)
        del self._rows[: len(covered)]

    def _skip(self, covered: list[Row]) -> None:
        for row in covered:
            at = bisect_right(self._holes, row.offset, key=itemgetter(0)) - 1
            if at >= 0 and row.offset < self._holes[at][1]:
                msg = f"{self._chain}: offset {row.offset} exists, but was committed as a hole"
                raise Stop(msg)
        self.skipped += len(covered)


@contextmanager
def _retrying(chain: Chain) -> Iterator[None]:
    """A full or failing disk is a reason to try again: no row is let go before it is safe."""
    try:
        yield
    except OSError as error:
        msg = f"archive of {chain}: {error}"
        raise Retry(msg) from error
