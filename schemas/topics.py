"""Topics as data, and which partition a contact belongs to for life."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from msgspec import Struct

from schemas.instants import DAY

EVENTS = "contact.events.v1"
DEAD_LETTERS = "dead.letters.v1"
RECORDS = "contact.records.v1"
REGISTERS = "measure.registers.v1"
INTERVALS = "measure.intervals.v1"
CLOCK = "event.clock.v1"
BOARD = "board.v1"
PARTITIONS = 12

Role = Literal["gateway", "live", "archive", "merge", "page"]
#: Whose users have rights: each role's, and that of those who ask (`vouch measures`, `letters`).
Client = Literal[Role, "commands"]
Cleanup = Literal["delete", "compact", "compact,delete"]
_CONTACT = "the contact id (subject of its events)"


class Topic(Struct, frozen=True, kw_only=True):
    """A topic: what is in it, for how long, who writes it and who reads it.

    Attributes:
        name: on the brokers it may have a prefix before it (`[kafka]` in `vouch.toml`).
        key: what its keys are, in words.
        partitions: None is as many as there are for life; the topics of contacts all have the
            same number, so that a contact has the partition of the same number in each.
        retention_ms: how long a value is kept; None is for ever.
        cleanup: how old values go. A compacted topic keeps the newest value of every key.
        schemas: its values are of one of these, files of `schemas/json/` or, where it is not
            public, messages of `streams/kafka/messages.py`. Of events, all types there are.
        public: whether others may read it. What is not public may change with any version.
        owners: the only roles that write it.
        readers: the clients of ours that read it.
        en, fr: what it is, in words.
    """

    name: str
    key: str
    partitions: int | None = None
    retention_ms: int | None = None
    cleanup: Cleanup
    schemas: tuple[str, ...]
    public: bool = False
    owners: tuple[Role, ...]
    readers: tuple[Client, ...] = ()
    en: str
    fr: str

    @property
    def config(self) -> dict[str, str]:
        """The settings of Kafka that make it so; those of copies are the installation's."""
        found = {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(-1 if self.retention_ms is None else self.retention_ms),
            "retention.bytes": "-1",
            "message.timestamp.type": "LogAppendTime",
        }
        # The newest segment is never compacted: a small one keeps what must be read small.
        return found | ({"segment.bytes": str(64 << 20)} if "compact" in self.cleanup else {})


_ROWS = (
    Topic(
        name=EVENTS,
        key=_CONTACT,
        retention_ms=7 * DAY,  # an archive that stands still must be seen long before
        cleanup="delete",
        schemas=("events",),
        public=True,
        owners=("gateway",),
        readers=("live", "archive", "commands"),
        en="Raw events, as they were admitted: every one of them, in order within a contact.",
        fr="Événements bruts, tels qu’admis : tous, dans l’ordre pour chaque contact.",
    ),
    Topic(
        name=RECORDS,
        key=_CONTACT,
        retention_ms=400 * DAY,  # a year, and time to compare it with the one before
        cleanup="compact,delete",
        schemas=("contact-record", "shift"),
        public=True,
        owners=("live",),
        en="What is known of each contact or shift that is over; a higher revision replaces it.",
        fr="Ce que l’on sait d’un contact ou d’un quart de travail terminé; une révision "
        "supérieure le remplace.",
    ),
    Topic(
        name=REGISTERS,
        key="JSON: the kind of message, then what it is of",
        cleanup="compact",
        schemas=("RegisterAt", "DeclarationAt", "Whole", "Progress"),
        owners=("live", "merge"),  # merge takes out what writers left that are no more
        readers=("merge",),
        en="Each partition's sums by quarter of an hour, to be merged into figures.",
        fr="Les sommes de chaque partition par quart d’heure, à additionner pour les chiffres.",
    ),
    Topic(
        name=INTERVALS,
        key="start|zone|department|queue, with nothing for what is unknown",
        retention_ms=5 * 366 * DAY,
        cleanup="compact,delete",
        schemas=("interval-figures",),
        public=True,
        owners=("merge",),
        en="Live figures by quarter of an hour, department and queue; indicative, never final.",
        fr="Chiffres en direct par quart d’heure, ministère et file; indicatifs, non définitifs.",
    ),
    Topic(
        name=DEAD_LETTERS,
        key="of what the gateway refused, its SHA-256; of a stored event, topic/partition/offset",
        retention_ms=30 * DAY,
        cleanup="delete",
        schemas=("dead-letter",),
        public=True,
        owners=("gateway", "live"),
        readers=("commands",),
        en="What was refused, why, and how it began.",
        fr="Ce qui a été refusé, pourquoi, et son début.",
    ),
    Topic(
        name=CLOCK,
        key="number of a partition",
        partitions=1,
        cleanup="compact",
        schemas=("Clock",),
        owners=("live",),
        readers=("live",),
        en="The newest event time that each partition has seen; the newest of all is the clock.",
        fr="L’heure du plus récent événement de chaque partition; la plus récente est l’horloge.",
    ),
    Topic(
        name=BOARD,
        key="board",
        partitions=1,
        retention_ms=DAY,
        cleanup="compact,delete",
        schemas=("Board",),
        owners=("merge",),
        readers=("page",),
        en="What the page and the gauges show, once a second.",
        fr="Ce que montrent la page et les jauges, chaque seconde.",
    ),
)
TOPICS: dict[str, Topic] = {row.name: row for row in _ROWS}


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
