"""The Merkle tree hash of RFC 6962, section 2.1: one hash for a list of values.

The RFC splits a list at the largest power of two below its length. Pairing level by
level, an odd last node going up as it is, builds the same tree without recursion.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256


def root(values: Iterable[bytes]) -> str:
    """The root over the values in their order, in hex; of none, the hash of nothing."""
    level = [sha256(b"\x00" + value).digest() for value in values]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return (level[0] if level else sha256(b"").digest()).hex()
