"""Late facts: what was applied before of contacts that have left memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct
from msgspec.json import Decoder

from schemas.errors import Retry, Stop
from schemas.parts import Shift
from schemas.record import ContactRecord
from schemas.rows import Row
from schemas.topics import EVENTS
from streams.core.state import Counted
from streams.logs.port import Log
from streams.runtimes.outside import Past
from streams.runtimes.store import Reach, StateStore

FILL = 100_000  # rows read from the log at a time


class _Bounds(Struct):
    """What a stored record says of when its events happened."""

    first_ms: int | None = None
    last_ms: int | None = None
    conflicting: int = 0


_bounds = Decoder(_Bounds).decode
_counted = Decoder(ContactRecord | Shift).decode


def read(log: Log, number: int, start: int, limit: int) -> list[Row]:
    """Rows of the log that it held when its bounds were asked.

    Raises:
        Retry: retention has moved them out of it since.
    """
    try:
        return log.read(EVENTS, number, start, limit)
    except Stop as error:
        if start < log.bounds(EVENTS, number)[0]:
            msg = f"partition {number}: {start} has just left the log"
            raise Retry(msg) from error
        raise


class LookUps:
    """Finds values in the archive of a partition, and in what of the log is not archived yet."""

    def __init__(self, log: Log, number: int, store: StateStore, past: Past) -> None:
        self._log, self._number, self._store, self._past = log, number, store, past

    def applied(
        self, known: Collection[str], position: int, older: int
    ) -> tuple[dict[str, list[bytes]], dict[str, Reach]]:
        """The values of some contacts in the rows below a position, and where those rows lie.

        With them come those in the first `older` files of older logs.

        Raises:
            Retry: some of them are neither in the log nor in the archive (yet).
        """
        archived = self._past.next(self._number)
        below, within = min(archived, position), self._within(known)
        applied = self._past.lookup(self._number, known, below, older, within)
        found = {key: list(values) for key, values in applied.items()}
        stored = self._store.reach(known)
        reach = {key: stored.get(key, (0, position)) for key in known}
        for row in self._logged(archived, position, list(reach.values())):
            if row.key in known:
                found.setdefault(row.key, []).append(row.value)
        return found, reach

    def counted(self, known: Collection[str]) -> dict[str, Counted]:
        """How some contacts were counted: by their records, which losses cannot change."""
        records = {key: self._store.record(key) for key in known}
        return {key: _counted(record) for key, record in records.items() if record}

    def _within(self, known: Collection[str]) -> list[tuple[int, int]] | None:
        """When the events of some contacts happened; None where a record does not tell of all.

        An event that came with different bytes may have had another time in those not kept.
        """
        spans = []
        for key in known:
            bounds = _bounds(self._store.record(key) or b"{}")
            if bounds.first_ms is None or bounds.last_ms is None or bounds.conflicting:
                return None
            spans.append((bounds.first_ms, bounds.last_ms))
        return spans

    def _logged(self, archived: int, position: int, reaches: list[Reach]) -> Iterator[Row]:
        """Rows applied before that the archive does not hold yet, as far as some lie in there."""
        held = self._log.bounds(EVENTS, self._number)[0]
        start, spans = max(archived, held), _merged(reaches)
        if any(max(archived, first) < min(held, next_, position) for first, next_ in spans):
            msg = f"partition {self._number}: some of what lies between {archived} and {held} is"
            raise Retry(f"{msg} to be looked up, and neither in the archive nor on record as lost")
        for first, next_ in spans:
            start, end = max(start, first), min(next_, position)
            while start < end:
                rows = read(self._log, self._number, start, min(FILL, end - start))
                yield from (row for row in rows if row.offset < end)
                start = rows[-1].offset + 1 if rows else end


def _merged(spans: Sequence[Reach]) -> list[Reach]:
    """The same spans in order, none touching the next."""
    merged: list[Reach] = []
    for first, next_ in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], next_))
        else:
            merged.append((first, next_))
    return merged
