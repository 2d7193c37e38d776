"""A partition in memory: its contacts, and when the clock will change or forget the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from msgspec import Struct

from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from streams.core.due import Due, due
from streams.core.fold import Folded

Values = list[bytes]

#: A contact or shift that the registers count.
Counted = ContactRecord | Shift

_SPARE = 1_000  # deadlines of what was looked at again since, beside as many as there are contacts


class Open(Struct, frozen=True, gc=False):
    """A contact or shift in memory: its events' bytes, and what they say at the state's `now`.

    `values` is None where the bytes are kept elsewhere, until they are asked for.
    """

    values: Values | None
    folded: Folded
    due: Due


def opened(values: Values, folded: Folded, as_of: int) -> Open:
    """What was folded at `as_of`, with when to look at it again."""
    if isinstance(folded, Declaration):
        return Open(values, folded, Due(0, closed=True))
    return Open(values, folded, due(folded, as_of))


@dataclass(slots=True)
class State:
    """A partition at `now` (milliseconds of event time; None before the first event).

    `contacts` is all that must be kept: each is derived from its events' bytes, which need not be
    in memory. Contacts come and go by `keep` and `forget` only.
    """

    now: int | None = None
    contacts: dict[str, Open] = field(default_factory=dict)
    #: (when, contact), soonest first; true of those contacts that are due then, still.
    _deadlines: list[tuple[int, str]] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._plan()

    @property
    def next_due(self) -> int | None:
        """When the clock next changes or forgets a contact; None where it will not."""
        deadlines = self._deadlines
        while deadlines and not self._holds(*deadlines[0]):
            heappop(deadlines)
        return deadlines[0][0] if deadlines else None

    def keep(self, key: str, contact: Open) -> None:
        """A contact as it stands now."""
        self.contacts[key] = contact
        heappush(self._deadlines, (contact.due.at, key))
        if len(self._deadlines) > 2 * len(self.contacts) + _SPARE:
            self._plan()

    def forget(self, key: str) -> None:
        """A contact leaves memory."""
        del self.contacts[key]

    def passed(self, now: int) -> list[str]:
        """The contacts that are due by `now`; each is to be kept anew or forgotten."""
        found: dict[str, None] = {}  # some have the same deadline twice
        while (at := self.next_due) is not None and at <= now:
            found[heappop(self._deadlines)[1]] = None
        return list(found)

    def _holds(self, at: int, key: str) -> bool:
        contact = self.contacts.get(key)
        return contact is not None and contact.due.at == at

    def _plan(self) -> None:
        self._deadlines = [(contact.due.at, key) for key, contact in self.contacts.items()]
        heapify(self._deadlines)


def resume(now: int | None, contacts: Mapping[str, Open]) -> State:
    """The state that was saved as an instant and the open contacts as they stood at it."""
    return State(now, dict(contacts))
