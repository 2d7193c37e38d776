"""The core's whole surface: `apply` a batch of events, `advance` the clock.

Both take a partition's state and give back the same object, changed, and what changed. The
state says what is true of all events applied so far, at `state.now`: every contact in the
registers counts as it stands at that instant, wherever it was last looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.instants import millis
from schemas.record import ContactRecord, Declaration
from schemas.rows import Row
from streams.core.due import Due, due
from streams.core.fold import Facts, Folded, conclude, gather
from streams.core.outcomes import count_outcome
from streams.core.registers import Registers, add

Values = list[bytes]

#: The values of these contacts that were applied before, for contacts not in memory.
Earlier = Callable[[Collection[str]], Mapping[str, Sequence[bytes]]]


@dataclass(slots=True)
class State:
    """A partition at `now` (milliseconds of event time; None before the first event).

    Attributes:
        contacts: the events of open contacts, as bytes; all else is derived from them.
        due: when each of them must be looked at again.
    """

    now: int | None = None
    contacts: dict[str, Values] = field(default_factory=dict)
    due: dict[str, Due] = field(default_factory=dict)
    next_due: int | None = None


@dataclass(slots=True)
class Changes:
    """What a step changed, to be made durable together with the position reached.

    Attributes:
        registers: what to add to the accumulators.
        touched: contacts in memory whose events changed.
        forgotten: contacts that left memory.
        records: contacts that closed, or were revised after they had.
        declarations: totals declared, by subject.
        outcomes: first outcomes and corrections, which only ever grow.
        unreadable: subjects of which nothing can be read.
    """

    registers: Registers = field(default_factory=dict)
    touched: dict[str, Values] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    records: dict[str, ContactRecord] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    unreadable: set[str] = field(default_factory=set)


def apply(state: State, batch: Sequence[Row], earlier: Earlier) -> Changes:
    """Apply a batch of events, in any order and with any repeats.

    `earlier` must give every value of the contacts it is asked for that was applied before
    this batch, and none of the batch; a contact it does not name is new.
    """
    changes = Changes()
    arrived: dict[str, Values] = {}
    for row in batch:
        arrived.setdefault(row.key, []).append(row.value)
    before = earlier([key for key in arrived if key not in state.contacts])
    now = newest = state.now or 0
    for key, values in arrived.items():
        old = state.contacts.get(key) or list(before.get(key, ()))
        new = list(dict.fromkeys([*old, *values]))
        if len(new) == len(old):
            continue  # nothing but repeats
        newest = max(newest, _revise(state, changes, key, old, new, now))
    if newest:
        _advance(state, newest, changes)
    return changes


def advance(state: State, now: int) -> Changes:
    """Bring a partition to `now`, never backwards: what silence and deadlines change."""
    changes = Changes()
    if state.now is None or now > state.now:
        _advance(state, now, changes)
    return changes


def _revise(state: State, changes: Changes, key: str, old: Values, new: Values, now: int) -> int:
    """Replace what a contact contributed by what it contributes now; its newest event time."""
    facts = gather(new)
    if facts is None:
        changes.unreadable.add(key)
        return 0
    last = millis(facts.events[-1].time)
    was = None if not old else _concluded(gather(old), now)
    _replace(state, changes, key, new, was, conclude(facts, max(now, last)))
    return last


def _concluded(facts: Facts | None, as_of: int) -> Folded | None:
    return None if facts is None else conclude(facts, as_of)


def _replace(
    state: State, changes: Changes, key: str, values: Values, was: Folded | None, is_: Folded
) -> None:
    if isinstance(was, ContactRecord):
        add(was, -1, changes.registers)
    if isinstance(is_, ContactRecord):
        add(is_, 1, changes.registers)
        count_outcome(was, is_, changes.outcomes)
        when = due(is_)
        if when.closed:
            changes.records[key] = is_
    else:
        changes.declarations[key] = is_
        when = Due(state.now or 0, closed=True)
    _keep(state, changes, key, values, when)


def _keep(state: State, changes: Changes, key: str, values: Values, when: Due) -> None:
    state.contacts[key] = changes.touched[key] = values
    changes.forgotten.discard(key)
    state.due[key] = when
    if state.next_due is None or when.at < state.next_due:
        state.next_due = when.at


def _advance(state: State, now: int, changes: Changes) -> None:
    before, state.now = state.now or now, now
    if state.next_due is None or now < state.next_due:
        return
    for key in [key for key, when in state.due.items() if when.at <= now]:
        if not state.due[key].closed:
            _look_again(state, changes, key, before, now)
        if state.due[key].closed and state.due[key].at <= now:
            _forget(state, changes, key)
    state.next_due = min((when.at for when in state.due.values()), default=None)


def _look_again(state: State, changes: Changes, key: str, before: int, now: int) -> None:
    """What the clock alone changed; the contact counts as it stood when last looked at."""
    facts = gather(state.contacts[key])
    if facts is not None:
        stood = max(before, millis(facts.events[-1].time))
        was, is_ = conclude(facts, stood), conclude(facts, now)
        _replace(state, changes, key, state.contacts[key], was, is_)


def _forget(state: State, changes: Changes, key: str) -> None:
    del state.contacts[key], state.due[key]
    changes.touched.pop(key, None)
    changes.forgotten.add(key)
