"""The file `vouch.toml` in the data folder: how this installation is run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from schemas.errors import DeadLetter
from streams.gateway.settings import Gateway
from streams.kafka.settings import Kafka

NAME = "vouch.toml"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every section may be absent.

    Attributes:
        gateway: of intake, page and metrics over HTTP.
        kafka: where the events are kept; absent, in the data folder itself.
    """

    gateway: Gateway = Gateway()
    kafka: Kafka | None = None


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
