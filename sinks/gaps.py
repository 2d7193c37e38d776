"""Gaps in the sources' own counters, by the published SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from schemas.errors import Stop
from sinks.sql import events_of, query


@dataclass(frozen=True, slots=True)
class Gap:
    """Sequence numbers of one source that never came.

    Attributes:
        counts: whether the source numbers its events, each once; if not, nothing is said.
        numbers: how many distinct numbers came.
        first, last: the span of missing numbers, both included; null where it does not count.
    """

    source: str
    counts: bool
    numbers: int
    first: int | None
    last: int | None
    missing: int | None


def gaps(files: Sequence[Path]) -> list[Gap]:
    """The gaps in some of the archive's files, by source and number.

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
    return [Gap(*row) for row in found]
