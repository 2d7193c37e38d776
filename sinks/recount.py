"""The recomputation by SQL in a process of its own: `python -m sinks.recount`.

It reads one `Request` as JSON on standard input, writes one `Reply` as JSON on standard output,
and loads nothing of `streams`: what it says rests on the files and the published SQL alone.
Where it cannot answer it says why on standard error, and ends with 1 (the files cannot be read,
or the question cannot be understood) or with `os.EX_TEMPFAIL` (there was too little memory or
disk for it: with more it may be answered). `recount` is the caller's side.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import Signals
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct, field

from schemas.errors import Retry, Stop, VouchError
from sinks.sql import Period, Recomputation, SqlFigure

MEMORY = "4GB"
Fields = tuple[str, int, int, str, list[str | None], int | None, int | None]


class Ask(Struct, frozen=True, kw_only=True):
    """One question, in the words of `Recomputation.figures`.

    Attributes:
        each: the same figures for each contact: its id is the last of `dims`.
        texts: the SQL of measures that are not packaged, by id, such as `answer.rate@1`.
    """

    measures: tuple[str, ...]
    periods: tuple[Period, ...]
    zones: Mapping[str, str]
    default_zone: str
    dimensions: tuple[str, ...] = ()
    attribution: str = "cohort"
    each: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)


class Request(Struct, frozen=True, kw_only=True):
    """What is asked of which files.

    Attributes:
        files: the committed Parquet files, in any order.
        as_of: UTC milliseconds; later events are not read.
        memory_limit: above it, tables are kept in the folder `spill`.
        spill: null for one of its own, which goes when the process ends by itself.
    """

    files: tuple[str, ...]
    as_of: int
    asks: tuple[Ask, ...]
    threads: int = 2
    memory_limit: str = MEMORY
    spill: str | None = None


class Reply(Struct, frozen=True):
    """For each `Ask`, its figures: the fields of `SqlFigure` in their order."""

    figures: list[list[Fields]]


def recount(
    files: Sequence[Path],
    as_of: int,
    asks: Sequence[Ask],
    *,
    threads: int = 2,
    memory_limit: str = MEMORY,
    spill: Path | None = None,
) -> list[list[SqlFigure]]:
    """The figures of every question, recomputed in another process.

    Args:
        files: the committed Parquet files, in any order.
        as_of: UTC milliseconds; later events are not read.
        asks: the questions; the answers are in their order.
        threads: how many the process may use.
        memory_limit: such as "2GB": what its database keeps in memory.
        spill: where it may make a folder for what exceeds that; by default, the system's folder
            for temporary files.

    Raises:
        Stop: a file cannot be read, or a question names what there is not; in its words.
        Retry: it ran out of memory or disk, or was ended from outside.
    """
    with TemporaryDirectory(prefix="recount-", dir=spill) as folder:
        request = Request(
            files=tuple(f"{path.absolute()}" for path in files),
            as_of=as_of,
            asks=tuple(asks),
            threads=threads,
            memory_limit=memory_limit,
            spill=folder,
        )
        ran = subprocess.run(
            [sys.executable, "-m", "sinks.recount"],
            input=msgspec.json.encode(request),
            capture_output=True,
            check=False,
        )
    if ran.returncode:
        raise _failure(ran.returncode, ran.stderr.decode(errors="replace").strip())
    replied = msgspec.json.decode(ran.stdout, type=Reply)
    return [[_figure(*fields) for fields in answer] for answer in replied.figures]


def _figure(
    measure: str, start: int, end: int, zone: str, dims: list[str | None], *n: int | None
) -> SqlFigure:
    return SqlFigure(measure, start, end, zone, tuple(dims), *n)


def _failure(code: int, words: str) -> VouchError:
    """What the end of the process means for its caller."""
    if code < 0:
        name = f"signal {-code}"
        with suppress(ValueError):
            name = Signals(-code).name
        return Retry(f"the recomputation by SQL was ended by {name}; ask again")
    return Retry(words) if code == os.EX_TEMPFAIL else Stop(words)


def answer(request: Request) -> Reply:
    """Answer in this process.

    Raises:
        Stop, Retry: as of `recount`.
    """
    with (
        TemporaryDirectory(prefix="recount-", dir=request.spill) as folder,
        Recomputation(
            [Path(path) for path in request.files],
            request.as_of,
            threads=request.threads,
            memory_limit=request.memory_limit,
            spill=Path(folder),
        ) as recomputation,
    ):
        return Reply([_answered(recomputation, ask) for ask in request.asks])


def _answered(recomputation: Recomputation, ask: Ask) -> list[Fields]:
    try:
        found = recomputation.figures(
            ask.measures,
            ask.periods,
            ask.zones,
            ask.default_zone,
            ask.dimensions,
            ask.attribution,
            each=ask.each,
            texts=ask.texts,
        )
    except ValueError as error:
        raise Stop(f"{error}") from error
    return [
        (
            f.measure,
            f.period_start_ms,
            f.period_end_ms,
            f.zone,
            [*f.dims],
            f.numerator,
            f.denominator,
        )
        for f in found
    ]


def main() -> int:
    """One request, one reply; the status that the process ends with."""
    try:
        request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
        sys.stdout.buffer.write(msgspec.json.encode(answer(request)))
    except msgspec.MsgspecError as error:
        return _said(f"the request cannot be read: {error}", 1)
    except Retry as error:
        return _said(f"{error}", os.EX_TEMPFAIL)
    except VouchError as error:
        return _said(f"{error}", 1)
    return 0


def _said(words: str, status: int) -> int:
    sys.stderr.write(f"{words}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
