"""A contact stays in its partition for life, the one Kafka's own clients would choose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import PARTITIONS, _murmur2, partition_of


def signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
    ],
)
def test_the_hash_is_kafkas(key: str, hashed: int) -> None:
    assert signed(_murmur2(key.encode())) == hashed
    assert partition_of(key, 12) == (hashed & 0x7FFFFFFF) % 12


@pytest.mark.parametrize(
    ("key", "partition"),
    [("", 9), ("c-1", 11), ("c-7f3a91d204", 11), ("contact-é", 10), ("21", 0), ("foobar", 6)],
)
def test_the_partition_of_a_contact_never_changes(key: str, partition: int) -> None:
    """Frozen: another answer would part a contact from its own past."""
    assert PARTITIONS == 12
    assert partition_of(key) == partition


@given(st.text(), st.integers(1, 64))
def test_every_contact_has_a_partition(key: str, partitions: int) -> None:
    assert 0 <= partition_of(key, partitions) < partitions
