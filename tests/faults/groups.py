"""Who is in a consumer group, as the broker sees it; and where the archive is."""

from __future__ import annotations

from confluent_kafka import KafkaException

from schemas.topics import EVENTS
from sinks.archive.layout import Chain
from sinks.archive.reader import chains, tail
from tests.faults.world import World


def members(world: World, role: str) -> int:
    """How many members the group of a role has; 0 while nobody can say so."""
    name = world.kafka.group_of(role)
    try:
        found = world.admin.describe_consumer_groups([name], request_timeout=5)[name].result()
    except KafkaException:
        del world.admin  # one that has lost a broker may go on asking where that one was
        return 0
    return len(found.members)


def chain(world: World) -> list[Chain]:
    """The chains of the events, of those partitions that have one."""
    return [found for found in chains(world.archive) if found.topic.endswith(EVENTS)]


def archived(world: World) -> dict[int, int]:
    """By partition, the first offset that is not in the archive."""
    found = {
        of.partition: tail(world.archive, of.log_id, of.topic, of.partition) for of in chain(world)
    }
    return {number: entry.next for number, entry in found.items() if entry}
