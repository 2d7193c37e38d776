"""The core's whole surface: `apply` a batch of events, `advance` the clock.

Both take a partition's state and give back the same object, changed, and what changed. The
state says what is true of all events applied so far, at `state.now`: every contact in the
registers counts as it stands at that instant, wherever it was last looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.parts import Shift
from schemas.record import ContactRecord, Declaration
from schemas.rows import Row
from streams.core.fold import Folded, conclude, gather
from streams.core.outcomes import count_outcome
from streams.core.registers import Registers, add_unattributed, attribute
from streams.core.state import Counted, Open, State, Values, opened

#: The values of these contacts that were applied before, for contacts whose are not in memory.
Earlier = Callable[[Collection[str]], Mapping[str, Sequence[bytes]]]


def nothing(_: Collection[str]) -> Mapping[str, Sequence[bytes]]:
    """Nothing was applied before of contacts that are not in memory."""
    return {}


def unknown(_: str) -> Counted | None:
    """What a contact's values say is what was counted."""
    return None


@dataclass(slots=True)
class Changes:
    """What a step changed, to be made durable together with the position reached.

    Attributes:
        registers: what to add to the accumulators.
        touched: contacts in memory whose events changed.
        looked_at: contacts in memory that the clock alone changed.
        forgotten: contacts that left memory.
        records: contacts and shifts that closed, or were revised after they had.
        declarations: totals declared, by subject; None where it turned out to be none.
        outcomes: first outcomes and corrections, which only ever grow.
        unreadable: subjects of which something cannot be read.
    """

    registers: Registers = field(default_factory=dict)
    touched: dict[str, Values] = field(default_factory=dict)
    looked_at: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    records: dict[str, ContactRecord | Shift] = field(default_factory=dict)
    declarations: dict[str, Declaration | None] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    unreadable: set[str] = field(default_factory=set)


def restore(now: int | None, contacts: Mapping[str, Values]) -> State:
    """The state that was saved as an instant and the bytes of the open contacts."""
    state = State(now)
    for key, values in contacts.items():
        folded = _conclude(values, now or 0)
        if folded is not None:
            _keep(state, key, values, folded, now or 0)
    return state


def apply(
    state: State,
    batch: Sequence[Row],
    earlier: Earlier,
    counted: Callable[[str], Counted | None] = unknown,
) -> Changes:
    """Apply a batch of events, in any order and with any repeats.

    `earlier` must give every value of the contacts it is asked for that was applied before
    this batch, and none of the batch; a contact it does not name is new. It is asked for those
    that are not in memory, or whose bytes are not. `counted` is asked after it how a contact
    that is not in memory was counted: where some of its values are lost, they do not say that.
    """
    changes, now = Changes(), state.now or 0
    arrived: defaultdict[str, Values] = defaultdict(list)
    for _, _, key, value in batch:
        arrived[key].append(value)
    contacts = state.contacts
    before = earlier([k for k in arrived if k not in contacts or contacts[k].values is None])
    newest = now
    for key, values in arrived.items():
        was, all_ = contacts.get(key) or _recall(counted(key), before.get(key, ()), now), values
        if was is not None:
            old = _values(was, before.get(key, ()))
            all_ = list(dict.fromkeys([*old, *values]))
            if len(all_) == len(old):
                continue  # nothing but repeats
        newest = max(newest, _revise(state, changes, key, was, all_))
    if newest:
        _advance(state, newest, changes, earlier)
    attribute(changes.registers)
    return changes


def advance(state: State, now: int, earlier: Earlier = nothing) -> Changes:
    """Bring a partition to `now`, never backwards: what silence and deadlines change.

    `earlier` is asked for the bytes that are not in memory, as by `apply`.
    """
    changes = Changes()
    if state.now is None or now > state.now:
        _advance(state, now, changes, earlier)
    attribute(changes.registers)
    return changes


def _recall(counted: Folded | None, values: Sequence[bytes], now: int) -> Open | None:
    """A contact that had left memory, as it stood; None for a new one."""
    folded = counted or (_conclude(values, now) if values else None)
    return None if folded is None else opened(list(dict.fromkeys(values)), folded, now)


def _values(contact: Open, elsewhere: Sequence[bytes]) -> Sequence[bytes]:
    return elsewhere if contact.values is None else contact.values


def _conclude(values: Sequence[bytes], as_of: int) -> Folded | None:
    facts = gather(values)
    return None if facts is None else conclude(facts, as_of)


def _revise(state: State, changes: Changes, key: str, was: Open | None, values: Values) -> int:
    """Replace what a contact contributed by what it contributes now; its newest event time."""
    facts = gather(values)
    if facts is None or len(facts.events) < len(values):
        values = list(dict.fromkeys(values))  # what gathering finds cheaper than hashing all bytes
        facts = gather(values)
    if facts is None or facts.unread:
        changes.unreadable.add(key)
    if facts is None:
        return 0
    last = facts.times[-1]
    as_of = max(state.now or 0, last)
    is_ = _keep(state, key, values, conclude(facts, as_of), as_of)
    changes.touched[key] = values
    changes.forgotten.discard(key)
    _replace(changes, key, was, is_)
    return last


def _keep(state: State, key: str, values: Values, folded: Folded, as_of: int) -> Open:
    is_ = opened(values, folded, as_of)
    state.keep(key, is_)
    return is_


def _replace(changes: Changes, key: str, was: Open | None, is_: Open) -> None:
    before, after = was and was.folded, is_.folded
    if isinstance(before, ContactRecord | Shift):
        add_unattributed(before, -1, changes.registers)
    if isinstance(after, Declaration):
        changes.declarations[key] = after
        return
    if isinstance(before, Declaration):
        changes.declarations[key] = None
    add_unattributed(after, 1, changes.registers)
    if isinstance(after, ContactRecord):
        count_outcome(before, after, changes.outcomes)
    if is_.due.closed:
        changes.records[key] = after


def _advance(state: State, now: int, changes: Changes, earlier: Earlier) -> None:
    state.now = now
    due = [(key, state.contacts[key]) for key in state.passed(now)]
    if not due:
        return
    elsewhere = earlier([key for key, was in due if was.values is None and not was.due.closed])
    for key, was in due:
        values = _values(was, elsewhere.get(key, ()))
        is_ = was if was.due.closed else _look_again(state, changes, key, was, values)
        if is_.due.closed and is_.due.at <= now:
            state.forget(key)
            changes.touched.pop(key, None)
            changes.looked_at.discard(key)
            changes.forgotten.add(key)


def _look_again(
    state: State, changes: Changes, key: str, was: Open, values: Sequence[bytes]
) -> Open:
    """What the clock alone changed."""
    now = state.now or 0
    is_ = _keep(state, key, [*values], _conclude(values, now) or was.folded, now)
    changes.looked_at.add(key)
    _replace(changes, key, was, is_)
    return is_
