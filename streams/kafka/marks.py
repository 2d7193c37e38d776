"""Which figures changed since they were last published: quarters of an hour, and their groups.

The marks are kept with what changed, in one file and one transaction: what a crash kept from
being published is published later.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from sqlite3 import Connection

import msgspec

from schemas.instants import QUARTER_HOUR
from schemas.intervals import BY
from schemas.record import DIMENSIONS, Declaration
from streams.core.registers import COHORT

Place = tuple[str | None, ...]
#: Start of the quarter-hour, in milliseconds -> values of the dimensions `BY`.
Changed = dict[int, set[Place]]

TABLES = (
    """CREATE TABLE changed (
        quarter INTEGER, place TEXT, PRIMARY KEY (quarter, place)) WITHOUT ROWID""",
)
_AT = [DIMENSIONS.index(name) for name in BY]
_MARK = "INSERT OR IGNORE INTO changed VALUES (?, ?)"
_ONLY_IN = """SELECT kind, quarter, dims, packed FROM registers WHERE writer = ?1
    EXCEPT SELECT kind, quarter, dims, packed FROM registers WHERE writer = ?2"""
_DECLARED_ONLY_IN = """SELECT name, value FROM declarations WHERE writer = ?1
    EXCEPT SELECT name, value FROM declarations WHERE writer = ?2"""
_OF = "JOIN writers AS w ON writer = w.id WHERE w.partition = ?"
_EVERY_REGISTER = f"SELECT DISTINCT kind, quarter, dims FROM registers {_OF}"
_EVERY_DECLARATION = f"SELECT value FROM declarations {_OF}"

_dims = msgspec.json.Decoder(tuple[str | None, ...]).decode
_place = msgspec.json.Decoder(Place).decode
_declaration = msgspec.json.Decoder(Declaration).decode


@lru_cache(10_000)
def place_of(dims: str) -> Place:
    """The group of a register, by the text of its dimensions."""
    found = _dims(dims)
    return tuple(found[at] for at in _AT)


def register(sql: Connection, kind: str, quarter: int, dims: str) -> None:
    """A register that is shown changed; what counts by interval is not published."""
    if kind.endswith(f".{COHORT}"):
        _mark(sql, quarter, place_of(dims))


def declarations(sql: Connection, values: Iterable[bytes]) -> None:
    """Declarations that are shown changed: what they were, and what they are."""
    for value in values:
        found = _declaration(value)
        quarter = found.start_ms - found.start_ms % QUARTER_HOUR
        if found.end_ms <= quarter + QUARTER_HOUR:  # else it speaks of more than an interval
            _mark(sql, quarter, tuple(getattr(found, name) for name in BY))


def differences(sql: Connection, one: int | None, other: int | None) -> None:
    """Another writer is shown: whatever the two do not agree on."""
    for pair in ((one, other), (other, one)):
        for kind, quarter, dims, _ in sql.execute(_ONLY_IN, pair).fetchall():
            register(sql, kind, quarter, dims)
        declared = sql.execute(_DECLARED_ONLY_IN, pair).fetchall()
        declarations(sql, [value for _, value in declared])


def everything(sql: Connection, partition: int) -> None:
    """Whatever any writer of a partition wrote."""
    for kind, quarter, dims in sql.execute(_EVERY_REGISTER, (partition,)).fetchall():
        register(sql, kind, quarter, dims)
    declarations(sql, [value for (value,) in sql.execute(_EVERY_DECLARATION, (partition,))])


def changed(sql: Connection) -> Changed:
    """All marks."""
    found: Changed = {}
    for quarter, place in sql.execute("SELECT quarter, place FROM changed ORDER BY quarter"):
        found.setdefault(quarter, set()).add(_place(place))
    return found


def clear(sql: Connection, published: Changed) -> None:
    """Of what was marked, this is published."""
    done = ((quarter, _text(place)) for quarter, places in published.items() for place in places)
    sql.executemany("DELETE FROM changed WHERE quarter = ? AND place = ?", done)


def _mark(sql: Connection, quarter: int, place: Place) -> None:
    sql.execute(_MARK, (quarter, _text(place)))


def _text(place: Place) -> str:
    return msgspec.json.encode(place).decode()
