"""The lines of files that are still being written, through every way of rotating them.

* Renamed and made anew: what is still written to the old file is read until the new one has
  lines, which is when its writer has changed over. A file that is renamed over another one
  that is followed too (`queue_log` to `queue_log.1`) is known again, and not read twice. That
  the old one is then packed or removed takes nothing away: it stays open until done with.
* Copied and truncated: what was written after the last look is taken from the copy, packed or
  not, which is known by the bytes before that place.

A last line without an end is waited for. Nothing is remembered from one run to the next: it is
for whoever takes the lines to know the same line again.
"""

from __future__ import annotations

import glob
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from streams.sources.files import lines_of
from streams.sources.tail import Batch, Identity, Tail, identity, is_packed

POLL_S = 1.0
_TOGETHER = 10_000  # lines of a packed file
_UNREADABLE = (OSError, EOFError, zlib.error)

#: Waits so many seconds at most; False: stop.
Wait = Callable[[float], bool]
_log = logging.getLogger(__name__)


def follow(paths: Sequence[Path], wait: Wait) -> Iterator[Batch]:
    """The lines of files as they come, of packed ones once, until `wait` says to stop.

    `wait` is called after each batch, with 0, and with `POLL_S` when there is nothing new.

    Raises:
        DeadLetter: a packed file is damaged, after the lines before that.
        OSError: a file cannot be read. One that goes missing is waited for.
    """
    packed = list(filter(is_packed, paths))
    for batch in (batch for path in packed for batch in _whole(path)):
        yield batch
        if not wait(0):
            return
    with closing(_Followed([path for path in paths if path not in packed])) as followed:
        going = True
        while going:
            busy = False
            for batch in followed.look():
                busy = True
                yield batch
                if not wait(0):
                    return
            going = busy or wait(POLL_S)


def _whole(path: Path) -> Iterator[Batch]:
    lines, number = lines_of(path), 0
    while found := list(islice(lines, _TOGETHER)):
        yield Batch(f"{path.name}+{number}", found)
        number += len(found)


class _Followed:
    """Files that are followed: what is at their paths, and what is open."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._at: dict[Path, Tail] = {}
        self._open: dict[Identity, Tail] = {}

    def look(self) -> Iterator[Batch]:
        """What is new in all of them, the older file of a path first."""
        for path in self._paths:
            self._settle(path)
        for tail in list(self._open.values()):
            if tail.truncated():
                yield from self._copied(tail)
                tail.restart()
            yield from tail.lines()
        for tail in self._left():
            yield from tail.lines(last=True)
            self._open.pop(tail.identity).close()

    def close(self) -> None:
        """Let go of all of them."""
        for tail in self._open.values():
            tail.close()

    def _settle(self, path: Path) -> None:
        """See which file is at a path now; where there is none, the last one stays."""
        found = identity(path)
        if found is not None and (path not in self._at or self._at[path].identity != found):
            with suppress(FileNotFoundError):  # it may be gone again; the next look will see
                self._at[path] = self._open.get(found) or self._opened(path)

    def _opened(self, path: Path) -> Tail:
        tail = Tail(path)
        return self._open.setdefault(tail.identity, tail)

    def _left(self) -> list[Tail]:
        """Open files that are at no path any more, and whose writer has changed over."""
        here = {tail.identity for tail in self._at.values()}
        gone = [tail for tail in self._open.values() if tail.identity not in here]
        return [tail for tail in gone if self._at[tail.path].begun]

    def _copied(self, tail: Tail) -> Iterator[Batch]:
        """What a truncated file had held beyond the place that was reached."""
        for copy in sorted(tail.path.parent.glob(f"{glob.escape(tail.path.name)}?*")):
            try:
                rest = None if identity(copy) in self._open else tail.rest_of(copy)
            except _UNREADABLE:
                continue
            if rest is not None:
                yield Batch(f"{copy.name}@{tail.position}", rest)
                return
        _log.warning(
            "%s was truncated, and no copy of it was found: lines after byte %d may be missing",
            tail.path,
            tail.position,
        )
