"""Clients of the brokers, all made in one way, and their errors in words of our own.

The settings for speed are those that were measured (`python -m benchmarks kafka`).
"""

from __future__ import annotations

import logging
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from schemas.errors import Retry, Stop
from streams.kafka.faults import away, fault, refusal
from streams.kafka.settings import Kafka

PATIENCE_S, _MOMENT_S = 10.0, 0.5
NO_GROUP = "none"  # asked after by clients that join no group, since librdkafka wants a name
_log = logging.getLogger(__name__)

_COMMON = {
    "reconnect.backoff.max.ms": 1_000,  # a broker that is back is used again within a second
    "socket.timeout.ms": 20_000,
    "socket.connection.setup.timeout.ms": 10_000,
    "socket.keepalive.enable": True,
}
_PRODUCER = {
    "acks": "all",
    "enable.idempotence": True,
    "compression.type": "lz4",
    "linger.ms": 5,
    "batch.size": 1 << 20,
    "delivery.timeout.ms": 30_000,
}
_CONSUMER = {
    "auto.offset.reset": "error",  # a position that is gone must be seen, not stepped over
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "isolation.level": "read_committed",
    # What is read ahead of a busy reader is bounded; asking again soon is what makes it fast.
    # Larger fetches are no faster: they are compressed, and unfolded take a gigabyte.
    "max.partition.fetch.bytes": 1 << 20,
    "fetch.max.bytes": 64 << 20,
    "queued.max.messages.kbytes": 64 << 10,
    "fetch.queue.backoff.ms": 10,
}


def producer(kafka: Kafka, name: str, **more: object) -> Producer:
    """A producer whose messages are in the log once each and in order, when acknowledged.

    A message that is not acknowledged within 30 s has failed.

    Args:
        kafka: where, and as whom.
        name: ends the client's name, which brokers show.
        **more: settings of librdkafka, over ours.

    Raises:
        Stop: the settings are refused (see `check`).
    """
    return Producer({**_connection(kafka, name), **_PRODUCER, **more})


def consumer(kafka: Kafka, name: str, group: str | None = None, **more: object) -> Consumer:
    """A consumer that reads from where it is told to, and from nowhere else.

    Args:
        kafka: where, and as whom.
        name: ends the client's name, which brokers show.
        group: the role whose group divides the partitions; None where partitions are assigned
            by hand.
        **more: settings of librdkafka, over ours.

    Raises:
        Stop: the settings are refused (see `check`).
    """
    session_ms = kafka.session_s * 1_000
    membership = {
        "group.id": kafka.group_of(group or NO_GROUP),
        "session.timeout.ms": session_ms,
        # Members hear of a rebalance at their next heartbeat: it would last as long as one.
        "heartbeat.interval.ms": min(1_000, session_ms // 3),
        # Partitions move one at a time; those that stay go on being read.
        "partition.assignment.strategy": "cooperative-sticky",
        "max.poll.interval.ms": max(300_000, session_ms),
    }
    return Consumer({**_connection(kafka, name), **_CONSUMER, **membership, **more})


def admin(kafka: Kafka) -> AdminClient:
    """A client that looks after topics; what was asked of it fails when it is let go.

    Raises:
        Stop: the settings are refused (see `check`).
    """
    return AdminClient(_connection(kafka, "admin"))


def check(kafka: Kafka, patience_s: float = PATIENCE_S) -> None:
    """Make sure that a broker is there and lets us in.

    Raises:
        Retry: none can be reached; names the addresses.
        Stop: we are refused, or refuse: wrong user or password, a certificate that is not
            trusted, a password file that others may read, a connection without TLS.
    """
    seen: list[KafkaError] = []
    try:
        client = AdminClient(_connection(kafka, "check") | {"error_cb": seen.append})
    except KafkaException as why:
        msg = f"[kafka]: no client can be made with these settings: {why.args[0].str()}"
        raise Stop(msg) from why
    end, moment_s = time.monotonic() + patience_s, _MOMENT_S
    while not _answers(client, moment_s):
        client.poll(0)
        for error in seen:
            if refused := refusal(error, kafka):
                raise refused
        if time.monotonic() > end:
            raise away(seen, kafka)
        moment_s = min(2 * moment_s, patience_s)  # some brokers are slow


def _answers(client: AdminClient, moment_s: float) -> bool:
    """Whether a broker does within a moment; what it says is of no consequence.

    `describe_cluster` must not be asked: of a node that its controller has just given up, it ends
    the whole process by an assertion (librdkafka 2.16).
    """
    try:
        client.list_topics(timeout=moment_s)
    except KafkaException:
        return False
    return True


@contextmanager
def errors_of(what: str) -> Iterator[None]:
    """Turn what Kafka's clients raise into errors of ours; `what` begins the words.

    Raises:
        Retry: the brokers are away, or busy, or do not know the topic (yet).
        Stop: we may not, or what was asked for is not kept any more.
    """
    try:
        yield
    except (KafkaException, SystemError) as error:
        # What ends a producer while it tells of a delivery is found inside a SystemError.
        known = error if isinstance(error, KafkaException) else error.__cause__
        if not isinstance(known, KafkaException):
            raise
        raise fault(known.args[0], what) from error
    except BufferError as error:
        msg = f"{what}: more is waiting to be sent than there is room for"
        raise Retry(msg) from error


class _Quiet:
    """Takes what librdkafka says; what matters reaches us as errors, too."""

    def log(self, _level: int, words: str, *parts: object) -> None:
        """As `logging.Logger.log`, whatever the level."""
        _log.debug(words, *parts)


def _connection(kafka: Kafka, name: str) -> dict[str, Any]:
    return {
        "bootstrap.servers": ",".join(kafka.brokers),
        "client.id": kafka.group_of(name),
        "logger": _Quiet(),
        **_COMMON,
        **_security(kafka),
    }


def _security(kafka: Kafka) -> dict[str, object]:
    """How the connection is kept private, and who we are on it."""
    if not kafka.ca and not kafka.development:
        msg = (
            "kafka.ca is not set: the connection would not be encrypted. Name the certificates"
            " of the brokers there, or say `development = true` where nothing real goes over it"
        )
        raise Stop(msg)
    tls = {"ssl.ca.location": _there(kafka.ca)} if kafka.ca else {}
    if not kafka.username:
        return {"security.protocol": "SSL" if tls else "PLAINTEXT", **tls}
    return {
        "security.protocol": "SASL_SSL" if tls else "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": kafka.username,
        "sasl.password": _password(kafka.password_file),
        **tls,
    }


def _there(ca: str) -> str:
    try:
        Path(ca).read_bytes()
    except OSError as error:
        msg = f"kafka.ca: {ca} cannot be read: {error.strerror}"
        raise Stop(msg) from error
    return ca


def _password(file: str) -> str:
    """What is in the file, if it is ours alone."""
    if not file:
        msg = "kafka.password_file is not set, though kafka.username is"
        raise Stop(msg)
    try:
        with Path(file).open() as opened:
            open_to_others = stat.S_IMODE(Path(file).stat().st_mode) & 0o077
            password = opened.read().strip()
    except OSError as error:
        msg = f"kafka.password_file: {file} cannot be read: {error.strerror}"
        raise Stop(msg) from error
    if open_to_others:
        msg = f"kafka.password_file: {file} is open to others than its owner: chmod 600 {file}"
        raise Stop(msg)
    if not password:
        msg = f"kafka.password_file: {file} is empty"
        raise Stop(msg)
    return password
