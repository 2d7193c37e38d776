"""What has left the log, read from its archive: a `streams.runtimes.partition.Past`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from schemas.rows import Row
from schemas.topics import EVENTS
from sinks.archive.entry import Tail
from sinks.archive.history import History
from sinks.archive.index import Index
from sinks.archive.layout import Chain
from sinks.archive.reader import chains
from sinks.archive.sealed import NO_KEYS, Keys


class ArchivedPast:
    """The archive of one log, and of those that it continues. Not for several threads.

    It keeps the commits in mind that it has seen: ask one of them again and again, not new ones.

    Raises:
        Stop: from every call, where the archive contradicts itself, or a key is missing.
    """

    def __init__(self, root: Path, log_id: str, keys: Keys = NO_KEYS) -> None:
        self._root, self._log_id, self._keys = root, log_id, keys
        self._here: dict[int, History] = {}
        self._before: dict[int, list[History]] = {}

    def next(self, partition: int) -> int:
        """The first offset that is not archived yet."""
        return self._history(partition).index.next

    def rows(self, partition: int, start: int) -> Iterator[list[Row]]:
        """Archived rows from an offset on, a file at a time."""
        return self._history(partition).rows(start)

    def lookup(
        self,
        partition: int,
        keys: Collection[str],
        below: int,
        older: int,
        within: Sequence[tuple[int, int]] | None = None,
    ) -> Mapping[str, Sequence[bytes]]:
        """Archived values below an offset, and in the first `older` files of older logs.

        `within`: spans of event time in which all events of these contacts lie, if known.
        """
        found: dict[str, list[bytes]] = {}
        for history in self._older(partition) if older > 0 else ():
            _add(found, history.lookup(keys, within=within, first=older))
            older -= min(older, len(history.index))
        _add(found, self._history(partition).lookup(keys, below, within))
        return found

    def older(self, partition: int, done: int) -> Iterator[list[Row]]:
        """Rows of the logs that this one continues: a file at a time, after the first `done`."""
        for history in self._older(partition):
            yield from history.files(done)
            done -= min(done, len(history.index))

    def continues(self, partition: int) -> Tail | None:
        """The tail of the log before this one; None where this one is the first."""
        before = self._older(partition)
        return before[-1].index.tail() if before else None

    def _history(self, partition: int) -> History:
        return self._here.setdefault(partition, self._of(Chain(self._log_id, EVENTS, partition)))

    def _older(self, partition: int) -> list[History]:
        """The logs before this one, the oldest first; what they hold changes no more."""
        if partition not in self._before:
            others = [
                self._of(chain)
                for chain in chains(self._root)
                if chain.log_id != self._log_id
                and (chain.topic, chain.partition) == (EVENTS, partition)
            ]
            begun = [history for history in others if len(history.index)]
            self._before[partition] = sorted(begun, key=lambda history: history.index.began_ms())
        return self._before[partition]

    def _of(self, chain: Chain) -> History:
        return History(self._root, Index(self._root, chain), self._keys)


def _add(found: dict[str, list[bytes]], more: Mapping[str, list[bytes]]) -> None:
    for key, values in more.items():
        found.setdefault(key, []).extend(values)
