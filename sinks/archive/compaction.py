"""Replacing small files of a chain by one: no reader sees a row twice, or not at all.

The order of the steps is the protocol:

1. write the file of several commits outside of the readers' folder, make it durable, read it
   again, and prove that it holds the same records;
2. link the `Seal` under the next number of the chain. This is the commit: readers that go by
   the logs find those commits in that file from now on;
3. beside the published folder of the month, build another of hard links to all that is in it,
   with that file in the place of those that it replaces; make it durable;
4. exchange the two folders, in one step. Whoever globs has listed one of them or the other.
   Who listed the one before finds files gone and fails, and may ask again; but gets no row
   twice, since a name that was taken away never comes back.

The folder from before is kept for an hour: a reader may have opened it, and not listed it yet.

Whatever is killed when, `Compactor` finishes it when it is opened: before step 2 nothing has
happened, after it steps 3 and 4 are done again. Nobody publishes into the folder meanwhile:
see `sinks.archive.turns`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from schemas.errors import Retry, Stop
from schemas.instants import HOUR, instant
from sinks.archive import records
from sinks.archive.draft import WRITER_VERSION
from sinks.archive.entry import Entry, digest
from sinks.archive.files import DISK, Files
from sinks.archive.layout import Chain, own_start_of
from sinks.archive.merging import merged, prove
from sinks.archive.seals import Seal, Seals, made, roots_root, settle
from sinks.archive.turns import alone

GRACE = HOUR
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}


@contextmanager
def compacting(root: Path, chain: Chain, now: int, files: Files = DISK) -> Iterator[Compactor]:
    """The one that compacts a chain, for as long as it is needed.

    Opening it finishes what a killed one left. `now` is in milliseconds since 1970.

    Raises:
        Retry: another process is at it, or the disk refused; asking again may succeed.
        Stop: the archive contradicts itself, or lies on a file system that cannot exchange.
    """
    try:
        folder = root / chain.compacting
        files.mkdir(folder)
        with alone(folder):
            compactor = Compactor(root, chain, now, files)
            compactor.finish()
            yield compactor
    except OSError as error:
        msg = f"compacting {chain}: {error}"
        raise Retry(msg) from error


class Compactor:
    """Compacts one chain; see `compacting`. Every call may raise OSError."""

    def __init__(self, root: Path, chain: Chain, now: int, files: Files) -> None:
        self._root, self._chain, self._now, self._files = root, chain, now, files
        self._folder = root / chain.compacting
        self.seals = Seals(root, chain)

    def compact(self, entries: Sequence[Entry], key: bytes | None) -> Seal | None:
        """Replace the files of commits that follow each other, of one month, under one key.

        Only as many of the first as have the same columns. None: that is one, which is left
        alone. All of them must be published.
        """
        self._probe()
        found = merged(self._root, entries, key)
        if len(found.entries) < 2:
            return None
        seal = self._seal(found.entries, memoryview(found.content))
        self._write(seal, memoryview(found.content))
        content = (self._root / made(self._chain, seal)).read_bytes()
        prove(self._root, content, found.entries, key)
        if sha256(content).hexdigest() != seal.sha256:
            msg = f"{made(self._chain, seal)}: not what was written"
            raise Stop(msg)
        self._files.sync((self._root / seal.file).parent)  # who published them may have died
        records.append(self._root, self._root / self._chain.seals, seal, self._files)
        self.seals.look()
        self._publish(seal)
        return seal

    def finish(self) -> None:
        """Roll forward what is sealed, away what is not, and let old folders go."""
        if self.seals.all:
            settle(self._root, self._chain, self._files)
        unpublished = [seal for seal in self.seals.all if not self._is_published(seal)]
        kept = {made(self._chain, seal).rpartition("/")[2] for seal in unpublished}
        for path in [*self._folder.iterdir()]:
            old = path.is_dir() and self._now - path.stat().st_ctime_ns // 1_000_000 < GRACE
            if path.name not in kept and not old:
                self._clear(path)
        for seal in unpublished:
            self._publish(seal)

    def _seal(self, entries: Sequence[Entry], content: memoryview) -> Seal:
        first, last, before = entries[0], entries[-1], self.seals.all
        counts: dict[str, int] = {}
        for entry in entries:
            for kind, rows in entry.counts.items():
                counts[kind] = counts.get(kind, 0) + rows
        return Seal(
            seq=len(before),
            log_id=self._chain.log_id,
            topic=self._chain.topic,
            partition=self._chain.partition,
            first=first.seq,
            last=last.seq,
            head=digest(last),
            start=first.start,
            next=last.next,
            rows=sum(entry.rows for entry in entries),
            counts=counts,
            max_time_ms=max(
                (e.max_time_ms for e in entries if e.max_time_ms is not None), default=None
            ),
            records_roots=roots_root(entry.records_root for entry in entries),
            file=self._chain.compacted(first.start, last.next, last.max_intake_ms),
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
            schema_id=first.schema_id,
            time=instant(self._now),
            writer_version=WRITER_VERSION,
            prev=records.digest(before[-1]) if before else None,
        )

    def _write(self, seal: Seal, content: memoryview) -> None:
        path = self._root / made(self._chain, seal)
        self._files.write(path, content)
        self._files.sync(path)
        for folder in (path.parent, *path.parent.parents):
            if folder.is_relative_to(self._root):
                self._files.sync(folder)

    def _publish(self, seal: Seal) -> None:
        """Steps 3 and 4."""
        published = self._root / seal.file
        beside = self._folder / f"{seal.seq:012d}"
        with alone(self._root / self._chain.log):
            self._clear(beside)
            self._files.mkdir(beside)
            for path in sorted(published.parent.iterdir()):
                start = own_start_of(path.name)
                if start is None or not seal.start <= start < seal.next:
                    self._files.link(path, beside / path.name)
            self._files.link(self._root / made(self._chain, seal), beside / published.name)
            self._files.sync(beside)
            self._files.exchange(beside, published.parent)
            self._files.sync(published.parent.parent)
            self._files.sync(self._folder)
        self._files.unlink(self._root / made(self._chain, seal))

    def _is_published(self, seal: Seal) -> bool:
        return (self._root / seal.file).exists()

    def _probe(self) -> None:
        """Make sure, before anything is read or changed, that folders can be exchanged here."""
        one, other = self._folder / "one", self._folder / "other"
        for path in (one, other):
            self._files.mkdir(path)
        try:
            self._files.exchange(one, other)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
            msg = (
                f"{self._folder}: this file system cannot exchange two folders in one step "
                "(renameat2), so small files stay as they are"
            )
            raise Stop(msg) from error
        finally:
            for path in (one, other):
                self._files.unlink(path)

    def _clear(self, path: Path) -> None:
        if path.is_dir():
            for name in [*path.iterdir()]:
                self._files.unlink(name)
        self._files.unlink(path)
