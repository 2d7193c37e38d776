"""All contacts of a state, as they stand at its clock: what the second fold is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.json import Decoder, encode

from schemas.parts import Shift
from schemas.record import ContactRecord
from schemas.relations import RELATIONS
from schemas.topics import partition_of
from streams.core.across import across_registers
from streams.core.fold import fold
from streams.core.glimpse import Glimpse, glimpse
from streams.core.registers import Registers
from streams.runtimes.store import StateStore

_record = Decoder(ContactRecord | Shift).decode


def second_fold(stores: Sequence[StateStore], as_of: int, relations: Iterable[str]) -> Registers:
    """The registers of those of some relations that rest on all contacts; none, if none does.

    Batch: every record is read again. `as_of` must be the clock of all stores.
    """
    wanted = set(relations)
    across = [name for name, row in RELATIONS.items() if row.across and name in wanted]
    return across_registers(list(contacts(stores, as_of)), as_of, across) if across else {}


def contacts(stores: Iterable[StateStore], as_of: int) -> Iterator[Glimpse]:
    """A glimpse of every contact: those in memory from their events, the others as recorded."""
    for store in stores:
        in_memory = store.load().contacts
        for values in in_memory.values():
            folded = fold(values, as_of)
            if isinstance(folded, ContactRecord) and (found := glimpse(encode(folded))):
                yield found
        for name, _, record in store.records():
            if name not in in_memory and (found := glimpse(record)):
                yield found


def contact(stores: Sequence[StateStore], name: str, as_of: int) -> ContactRecord | None:
    """The whole record of one contact; None where there is no such contact."""
    store = stores[partition_of(name, len(stores))]
    values, record = store.events([name]).get(name), store.record(name)
    if values is not None:
        found = fold(values, as_of)
    else:
        found = None if record is None else _record(record)
    return found if isinstance(found, ContactRecord) else None
