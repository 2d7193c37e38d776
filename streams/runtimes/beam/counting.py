"""What a worker does with a share of the evidence: sweep it, and count."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, Protocol

from streams.core.buckets import Bucket
from streams.core.recount import Counter
from streams.core.sweep import Files, sweep
from streams.core.tally import Tally, Task
from streams.garbage import look_seldom


class Share(Files, Protocol):
    """A partition of the evidence; it can be pickled."""

    @property
    def partition(self) -> int:
        """Its number."""
        ...

    def size(self, number: int) -> int:
        """How many rows one of its files has."""
        ...


class _Reading:
    """The files of a share; `rows` is how many were given of them."""

    def __init__(self, share: Share) -> None:
        self._share, self.rows = share, 0

    def __len__(self) -> int:
        return len(self._share)

    def subjects(self, number: int) -> Iterable[str]:
        return self._share.subjects(number)

    def values(self, number: int) -> Iterator[tuple[list[str], list[bytes]]]:
        for subjects, values in self._share.values(number):
            self.rows += len(values)
            yield subjects, values


class Block(NamedTuple):
    """Where some contacts of a bucket lie, packed."""

    path: str
    start: int
    size: int

    def read(self) -> bytes:
        """What lies there."""
        with Path(self.path).open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


class Counted(NamedTuple):
    """What a share gives: its accumulators, and what the second fold needs of its contacts."""

    tally: Tally
    blocks: dict[Bucket, list[Block]]


def count(share: Share, task: Task, scratch: Path) -> Counted:
    """Count one share.

    Args:
        share: of the evidence.
        task: what is counted.
        scratch: a folder for packed contacts; in it a file of the share's number says how many
            rows are done.
    """
    handle, path = tempfile.mkstemp(prefix="packed-", dir=scratch)  # a share may be counted twice
    blocks: dict[Bucket, list[Block]] = {}
    done = 0
    with os.fdopen(handle, "wb") as packed:

        def give(bucket: Bucket, some: bytes) -> None:
            blocks.setdefault(bucket, []).append(Block(path, packed.tell(), len(some)))
            packed.write(some)

        counter, reading = Counter(task, give), _Reading(share)
        for number, found in sweep(reading, task.as_of):
            for folded, events in found:
                counter.add(folded, events)
            done += share.size(number)
            _tell(scratch / f"{share.partition}", done)
        tally = counter.close()
        tally.rows = reading.rows
    return Counted(tally, blocks)


def count_all(
    shares: Sequence[Share], task: Task, scratch: Path, workers: int
) -> Iterator[Counted]:
    """Count several shares, in as many processes as are wanted, in any order."""
    if min(workers, len(shares)) <= 1:
        yield from (count(share, task, scratch) for share in shares)
        return
    # Not forked: Beam has threads, and a process that is forked beside threads may hang.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=look_seldom) as pool:
        waiting = {pool.submit(count, share, task, scratch) for share in shares}
        while waiting:
            ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in ended)


def _tell(file: Path, done: int) -> None:
    """In one step, for whoever watches."""
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    draft.write_text(f"{done}")
    draft.replace(file)
