"""The lines of a file, plain or gzip, in bounded memory."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from schemas.errors import DeadLetter
from streams.sources.port import LONGEST_LINE

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file in order, with their ends as they are.

    What is gzip is told by its first bytes, not by its name. Of a line longer than
    `LONGEST_LINE` the first `LONGEST_LINE` + 1 bytes are given, which every source rejects.

    Raises:
        DeadLetter: the compressed data are damaged or cut short, after the lines before that.
        OSError: the file cannot be read.
    """
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        file = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        try:
            yield from _lines(file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            msg = f"{path.name}: damaged gzip data: {error}"
            raise DeadLetter(msg) from error


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    line = file.readline(LONGEST_LINE + 1).removeprefix(_BYTE_ORDER_MARK)
    while line:
        yield line
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE + 1)  # the rest of a line that was given up
        line = file.readline(LONGEST_LINE + 1)
