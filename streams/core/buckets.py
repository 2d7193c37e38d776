"""What the second fold needs of contacts, packed by bucket.

Contacts that bear on one another are of one bucket, whatever share of the evidence they are of:
callbacks and the calls of their line, all contacts of one caller. A bucket is folded as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zlib import crc32

import msgspec

from schemas.record import ContactRecord
from streams.core.across import across_registers
from streams.core.callers import Linked
from streams.core.fidelity import compared, line_of
from streams.core.glimpse import Glimpse
from streams.core.registers import Registers
from streams.core.repeats import served
from streams.core.tally import Tally, Task

BUCKETS = 256
_TOGETHER = 64  # contacts of a bucket that are packed together
Bucket = tuple[str, int]


class _Packed(Glimpse, array_like=True, gc=False):
    """A glimpse without the names of its fields."""


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[_Packed]).decode


class Shared:
    """Collects contacts for the second fold, and gives them away packed, some at a time."""

    def __init__(self, task: Task, give: Callable[[Bucket, bytes], object]) -> None:
        self._across, self._linked, self._as_of = task.across, task.linked, task.as_of
        self._give = give
        self._waiting: dict[Bucket, list[_Packed]] = {}
        self._alone: list[ContactRecord] = []

    def add(self, record: ContactRecord) -> None:
        """Take a contact in, as far as any relation that is asked about needs it."""
        for relation in self._across:
            bucket = _BUCKET_OF[relation](record, self._linked)
            if bucket is not None:
                self._keep((relation, bucket % BUCKETS), record)
            elif relation == "repeats" and served(record):
                self._alone.append(record)  # of nobody known: no other contact bears on it

    def alone(self) -> Registers:
        """What those add up to on whom no other bears, since this was last asked."""
        found, self._alone = self._alone, []
        return across_registers(found, self._as_of, ["repeats"]) if found else {}

    def close(self) -> None:
        """Give away what is left."""
        for bucket in self._waiting:
            self._pack(bucket)

    def _keep(self, bucket: Bucket, record: ContactRecord) -> None:
        waiting = self._waiting.setdefault(bucket, [])
        waiting.append(msgspec.convert(record, _Packed, from_attributes=True))
        if len(waiting) >= _TOGETHER:
            self._pack(bucket)

    def _pack(self, bucket: Bucket) -> None:
        waiting = self._waiting[bucket]
        if waiting:
            self._give(bucket, _pack(waiting))
            waiting.clear()


def second(task: Task, relation: str, packed: Iterable[bytes]) -> Tally:
    """What the contacts of one bucket, of all shares, add up to."""
    records: list[Glimpse] = [record for some in packed for record in _unpack(some)]
    tally = Tally()
    tally.add(across_registers(records, task.as_of, [relation]), task)
    return tally


def _by_line(record: ContactRecord, _: Linked) -> int | None:
    return crc32(repr(line_of(record)).encode()) if compared(record) else None


def _by_caller(record: ContactRecord, linked: Linked) -> int | None:
    return None if record.caller is None else crc32(linked.first(record.caller).encode())


_BUCKET_OF: dict[str, Callable[[ContactRecord, Linked], int | None]] = {
    "fidelity": _by_line,
    "repeats": _by_caller,
}
