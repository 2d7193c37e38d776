"""Sealed files: which columns are personal, and how a file says under whose key they lie.

In a sealed file the personal columns are null. What they hold lies beside them, each under its
name with `sealed_` before it, encrypted (`sinks.archive.locks`); whoever has no key reads all
else with any tool, by the same query as in a file that is not sealed. `value_sha256` is the
hash of the raw event: it tells of two events whether they are the same, and which of two comes
first, when neither can be read.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

import pyarrow.parquet as pq

from schemas.archive import COLUMNS, RAW
from schemas.errors import Stop
from schemas.vocabulary import CALLER

PERSONAL = (*(name for name in COLUMNS if name in CALLER), *RAW)
DIGEST = "value_sha256"
VALUE = "sealed_value"
PERIOD, VERSIONS = b"vouchline.sealed", b"vouchline.versions"  # in the metadata of a file


class Keys(Protocol):
    """What sealed files are opened with."""

    def opening(self, period: str) -> bytes | None:
        """The key of a period; None where it was destroyed, and what it sealed disposed of.

        Raises:
            Stop: the key was not destroyed, but is not here.
        """
        ...


class NoKeys:
    """Opens nothing."""

    def opening(self, period: str) -> bytes | None:
        """See `Keys`."""
        msg = f"the key of the period {period}, under which personal columns lie, is not here"
        raise Stop(msg)


NO_KEYS = NoKeys()


def digest(value: bytes) -> str:
    """An event's SHA-256, in hexadecimal."""
    return sha256(value).hexdigest()


def sealed_name(column: str) -> str:
    """The column that holds what was taken out of another."""
    return f"sealed_{column}"


def period_of(file: pq.ParquetFile) -> str | None:
    """The period under whose key the personal columns of a file lie; None: it is not sealed."""
    said: bytes | None = (file.metadata.metadata or {}).get(PERIOD)
    return said.decode() if said else None
