"""What live workers, merge and page tell one another through internal topics.

On `measure.registers.v1` a partition of events has the partition of the same number. Its owner
writes what changed, then `Progress`; and after it was assigned, `Whole`, then all there is, then
`Progress`. Everything is an upsert within the stream of one writer, which is true at each of its
`Progress`. A partition has another writer with every assignment, and what two of them write is
not mixed: they may reach a position by way of different clocks. Keys therefore name the writer.
"""

from __future__ import annotations

import msgspec

from schemas.board import QueueNow
from streams.runtimes.store import RegisterKey, Spreads


class Version(msgspec.Struct, frozen=True, order=True):
    """What something is true of: the rows below a position, at an instant of the event clock."""

    position: int
    now_ms: int


class RegisterAt(msgspec.Struct, frozen=True, kw_only=True):
    """A register as it stands; without sums and spreads, there is none any more.

    Key: `register_key`.
    """

    rules: str
    writer: str = ""
    version: Version
    sums: dict[str, int] = {}
    spreads: Spreads = {}


class DeclarationAt(msgspec.Struct, frozen=True, kw_only=True):
    """A total declared; null where it turned out to be none. Key: `declaration_key`."""

    rules: str
    writer: str = ""
    version: Version
    declaration: msgspec.Raw = msgspec.Raw(b"null")


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """All there is follows; what is older and does not, is no more. Key: `whole_key`."""

    rules: str
    writer: str = ""
    version: Version


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Everything below this version has been written. Key: `progress_key`.

    Attributes:
        rules: by which rules the state was made; what other rules made is not mixed with it.
        writer: who wrote all this: another with every assignment of a partition.
        whole: where all there is was written, the version it was begun at.
        queues: who waits and talks in this partition.
        counts: the counters of the partition.
    """

    rules: str
    writer: str = ""
    version: Version
    whole: Version | None = None
    queues: list[QueueNow] = []
    counts: dict[str, int] = {}


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """On `event.clock.v1`: the newest event time that a partition has seen. Key: its number."""

    partition: int
    now_ms: int


def register_key(writer: str, register: RegisterKey) -> bytes:
    """`["register", writer, kind, quarter, dims]`; `dims` is text, itself a JSON list."""
    return msgspec.json.encode(("register", writer, *register))


def declaration_key(writer: str, subject: str) -> bytes:
    """`["declaration", writer, subject]`."""
    return msgspec.json.encode(("declaration", writer, subject))


def whole_key(writer: str) -> bytes:
    """`["whole", writer]`."""
    return msgspec.json.encode(("whole", writer))


def progress_key(writer: str) -> bytes:
    """`["progress", writer]`."""
    return msgspec.json.encode(("progress", writer))
