"""Opening the log of a data folder: a file in it, or Kafka; never one while it is the other."""

from __future__ import annotations

from pathlib import Path

from schemas.errors import Stop
from schemas.topics import EVENTS
from sinks.archive.reader import chains
from streams.kafka.settings import Kafka
from streams.logs.port import Log
from streams.logs.sqlite import SqliteLog
from streams.settings import Embedded

LOG, MOVED = "log.sqlite", "log-moved.sqlite"
ELSEWHERE = "log-on-kafka"  # an empty file, left by whoever found the log there


def embedded(data: Path, settings: Embedded) -> SqliteLog:
    """The log in a folder that exists, made on first use.

    Raises:
        Retry: the file cannot be opened at present.
        Stop: it is on Kafka, or has another number of partitions.
    """
    path = data / LOG
    there = [name for name in (MOVED, ELSEWHERE) if (data / name).exists()]
    if there and not path.exists():
        msg = f"the log is on Kafka ({data / there[0]}), and vouch.toml has no section [kafka]"
        raise Stop(msg)
    return SqliteLog(path, partitions=settings.partitions)


def require_moved(data: Path) -> None:
    """Make sure that no event waits in a folder, where nobody on Kafka would count it.

    Raises:
        Stop: the log in the folder is still in use.
    """
    if (path := data / LOG).exists():
        msg = f"the log is on Kafka, and {path} has not been moved there: vouch move"
        raise Stop(msg)


def on_kafka(archive: Path, kafka: Kafka, *, ensured: bool = False) -> Log:
    """The log on Kafka that continues an archive; its topics are made or checked, unless they were.

    Raises:
        Retry: the brokers are away.
        Stop: they refuse us; a topic is not as it must be; contacts would change partitions.
    """
    from streams.kafka.log import KafkaLog  # noqa: PLC0415  # a client, only where there are brokers
    from streams.kafka.topics import ensure  # noqa: PLC0415

    highest = max((c.partition for c in chains(archive) if c.topic == EVENTS), default=0)
    if highest >= kafka.partitions:
        msg = (
            f"the archive has partitions up to {highest}, the log would have {kafka.partitions}:"
            " contacts would change theirs"
        )
        raise Stop(msg)
    if not ensured:
        ensure(kafka)
    return KafkaLog(kafka)
