"""Keys by period, in a folder that only its owner can read: made once, kept until destroyed.

    keys/2026-04-01/       the period that begins on that day, at 00:00 UTC: a fiscal quarter
        caller             the key of callers' tokens
        seal               the key of sealed columns
        hold               why they must not be destroyed
        destroyed          they were, and are never made again
    keys/2026-05-10T14/    a period that was begun early, at that hour

The name of a period is the instant at which it begins; it ends where the next one does.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from schemas.errors import DeadLetter, Stop
from schemas.instants import HOUR, instant, millis
from streams.keepsake import made_once
from streams.keyring.keyfiles import make_private, sync, wipe, write

CALLER, SEAL = "caller", "seal"
_HOLD, _DESTROYED = "hold", "destroyed"
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2})?", re.ASCII)
_SECRET_BYTES = 32
_REMEMBERED = 1_000  # hours of event time


class Period(NamedTuple):
    """From `start_ms` to before `end_ms`, UTC milliseconds since 1970."""

    name: str
    start_ms: int
    end_ms: int


class Keyring:
    """The keys of one `folder`. What others do to it is seen, but for what was asked before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._hours: dict[int, Period] = {}

    def period_at(self, at_ms: int) -> Period:
        """The period of an instant.

        One is only ever begun early some time ahead (`begin`), so that the answer for a time at
        which something has happened never changes.
        """
        hour = at_ms // HOUR
        period = self._hours.get(hour)
        if period is None:
            if len(self._hours) >= _REMEMBERED:
                self._hours.clear()
            period = self._hours[hour] = self._period_at(hour * HOUR)
        return period

    def periods(self) -> list[Period]:
        """Those that have a folder, in order."""
        return [self._period_at(start) for start in self._starts()]

    def named(self, name: str) -> Period:
        """The period of a name.

        Raises:
            DeadLetter: no period begins then.
        """
        start = _start(name)
        if start is None or self._period_at(start).name != name:
            msg = f"no period begins at {name!r}; `vouch keys list` names those with keys"
            raise DeadLetter(msg)
        return self._period_at(start)

    def key(self, period: str, kind: str) -> bytes:
        """A key, made and made durable on first use.

        Raises:
            Stop: it was destroyed, or is damaged.
        """
        if self.destroyed(period):
            msg = f"the keys of the period from {period} were destroyed"
            raise Stop(msg)
        self._open(period)
        path = self.folder / period / kind
        key = _secret(path, made_once(path, lambda: secrets.token_hex(_SECRET_BYTES)))
        sync(path.parent, self.folder, self.folder.parent)
        return key

    def found(self, period: str, kind: str) -> bytes | None:
        """A key, if there is one.

        Raises:
            Stop: it is damaged.
        """
        path = self.folder / period / kind
        try:
            return _secret(path, path.read_text().strip())
        except FileNotFoundError:
            return None

    def begin(self, at_ms: int) -> Period:
        """Begin a period early, on a full hour that no event can have come from yet."""
        self._open(_name(at_ms))
        self._hours.clear()
        return self._period_at(at_ms)

    def held(self, period: str) -> str | None:
        """Why the keys of a period must not be destroyed; None: they may be."""
        path = self.folder / period / _HOLD
        return path.read_text().strip() if path.exists() else None

    def hold(self, period: str, reason: str) -> None:
        """Forbid to destroy the keys of a period."""
        self._open(period)
        write(self.folder / period / _HOLD, reason)

    def release(self, period: str) -> None:
        """Allow it again."""
        (self.folder / period / _HOLD).unlink(missing_ok=True)
        sync(self.folder / period)

    def destroyed(self, period: str) -> bool:
        """Whether the keys of a period were destroyed, or are about to be."""
        return (self.folder / period / _DESTROYED).exists()

    def left(self, period: str) -> bool:
        """Whether anything is left to be done of the destruction of a period's keys."""
        here = [self.folder / period / kind for kind in (CALLER, SEAL)]
        return not self.destroyed(period) or any(path.exists() for path in here)

    def destroy(self, period: str) -> None:
        """Destroy the keys of a period for good. Killed at any point, it can be called again."""
        self._open(period)
        folder = self.folder / period
        write(folder / _DESTROYED, "destroyed")
        for kind in (CALLER, SEAL):
            wipe(folder / kind)
        sync(folder)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let nobody else hold, release or destroy keys meanwhile."""
        make_private(self.folder)
        with (self.folder / "lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def _period_at(self, at_ms: int) -> Period:
        quarter, after = _quarter(at_ms), _quarter(_quarter(at_ms) + 100 * 24 * HOUR)
        starts = sorted({quarter, after, *self._starts()})
        at = bisect_right(starts, at_ms)
        return Period(_name(starts[at - 1]), starts[at - 1], starts[at])

    def _starts(self) -> list[int]:
        names = os.listdir(self.folder) if self.folder.is_dir() else []
        return sorted(start for name in names if (start := _start(name)) is not None)

    def _open(self, period: str) -> None:
        make_private(self.folder)
        make_private(self.folder / period)


def _secret(path: Path, text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _SECRET_BYTES:
        msg = f"{path} is not a key of {2 * _SECRET_BYTES} hexadecimal digits: restore it"
        raise Stop(msg)
    return key


def _quarter(at_ms: int) -> int:
    """When the quarter of an instant began: in January, April, July or October, by UTC."""
    day = datetime.fromtimestamp(at_ms / 1_000, UTC)
    start = datetime(day.year, day.month - (day.month - 1) % 3, 1, tzinfo=UTC)
    return round(start.timestamp()) * 1_000


def _name(start_ms: int) -> str:
    return instant(start_ms)[:13].removesuffix("T00")


def _start(name: str) -> int | None:
    """The instant that a name says; None where it says none."""
    if not _NAME.fullmatch(name):
        return None
    with suppress(ValueError):
        return millis(f"{name if 'T' in name else name + 'T00'}:00:00.000Z")
    return None
