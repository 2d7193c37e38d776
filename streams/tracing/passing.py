"""Contacts on their way: folded in one sweep of each partition, those that can count alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.measures import Measure, relation_of
from schemas.periods import Span
from schemas.relations import RELATIONS
from sinks.archive.pieces import Piece, content
from streams.core.fold import Folded
from streams.core.sweep import sweep
from streams.recounting.evidence import Evidence
from streams.recounting.shares import Share, shares

Told = Callable[[int], None]
Of = Callable[[Share], Set[str]]


def bearing(measure: Measure, span: Span) -> Of | None:
    """Which contacts can count in a period: those to which anything happened in it; None: all.

    All do where they bear on others; and agents spend time in states that were entered before.
    All else belongs to a period by something that happened in it.
    """
    relation = RELATIONS[relation_of(measure)]
    within = (pc.field("time_ms") >= span.start_ms) & (pc.field("time_ms") < span.end_ms)
    if relation.across or relation.name == "spells":
        return None
    return lambda share: {name for piece in share.pieces for name in _named(piece, within)}


def _named(piece: Piece, within: pc.Expression) -> Iterable[str]:
    columns = pq.read_table(pa.BufferReader(content(piece)), columns=["subject", "time_ms"])
    names: list[str] = pc.unique(columns.filter(within)["subject"]).to_pylist()
    return names


def passing(
    evidence: Evidence, as_of: int, told: Told = lambda _: None, of: Of | None = None
) -> Iterator[tuple[int, Folded]]:
    """All that is folded, each with its partition, in one sweep of each partition.

    Args:
        evidence: of which.
        as_of: in milliseconds.
        told: hears of so many rows that were read.
        of: the subjects of a partition that are folded; None: all.

    Raises:
        Stop: a file was changed.
    """
    for share in shares(evidence):
        files = share if of is None else _Some(share, of(share))
        for number, contacts in sweep(files, as_of):
            yield from ((share.partition, folded) for folded, _ in contacts)
            told(share.size(number))


@dataclass(frozen=True, slots=True)
class _Some:
    """The files of a partition, as if they held some subjects only."""

    share: Share
    names: Set[str]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.share)

    def subjects(self, number: int) -> Iterable[str]:
        """Those of a file."""
        return (name for name in self.share.subjects(number) if name in self.names)

    def values(self, number: int) -> Iterator[tuple[list[str], list[bytes]]]:
        """Subjects and raw events of those of a file."""
        for subjects, values in self.share.values(number):
            rows = [r for r in zip(subjects, values, strict=True) if r[0] in self.names]
            yield [subject for subject, _ in rows], [value for _, value in rows]
