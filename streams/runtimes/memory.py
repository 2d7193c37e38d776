"""A partition in memory: made of what was saved, and ahead of that while a step is under way.

What a step changed is given in the form in which it is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from msgspec.json import encode
from msgspec.msgpack import Decoder as Unpacked
from msgspec.msgpack import encode as pack

from schemas.rows import Row
from streams.core.due import lingers
from streams.core.process import Changes, Earlier, advance, apply
from streams.core.registers import Registers
from streams.core.state import Counted, State, resume
from streams.runtimes.standing import standing, stood_at
from streams.runtimes.store import Change, Delta, Standing

_OLDER = "older"  # how many files of older logs are applied
_ASIDE = "aside"  # the values that could not be applied, by contact
_NONE = pack({})
_values = Unpacked(dict[str, list[bytes]]).decode


class Memory:
    """The contacts of a partition, and how far it is.

    Attributes:
        state: the core's.
        position: the next offset of the log to be applied.
        older: how many files of older logs are applied.
        aside: the values that could not be applied, by contact.
        reach: contact -> between which offsets its rows lie.
    """

    def __init__(self, saved: Standing) -> None:
        stood = {key: stood_at(packed) for key, packed in saved.contacts.items()}
        self.state: State = resume(saved.now, {key: at.contact for key, at in stood.items()})
        self.position = saved.position
        self.older = int(saved.extra.get(_OLDER, b"0"))
        self.aside = _values(saved.extra.get(_ASIDE, _NONE))
        self.reach = {key: at.reach for key, at in stood.items()}
        self._kept = {*stood}

    def apply(
        self, rows: Sequence[Row], earlier: Earlier, counted: Callable[[str], Counted | None]
    ) -> Changes:
        """Apply rows of the log, in order; the position follows."""
        changes = apply(self.state, rows, earlier, counted)
        self.position = rows[-1].offset + 1
        self._extend(changes, rows[0].offset, self.position)
        return changes

    def apply_file(
        self, rows: Sequence[Row], earlier: Earlier, counted: Callable[[str], Counted | None]
    ) -> Changes:
        """Apply the next file of an older log; the position in this one stays."""
        changes = apply(self.state, rows, earlier, counted)
        self.older += 1
        self._extend(changes, self.position, self.position)
        return changes

    def advance(self, now: int, earlier: Earlier) -> Changes:
        """Bring the clock to `now`, in milliseconds."""
        return advance(self.state, now, earlier)

    def set_aside(self, row: Row) -> None:
        """Its value is not to be applied with the others of its contact, now or later."""
        self.aside.setdefault(row.key, []).append(row.value)

    def change(self, changes: Changes) -> Change:
        """What is to be saved.

        Of a contact that is over, its record says all: events that come in spite of it are rare,
        and then those before are looked up, as of one that left memory.
        """
        contacts, reach = self.state.contacts, self.reach
        seen = changes.looked_at | changes.touched.keys()
        pending = {key for key in seen if not lingers(contacts[key].folded, contacts[key].due)}
        touched = {key: values for key, values in changes.touched.items() if key in pending}
        forgotten = self._kept & ((seen - pending) | changes.forgotten)
        self._kept = (self._kept - forgotten) | touched.keys()
        found = Change(
            position=self.position,
            now=self.state.now,
            touched=touched,
            standing={
                key: standing(contacts[key], reach.get(key, (0, self.position))) for key in pending
            },
            forgotten=forgotten,
            deltas=_deltas(changes.registers),
            records=[
                (key, record.revision, encode(record)) for key, record in changes.records.items()
            ],
            reach={key: reach[key] for key in changes.records if key in reach},
            declarations={key: encode(d) if d else None for key, d in changes.declarations.items()},
            counts=changes.outcomes,
            extra={_OLDER: b"%d" % self.older, _ASIDE: pack(self.aside)},
        )
        for key in changes.forgotten:
            reach.pop(key, None)
        return found

    def _extend(self, changes: Changes, first: int, next_: int) -> None:
        """Rows of some contacts lay between two offsets."""
        reach = self.reach
        for key in chain(changes.touched, changes.records):
            reach[key] = (min(reach[key][0], first) if key in reach else first, next_)


def _deltas(registers: Registers) -> dict[tuple[str, int, str], Delta]:
    return {
        (kind, quarter, encode(dims).decode()): Delta(sums=r.sums, spreads=r.spreads)
        for (kind, quarter, dims), r in registers.items()
    }
