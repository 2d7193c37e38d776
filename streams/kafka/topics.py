"""The topics on the brokers: what is missing is created, and the rest is checked.

Nothing here changes a topic that exists. One that is not as its row says could lose or part
what is in it, and only a person can tell why it is so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AdminClient,
    ClusterMetadata,
    ConfigResource,
    NewTopic,
    TopicDescription,
)

from schemas.errors import Retry, Stop
from schemas.topics import EVENTS, TOPICS, Topic
from streams.kafka.clients import admin, errors_of
from streams.kafka.settings import Kafka

WAIT_S = 30.0
_LOOK_S = 0.1
_AS_KAFKA_PRINTS = str.maketrans("+/", "-_", "=")  # the client has the other base64
_COPIES, _UNCLEAN = "min.insync.replicas", "unclean.leader.election.enable"


@dataclass(frozen=True, slots=True)
class Copies:
    """How many copies of every partition there are, and how many make an event safe."""

    replication: int
    in_sync: int

    def __post_init__(self) -> None:
        """More than there are can never have it.

        Raises:
            Stop: nothing could ever be acknowledged.
        """
        if self.in_sync > self.replication:
            msg = f"kafka.in_sync, {self.in_sync}, is more than kafka.replication, "
            raise Stop(f"{msg}{self.replication}: nothing could ever be acknowledged")


@dataclass(frozen=True, slots=True)
class Held:
    """A topic as the brokers have it: copies of each of its partitions, and its settings."""

    copies: list[int]
    config: Mapping[str, str]


def ensure(kafka: Kafka) -> None:
    """Create the topics that are missing, wait until they are there, and check all of them.

    Any number of processes may do so at once.

    Raises:
        Retry: the brokers are away, or a topic is not led by anyone yet.
        Stop: a topic is not as it must be; names topic and setting, all there are.
    """
    with errors_of("the topics"):
        client = admin(kafka)
        known = client.list_topics(timeout=WAIT_S)
        copies = _copies(kafka, known)
        _create(kafka, client, known, copies)
        held = _held(client, [kafka.topic(name) for name in TOPICS])
    wrong = [
        f"{kafka.topic(row.name)}: {words}"
        for row in TOPICS.values()
        for words in problems(row, held[kafka.topic(row.name)], _partitions(kafka, row), copies)
    ]
    if wrong:
        raise Stop("topics on the brokers are not as they must be:\n  " + "\n  ".join(wrong))


def log_id(kafka: Kafka) -> str:
    """The identity of this log: "<cluster id>.<id of the topic of events>".

    A topic that was deleted and made again has another id, though its name is the same.

    Raises:
        Retry: the brokers are away, or there is no such topic just now (see `ensure`).
        Stop: they refuse us.
    """
    with errors_of(f"the topic {kafka.topic(EVENTS)}"):
        client = admin(kafka)
        name = kafka.topic(EVENTS)
        cluster = client.list_topics(timeout=WAIT_S).cluster_id  # of a topic, it might make it
        described = client.describe_topics(TopicCollection([name]))[name].result()
        return f"{cluster}.{described.topic_id}".translate(_AS_KAFKA_PRINTS)


def problems(row: Topic, held: Held, partitions: int, copies: Copies) -> Iterator[str]:
    """What is wrong with a topic, in words; none where it is as its row says."""
    if len(held.copies) != partitions:
        yield f"has {len(held.copies)} partitions, not {partitions}: contacts would change theirs"
    if (fewest := min(held.copies)) < copies.replication:
        yield f"a partition has {fewest} copies, fewer than {copies.replication} (replication)"
    config = held.config
    if (safe := int(config[_COPIES])) < copies.in_sync:
        yield f"{_COPIES} is {safe}, less than {copies.in_sync} (in_sync)"
    if config[_UNCLEAN] != "false":
        yield f"{_UNCLEAN} is {config[_UNCLEAN]}: acknowledged events could be lost"
    yield from _unlike(row, config)


def _unlike(row: Topic, config: Mapping[str, str]) -> Iterator[str]:
    """Settings that are not those of the row; more time and more room are allowed."""
    for name, wanted in row.config.items():
        found = config[name]
        if name.startswith("retention"):
            if int(found) != -1 and (int(wanted) == -1 or int(found) < int(wanted)):
                yield f"{name} is {found}, less than {_shown(wanted)}"
        elif name == "cleanup.policy":
            if {*found.split(",")} != {*wanted.split(",")}:
                raw = " of raw events, which must not be compacted" * (wanted == "delete")
                yield f"{name} is {found}, not {wanted}{raw}"
        elif name == "message.timestamp.type" and found != wanted:
            yield f"{name} is {found}, not {wanted}: intake times would be the producers'"


def _shown(limit: str) -> str:
    return "without limit (-1)" if limit == "-1" else limit


def _partitions(kafka: Kafka, row: Topic) -> int:
    return row.partitions or kafka.partitions


def _copies(kafka: Kafka, known: ClusterMetadata) -> Copies:
    """Those of the settings; one, where development has no second broker."""
    if kafka.development and len(known.brokers) == 1:
        return Copies(1, 1)
    return Copies(kafka.replication, kafka.in_sync)


def _create(kafka: Kafka, client: AdminClient, known: ClusterMetadata, copies: Copies) -> None:
    rows = [row for row in TOPICS.values() if kafka.topic(row.name) not in known.topics]
    wanted = [
        NewTopic(
            kafka.topic(row.name),
            num_partitions=_partitions(kafka, row),
            replication_factor=copies.replication,
            config={**row.config, _COPIES: str(copies.in_sync), _UNCLEAN: "false"},
        )
        for row in rows
    ]
    for name, made in client.create_topics(wanted).items() if wanted else ():
        try:
            made.result()
        except KafkaException as error:
            match error.args[0].code():
                case KafkaError.TOPIC_ALREADY_EXISTS:  # another process was faster
                    continue
                case KafkaError.INVALID_REPLICATION_FACTOR:
                    msg = f"{name}: there are not enough brokers for {copies.replication} copies"
                    raise Stop(msg) from error
            raise


def _held(client: AdminClient, names: list[str]) -> dict[str, Held]:
    described = _described(client, names)
    wanted = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
    configs = {of.name: found.result() for of, found in client.describe_configs(wanted).items()}
    return {
        name: Held(
            [len(part.replicas) for part in described[name].partitions],
            {key: entry.value for key, entry in configs[name].items()},
        )
        for name in names
    }


def _described(client: AdminClient, names: list[str]) -> dict[str, TopicDescription]:
    """Every topic, once each of its partitions is led by a broker."""
    until = time.monotonic() + WAIT_S
    waits = names
    found: dict[str, TopicDescription] = {}
    while waits:
        if time.monotonic() > until:
            msg = f"nobody leads the topic {waits[0]} yet"
            raise Retry(msg)
        for name, future in client.describe_topics(TopicCollection(waits)).items():
            topic = _unless_unknown(future)
            if topic is not None and all(part.leader for part in topic.partitions):
                found[name] = topic
        waits = [name for name in waits if name not in found]
        client.poll(_LOOK_S if waits else 0)
    return found


def _unless_unknown(future: Future[TopicDescription]) -> TopicDescription | None:
    """None of a topic that this broker has not heard of yet."""
    try:
        return future.result()
    except KafkaException as error:
        if error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return None
        raise
