"""A row of a log: what every reader of it, live or archive, is handed."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One value at its position in a partition.

    Attributes:
        offset: position in the partition, from 0, never reused.
        intake_ms: when the log took it, UTC milliseconds since 1970.
        key: the contact id.
        value: the event's bytes.
    """

    offset: int
    intake_ms: int
    key: str
    value: bytes
