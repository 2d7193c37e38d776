"""Settings of the runtime on Kafka: the section `[kafka]` of `vouch.toml`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from schemas.topics import PARTITIONS

Positive = Annotated[int, Meta(gt=0)]


class Kafka(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the brokers are, and how they are reached.

    Without `ca` the connection is not encrypted, which is refused unless `development` says
    that nothing real goes over it.

    Attributes:
        brokers: "host:port" of some brokers; the others are learned from them.
        development: allow a connection without TLS, and topics on a single broker.
        ca: file of the certificates that the brokers' are checked against (PEM).
        username: who we are (SASL, SCRAM-SHA-512); by default we do not say.
        password_file: file that holds the password, readable by its owner only.
        group: the names of our consumer groups and of our clients begin with this.
        prefix: put before the name of every topic and consumer group, where several installations
            share brokers.
        partitions: of every topic of contacts, for life: a contact stays where it began.
        replication: copies of every partition.
        in_sync: how many copies must have an event before it is acknowledged.
        session_s: how long nothing is heard of a live worker or an archiver before its partitions
            go to another, in seconds; the brokers must allow it.
        state: folder of the live worker's state files, on a disk of this machine; by default
            `state` in the data folder.
        copies: folder shared by all machines, where live workers leave copies of their state
            for one another; by default there are none.
        copy_s: how often a state file that changed is copied, in seconds.
    """

    brokers: Annotated[list[str], Meta(min_length=1)]
    development: bool = False
    ca: str = ""
    username: str = ""
    password_file: str = ""
    group: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]+$")] = "vouch"
    prefix: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]*$")] = ""
    partitions: Positive = PARTITIONS
    replication: Positive = 3
    in_sync: Positive = 2
    session_s: Positive = 45
    state: str = ""
    copies: str = ""
    copy_s: Positive = 300

    def topic(self, name: str) -> str:
        """The name of a topic on these brokers."""
        return self.prefix + name

    def group_of(self, role: str) -> str:
        """The name of the consumer group of a role."""
        return f"{self.prefix}{self.group}.{role}"
