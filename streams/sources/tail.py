"""One file that grows: its whole lines, from the place that was reached."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias, cast

from streams.sources.port import LONGEST_LINE

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KNOWN_BY = 1_024  # bytes before a place by which it is known again

Identity: TypeAlias = tuple[int, int]  # of a file, whatever it is called


class Batch(NamedTuple):
    """Some lines of a file; `name` says from where on: `queue_log@1024` is from that byte."""

    name: str
    lines: list[bytes]


def identity(path: Path) -> Identity | None:
    """The identity of the file at a path; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_packed(path: Path) -> bool:
    """Whether a file is gzip.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as raw:
        return raw.read(len(_GZIP)) == _GZIP


class Tail:
    """A file that is open, and how far it was read.

    Attributes:
        path: where it was when it was opened.
        identity: of the file.
        position: the byte after the last line given.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        self._file = path.open("rb", buffering=0)
        found = os.fstat(self._file.fileno())
        self.identity: Identity = (found.st_dev, found.st_ino)
        self._before = b""  # the end of what was given
        self._begun = b""  # a line whose end is still to come
        self._skipping = False  # in the rest of a line that was given up

    @property
    def begun(self) -> bool:
        """Whether it has given any line since it was opened or truncated."""
        return self.position > 0

    def truncated(self) -> bool:
        """Whether what was read is no longer there."""
        size, known = os.fstat(self._file.fileno()).st_size, self._before + self._begun
        if size <= self.position + len(self._begun):
            return size < self.position + len(self._begun)
        start = self.position - len(self._before)
        return os.pread(self._file.fileno(), len(known), start) != known

    def restart(self) -> None:
        """Read it from the beginning."""
        self.position, self._before, self._begun, self._skipping = 0, b"", b"", False

    def lines(self, *, last: bool = False) -> Iterator[Batch]:
        """The whole lines that are new, some at a time.

        `last`: a last line without an end, too; nobody will end it.
        """
        while chunk := os.pread(self._file.fileno(), LONGEST_LINE + 1, self.position):
            end = chunk.rfind(b"\n") + 1
            if not end and len(chunk) <= LONGEST_LINE and not (last or self._skipping):
                self._begun = chunk
                return
            whole = chunk[:end] or chunk
            batch = Batch(f"{self.path.name}@{self.position}", self._taken(whole))
            if batch.lines:
                yield batch

    def rest_of(self, copy: Path) -> list[bytes] | None:
        """The lines of a copy beyond the place that was reached; None for another file.

        Raises:
            OSError, EOFError, zlib.error: it cannot be read; it may be half packed.
        """
        known = self._before + self._begun
        if not known:
            return None
        with copy.open("rb") as raw:
            file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_packed(copy) else raw
            file.seek(self.position - len(self._before))
            same = file.read(len(known)) == known
            return split(self._begun + file.read()) if same else None

    def close(self) -> None:
        """Let go of it."""
        self._file.close()

    def _taken(self, whole: bytes) -> list[bytes]:
        """The lines of some bytes, of which a line that is too long gives only its beginning."""
        found = split(whole)
        if self.position == 0:
            found[0] = found[0].removeprefix(_BYTE_ORDER_MARK)
        if self._skipping:
            del found[0]
        self._skipping = not whole.endswith(b"\n")
        self.position += len(whole)
        self._before, self._begun = (self._before + whole)[-_KNOWN_BY:], b""
        return found


def split(text: bytes) -> list[bytes]:
    """Lines with their ends; only LF ends a line."""
    parts = [part + b"\n" for part in text.split(b"\n")]
    parts[-1] = parts[-1][:-1]
    return parts if parts[-1] else parts[:-1]
