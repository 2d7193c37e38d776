"""Who may do what on the brokers: drawn from the rows of the topics, given by an administrator.

A role may write what it owns, read what it reads, look at how every topic is set (they are
checked at start-up), and use the consumer group and transactions of its own name, if it has any.
Commands that only ask are a client of their own, which writes nothing. Nobody but the administrator
makes topics or gives rights, and none of ours deletes anything.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, get_args

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from schemas.errors import Retry
from schemas.topics import RECORDS, TOPICS, Client, Role
from streams.kafka.clients import NO_GROUP, PATIENCE_S, admin, errors_of
from streams.kafka.settings import Kafka

Users = Mapping[str, Collection[Client]]
CLIENTS: tuple[Client, ...] = get_args(Client)
ALONE: Users = {client: (client,) for client in CLIENTS}  # a user for each, of the same name
_SHARING: frozenset[Role] = frozenset({"live", "archive"})  # whose processes are a consumer group
# Any kind, name, pattern, user, host, operation and permission; None is not in its stubs' types.
_ANY: tuple[Any, ...] = (
    ResourceType.ANY,
    None,
    ResourcePatternType.ANY,
    None,
    None,
    AclOperation.ANY,
    AclPermissionType.ANY,
)


class Right(NamedTuple):
    """What one user may do with one thing."""

    user: str
    kind: ResourceType
    name: str
    pattern: ResourcePatternType
    operation: AclOperation

    def __str__(self) -> str:
        """One line, as deploy/kafka/acls has them."""
        return f"{self.user} {self.operation.name} {self.kind.name} {self.pattern.name} {self.name}"


def rights(kafka: Kafka, users: Users = ALONE) -> list[Right]:
    """What each user must be allowed, and no more; in the same order every time.

    Args:
        kafka: its prefix and group are part of the names.
        users: the roles of each; whoever runs all roles in one process is one user.
    """
    return [right for user, roles in users.items() for right in _of(kafka, user, roles)]


def acls(kafka: Kafka, users: Users = ALONE) -> list[AclBinding]:
    """The same, as the brokers take them: from any host."""
    return [
        AclBinding(
            right.kind,
            right.name,
            right.pattern,
            f"User:{right.user}",
            "*",
            right.operation,
            AclPermissionType.ALLOW,
        )
        for right in rights(kafka, users)
    ]


def grant(kafka: Kafka, users: Users = ALONE) -> None:
    """Give every user what it must be allowed; what it was given before stays.

    Args:
        kafka: signs in as somebody who may alter ACLs.
        users: the roles of each.

    Raises:
        Retry: the brokers are away.
        Stop: we may not, or the brokers have no ACLs.
    """
    with errors_of("the ACLs"):
        client, wanted = admin(kafka), acls(kafka, users)
        for made in client.create_acls(wanted, request_timeout=PATIENCE_S).values():
            made.result()
        _wait(client, {*wanted})


def _wait(client: AdminClient, wanted: set[AclBinding]) -> None:
    """Brokers act by what they have heard: wait until one has heard it all."""
    everything = AclBindingFilter(*_ANY)
    end = time.monotonic() + PATIENCE_S
    while not wanted <= {*client.describe_acls(everything, request_timeout=PATIENCE_S).result()}:
        if time.monotonic() > end:
            msg = "the ACLs were given, but the brokers do not know of them yet"
            raise Retry(msg)
        client.poll(0.05)


def _of(kafka: Kafka, user: str, roles: Collection[Client]) -> Iterator[Right]:
    for row in TOPICS.values():
        topic = (user, ResourceType.TOPIC, kafka.topic(row.name), ResourcePatternType.LITERAL)
        yield Right(*topic, AclOperation.DESCRIBE)
        yield Right(*topic, AclOperation.DESCRIBE_CONFIGS)
        if {*roles} & {*row.readers}:
            yield Right(*topic, AclOperation.READ)
        if {*roles} & {*row.owners}:
            yield Right(*topic, AclOperation.WRITE)
    for group, operation in (
        *((role, AclOperation.READ) for role in roles if role in _SHARING),
        (NO_GROUP, AclOperation.DESCRIBE),
    ):
        name = kafka.group_of(group)
        yield Right(user, ResourceType.GROUP, name, ResourcePatternType.LITERAL, operation)
    if {*roles} & {*TOPICS[RECORDS].owners}:
        own = kafka.group_of("live-")
        transactions = (user, ResourceType.TRANSACTIONAL_ID, own, ResourcePatternType.PREFIXED)
        yield Right(*transactions, AclOperation.DESCRIBE)
        yield Right(*transactions, AclOperation.WRITE)
