"""Dead letters: what was refused, why, and enough of it to recognise it by."""

from __future__ import annotations

from msgspec import Struct


class Letter(Struct, frozen=True, kw_only=True):
    """A dead letter: what was refused, why, and enough of it to recognise it by.

    `head` is its first 4 KiB (in base64 on the wire), `sha256` and `size` are of all of it.
    """

    reason: str
    field: str
    problem: str
    received_ms: int
    producer: str
    sha256: str
    size: int
    head: bytes
