"""The pipeline: partitions are the unit of work, and only what must meet is shuffled.

All events of a contact lie in one partition, so a share of the evidence is folded where it is
read. Shuffled are accumulators and, by bucket, where what the second fold needs of contacts lies.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from schemas.errors import Retry, Stop
from streams.core.buckets import Bucket, second
from streams.core.tally import Tally, Task
from streams.runtimes.beam.counting import Block, Share, count_all

_BLOCKS = "blocks"
RESULT = "result"
_RETRY = f"{Retry.__module__}.{Retry.__name__}: "  # in the words of a worker, which are all we get


def run(
    shares: Sequence[Share],
    task: Task,
    options: Sequence[str],
    scratch: Path,
    *,
    workers: int = 1,
) -> Tally:
    """Count shares of the evidence on Beam.

    Args:
        shares: each is folded by one worker.
        task: what is counted.
        options: of Beam; the runner is always named among them.
        scratch: a folder that driver and workers see under one path, for all that is passed on.
        workers: more than 1 keeps the shares on one machine, in so many processes of our own.

    Raises:
        Retry: a worker said so: a file is there no more.
        Stop: the job failed.
    """
    work = [list(shares)] if workers > 1 else [[share] for share in shares]
    _check_named(options)
    try:
        with beam.Pipeline(options=PipelineOptions([*options])) as pipeline:
            _build(pipeline, work, task, scratch, workers)
    except (Retry, Stop):
        raise
    except Exception as error:  # Beam and its runners raise what they like
        msg = f"the recomputation failed: {_cause(error)}"
        raise (Retry if _RETRY in f"{error}" else Stop)(msg) from error
    return _read(scratch / RESULT)


def _build(
    pipeline: beam.Pipeline, work: list[list[Share]], task: Task, scratch: Path, workers: int
) -> None:
    counted = (
        pipeline
        | "shares" >> beam.Create(work)
        | "apart" >> beam.Reshuffle()
        | "count" >> beam.ParDo(_Count(task, scratch, workers)).with_outputs(_BLOCKS, main="tally")
    )
    across = (
        counted[_BLOCKS]
        | "together" >> beam.GroupByKey()
        | "second fold" >> beam.ParDo(_Second(task))
    )
    _ = (
        (counted.tally, across)
        | "tallies" >> beam.Flatten()
        | "merge" >> beam.CombineGlobally(_Merge())
        | "keep" >> beam.Map(_keep, f"{scratch / RESULT}")
    )


class _Count(beam.DoFn):  # type: ignore[misc]  # Beam has no types
    """Shares in; a tally for each, and where packed contacts lie, by bucket."""

    def __init__(self, task: Task, scratch: Path, workers: int) -> None:
        self._task, self._scratch, self._workers = task, scratch, workers

    def process(self, shares: list[Share]) -> Iterator[object]:
        for tally, blocks in count_all(shares, self._task, self._scratch, self._workers):
            for bucket, found in blocks.items():
                yield beam.pvalue.TaggedOutput(_BLOCKS, (bucket, found))
            yield tally


class _Second(beam.DoFn):  # type: ignore[misc]
    """A bucket with all its contacts in; a tally."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def process(self, element: tuple[Bucket, Iterable[list[Block]]]) -> Iterator[Tally]:
        (relation, _), blocks = element
        yield second(self._task, relation, (one.read() for some in blocks for one in some))


class _Merge(beam.CombineFn):  # type: ignore[misc]
    """Tallies merge in any order."""

    def create_accumulator(self) -> Tally:
        return Tally()

    def add_input(self, accumulator: Tally, element: Tally) -> Tally:
        return accumulator.merge(element)

    def merge_accumulators(self, accumulators: Iterable[Tally]) -> Tally:
        return reduce(Tally.merge, accumulators, Tally())

    def extract_output(self, accumulator: Tally) -> Tally:
        return accumulator


def _keep(tally: Tally, path: str) -> None:
    """In one step: a step that is run twice writes the same."""
    draft = Path(f"{path}.{os.getpid()}")
    draft.write_bytes(pickle.dumps(tally))
    draft.replace(path)


def _read(path: Path) -> Tally:
    try:
        found: Tally = pickle.loads(path.read_bytes())  # written by the job that just ended
    except FileNotFoundError as error:
        msg = f"the job ended without a result in {path.parent}: do its workers see that folder?"
        raise Stop(msg) from error
    return found


def _check_named(options: Sequence[str]) -> None:
    """Beam's default runner tries to download another, and falls back silently."""
    if not any(option.startswith("--runner=") for option in options):
        msg = "--runner must be named"
        raise ValueError(msg)


def _cause(error: BaseException) -> str:
    """The last line of what Beam wrapped into pages."""
    lines = [line for line in f"{error}".splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else error!r}"
