"""The tables that the published SQL makes of the events, one share of the archive after another.

All events of a contact lie in one partition. So what is made of the events of single contacts is
made of one partition's files at a time, and memory is needed for one; what rests on all contacts
then reads the shares' tables as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from schemas.errors import Stop
from schemas.relations import RELATIONS
from sinks.cohorts import table
from sinks.openings import OPENINGS, rows
from sinks.published import NEEDS, TABLES, events_from, events_of, quoted, text

_ACROSS = [name for name, relation in RELATIONS.items() if relation.across]
#: What is made of a share's events alone; `kept` is read by no other table.
_OF_A_SHARE = [name for name in TABLES if name != "kept" and name not in _ACROSS]
#: Bytes of Parquet from which partitions are a share of their own: about two million events.
LEAST = 2**27
#: A share of more than so many times that is read in parts, each with some of the contacts.
_MOST = 3
_PARTITION = re.compile(r"/partition=([^/]+)/")


def shares(files: Sequence[Path], least: int = LEAST) -> list[list[Path]]:
    """Files of which no two lists have a contact in common, by the partition in their paths.

    Where one tells none, all are one share.

    Args:
        files: in any order.
        least: bytes below which partitions are taken together; many small shares take longer.
    """
    found: dict[str, list[Path]] = {}
    for path in files:
        partition = _PARTITION.search(path.as_posix())
        if not partition:
            return [[*files]]
        found.setdefault(partition[1], []).append(path)
    together: list[list[Path]] = [[]]
    for paths in found.values():
        if _size(together[-1]) >= least:
            together.append([])
        together[-1] += paths
    return together


def _size(files: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in files if path.exists())


class Tables:
    """The tables in a database, each made once: contacts at once, others when they are needed.

    Of several shares, all tables that rest on single contacts are made at once.

    Args:
        db: an open database, with the variable `as_of`.
        files: the committed files, or a table with the same columns.
        as_of: UTC milliseconds.
        spill: a folder for the tables; without one they stay in memory, compressed.
        least: bytes of a share, as of `shares`.

    Raises:
        Stop: a contact has events in two partitions.
    """

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        files: Sequence[Path] | pa.Table,
        as_of: int,
        spill: Path | None,
        least: int,
    ) -> None:
        self._db, self._as_of = db, as_of
        self._made: set[str] = set()
        where = quoted(f"{spill / 'tables.duckdb'}") if spill else "':memory:'"
        db.execute(f"ATTACH {where} AS tables{'' if spill else ' (COMPRESS)'}")
        sources = [*self._sources(files, least)]
        for number, source in enumerate(sources):
            self._share(f"share_{number}", source)
            if len(sources) > 1:
                self._finish()
        if len(sources) > 1:
            self._together(len(sources))

    def need(self, name: str) -> None:
        """Make a table and what it reads, unless it is there."""
        if name in self._made:
            return
        for other in NEEDS.get(name, ()):
            self.need(other)
        if name in OPENINGS:
            self._open(name)
        else:
            self._db.execute(text(name))
        self._made.add(name)

    def _sources(self, files: Sequence[Path] | pa.Table, least: int) -> Iterator[str]:
        """SQL that makes the relation `events` of each share."""
        if isinstance(files, pa.Table):
            self._db.register("archived", files)
            yield events_from("archived")
            return
        for share in shares(files, least):
            parts = 1 + _size(share) // (_MOST * least)
            for part in range(parts):
                yield events_of(share, f"hash(subject) % {parts} = {part}" if parts > 1 else "true")

    def _share(self, schema: str, source: str) -> None:
        self._made = set()
        self._db.execute(f"CREATE SCHEMA tables.{schema}; USE tables.{schema};\n{source}")
        self.need("kept")
        self.need("contacts")

    def _finish(self) -> None:
        """Make all that a share's events are read for, and let go of them."""
        for name in _OF_A_SHARE:
            self.need(name)
        self._db.execute("DROP TABLE chosen; DROP TABLE repeated; DROP TABLE steps")

    def _together(self, number: int) -> None:
        self._db.execute("USE tables.main")
        for name in _OF_A_SHARE:
            every = (f"FROM tables.share_{share}.{name}" for share in range(number))
            self._db.execute(f"CREATE VIEW {name} AS {' UNION ALL '.join(every)}")
        self._made = set(_OF_A_SHARE)
        self._apart()

    def _apart(self) -> None:
        """Every contact is in one share: its hash is looked at first, since it is short."""
        found = self._db.execute(
            "WITH twice AS (SELECT hash(contact_id) AS mark FROM contacts GROUP BY mark\n"
            "               HAVING count(*) > 1)\n"
            "SELECT contact_id FROM contacts SEMI JOIN twice ON hash(contact_id) = mark\n"
            "GROUP BY contact_id HAVING count(*) > 1 ORDER BY contact_id LIMIT 1"
        ).fetchall()
        for (contact,) in found:
            msg = f"contact {contact} has events in two partitions"
            raise Stop(msg)

    def _open(self, name: str) -> None:
        """Make a table of openings, for the departments that there are."""
        found = self._db.execute("SELECT DISTINCT department FROM contacts").fetchall()
        of = {None, *(department for (department,) in found)}
        ((first,),) = self._db.execute("SELECT coalesce(min(first_ms), 0) FROM contacts").fetchall()
        columns = list(zip(*rows(name, of, first, self._as_of), strict=True))
        types = OPENINGS[name]
        table(self._db, name, pa.table(dict(zip(types, columns, strict=True))), *types.values())
