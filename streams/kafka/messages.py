"""What live workers, merge and page tell one another through internal topics.

On `measure.registers.v1` a partition of events has the partition of the same number. Its owner
writes what changed, then `Progress`; and after it was assigned, `Whole`, then all there is, then
`Progress`. Everything is an upsert: of two values of one key the one of the later version is
true, whoever wrote it, since a register is decided by the rows below a position and the clock.
A zombie's write is thus either equal to what the owner writes, or older.
"""

from __future__ import annotations

import msgspec

from schemas.board import QueueNow
from streams.runtimes.store import Spreads

PROGRESS, WHOLE = b'["progress"]', b'["whole"]'


class Version(msgspec.Struct, frozen=True, order=True):
    """What something is true of: the rows below a position, at an instant of the event clock."""

    position: int
    now_ms: int


class RegisterAt(msgspec.Struct, frozen=True, kw_only=True):
    """A register as it stands; without sums and spreads, there is none any more.

    Key: `["register", kind, quarter, dims]`.
    """

    rules: str
    version: Version
    sums: dict[str, int] = {}
    spreads: Spreads = {}


class DeclarationAt(msgspec.Struct, frozen=True, kw_only=True):
    """A total declared; null where it turned out to be none. Key: `["declaration", subject]`."""

    rules: str
    version: Version
    declaration: msgspec.Raw | None


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """All there is follows; what is older and does not, is no more. Key: `["whole"]`."""

    rules: str
    version: Version


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Everything below this version has been written. Key: `["progress"]`.

    Attributes:
        rules: by which rules the state was made; what other rules made is not mixed with it.
        whole: where all there is was written, the version it was begun at.
        queues: who waits and talks in this partition.
        counts: the counters of the partition.
    """

    rules: str
    version: Version
    whole: Version | None = None
    queues: list[QueueNow] = []
    counts: dict[str, int] = {}


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """On `event.clock.v1`: the newest event time that a partition has seen. Key: its number."""

    partition: int
    now_ms: int
