"""What a recomputation is given: the archive, and what the log holds beyond it.

A running server commits to the archive now and then, and counts at once. So that two
computations speak of the same events, the second gets the archive's files and, in a file for
the moment, the rows between the archive and the position that the live figures have reached.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from schemas.errors import Retry, Stop
from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive import reader, table
from sinks.archive.unsealed import readable
from sinks.sql import Recomputation, SqlFigure
from streams.core.figures import Answer, Group, Question, Ratio
from streams.embedded import Embedded
from streams.logs.port import Log
from streams.runtimes.asking import Reply

AskSql = Callable[..., Sequence[SqlFigure]]


def recomputed(home: Embedded, reply: Reply, attribution: str) -> Answer:
    """The same question as was asked of the live state, answered by the published SQL.

    Raises:
        Retry: the live state is behind the archive, or the log has moved on; ask both again.
    """
    with (
        evidence(home, reply.positions) as files,
        Recomputation(files, reply.as_of or 0) as recomputation,
    ):
        return sql_answer(recomputation.figures, reply.question, attribution)


def sql_answer(ask: AskSql, question: Question, attribution: str) -> Answer:
    """A question put to the SQL, and its rows as an answer."""
    spans = {(span.start_ms, span.zone): span for span in question.spans}
    answers: Answer = {}
    for row in ask(
        [measure.id for measure in question.measures],
        [(span.start_ms, span.end_ms, span.zone) for span in question.spans],
        question.zones,
        question.default_zone,
        question.by,
        attribution,
    ):
        group = Group(spans[row.period_start_ms, row.zone], row.dims)
        answers.setdefault(group, {})[row.measure] = Ratio(row.numerator, row.denominator)
    return answers


@contextmanager
def evidence(home: Embedded, positions: Sequence[int]) -> Iterator[list[Path]]:
    """Files of exactly the events below some positions of the log, one for each partition.

    Raises:
        Retry: the archive holds more already, or the log no longer holds what is missing.
    """
    with closing(home.log()) as log, tempfile.TemporaryDirectory() as folder:
        files, archived = _archived(home, log.log_id, Path(folder))
        rows = _beyond(log, archived, positions)
        if rows:
            beyond = Path(folder) / "beyond.parquet"
            beyond.write_bytes(table.encode(table.table(rows)))
            files.append(beyond)
        yield files


def _archived(home: Embedded, log_id: str, folder: Path) -> tuple[list[Path], dict[int, int]]:
    """All committed files, and how far each partition of this log is archived.

    Sealed ones are copied in the clear into the folder, as far as their keys are here.
    """
    root, keys = home.archive, home.keys()
    files: list[Path] = []
    archived: dict[int, int] = {}
    for chain in reader.chains(root):
        for entry in reader.entries(root, chain.log_id, chain.topic, chain.partition):
            files.append(readable(root, entry, keys, folder))
            if chain.log_id == log_id:
                archived[chain.partition] = entry.next
    return files, archived


def _beyond(log: Log, archived: dict[int, int], positions: Sequence[int]) -> list[Row]:
    rows: list[Row] = []
    for number, position in enumerate(positions):
        start = archived.get(number, 0)
        if start > position:
            msg = "the live figures are behind the archive"
            raise Retry(msg)
        try:
            rows += log.read(EVENTS, number, start, position - start) if position > start else []
        except Stop as error:  # archived and forgotten since the files were listed
            msg = "the log has moved on"
            raise Retry(msg) from error
    return rows
