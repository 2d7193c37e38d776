"""Where things lie in an archive: paths relative to its root, and nothing else.

    log/log=L/topic=T/partition=0/000000000042.json                        a commit entry
    data/log=L/topic=T/ingest_date=2026-09-30/partition=0/<start>.parquet  its rows
    staging/log=L/topic=T/partition=0/<start>-<sha256>.<attempt>.parquet   not yet published
    disposals/000000000000.json                                            a destroyed key

Readers glob `data/**/*.parquet`; staging lies outside of it, on the same file system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.instants import instant

LOG, DATA, STAGING, DISPOSALS = "log", "data", "staging", "disposals"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_ENTRY = re.compile(r"(\d{12})\.json", re.ASCII)
_STAGED = re.compile(r"(\d{20})-[0-9a-f]{64}\.\d+\.(?:parquet|json)", re.ASCII)
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
        return f"{self.log}/{seq:012d}.json"

    def data(self, start: int, intake_ms: int) -> str:
        """The file of the rows from `start` on; `intake_ms` is the latest of the rows."""
        date = instant(intake_ms)[:10]
        folder = f"{DATA}/log={self.log_id}/topic={self.topic}/ingest_date={date}"
        return f"{folder}/partition={self.partition}/{start:020d}.parquet"

    def staged(self, start: int, sha256: str, attempt: int, suffix: str) -> str:
        """A staged file; named by its content, so that a commit entry leads to it."""
        return f"{self.staging}/{start:020d}-{sha256}.{attempt}.{suffix}"


def staged_as(start: int, sha256: str) -> str:
    """The glob pattern of the staged copies of some rows."""
    return f"{start:020d}-{sha256}.*.parquet"


def disposal(seq: int) -> str:
    """The file of the record of a disposal."""
    return f"{DISPOSALS}/{seq:012d}.json"


def seq_of(name: str) -> int | None:
    """The number of the entry of this file name; None where it is no entry's name."""
    found = _ENTRY.fullmatch(name)
    return int(found[1]) if found else None


def start_of(name: str) -> int | None:
    """The first offset of the staged file of this name; None where it is no staged file's."""
    found = _STAGED.fullmatch(name)
    return int(found[1]) if found else None


def chain_of(folder: str) -> Chain | None:
    """The chain of a folder's path below `log`; None where it is none's."""
    found = _CHAIN.fullmatch(folder)
    try:
        return Chain(found[1], found[2], int(found[3])) if found else None
    except ValueError:
        return None
