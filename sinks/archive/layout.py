"""Where things lie in an archive: paths relative to its root, and nothing else.

    log/log=L/topic=T/partition=0/000000000042.json                            a commit entry
    data/log=L/topic=T/partition=0/ingest_month=2026-09/<start>.parquet        its rows
    data/log=L/topic=T/partition=0/ingest_month=2026-09/<start>-<next>.parquet rows of several
    seals/log=L/topic=T/partition=0/000000000003.json    which commits such a file stands for
    losses/log=L/topic=T/partition=0/<start>-<next>.json what the log forgot before it came here
    days/000000000019.json                               how far the chains were after a day
    disposals/000000000000.json                          a destroyed key
    staging/log=L/topic=T/partition=0/<start>-<sha256>.<attempt>.parquet       not yet published
    staging/seals/log=L/topic=T/partition=0/000000000003[.parquet]             to be exchanged

Readers glob `data/**/*.parquet`; staging lies outside of it, on the same file system. What is
exchanged when small files are replaced is the folder of a month: a reader that lists it, however
it goes about it, sees all of the replaced files or all of those that replace them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.instants import instant

LOG, DATA, STAGING, DISPOSALS = "log", "data", "staging", "disposals"
SEALS, DAYS, LOSSES = "seals", "days", "losses"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_ENTRY = re.compile(r"(\d{12})\.json", re.ASCII)
_STAGED = re.compile(r"(\d{20})-[0-9a-f]{64}\.\d+\.(?:parquet|json)", re.ASCII)
_OWN = re.compile(r"(\d{20})\.parquet", re.ASCII)
_CHAIN = re.compile(r"log=([^/]+)/topic=([^/]+)/partition=(0|[1-9]\d*)", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class Chain:
    """One partition of one topic of one log: what has a commit log of its own.

    Raises:
        ValueError: a name that cannot be a part of a path, or a negative partition.
    """

    log_id: str
    topic: str
    partition: int

    def __post_init__(self) -> None:
        for name in (self.log_id, self.topic):
            if not _NAME.fullmatch(name):
                msg = f"{name!r} cannot be a folder's name: use letters, digits and . _ -"
                raise ValueError(msg)
        if self.partition < 0:
            msg = f"partition {self.partition} is negative"
            raise ValueError(msg)

    def __str__(self) -> str:
        return f"log={self.log_id}/topic={self.topic}/partition={self.partition}"

    @property
    def log(self) -> str:
        """The folder of the commit entries."""
        return f"{LOG}/{self}"

    @property
    def staging(self) -> str:
        """The folder of what is written but not yet committed and published."""
        return f"{STAGING}/{self}"

    def entry(self, seq: int) -> str:
        """The file of a commit entry."""
        return f"{self.log}/{record(seq)}"

    def data(self, start: int, intake_ms: int) -> str:
        """The file of the rows from `start` on; `intake_ms` is the latest of the rows."""
        return f"{self._month(intake_ms)}/{start:020d}.parquet"

    def compacted(self, start: int, upto: int, intake_ms: int) -> str:
        """The file of the rows of several commits; never the name of that of one."""
        return f"{self._month(intake_ms)}/{start:020d}-{upto:020d}.parquet"

    @property
    def seals(self) -> str:
        """The folder that says which commits a file of several stands for."""
        return f"{SEALS}/{self}"

    @property
    def losses(self) -> str:
        """The folder of what the log no longer held when it was asked for."""
        return f"{LOSSES}/{self}"

    def loss(self, start: int, upto: int) -> str:
        """The file that says so of the rows from `start` on."""
        return f"{self.losses}/{start:020d}-{upto:020d}.json"

    @property
    def compacting(self) -> str:
        """The folder of what is made to replace others."""
        return f"{STAGING}/{SEALS}/{self}"

    def _month(self, intake_ms: int) -> str:
        return f"{DATA}/{self}/ingest_month={instant(intake_ms)[:7]}"

    def staged(self, start: int, sha256: str, attempt: int, suffix: str) -> str:
        """A staged file; named by its content, so that a commit entry leads to it."""
        return f"{self.staging}/{start:020d}-{sha256}.{attempt}.{suffix}"


def staged_as(start: int, sha256: str) -> str:
    """The glob pattern of the staged copies of some rows."""
    return f"{start:020d}-{sha256}.*.parquet"


def record(seq: int) -> str:
    """The file name of an entry of any log of entries."""
    return f"{seq:012d}.json"


def seq_of(name: str) -> int | None:
    """The number of the entry of this file name; None where it is no entry's name."""
    found = _ENTRY.fullmatch(name)
    return int(found[1]) if found else None


def start_of(name: str) -> int | None:
    """The first offset of the staged file of this name; None where it is no staged file's."""
    found = _STAGED.fullmatch(name)
    return int(found[1]) if found else None


def own_start_of(name: str) -> int | None:
    """The first offset of the file of one commit; None where the name is none's."""
    found = _OWN.fullmatch(name)
    return int(found[1]) if found else None


def chain_of(folder: str) -> Chain | None:
    """The chain of a folder's path below `log`; None where it is none's."""
    found = _CHAIN.fullmatch(folder)
    try:
        return Chain(found[1], found[2], int(found[3])) if found else None
    except ValueError:
        return None
