"""The file `vouch.toml` in the data folder: how this installation is run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from schemas.errors import DeadLetter
from schemas.topics import PARTITIONS
from streams.gateway.settings import Gateway
from streams.kafka.settings import Kafka, Positive

NAME = "vouch.toml"


class Embedded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log in the data folder.

    Attributes:
        partitions: of every topic; fixed when the log is made.
    """

    partitions: Positive = PARTITIONS


class Archive(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How events become evidence.

    Attributes:
        longest_wait_s: how long an event may wait for its commit, in seconds; files are small
            where that is short.
    """

    longest_wait_s: Positive = 900


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every section may be absent.

    Attributes:
        gateway: of intake, page and metrics over HTTP.
        log: where the events are kept, unless on Kafka.
        kafka: where the events are kept; absent, in the data folder itself.
        archive: of the commits.
    """

    gateway: Gateway = Gateway()
    log: Embedded = Embedded()
    kafka: Kafka | None = None
    archive: Archive = Archive()


def settings_in(data: Path) -> Settings:
    """What the file says; everything by default where there is none.

    Raises:
        DeadLetter: the file cannot be read; names the field.
    """
    path = data / NAME
    try:
        return msgspec.toml.decode(path.read_bytes() if path.exists() else b"", type=Settings)
    except (msgspec.MsgspecError, ValueError) as error:
        msg = f"{path}: {error}"
        raise DeadLetter(msg) from error
