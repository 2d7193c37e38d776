"""One chain on disk, as its writer changes it.

The order of the steps is the protocol:

1. `stage` the rows: write the file, make it durable, then its name;
2. `enter`: write the commit entry under a temporary name and make it durable,
3. then link it as number `seq` of the chain. This is the commit, and the fence: the name
   can be taken only once, so of two writers one is refused;
4. `publish`: link the staged file into the readers' folder, unless a seal has replaced it by
   one of several commits. That is looked at, and the name given, while nobody can replace files
   of this chain (`sinks.archive.turns`). So a writer that was stopped for days gives a file no
   name beside the one that replaced it.

`settle` does step 4 for a writer that was killed before it. Every writer settles the tail
before it adds to it, so only the newest entry of a chain can be unpublished.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path

from schemas.errors import Stop
from sinks.archive.entry import Entry, canonical, digest
from sinks.archive.files import Files
from sinks.archive.layout import Chain, start_of
from sinks.archive.losses import Loss, form
from sinks.archive.reader import is_file_of, locate
from sinks.archive.seals import Seals, settle
from sinks.archive.turns import publishing


class Store:
    """The disk side of a chain. Every call may raise OSError, and `settle` then sorts it out."""

    def __init__(self, root: Path, chain: Chain, files: Files) -> None:
        self._root, self._files = root, files
        self._log, self._staging = root / chain.log, root / chain.staging
        self._chain = chain
        self._seals: Seals
        self._durable: set[Path] = set()  # folders whose names survive a loss of power
        self._mine: list[Path] = []  # staged by this writer, and not yet cleared away

    def open(self) -> None:
        """Make the folders, and learn what was replaced."""
        self._make(self._log)
        self._make(self._staging)
        self._seals = Seals(self._root, self._chain)

    def stage(self, start: int, sha256: str, rows: bytes | memoryview) -> Path:
        """Step 1: the rows from offset `start` on, durable and invisible."""
        staged = self._write(start, sha256, "parquet", rows)
        self._files.sync(self._staging)
        return staged

    def enter(self, entry: Entry) -> bool:
        """Steps 2 and 3; False where the number is taken: another writer was faster."""
        draft = self._write(entry.start, digest(entry), "json", canonical(entry))
        try:
            self._files.link(draft, self._root / self._chain.entry(entry.seq))
        except FileExistsError:
            return False
        self._files.sync(self._log)
        return True

    def publish(self, entry: Entry, staged: Path) -> None:
        """Step 4, and clear the staged files away.

        Raises:
            Stop: the published name holds something else.
        """
        published = self._root / entry.file
        self._make(published.parent)
        with publishing(self._log):
            if not self._is_replaced(entry):
                self._link(staged, published, entry)
        self._files.sync(published.parent)
        self._settle_seals()
        self._clear(self._mine)

    def lose(self, loss: Loss) -> None:
        """Record a loss, durably and once; the first record of a span stays."""
        content, path = form(loss), self._root / self._chain.loss(loss.start, loss.next)
        draft = self._write(loss.start, sha256(content).hexdigest(), "json", content)
        self._make(path.parent)
        with suppress(FileExistsError):
            self._files.link(draft, path)
        self._files.sync(path.parent)
        self._clear(self._mine)

    def settle(self, tail: Entry | None) -> bool:
        """Make the tail durable and published, whoever wrote it, and clear the staging folder.

        What is staged below the tail's `next` can never be committed any more: the number it
        would have is taken. What is staged from there on may be another writer's work at hand.
        Returns whether the tail had to be published.
        """
        unpublished = False
        if tail:
            self._files.sync(self._log)
            rows = locate(self._root, tail, self._seals)
            if self._is_replaced(tail):
                self._settle_seals()
            else:
                unpublished = rows != self._root / tail.file
                self._files.sync(rows)
                self.publish(tail, rows)
        covered = tail.next if tail else 0
        staged = [(path, start_of(path.name)) for path in self._staging.iterdir()]
        self._clear([path for path, start in staged if start is not None and start < covered])
        self._clear(self._mine)
        return unpublished

    def _is_replaced(self, entry: Entry) -> bool:
        self._seals.look()
        return self._seals.holding(entry.seq) is not None

    def _settle_seals(self) -> None:
        """The folder may be one that was exchanged by somebody who died at once."""
        if self._seals.all:
            settle(self._root, self._chain, self._files)

    def _link(self, staged: Path, published: Path, entry: Entry) -> None:
        try:
            self._files.link(staged, published)
        except (FileExistsError, FileNotFoundError) as error:  # another writer settled it
            if not published.exists() or not is_file_of(published, entry):
                msg = f"{published}: not the file that entry {entry.seq} committed"
                raise Stop(msg) from error

    def _write(self, start: int, sha256: str, suffix: str, content: bytes | memoryview) -> Path:
        """A new durable file, under a name to which nobody else writes, now or later."""
        for attempt in count():
            path = self._root / self._chain.staged(start, sha256, attempt, suffix)
            try:
                self._files.write(path, content)
                break
            except FileExistsError:
                continue
        self._mine.append(path)
        self._files.sync(path)
        return path

    def _clear(self, paths: list[Path]) -> None:
        while paths:
            self._files.unlink(paths[-1])
            paths.pop()

    def _make(self, folder: Path) -> None:
        """A folder below the root, its name and those above it durable, whoever made them."""
        for path in (*reversed(folder.parents), folder):
            if path.is_relative_to(self._root) and path not in self._durable:
                self._files.mkdir(path)
                self._files.sync(path.parent)
                self._durable.add(path)
