"""The offline checker: what a history, an archive and figures must say of one another.

Everything here is a function of what was read before, so that it can be shown to find planted
loss, doubling and wrong figures. Each finding is one line that names the place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

import msgspec

from schemas.topics import partition_of
from tests.faults.history import Past, sent

Rows = Mapping[int, Sequence[tuple[int, bytes]]]
Spans = Mapping[int, Sequence[tuple[int, int]]]
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is looked at after a run.

    Attributes:
        past: the history.
        partitions: how many the topic has.
        archived: by partition, (offset, bytes) of every row in the published files, by offset.
        ends: by partition, (first offset ever, next offset) of the log; all between is due.
        gaps: by partition, the spans [from, to) that are recorded as gone before they were
            archived: a loss that was told.
        letters: SHA-256 of what the dead letters hold, as often as they do.
        poison: SHA-256 of what was put into the topic and can be read by nobody.
        compared: what is compared -> place where it was read -> name -> value; every place must
            say what the one called "clean" says, of a run that nothing was done to.
        said: faults that commands named, such as `vouch verify archive`.
    """

    past: Past
    partitions: int
    archived: Rows
    ends: Mapping[int, tuple[int, int]]
    gaps: Spans = field(default_factory=dict)
    letters: Counter[str] = field(default_factory=Counter)
    poison: frozenset[str] = frozenset()
    compared: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)
    said: Sequence[str] = ()


def check(evidence: Evidence) -> list[str]:
    """Every fault that the evidence of a run shows; [] where it shows none."""
    return [
        *lost(evidence.past, evidence.archived, evidence.gaps),
        *doubled(evidence.past, evidence.archived),
        *incomplete(evidence.archived, evidence.ends, evidence.gaps),
        *misplaced(evidence),
        *unburied(evidence),
        *evidence.said,
        *(said for what in evidence.compared for said in different(what, evidence.compared[what])),
    ]


def lost(past: Past, archived: Rows, gaps: Spans) -> Iterator[str]:
    """Acknowledged events without as many rows; excused by a recorded gap only in number."""
    missing = past.acknowledged - _stored(archived)
    told = sum(end - start for spans in gaps.values() for start, end in spans)
    if missing.total() > told:
        shown = ", ".join(digest[:12] for digest in list(missing)[:_SHOWN])
        yield f"lost: {missing.total() - told} acknowledged events, such as {shown}"


def doubled(past: Past, archived: Rows) -> Iterator[str]:
    """Events with more rows than times they were sent, or that nobody sent."""
    for digest, many in (_stored(archived) - past.sent).items():
        times = past.sent[digest]
        yield f"doubled: {digest[:12]} has {times + many} rows and was sent {times} times"


def incomplete(archived: Rows, ends: Mapping[int, tuple[int, int]], gaps: Spans) -> Iterator[str]:
    """Offsets that are in the archive twice, or neither there nor in a recorded gap."""
    for partition, (first, end) in ends.items():
        offsets = [offset for offset, _ in archived.get(partition, ())]
        spans = [(offset, offset + 1) for offset in offsets]
        covered = sorted([*spans, *gaps.get(partition, ())])
        for (_, reached), (begins, _) in pairwise([(first, first), *covered, (end, end)]):
            if begins < reached:
                yield f"offset {begins} of partition {partition} is there twice"
            elif begins > reached:
                yield f"offsets {reached} to {begins - 1} of partition {partition} are missing"


def misplaced(evidence: Evidence) -> Iterator[str]:
    """Events in a partition that is not their contact's."""
    for partition, rows in evidence.archived.items():
        for offset, value in rows:
            subject = sent(value).subject
            if subject and partition_of(subject, evidence.partitions) != partition:
                yield f"offset {offset} of partition {partition} belongs to another: {subject}"


def unburied(evidence: Evidence) -> Iterator[str]:
    """Refused and poison events without a dead letter."""
    for digest in evidence.past.refused.keys() | evidence.poison:
        if not evidence.letters[digest]:
            yield f"no dead letter of {digest[:12]}"


def different(what: str, found: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """Places that do not say what the clean one says, to the unit."""
    clean = found["clean"]
    for place, values in found.items():
        names = sorted(clean.keys() | values.keys())
        apart = [name for name in names if values.get(name) != clean.get(name)]
        for name in apart[:_SHOWN]:
            said, due = values.get(name), clean.get(name)
            yield f"{what}: {place} says {said!r}, a clean run {due!r} of {name}"
        if len(apart) > _SHOWN:
            yield f"{what}: {place} differs in {len(apart) - _SHOWN} more of {len(names)}"


def figures(raw: bytes) -> dict[str, tuple[object, ...]]:
    """What `vouch measures --format json` printed, as `Evidence.engines` wants it.

    `as_of` and the certainty that hangs on recorded finals are no figures.
    """
    rows: list[dict[str, object]] = msgspec.json.decode(raw)
    return {_name(row): (row["numerator"], row["denominator"], row["value"]) for row in rows}


def _name(row: Mapping[str, object]) -> str:
    named = (row["measure"], row["version"], row["period"], row["dimensions"])
    return msgspec.json.encode(named, order="sorted").decode()


def _stored(archived: Rows) -> Counter[str]:
    return Counter(sha256(value).hexdigest() for rows in archived.values() for _, value in rows)
