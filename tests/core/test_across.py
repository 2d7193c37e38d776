"""The second fold: laws on random worlds, an oracle made of the words, and examples by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import encode
from msgspec.structs import replace

from schemas.across import Fidelity, Repeat
from schemas.hours import session, sessions
from schemas.instants import DAY, HOUR, MINUTE, SECOND
from schemas.parts import Message, Shift
from schemas.record import ContactRecord
from streams.core.across import across_registers
from streams.core.fidelity import fidelity
from streams.core.glimpse import Glimpse, glimpse
from streams.core.registers import Registers
from streams.core.repeats import repeats
from tests.core.examples import START
from tests.core.harness import combine, solid
from tests.strategies import NUMBERS, Choices

NOW = START + 10 * DAY
WINDOW = 168 * HOUR


def contact(name: str, at: int = 0, **fields: Any) -> ContactRecord:
    """A contact that arrived so many milliseconds after a moment."""
    ms = START + at
    known = {"department": "ircc", "first_ms": ms, "last_ms": ms, "arrived_ms": ms, **fields}
    return ContactRecord(contact_id=name, revision=1, **known)


def answered(name: str, entered: int, left: int, **fields: Any) -> ContactRecord:
    """A call answered in the queue."""
    served = {"place": "answered", "exit_ms": START + left, "connected_ms": START + left}
    return contact(name, entered, **{"queued_ms": START + entered, **served, **fields})


def callback(name: str, entered: int, attempted: int | None, **fields: Any) -> ContactRecord:
    """A call that accepted a callback half a minute after it joined the queue."""
    rung = None if attempted is None else START + attempted
    known: dict[str, Any] = {
        "queued_ms": START + entered,
        "place": "callback_accepted",
        "callback_accepted_ms": START + entered + 30 * SECOND,
        "callback_attempted_ms": rung,
    }
    return contact(name, entered, **{**known, **fields})


def message(name: str, at: int, responded: int | None = None, **fields: Any) -> ContactRecord:
    responded_ms = None if responded is None else START + responded
    found = Message(
        received_ms=START + at, responded_ms=responded_ms, elapsed_days=0, elapsed_whole_days=0
    )
    return contact(name, at, channel="email", message=found, **fields)


def judged(name: str, *records: ContactRecord) -> Fidelity:
    return {record.contact_id: row for record, row in fidelity(records, NOW)}[name]


def repeat(name: str, *records: ContactRecord, as_of: int = NOW) -> Repeat:
    return {record.contact_id: row for record, row in repeats(records, as_of)}[name]


# -- the oracle: the words, one after the other, over all contacts for each contact


def _phone(record: ContactRecord) -> bool:
    return record.channel is None or record.channel == "phone"


def _sign(ms: int | None, lower: int | None, upper: int | None) -> int | None:
    if ms is None or lower is upper is None:
        return None
    if lower is not None and ms < lower:
        return ms - lower
    if upper is not None and ms > upper:
        return ms - upper
    return 0


def naive_fidelity(record: ContactRecord, world: Sequence[ContactRecord]) -> Fidelity | None:
    entered = record.queued_ms
    if not _phone(record) or record.callback_accepted_ms is None or entered is None:
        return None
    if record.callback_cancelled_by == "customer":
        return None
    near = [
        other
        for other in world
        if other.place == "answered"
        and other.queued_ms is not None
        and other.department == record.department
        and (other.queue, other.skill) == (record.queue, record.skill)
        and (other.language, other.priority) == (record.language, record.priority)
        and session(other.department, other.queued_ms) == session(record.department, entered)
        and abs(other.queued_ms - entered) <= 30 * MINUTE
    ]
    near.sort(key=lambda other: (other.queued_ms or 0, other.contact_id))
    mine = (entered, record.contact_id)
    earlier = [o for o in near if (o.queued_ms or 0, o.contact_id) < mine]
    later = [o for o in near if (o.queued_ms or 0, o.contact_id) > mine]
    before, after = earlier[-1] if earlier else None, later[0] if later else None
    lower, upper = before and before.exit_ms, after and after.exit_ms
    crossed = lower is not None and upper is not None and lower > upper  # type: ignore[operator]
    bounds: Any = (upper, lower) if crossed else (lower, upper)
    deviation = _sign(record.callback_attempted_ms, *bounds)
    connected = _sign(record.callback_connected_ms, *bounds)
    return Fidelity(
        contact_id=record.contact_id,
        arrived_ms=record.arrived_ms,
        accepted_ms=record.callback_accepted_ms,
        entered_ms=entered,
        attempted_ms=record.callback_attempted_ms,
        connected_ms=record.callback_connected_ms,
        before_contact=earlier[-1].contact_id if earlier else None,
        before_ms=earlier[-1].exit_ms if earlier else None,
        after_contact=later[0].contact_id if later else None,
        after_ms=later[0].exit_ms if later else None,
        bracket=["none", "before", "after", "both"][bool(earlier) + 2 * bool(later)],
        crossed=crossed,
        lower_ms=bounds[0],
        upper_ms=bounds[1],
        deviation_ms=deviation,
        deviation_size_ms=None if deviation is None else abs(deviation),
        connected_deviation_ms=connected,
        connected_size_ms=None if connected is None else abs(connected),
    )


def _order(record: ContactRecord) -> tuple[int, str]:
    return record.arrived_ms, record.contact_id


def _one_caller(one: ContactRecord, other: ContactRecord) -> bool:
    if one is other or one.department != other.department or None in (one.caller, other.caller):
        return False
    earlier, later = sorted((one, other), key=_order)
    return one.caller == other.caller or later.caller_before == earlier.caller


def _while_open(record: ContactRecord, world: Sequence[ContactRecord]) -> bool:
    at = record.arrived_ms
    return any(
        other is not record
        and (other.department, other.caller) == (record.department, record.caller)
        and other.callback_accepted_ms is not None
        and other.callback_accepted_ms <= at
        and not any(
            end is not None and end <= at
            for end in (
                other.callback_connected_ms,
                other.callback_cancelled_ms,
                other.callback_expired_ms,
            )
        )
        for other in world
    )


def naive_repeat(
    record: ContactRecord, world: Sequence[ContactRecord], as_of: int
) -> Repeat | None:
    responded = record.message.responded_ms if record.message else None
    if not (_phone(record) and record.connected_ms is not None) and responded is None:
        return None
    if _phone(record) and record.connected_ms is not None:
        ended = record.last_ms if record.finished_ms is None else record.finished_ms
    else:
        assert responded is not None
        ended = responded
    known = record.caller is not None
    arrived, theirs = record.arrived_ms, [o for o in world if _one_caller(record, o)]
    same = [
        other
        for other in world
        if known
        and (other.department, other.caller) == (record.department, record.caller)
        and arrived - DAY < other.arrived_ms <= arrived
    ]
    repeats = [
        other
        for other in theirs
        if (_phone(other) or other.message)
        and ended < other.arrived_ms <= ended + WINDOW
        and (other.topic == record.topic or None in (other.topic, record.topic))
        and not _while_open(other, world)
    ]
    calls = [o for o in [record, *theirs] if _phone(o) and arrived - WINDOW < o.arrived_ms]
    calls = [other for other in calls if other.arrived_ms <= arrived]
    served = [_order(o) for o in calls if o.connected_ms is not None and _order(o) < _order(record)]
    since = [other for other in calls if not served or _order(other) > max(served)]
    first = min(repeats, key=_order, default=None)
    return Repeat(
        contact_id=record.contact_id,
        arrived_ms=arrived,
        ended_ms=ended,
        known=known,
        representative=len(same) > 5,
        repeated_ms=first.arrived_ms if first else None,
        repeated_contact=first.contact_id if first else None,
        window_open=not as_of > ended + WINDOW,
        attempts=len(since) if known and _phone(record) and record.connected_ms else None,
    )


# -- random worlds

_EDGES = (
    *(0, 0, 0, 1, 999, MINUTE, 15 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1, 3 * HOUR, 7 * HOUR),
    *(8 * HOUR, 24 * HOUR, 24 * HOUR + 1, WINDOW, WINDOW + 1),
)
_SHORT = (0, 1, MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * HOUR)
_CLOSE = (0, 1, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE)
_ODD = (*_SHORT, *_SHORT, -1, -MINUTE, -2 * HOUR)  # clocks are set, and facts are late


_EVERYWHERE: dict[str, tuple[Any, ...]] = {
    "department": ("ircc", "ircc", "ircc", "vac", None),
    "queue": ("q", "q", "q", None),
    "language": ("en", "en", "fr"),
    "priority": (None, None, 1),
    "skill": (None, None, "s"),
    "channel": ("phone", "phone", None, "email", "web"),
    "caller": ("k", "k", "m", None),
    "caller_before": (None, None, "k", "m"),
    "topic": (None, None, "t", "u"),
}
#: Worlds in which much meets: those of one queue, and those of one caller.
_NARROW: tuple[dict[str, tuple[Any, ...]], ...] = (
    {},
    dict.fromkeys(("queue", "language", "skill"), ("x",))
    | {"department": ("ircc",), "channel": (None,), "priority": (1,), "at": _CLOSE},
    {"department": (None,), "topic": (None,), "caller": ("k",), "at": (*_CLOSE, DAY, DAY + 1)},
    {"department": (None,), "topic": (None,), "caller": ("k", "m")},
)


def _record(name: str, choices: Choices, narrow: dict[str, tuple[Any, ...]]) -> ContactRecord:
    """Mostly a life that makes sense; never mind where it does not."""
    pick = choices.pick
    at = pick(narrow.get("at", _EDGES)) + pick((0, 0, 1, MINUTE))
    known = {field: pick(narrow.get(field, options)) for field, options in _EVERYWHERE.items()}
    record = contact(name, at, last_ms=START + at + pick(_ODD), **known)
    if record.channel in ("email", "web"):
        return _written(record, choices)
    return _called(record, choices)


def _written(record: ContactRecord, choices: Choices) -> ContactRecord:
    if record.channel == "web" and choices.pick((True, False)):
        return record
    responded = choices.pick((None, record.arrived_ms + choices.pick((*_EDGES, *_ODD))))
    called = choices.pick((None, None, record.arrived_ms))  # and spoken to: no call for all that
    found = message("", 0).message
    found = found and replace(found, responded_ms=responded)
    return replace(record, message=found, connected_ms=called)


def _called(record: ContactRecord, choices: Choices) -> ContactRecord:
    pick, fate = choices.pick, choices.pick(("answered", "back", "back", "left", "written"))
    if fate == "written":  # a call that was also written to
        return replace(_written(record, choices), channel="phone")
    queued = record.arrived_ms + pick(_SHORT)
    exit_ms = queued + pick(_SHORT)
    record = replace(record, queued_ms=queued, exit_ms=exit_ms, place="abandoned")
    if fate == "answered" or pick((True, False, False, False)):
        finished = pick((None, exit_ms + pick(_ODD)))
        record = replace(record, place="answered", connected_ms=exit_ms, finished_ms=finished)
    if fate != "back":
        return record
    connected = pick((None, exit_ms + pick(_SHORT)))
    return replace(
        record,
        place=record.place if record.place == "answered" else "callback_accepted",
        connected_ms=record.connected_ms if record.connected_ms is not None else connected,
        callback_accepted_ms=exit_ms,
        callback_attempted_ms=pick((None, exit_ms + pick(_SHORT))),
        callback_connected_ms=connected,
        callback_cancelled_ms=pick((None, None, exit_ms + pick(_ODD))),
        callback_cancelled_by=pick((None, None, "customer", "agent")),
        callback_expired_ms=pick((None, None, exit_ms + pick(_SHORT))),
    )


@st.composite
def worlds(draw: st.DrawFn, contacts: int = 9) -> list[ContactRecord]:
    numbers = draw(st.lists(NUMBERS, min_size=1, max_size=contacts))
    # A number for each half of a record: one alone has too few choices in it.
    rest = draw(st.lists(st.integers(0, 2**62), min_size=len(numbers), max_size=len(numbers)))
    narrow = draw(st.sampled_from(_NARROW))
    return [
        _record(f"c{n}", Choices(number * 2**62 + more), narrow)
        for n, (number, more) in enumerate(zip(numbers, rest, strict=True))
    ]


def _rows(found: Sequence[tuple[ContactRecord, Any]]) -> dict[str, Any]:
    rows = {record.contact_id: row for record, row in found}
    assert len(rows) == len(found)
    assert all(name == row.contact_id for name, row in rows.items())
    return rows


def _by_words(world: Sequence[ContactRecord], as_of: int) -> tuple[dict[str, Any], dict[str, Any]]:
    judged = [naive_fidelity(record, world) for record in world]
    served = [naive_repeat(record, world, as_of) for record in world]
    return (
        {row.contact_id: row for row in judged if row},
        {row.contact_id: row for row in served if row},
    )


def _both(world: Sequence[ContactRecord], as_of: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return _rows(fidelity(world, as_of)), _rows(repeats(world, as_of))


MOMENTS = st.sampled_from([START + DAY, START + WINDOW + 2 * HOUR, START + 3 * WINDOW])


@given(worlds(), MOMENTS)
@settings(max_examples=400)
def test_rows_are_what_the_words_say(world: list[ContactRecord], as_of: int) -> None:
    assert _both(world, as_of) == _by_words(world, as_of)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_contacts_is_nothing(world: list[ContactRecord], random: Any) -> None:
    shuffled = list(world)
    random.shuffle(shuffled)
    assert _both(shuffled, NOW) == _both(world, NOW)
    names = ("fidelity", "repeats")
    assert across_registers(shuffled, NOW, names) == across_registers(world, NOW, names)


@given(worlds())
def test_a_glimpse_of_a_contact_gives_the_rows_of_its_record(world: list[ContactRecord]) -> None:
    glimpses = [found for record in world if (found := glimpse(encode(record)))]
    assert len(glimpses) == len(world)
    judged = {record.contact_id: row for record, row in fidelity(glimpses, NOW)}
    served = {record.contact_id: row for record, row in repeats(glimpses, NOW)}
    assert (judged, served) == _both(world, NOW)
    names = ("fidelity", "repeats")
    assert across_registers(glimpses, NOW, names) == across_registers(world, NOW, names)


def test_a_shift_is_no_contact() -> None:
    shift = Shift(shift_id="s", revision=1, first_ms=0, last_ms=0, agent="a")
    assert glimpse(encode(shift)) is None
    assert isinstance(glimpse(encode(contact("c"))), Glimpse)


@given(worlds(), worlds())
def test_contacts_of_another_department_change_nothing(
    world: list[ContactRecord], other: list[ContactRecord]
) -> None:
    strangers = [
        replace(record, contact_id=f"x{record.contact_id}", department="esdc") for record in other
    ]
    together = _both([*world, *strangers], NOW)
    for whole, part in zip(together, _both(world, NOW), strict=True):
        assert {name: row for name, row in whole.items() if not name.startswith("x")} == part


@given(worlds(), st.sampled_from(["queue", "skill", "language", "priority"]))
def test_answered_calls_of_another_line_change_no_bracket(
    world: list[ContactRecord], field: str
) -> None:
    value = 9 if field == "priority" else "another"
    strangers = [
        replace(record, **{field: value, "contact_id": f"x{record.contact_id}"}) for record in world
    ]
    found = _rows(fidelity([*world, *strangers], NOW))
    expected = _rows(fidelity(world, NOW))
    assert {name: row for name, row in found.items() if not name.startswith("x")} == expected


def _group(record: ContactRecord) -> object:
    at = record.arrived_ms if record.queued_ms is None else record.queued_ms
    line = (record.department, record.queue, record.skill, record.language, record.priority)
    return line, session(record.department, at)


def _family(record: ContactRecord, world: Sequence[ContactRecord]) -> list[ContactRecord]:
    """The contacts of the department that keys lead to from this one, both ways."""
    keys, size = {record.caller}, 0
    while len(keys) > size:
        size = len(keys)
        for other in world:
            if other.department == record.department and other.caller is not None:
                linked = {other.caller, other.caller_before or other.caller}
                keys |= linked if linked & keys else set()
    return [o for o in world if o.department == record.department and o.caller in keys]


@given(worlds())
def test_a_group_alone_gives_its_own_rows(world: list[ContactRecord]) -> None:
    judged, served = _both(world, NOW)
    for record in world:
        group = [other for other in world if _group(other) == _group(record)]
        assert _rows(fidelity(group, NOW)).get(record.contact_id) == judged.get(record.contact_id)
        family = _family(record, world) if record.caller else [record]
        assert _rows(repeats(family, NOW)).get(record.contact_id) == served.get(record.contact_id)


@given(worlds())
def test_registers_of_departments_add_up(world: list[ContactRecord]) -> None:
    names, total = ("fidelity", "repeats"), Registers()
    for department in {record.department for record in world}:
        part = [record for record in world if record.department == department]
        combine(total, across_registers(part, NOW, names))
    assert solid(total) == solid(across_registers(world, NOW, names))


def test_only_the_relations_asked_for_are_made() -> None:
    world = [callback("c", 0, MINUTE), answered("a", 0, MINUTE, caller="k")]
    for name in ("fidelity", "repeats"):
        found = across_registers(world, NOW, [name])
        assert {kind.partition(".")[0] for kind, _, _ in found} == {name}


def test_a_row_has_the_dimensions_of_its_contact() -> None:
    of = {"program": "p", "queue": "q", "language": "fr", "line": "l", "origin": "QC"}
    world = [callback("c", 0, MINUTE, channel="phone", **of)]
    (key,) = {(quarter, dims) for _, quarter, dims in across_registers(world, NOW, ["fidelity"])}
    assert key == (START, ("ircc", "p", "q", "phone", "fr", "l", "QC", None))


# -- examples: the bracket


def test_a_callback_within_its_bracket_was_made_at_the_right_moment() -> None:
    world = (
        answered("before", 8 * MINUTE, 20 * MINUTE),
        callback("c", 10 * MINUTE, 25 * MINUTE, callback_connected_ms=START + 33 * MINUTE),
        answered("after", 15 * MINUTE, 31 * MINUTE),
    )
    assert judged("c", *world) == Fidelity(
        contact_id="c",
        arrived_ms=START + 10 * MINUTE,
        accepted_ms=START + 10 * MINUTE + 30 * SECOND,
        entered_ms=START + 10 * MINUTE,
        attempted_ms=START + 25 * MINUTE,
        connected_ms=START + 33 * MINUTE,
        before_contact="before",
        before_ms=START + 20 * MINUTE,
        after_contact="after",
        after_ms=START + 31 * MINUTE,
        bracket="both",
        lower_ms=START + 20 * MINUTE,
        upper_ms=START + 31 * MINUTE,
        deviation_ms=0,
        deviation_size_ms=0,
        connected_deviation_ms=2 * MINUTE,
        connected_size_ms=2 * MINUTE,
    )


def test_a_late_answered_call_moves_the_brackets_of_others() -> None:
    world = [
        answered("before", 8 * MINUTE, 20 * MINUTE),
        callback("early", 9 * MINUTE, 18 * MINUTE),
        callback("c", 10 * MINUTE, 25 * MINUTE),
        answered("after", 15 * MINUTE, 31 * MINUTE),
    ]
    assert [judged(name, *world).deviation_ms for name in ("early", "c")] == [-2 * MINUTE, 0]
    late = answered("late", 10 * MINUTE + 1, 22 * MINUTE + 30 * SECOND)
    moved = judged("c", *world, late)
    assert (moved.after_contact, moved.upper_ms) == ("late", START + 22 * MINUTE + 30 * SECOND)
    assert moved.deviation_ms == moved.deviation_size_ms == 2 * MINUTE + 30 * SECOND
    still = judged("early", *world, late)
    assert (still.after_contact, still.deviation_ms) == ("late", -2 * MINUTE)
    later = answered("later", 9 * MINUTE + 30 * SECOND, 17 * MINUTE)
    crossed = judged("early", *world, late, later)  # answered before the one that came before
    assert (crossed.crossed, crossed.lower_ms) == (True, START + 17 * MINUTE)
    assert (crossed.upper_ms, crossed.deviation_ms) == (START + 20 * MINUTE, 0)


def test_those_who_entered_at_the_same_moment_stand_by_their_names() -> None:
    world = [answered(name, 0, at * MINUTE) for at, name in enumerate("abde", 1)]
    found = judged("c", *world, callback("c", 0, 3 * MINUTE))
    assert (found.before_contact, found.after_contact) == ("b", "d")
    assert (found.lower_ms, found.upper_ms) == (START + 2 * MINUTE, START + 3 * MINUTE)


def test_a_contact_is_no_neighbour_of_itself() -> None:
    """Answered in the queue, and yet a callback was accepted, by another device or later."""
    both = replace(callback("c", 0, MINUTE), place="answered", exit_ms=START + MINUTE)
    assert judged("c", both).bracket == "none"
    other = judged("d", both, callback("d", 0, 3 * MINUTE))
    assert (other.bracket, other.deviation_ms) == ("before", 0)


@pytest.mark.parametrize(("apart", "bracket"), [(30 * MINUTE, "both"), (30 * MINUTE + 1, "none")])
def test_neighbours_entered_at_most_thirty_minutes_apart(apart: int, bracket: str) -> None:
    world = (
        answered("before", -apart, 20 * MINUTE),
        callback("c", 0, 25 * MINUTE),
        answered("after", apart, 40 * MINUTE),
    )
    assert judged("c", *world).bracket == bracket


def test_neighbours_are_of_the_same_opening_session() -> None:
    _, edge, *_ = sessions("ircc", START, START + 3 * DAY)
    at = edge - START
    world = (
        answered("yesterday", at - 1, at + MINUTE),
        callback("c", at, at + 5 * MINUTE),
        answered("today", at, at + 10 * MINUTE),
    )
    found = judged("c", *world)
    assert (found.before_contact, found.after_contact, found.bracket) == (None, "today", "after")


def test_with_one_neighbour_one_side_can_be_tested() -> None:
    before, after = answered("a", -MINUTE, 10 * MINUTE), answered("z", MINUTE, 20 * MINUTE)
    early, late = callback("c", 0, 9 * MINUTE), callback("c", 0, 22 * MINUTE)
    assert judged("c", early, before).deviation_ms == -MINUTE
    assert judged("c", late, before).deviation_ms == 0
    assert judged("c", early, after).deviation_ms == 0
    assert judged("c", late, after).deviation_ms == 2 * MINUTE
    assert judged("c", late, before).upper_ms is judged("c", late, after).lower_ms is None


def test_without_neighbours_or_without_an_attempt_nothing_can_be_said() -> None:
    alone = judged("c", callback("c", 0, MINUTE))
    assert (alone.bracket, alone.deviation_ms, alone.deviation_size_ms) == ("none", None, None)
    missed = judged("c", callback("c", 0, None), answered("a", 1, MINUTE))
    assert (missed.bracket, missed.deviation_ms) == ("after", None)


@pytest.mark.parametrize(("by", "rows"), [("customer", 0), ("agent", 1), ("system", 1)])
def test_a_callback_that_its_caller_cancelled_is_not_judged(by: str, rows: int) -> None:
    cancelled = {"callback_cancelled_ms": START + HOUR, "callback_cancelled_by": by}
    assert len(fidelity([callback("c", 0, None, **cancelled)], NOW)) == rows


# -- examples: coming back


def served(name: str, at: int, end: int, caller: str | None = "k", **fields: Any) -> ContactRecord:
    known = {"caller": caller, "finished_ms": START + end, "last_ms": START + end + MINUTE}
    return answered(name, at, at, **{**known, **fields})


@pytest.mark.parametrize(
    ("after", "counts"), [(0, False), (1, True), (WINDOW, True), (WINDOW + 1, False)]
)
def test_a_repeat_comes_within_168_hours_of_the_end(after: int, counts: bool) -> None:
    again = contact("again", 10 * MINUTE + after, caller="k")
    found = repeat("c", served("c", 0, 10 * MINUTE), again)
    assert found.ended_ms == START + 10 * MINUTE
    assert found.repeated_contact == ("again" if counts else None)
    assert found.repeated_ms == (again.arrived_ms if counts else None)


def test_without_an_end_the_last_event_ends_a_call() -> None:
    open_ended = served("c", 0, 0, finished_ms=None, last_ms=START + 3 * MINUTE)
    assert repeat("c", open_ended).ended_ms == START + 3 * MINUTE


@pytest.mark.parametrize(("as_of", "open_"), [(START + WINDOW, True), (START + WINDOW + 1, False)])
def test_the_window_is_open_until_it_has_closed(as_of: int, open_: bool) -> None:
    index, other = served("c", 0, 0), contact("other", -HOUR, caller="k")
    assert repeat("c", index, as_of=as_of).window_open is open_
    assert repeat("c", index, other, as_of=as_of).window_open is open_


def test_a_message_is_served_by_its_reply_and_a_message_or_a_call_comes_back() -> None:
    asked = message("m", 0, HOUR, caller="k")
    assert repeat("m", asked).attempts is None
    again = message("again", 2 * HOUR, caller="k")
    found = repeat("m", asked, again, contact("call", 3 * HOUR, caller="k"))
    assert (found.ended_ms, found.repeated_contact) == (START + HOUR, "again")
    visited = contact("web", 2 * HOUR, caller="k", channel="web")
    assert repeat("m", asked, visited).repeated_contact is None
    assert not repeats([message("n", 0, caller="k"), visited], NOW)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("t", "t", True), ("t", "u", False), ("t", None, True), (None, "u", True)],
)
def test_a_repeat_is_about_the_same_where_both_are_known(
    one: str | None, other: str | None, same: bool
) -> None:
    index, again = served("c", 0, 0, topic=one), contact("r", MINUTE, caller="k", topic=other)
    assert (repeat("c", index, again).repeated_contact is not None) is same


def test_calls_while_a_callback_is_open_are_no_repeats() -> None:
    index = served("c", 0, MINUTE)
    waiting = callback("back", HOUR, 3 * HOUR, caller="k", callback_connected_ms=START + 4 * HOUR)
    accepted = HOUR + 30 * SECOND
    calls = [contact(f"at {at}", at, caller="k") for at in (accepted, 4 * HOUR - 1, 4 * HOUR)]
    assert repeat("c", index, *calls).repeated_contact == f"at {accepted}"
    first = repeat("c", index, waiting, *calls)
    assert first.repeated_contact == "back"  # its own callback does not count against it
    at_once = replace(waiting, callback_accepted_ms=waiting.arrived_ms)
    assert repeat("c", index, at_once, *calls).repeated_contact == "back"
    other_matter = replace(waiting, topic="u")
    found = repeat("c", replace(index, topic="t"), other_matter, *calls)
    assert found.repeated_contact == f"at {4 * HOUR}"
    unknown = replace(other_matter, caller=None)
    found = repeat("c", replace(index, topic="t"), unknown, *calls)
    assert found.repeated_contact == f"at {accepted}"


@pytest.mark.parametrize("field", ["cancelled", "expired"])
def test_a_callback_given_up_is_open_no_more(field: str) -> None:
    over = {f"callback_{field}_ms": START + 2 * HOUR}
    waiting = callback("back", HOUR, None, caller="k", topic="u", **over)
    calls = [contact(f"at {at}", at, caller="k") for at in (2 * HOUR - 1, 2 * HOUR)]
    found = repeat("c", served("c", 0, 0, topic="t"), waiting, *calls)
    assert found.repeated_contact == f"at {2 * HOUR}"


def test_a_caller_is_known_under_the_key_before_too() -> None:
    index = served("c", 0, MINUTE, "old")
    again = contact("again", HOUR, caller="new", caller_before="old")
    assert repeat("c", index, again).repeated_contact == "again"
    assert repeat("c", index, replace(again, caller=None)).repeated_contact is None
    assert repeat("c", index, replace(again, department="vac")).repeated_contact is None
    reversed_ = served("c", 0, MINUTE, "old", caller_before="new")  # the later names the earlier
    assert repeat("c", reversed_, contact("r", HOUR, caller="new")).repeated_contact is None
    odd = served("c", 2 * HOUR, MINUTE, "old")  # over before it began
    assert repeat("c", odd, again).repeated_contact is None
    assert repeat("c", odd, replace(again, caller="old")).repeated_contact == "again"


def test_attempts_are_counted_over_both_keys_and_since_the_caller_was_served() -> None:
    world = [
        served("long ago", 0, 0, "old"),
        contact("first", HOUR, caller="old"),
        message("no call", HOUR, caller="old"),
        contact("second", 2 * HOUR, caller="new", caller_before="old"),
        served("third", 3 * HOUR, 3 * HOUR, "new", caller_before="old"),
        served("fourth", 4 * HOUR, 4 * HOUR, "new", caller_before="old"),
    ]
    assert [repeat(name, *world).attempts for name in ("long ago", "third", "fourth")] == [1, 3, 1]
    without = [replace(record, caller_before=None) for record in world]
    assert repeat("third", *without).attempts == 2
    assert repeat("third", replace(world[4], caller=None)).attempts is None


@pytest.mark.parametrize(("before", "attempts"), [(WINDOW - 1, 2), (WINDOW, 1)])
def test_attempts_are_those_of_168_hours(before: int, attempts: int) -> None:
    earlier = contact("earlier", -before, caller="k")
    assert repeat("c", earlier, served("c", 0, 0)).attempts == attempts


@pytest.mark.parametrize(("others", "shown_apart"), [(4, False), (5, True)])
def test_a_key_of_more_than_five_contacts_a_day_is_a_representatives(
    others: int, shown_apart: bool
) -> None:
    index = served("c", DAY, DAY)
    world = [contact(f"o{n}", n + 1, caller="k") for n in range(others)]
    yesterday = [contact("yesterday", 0, caller="k"), contact("other", 1, caller="m")]
    assert repeat("c", index, *world, *yesterday).representative is shown_apart


def test_contacts_of_nobody_are_served_and_known_to_nobody() -> None:
    nobody = served("c", 0, 0, None)
    again = contact("r", HOUR, caller=None)
    assert repeat("c", nobody, again) == Repeat(contact_id="c", arrived_ms=START, ended_ms=START)
    assert repeat("c", nobody, as_of=START).window_open is True
