"""The commit entry: what one commit says of its rows, in bytes that have one form only.

An entry names the hash of the one before it, so the newest entry of a chain stands for
all of its history.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Protocol

import msgspec
import rfc8785
from msgspec import Meta, Struct
from msgspec.json import Decoder

from schemas.errors import Stop

VERSION = 1
Number = Annotated[int, Meta(ge=0)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Tail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest entry of a chain: its log, its number and the hash of its bytes."""

    log_id: str
    seq: Number
    sha256: Digest


class Named(Protocol):
    """What names a file."""

    @property
    def schema_id(self) -> str:
        """See `Entry`."""
        ...


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One commit: rows `start` <= offset < `next` of a partition, in one Parquet file.

    Attributes:
        version: of this form of entry.
        seq: number in the chain, from 0, without a gap.
        log_id, topic, partition: whose chain it is.
        start: the `next` of the entry before; 0 in the first.
        next: the first offset that is not covered.
        first_offset, last_offset: of the rows.
        rows: how many there are.
        holes: spans [from, to) between `start` and `next` for which the log had no row.
        min_time_ms, max_time_ms: when the rows happened; null where no row says so.
        min_intake_ms, max_intake_ms: when the log took them.
        file: path of the rows, relative to the archive's root.
        bytes, sha256: size and hash of that file; they hold for one writing of it.
        records_root: RFC 6962 root over the raw values; it holds however they are rewritten.
        schema_id: the columns of the file; where it is `sealed`, also the period of its key.
        writer, writer_version: who wrote it, with what.
        counts: rows by type as it came; "" counts the unreadable.
        sums: of each integer fact that occurs, as decimal text, since a sum can be larger
            than the integers which JSON holds exactly.
        prev: hash of the entry before; null in the first.
        continues: in the first entry of a chain, the tail of an older log; else null.
    """

    version: int = VERSION
    seq: Number
    log_id: str
    topic: str
    partition: Number
    start: Number
    next: Number
    first_offset: Number
    last_offset: Number
    rows: Number
    holes: list[tuple[Number, Number]]
    min_time_ms: int | None
    max_time_ms: int | None
    min_intake_ms: int
    max_intake_ms: int
    file: str
    bytes: Number
    sha256: Digest
    records_root: Digest
    schema_id: str
    writer: str
    writer_version: str
    counts: dict[str, Number]
    sums: dict[str, str]
    prev: Digest | None
    continues: Tail | None = None


_decoder = Decoder(Entry)
_SEALED = ":sealed:"


def canonical(entry: Entry) -> bytes:
    """The bytes of an entry: JSON in the form of RFC 8785."""
    return rfc8785.dumps(msgspec.to_builtins(entry))


def digest(entry: Entry) -> str:
    """The SHA-256 of an entry's bytes, in hex: the `prev` of the next."""
    return sha256(canonical(entry)).hexdigest()


def parse(raw: bytes) -> Entry:
    """The entry that these bytes are.

    Raises:
        Stop: not an entry, of a version unknown here, or not in canonical form.
    """
    try:
        entry = _decoder.decode(raw)
        form = canonical(entry)
    except (msgspec.MsgspecError, rfc8785.CanonicalizationError, UnicodeDecodeError) as error:
        msg = f"not a commit entry: {error}"
        raise Stop(msg) from error
    if entry.version != VERSION:
        msg = f"a commit entry of version {entry.version}; {VERSION} is known here"
        raise Stop(msg)
    if form != raw:
        msg = "not in canonical form (RFC 8785)"
        raise Stop(msg)
    return entry


def tail_of(entry: Entry) -> Tail:
    """What a later log, or anybody who wants to check, keeps of the newest entry."""
    return Tail(log_id=entry.log_id, seq=entry.seq, sha256=digest(entry))


def sealed(shape: str, period: str) -> str:
    """The `schema_id` of a file whose personal columns lie under the key of a period."""
    return f"{shape}{_SEALED}{period}"


def sealed_under(named: Named) -> str | None:
    """The period under whose key the personal columns of a file lie; None: it is not sealed."""
    return named.schema_id.partition(_SEALED)[2] or None
