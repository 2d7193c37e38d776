"""What the verifier says of an archive."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sinks.archive.entry import Tail
from sinks.archive.layout import Chain
from sinks.archive.losses import Lost


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it must be.

    Attributes:
        path: relative to the archive's root.
        seq: number of the commit entry; null where no entry is concerned.
        what: in words.
    """

    path: str
    seq: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


@dataclass(slots=True)
class Report:
    """What was checked and what was found; within a chain the first bad place comes first.

    Attributes:
        logs, partitions, entries: how many were read.
        files, rows: how many there are in files in which nothing is wrong.
        days: of how many days of intake there is a record.
        tails: the newest readable entry of every chain.
        faults: none means that the archive is whole.
        pending: newest commits whose file is staged and not yet published. That is no fault: a
            writer is at work, or will publish it when it starts again.
        losses: positions whose rows the log forgot before they were archived. No fault of the
            archive, which says so itself; but they are not in it.
        sealed: period -> files whose raw values were not looked at, since its key was not
            given. All else of them was checked.
        disposed: period -> files whose raw values nobody can look at any more, since its key
            was destroyed, as the record of disposals says. All else of them was checked.
    """

    logs: int = 0
    partitions: int = 0
    entries: int = 0
    files: int = 0
    rows: int = 0
    days: int = 0
    tails: dict[Chain, Tail] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    pending: list[Fault] = field(default_factory=list)
    losses: list[Lost] = field(default_factory=list)
    sealed: Counter[str] = field(default_factory=Counter)
    disposed: Counter[str] = field(default_factory=Counter)
