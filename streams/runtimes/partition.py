"""One partition of the live figures: rows in, state file out, position and state as one.

The state is derived. Without its file (or with one that is behind what the log still holds)
the partition is read again, from the archive up to where the log begins, then the log.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from operator import attrgetter

from schemas.errors import Retry, VouchError
from schemas.rows import Row
from schemas.topics import EVENTS
from streams.core.gather import unread
from streams.core.process import Changes
from streams.core.state import Counted, State
from streams.logs.port import Log
from streams.runtimes.lookups import FILL, LookUps, read
from streams.runtimes.memory import Memory
from streams.runtimes.outside import Aside, Outlet, Past
from streams.runtimes.store import Change, Fenced, StateStore

__all__ = ["Aside", "LivePartition", "Outlet", "Past"]
_OFFSET = attrgetter("offset")


def _never() -> bool:
    """It has all the time there is."""
    return False


class LivePartition:
    """Applies a partition's rows to its state, and saves what changed with the position.

    Rows are applied in order and once, whoever brings them. After an error, the next call begins
    from what was saved.
    """

    def __init__(
        self, log: Log, number: int, store: StateStore, past: Past, outlet: Outlet | None = None
    ) -> None:
        """Open the partition.

        `outlet` keeps the events that cannot be applied; without one, they raise.
        """
        self.number, self.store = number, store
        self._log, self._past, self._outlet = log, past, outlet
        self._look_ups = LookUps(log, number, store, past)
        self._begun = False
        self._counted: dict[str, Counted] = {}  # of the contacts that were looked up last
        self._load()

    def _load(self) -> None:
        saved = self.store.standing()
        self._memory, self._saved = Memory(saved), (saved.position, saved.now)
        self._sound = True

    @property
    def position(self) -> int:
        """The next offset of the log to be applied."""
        return self._memory.position

    @property
    def state(self) -> State:
        """The contacts in memory."""
        return self._memory.state

    def catch_up(self, tick: int, applied: Callable[[int], None]) -> int:
        """Apply everything up to the log's tail, `tick` rows at a time; how many rows.

        `applied` hears of every tick.
        """
        total = 0
        self._begin()
        for rows in chain(self._forgotten(), self._held(tick)):
            self._apply(rows)
            applied(len(rows))
            total += len(rows)
        return total

    def recover(self, interrupted: Callable[[], bool] = _never) -> int:
        """Apply what the log has forgotten; the offset from which the log is to be read.

        It may take long: after every file it is asked whether it is `interrupted`.

        Raises:
            Retry: some of it is neither in the log nor in the archive (yet); or it was
                interrupted, and goes on from there when it is called again.
        """
        self._begin(interrupted)
        for rows in self._forgotten():
            self._apply(rows)
            self._require_time(interrupted)
        return max(self.position, self._log.bounds(EVENTS, self.number)[0])

    def take(self, rows: Sequence[Row]) -> int:
        """Apply rows that somebody read from the log, in order; how many were news.

        Those below the position are known. Those between it and the first, if there are any, are
        read from the log before.

        Raises:
            Retry: not all were applied; the same rows may be given again.
            Fenced: another worker has saved to this state.
        """
        self._begin()
        news = rows[bisect_left(rows, self.position, key=_OFFSET) :]
        if news:
            if news[0].offset > self.position:
                self._fill(news[0].offset)
            self._apply(news)
        return len(news)

    @property
    def saved(self) -> tuple[int, int | None]:
        """Position and clock of what is saved."""
        return self._saved

    def check(self) -> None:
        """A zombie finds out before it looks anything up, or tells anybody, in a state not its own.

        Raises:
            Fenced: another worker has saved to this state.
        """
        if self.store.progress() != self._saved:
            msg = f"partition {self.number}: another worker has saved to this state"
            raise Fenced(msg)

    @property
    def settled(self) -> int:
        """The rows below this offset are both archived and counted: the log may forget them."""
        return min(self._past.next(self.number), self.position)

    def advance(self, now: int) -> None:
        """Bring the clock of this partition to that of all of them."""
        self._mend()
        with self._ahead():
            changes = self._memory.advance(now, self._earlier)
            if self._saved != (self.position, self.state.now):
                self._save(self._memory.change(changes))

    def _begin(self, interrupted: Callable[[], bool] = _never) -> None:
        """Apply what the logs before this one held, which changes no more."""
        self._mend()
        if not self._begun:
            self._continue(interrupted)
            self._begun = True

    def _continue(self, interrupted: Callable[[], bool]) -> None:
        """A file at a time; the position in this log stays."""
        for rows in self._past.older(self.number, self._memory.older):
            with self._ahead():
                change, asides = self._file(rows)
                self._save(change, asides)
            self._require_time(interrupted)

    def _require_time(self, interrupted: Callable[[], bool]) -> None:
        if interrupted():
            msg = f"partition {self.number} is being made again, interrupted at {self.position}"
            raise Retry(msg)

    def _file(self, rows: Sequence[Row]) -> tuple[Change, list[Aside]]:
        """Apply a file, as a whole, but for the rows that cannot be applied."""
        asides: list[Aside] = []
        try:
            changes = self._memory.apply_file(rows, self._earlier, self._was)
        except (VouchError, MemoryError):
            raise
        except Exception:
            if self._outlet is None:
                raise
            self._reload()
            asides = self._unfit(rows)
            for row, _ in asides:
                self._memory.set_aside(row)
            unfit = {row.offset for row, _ in asides}
            fit = [row for row in rows if row.offset not in unfit]
            changes = self._memory.apply_file(fit, self._earlier, self._was)
        return self._memory.change(changes), asides

    def _unfit(self, rows: Sequence[Row]) -> list[Aside]:
        """Those of some rows that cannot be applied, found by halves; memory is as saved then."""
        try:
            self._memory.apply_file(rows, self._earlier, self._was)
        except (VouchError, MemoryError):
            raise
        except Exception as error:
            self._reload()
            half = len(rows) // 2
            if half:
                return self._unfit(rows[:half]) + self._unfit(rows[half:])
            return [Aside(rows[0], f"in an older log: {type(error).__name__}: {error}")]
        self._reload()
        return []

    def _reload(self) -> None:
        """As it was saved; and again after an error, since memory is to go ahead of it now."""
        self._load()
        self._sound = False

    def _forgotten(self) -> Iterator[Sequence[Row]]:
        """What was not applied yet and is no more in the log: the archive has it."""
        first, end = self._log.bounds(EVENTS, self.number)
        if self.position >= first:
            return
        for rows in self._past.rows(self.number, self.position):
            yield [row for row in rows if row.offset < first]
        archived = self._past.next(self.number)
        if archived >= first:
            self._memory.position = first  # what the archive has no rows for is lost, and on record
        elif end > first:
            msg = f"partition {self.number}: what lies between {archived} and {first} is neither"
            raise Retry(f"{msg} in the log nor, yet, in the archive or on record as lost")

    def _held(self, tick: int) -> Iterator[Sequence[Row]]:
        while rows := read(self._log, self.number, self.position, tick):
            yield rows

    def _fill(self, end: int) -> None:
        """Apply what comes before an offset, if there is anything."""
        for rows in self._forgotten():
            self._apply(rows)
        for rows in self._held(FILL):
            self._apply(rows[: bisect_left(rows, end, key=_OFFSET)])
            if rows[-1].offset >= end:
                break

    def _apply(self, rows: Sequence[Row]) -> None:
        """Apply and save rows; those that cannot be applied are set aside, each by itself."""
        if not rows:
            return
        with self._ahead():
            try:
                change, asides = self._step(rows)
            except (VouchError, MemoryError):
                raise
            except Exception as error:
                if self._outlet is None:
                    raise
                self._reload()
                self._part(rows, error)
            else:
                self._save(change, asides)

    def _step(self, rows: Sequence[Row]) -> tuple[Change, list[Aside]]:
        changes = self._memory.apply(rows, self._earlier, self._was)
        return self._memory.change(changes), _unread(rows, changes.unreadable)

    def _part(self, rows: Sequence[Row], error: Exception) -> None:
        """Apply halves of what cannot be applied together."""
        if len(rows) > 1:
            half = len(rows) // 2
            self._apply(rows[:half])
            self._apply(rows[half:])
            return
        (row,) = rows
        memory = self._memory
        memory.position = row.offset + 1
        memory.set_aside(row)
        self._save(memory.change(Changes()), [Aside(row, f"{type(error).__name__}: {error}")])

    def _mend(self) -> None:
        """Begin from what was saved, if memory is ahead of it."""
        if not self._sound:
            self._load()

    @contextmanager
    def _ahead(self) -> Iterator[None]:
        """Memory is ahead of what is saved, and stays so after an error."""
        sound, self._sound = self._sound, False
        yield
        self._sound = sound

    def _earlier(self, keys: Collection[str]) -> dict[str, list[bytes]]:
        """What was applied before of contacts whose events are not in memory."""
        here = [key for key in keys if key in self.state.contacts]
        with _not_the_events_fault():
            self.check()
            late = self.store.known([key for key in keys if key not in self.state.contacts])
            self._counted = self._look_ups.counted(late)
            return {
                **(self.store.events(here) if here else {}),
                **(self._long_ago(late) if late else {}),
            }

    def _was(self, key: str) -> Counted | None:
        return self._counted.get(key)

    def _long_ago(self, known: Collection[str]) -> dict[str, list[bytes]]:
        """Of contacts that have left memory, in one scan."""
        memory = self._memory
        found, reach = self._look_ups.applied(known, self.position, memory.older)
        memory.reach.update(reach)
        for key in found.keys() & memory.aside.keys():
            found[key] = [value for value in found[key] if value not in memory.aside[key]]
        return found

    def _save(self, change: Change, asides: Sequence[Aside] = ()) -> None:
        if self._outlet:
            self.check()
            self._outlet.saving(change, asides)
        self.store.save(change)
        self._saved = (change.position, change.now)
        if self._outlet:
            self._outlet.saved(change)


@contextmanager
def _not_the_events_fault() -> Iterator[None]:
    """What fails while something is read is no reason to set an event aside."""
    try:
        yield
    except (VouchError, MemoryError):
        raise
    except Exception as error:
        msg = f"what was applied before cannot be read: {type(error).__name__}: {error}"
        raise Retry(msg) from error


def _unread(rows: Sequence[Row], subjects: Collection[str]) -> list[Aside]:
    """Of subjects with values that cannot be read, those values: they count, but say nothing."""
    found = ((row, unread(row.value)) for row in rows if row.key in subjects) if subjects else ()
    return [Aside(row, problem) for row, problem in found if problem]
