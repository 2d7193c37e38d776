"""Gaps in the sources' own counters, by the published SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from schemas.errors import Stop
from sinks.published import events_of, query


@dataclass(frozen=True, slots=True)
class Gap:
    """One source, and a span of its sequence numbers that never came.

    Attributes:
        numbers: how many distinct numbers came.
        shared: how many of them stand for several events; if any, the source is no counter.
        unnumbered: how many events came without a number.
        first, last: the span, both included; null where none is missing or can be known.
        missing: how many numbers it has.
        first_shared: the first five of the shared.
    """

    source: str
    numbers: int
    shared: int
    unnumbered: int
    first: int | None
    last: int | None
    missing: int | None
    first_shared: tuple[int, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the source numbers its events, each once."""
        return self.numbers > 0 and self.shared == 0


def gaps(files: Sequence[Path]) -> list[Gap]:
    """The gaps in some of the archive's files, by source and number; every source is there.

    Raises:
        Stop: the files cannot be read.
    """
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as db:
        try:
            db.execute(events_of(files))
            found = db.execute(query("gaps")).fetchall()
        except duckdb.Error as error:
            msg = f"the archive cannot be read: {error}"
            raise Stop(msg) from error
    return [replace(Gap(*row), first_shared=tuple(row[-1])) for row in found]
