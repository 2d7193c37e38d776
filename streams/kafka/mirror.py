"""What all live workers wrote of themselves, in one file: the counts of the whole.

A writer is one live worker for as long as it has a partition. What it writes is exact by itself:
`Whole`, all there is, `Progress`, and from then on what changed, and how far that is. Two writers
of one partition may have come to their states by different ways, a zombie and its heir, say; so
what they write is never mixed. The mirror shows, of every partition, the writer that has come
furthest. The heir soon has, for it reads what the zombie read, and then more.

The file is derived. Without it, the topic is read from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

import msgspec

from schemas.board import QueueNow
from schemas.rows import Row
from streams.kafka import marks, writers
from streams.kafka.messages import Version
from streams.kafka.view import View
from streams.sqlite import Damaged, application_of, connect, errors_of, transaction, write_ahead

APPLICATION = 0x564F4D49  # "VOMI", in the header of the file
LAYOUT = 1

_TABLES = (
    "CREATE TABLE mirror (identity TEXT NOT NULL)",
    "CREATE TABLE offsets (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL)",
    *writers.TABLES,
    *marks.TABLES,
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {LAYOUT}",
)
_queues = msgspec.json.Decoder(list[QueueNow]).decode


class Mirror:
    """For one thread; `identity` names the log and the rules: what others made is ignored."""

    def __init__(self, path: Path, identity: str) -> None:
        """Open the mirror, or begin an empty one where there is none that can be used.

        Raises:
            Retry: the file cannot be opened at present.
        """
        self._path, self._identity = path, identity
        try:
            self._open()
        except Damaged:
            discard(path)
            self._open()

    def _open(self) -> None:
        self._connection = connect(self._path, synchronous="NORMAL", wait_ms=5_000)
        try:
            with errors_of(self._path):
                self._begin()
                write_ahead(self._connection)
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        with transaction(self._connection, "IMMEDIATE") as sql:
            if application_of(sql) == (0, 0):
                for statement in _TABLES:
                    sql.execute(statement)
                sql.execute("INSERT INTO mirror VALUES (?)", (self._identity,))
            ours = application_of(sql) == (APPLICATION, LAYOUT)
            whose = sql.execute("SELECT identity FROM mirror").fetchone() if ours else None
        if whose != (self._identity,):
            msg = f"{self._path} is of another log, of other rules, or of another version"
            raise Damaged(msg)

    def offsets(self) -> dict[int, int]:
        """By partition, the next offset of the topic to be read; none where nothing was."""
        with errors_of(self._path):
            return dict(self._connection.execute("SELECT partition, next FROM offsets"))

    def apply(self, read: Mapping[int, Sequence[Row]]) -> None:
        """Take rows of the topic, in order, by partition; all or none, with what comes next.

        Raises:
            Retry: nothing was taken (disk full, locked).
            Stop: a row is none of this topic's, or the file is damaged.
        """
        with self._writing() as sql:
            for partition, rows in read.items():
                if rows:
                    writers.take(sql, self._identity, partition, rows)
                    sql.execute(
                        "REPLACE INTO offsets VALUES (?, ?)", (partition, rows[-1].offset + 1)
                    )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with errors_of(self._path), transaction(self._connection, "IMMEDIATE") as sql:
            yield sql

    def view(self, partition: int) -> View:
        """What is shown of a partition."""
        return View(self._path, self._connection, partition)

    def versions(self) -> dict[int, Version]:
        """How far each partition is; without those of which nothing is known yet."""
        query = "SELECT partition, position, now FROM writers WHERE shown"
        with errors_of(self._path):
            return {number: Version(*at) for number, *at in self._connection.execute(query)}

    def queues(self) -> list[QueueNow]:
        """Who waits and talks, as each partition has it."""
        with errors_of(self._path):
            found = self._connection.execute("SELECT queues FROM writers WHERE shown").fetchall()
        return [queue for (queues,) in found for queue in _queues(queues)]

    def changed(self) -> marks.Changed:
        """What changed and was not published yet: by quarter of an hour, the groups."""
        with errors_of(self._path):
            return marks.changed(self._connection)

    def published(self, groups: marks.Changed) -> None:
        """These, of those that `changed` told, are published."""
        with self._writing() as sql:
            marks.clear(sql, groups)

    def gone(self) -> list[tuple[int, bytes]]:
        """Partition and key of whatever was written by writers that are no more."""
        with errors_of(self._path):
            return list(writers.gone(self._connection))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def discard(path: Path) -> None:
    """Remove a mirror: another is made from the topic."""
    for companion in ("", "-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
