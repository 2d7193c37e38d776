"""Topics as data, and which partition a contact belongs to for life."""

from __future__ import annotations

from functools import lru_cache

EVENTS = "contact.events.v1"
DEAD_LETTERS = "dead.letters.v1"
RECORDS = "contact.records.v1"
REGISTERS = "measure.registers.v1"
INTERVALS = "measure.intervals.v1"
CLOCK = "event.clock.v1"
BOARD = "board.v1"
PARTITIONS = 12


@lru_cache(maxsize=65_536)
def partition_of(contact_id: str, partitions: int = PARTITIONS) -> int:
    """The partition of a contact: murmur2 on its id, as Kafka's own clients choose it."""
    return (_murmur2(contact_id.encode()) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    """The 32-bit murmur2 of Kafka's default partitioner (seed 0x9747b28c)."""
    length = len(data)
    whole = length - length % 4
    h = (0x9747B28C ^ length) & 0xFFFFFFFF
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * 0x5BD1E995 & 0xFFFFFFFF
        k = (k ^ (k >> 24)) * 0x5BD1E995 & 0xFFFFFFFF
        h = (h * 0x5BD1E995 & 0xFFFFFFFF) ^ k
    if whole < length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * 0x5BD1E995 & 0xFFFFFFFF
    h = (h ^ (h >> 13)) * 0x5BD1E995 & 0xFFFFFFFF
    return h ^ (h >> 15)
