"""Finding one contact among thousands of commits.

The live state knows when the events of a contact happened, and so which commits can hold them. It
only says where to look: what is found is what the archive holds. Without it every file is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

import msgspec

from schemas.errors import Retry
from schemas.topics import partition_of
from sinks.archive.history import History
from sinks.archive.index import NO_BOUND
from sinks.archive.sealed import Keys
from streams.core.gather import gather
from streams.home import LOG, Home
from streams.runtimes.store import StateStore
from streams.tracing.archive import Archive, End
from streams.tracing.places import Place, places, read


class _Bounds(msgspec.Struct):
    """What is needed of a record: see `schemas.record.ContactRecord`."""

    first_ms: int
    last_ms: int
    conflicting: int = 0


class Hint(NamedTuple):
    """When the events of a contact happened that a log holds below an offset."""

    log_id: str
    below: int
    span: tuple[int, int]


_bounds = msgspec.json.Decoder(_Bounds).decode


def hint(home: Home, contact: str) -> Hint | None:
    """What the live state knows of a contact; None where it knows nothing, or cannot tell."""
    if home.kafka is None and not ((home.data / LOG).exists() and (home.data / "state").exists()):
        return None  # rather than make them
    try:
        with closing(home.log()) as log, home.stores() as stores:
            store = stores[partition_of(contact, len(stores))]
            with store.snapshot():
                below, bounds = store.progress()[0], _known(store, contact)
            return Hint(log.log_id, below, bounds) if bounds else None
    except Retry:
        return None


def _known(store: StateStore, contact: str) -> tuple[int, int] | None:
    if (values := store.events([contact]).get(contact)) is not None:
        facts = gather(values)
        return (facts.times[0], facts.times[-1]) if facts and not facts.conflicting else None
    if (record := store.record(contact)) is None:
        return None
    bounds = _bounds(record)
    return None if bounds.conflicting else (bounds.first_ms, bounds.last_ms)


def find(archive: Archive, contact: str, as_of: int, known: Hint | None) -> list[Place]:
    """Every archived event of a contact up to `as_of`, in the order of intake.

    Args:
        archive: in which they are.
        contact: its id.
        as_of: in milliseconds.
        known: where to look.

    Raises:
        Retry: files were compacted meanwhile; ask again.
        Stop: the archive contradicts itself.
    """
    found: list[Place] = []
    for end in _of(archive, contact):
        here = known if known is not None and known.log_id == end.log_id else None
        within, sure = ([here.span], here.below) if here else (None, NO_BOUND)
        found += places(archive, end, [contact], as_of, within, sure)
    return read(found)


def values(archive: Archive, keys: Keys, found: Sequence[Place]) -> list[bytes]:
    """The events at some places of one contact, at least one, as the fold reads them.

    Raises:
        Stop: the archive contradicts itself, or a key is missing.
    """
    contact, times = found[0].contact, [place.time_ms for place in found]
    within, values = [(min(times), max(times))], list[bytes]()
    for end in _of(archive, contact):
        history = History(archive.root, archive.index(end), keys)
        values += history.lookup([contact], end.next, within).get(contact, [])
    return values


def _of(archive: Archive, contact: str) -> list[End]:
    number = partition_of(contact, archive.partitions)
    return [end for end in archive.ends if end.partition == number]
