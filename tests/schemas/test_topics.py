"""A contact stays in its partition for life, the one Kafka's own clients would choose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import board
from schemas.instants import DAY
from schemas.topics import BOARD, CLOCK, EVENTS, PARTITIONS, TOPICS, Topic, _murmur2, partition_of
from streams.kafka import messages


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


def test_raw_events_are_never_compacted_and_outlive_an_outage() -> None:
    row = TOPICS[EVENTS]
    assert "compact" not in row.cleanup
    assert row.retention_ms is not None
    assert row.retention_ms >= 7 * DAY


def test_topics_of_contacts_have_the_same_partitions() -> None:
    """So that a contact is in the partition of the same number, whatever the topic."""
    assert {name for name, row in TOPICS.items() if row.partitions is not None} == {CLOCK, BOARD}


@pytest.mark.parametrize("row", TOPICS.values(), ids=TOPICS)
def test_a_row_is_whole(row: Topic) -> None:
    assert TOPICS[row.name] is row
    assert row.key and row.en.endswith(".") and row.fr.endswith(".")
    assert row.owners and row.schemas
    assert row.public or row.readers, "nobody would read it"
    assert row.config["message.timestamp.type"] == "LogAppendTime"
    assert row.config["cleanup.policy"] == row.cleanup
    assert row.config["retention.bytes"] == "-1"
    if row.cleanup != "compact":
        assert row.config["retention.ms"] == str(row.retention_ms)


@pytest.mark.parametrize("row", [row for row in TOPICS.values() if not row.public])
def test_internal_values_are_messages_that_there_are(row: Topic) -> None:
    assert all(hasattr(messages, name) or hasattr(board, name) for name in row.schemas)
