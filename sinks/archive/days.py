"""The record of days: how far every chain was when a day of intake was over.

    days/000000000019.json           canonical JSON, each naming the hash of the one before

A day is by UTC, and of a commit the latest of its rows counts: it belongs to that day, or to a
later one that a commit before it in its chain belongs to. Rows that are committed after their
day was recorded make a further record of it, which says that they came late. Since a record
names the tails of the chains, commits that are taken away later are missed.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from sinks.archive import records
from sinks.archive.entry import Digest, Number
from sinks.archive.layout import DAYS, Chain


class Mark(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a chain was.

    Attributes:
        log_id, topic, partition: which chain.
        seq, sha256, next: of the last of its commits, and the hash of that entry.
        rows: of all commits up to that one.
    """

    log_id: str
    topic: str
    partition: Number
    seq: Number
    sha256: Digest
    next: Number
    rows: Number

    @property
    def chain(self) -> Chain:
        """Which chain."""
        return Chain(self.log_id, self.topic, self.partition)


class Day(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a day of intake came to.

    Attributes:
        version: of this form.
        seq: number of the record, from 0, without a gap.
        day: which, such as `2026-01-05`, by UTC.
        late: whether that day, or a later one, had been recorded before.
        rows: of that day, or what came late of it.
        chains: how far they were, in order: all of them, or those for which more came late.
        time: when it was recorded, as an instant.
        prev: hash of the record before; null in the first.
    """

    version: int = records.VERSION
    seq: Number
    day: str
    late: bool
    rows: Number
    chains: list[Mark]
    time: str
    prev: Digest | None


def days(root: Path) -> list[Day]:
    """All records, in order.

    Raises:
        Stop: one is missing or unreadable, or does not name the hash of the one before.
    """
    return records.follow(root / DAYS, Day)
