"""What keys by period are for: tokens of callers, and the sealed columns of the archive.

The two are kept apart. The side that brings facts in holds `caller` keys, and only that side;
the side that archives and counts holds `seal` keys. In one data folder both lie together.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.errors import DeadLetter, Stop
from schemas.instants import DAY
from sinks.archive.disposal import disposed
from streams.keyring.keyring import CALLER, SEAL, Keyring, Period
from streams.sources.port import token_of

#: For so long after the beginning of a period, the key of the one before is used beside its own.
OVERLAP = 7 * DAY


class CallerKeys:
    """Tokens of callers (see `streams.sources.port.Tokens`), for the side that brings facts in."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._keys: dict[str, bytes] = {}

    def token(self, number: str, at_ms: int) -> str:
        """The token of a number under the key of the period of an event's time.

        Raises:
            Stop: that key was destroyed: what happened then can be brought in no more.
        """
        return token_of(number, self._key(self._keyring.period_at(at_ms)))

    def token_before(self, number: str, at_ms: int) -> str | None:
        """The same under the key of the period before, in the first 168 h of a period; else None.

        Raises:
            Stop: that key was destroyed.
        """
        start_ms = self._keyring.period_at(at_ms).start_ms
        if at_ms - start_ms >= OVERLAP:
            return None
        return token_of(number, self._key(self._keyring.period_at(start_ms - 1)))

    def _key(self, period: Period) -> bytes:
        key = self._keys.get(period.name)
        if key is None:
            key = self._keys[period.name] = self._keyring.key(period.name, CALLER)
        return key


class SealKeys:
    """What the archive's writer seals under: a `sinks.archive.sealing.Seal`."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def period(self, intake_ms: int) -> str:
        """The name of the period in which the log took something."""
        return self._keyring.period_at(intake_ms).name

    def closing(self, period: str) -> bytes:
        """The key of a period, made on first use.

        Raises:
            Stop: it was destroyed.
        """
        return self._keyring.key(period, SEAL)


class OpenKeys:
    """What sealed files are opened with: a `sinks.archive.sealed.Keys`.

    What is recorded as disposed of stays closed, even if a copy of its key turns up again.
    """

    def __init__(self, keyring: Keyring, archive: Path) -> None:
        self._keyring, self._archive = keyring, archive

    def opening(self, period: str) -> bytes | None:
        """The key of a period; None where that was destroyed, as is recorded.

        Raises:
            Stop: it is not recorded, but the key is not here; or the record is damaged.
        """
        if period in self._disposed:
            return None
        key = self._keyring.found(period, SEAL)
        if key is None:
            msg = (
                f"the key of the period from {period}, under which personal columns lie, is not "
                f"here: restore it, or record that it is gone (vouch keys destroy {period})"
            )
            raise Stop(msg)
        return key

    @cached_property
    def _disposed(self) -> set[str]:
        return disposed(self._archive)


class Privacy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file `privacy.toml` in the data folder, if there is one.

    Attributes:
        seal: whether the personal columns of what is archived from now on are sealed.
        retention_months: for how many months after the end of its period a key is kept, at most
            (`vouch keys expire` destroys it then); null: until it is destroyed by name.
    """

    seal: bool = False
    retention_months: Annotated[int, Meta(ge=1, le=1_200)] | None = None


def expires_ms(period: Period, months: int) -> int:
    """When so many months have passed since the end of a period, and its keys are in use no more.

    Months are the calendar's, by UTC; a day that the last of them does not have is its last day.
    """
    end = datetime.fromtimestamp(period.end_ms / 1_000, UTC)
    year, month = divmod(end.year * 12 + end.month - 1 + months, 12)
    day = min(end.day, monthrange(year, month + 1)[1])
    expiry = end.replace(year=year, month=month + 1, day=day)
    return max(round(expiry.timestamp()) * 1_000, period.end_ms + OVERLAP)


def privacy_of(data: Path) -> Privacy:
    """The settings of a data folder.

    Raises:
        DeadLetter: the file cannot be read; names the field.
    """
    path = data / "privacy.toml"
    try:
        return msgspec.toml.decode(path.read_bytes() if path.exists() else b"", type=Privacy)
    except (msgspec.MsgspecError, ValueError) as error:
        msg = f"{path}: {error}"
        raise DeadLetter(msg) from error
