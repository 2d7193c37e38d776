"""Steps that add up, and what each contact contributes, whatever the measure rests on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instants import DAY, MINUTE
from schemas.measures import MEASURES, Kind, relation_of
from schemas.parts import Shift
from schemas.periods import Span
from schemas.record import ContactRecord, Declaration
from schemas.relations import RELATIONS
from streams.core.figures import Group, Question, Ratio
from streams.core.fold import Folded, fold
from streams.core.glimpse import Glimpse
from streams.core.why import CLOCK, FACTS, LATE, RULES, Counting, Moved, State, steps
from tests.core.examples import START, raw

HERE = "America/Toronto"
SPAN = Span(START - DAY, START + 2 * DAY, HERE)
QUESTION = Question([], [SPAN], ["department"], {}, HERE)
GROUP = Group(SPAN, ("ircc",))
AS_OF = START + 30 * DAY

_numbers = st.none() | st.integers(-9, 9)
_states = st.lists(
    st.builds(State, st.sampled_from([RULES, LATE, CLOCK]), st.builds(Ratio, _numbers, _numbers)),
    min_size=1,
)


@given(st.builds(Ratio, _numbers, _numbers), _states)
def test_the_steps_add_up(then: Ratio, states: list[State]) -> None:
    found = steps(then, states)
    last = states[-1].ratio
    assert sum(step.numerator for step in found) == (last.numerator or 0) - (then.numerator or 0)
    added = sum(step.denominator or 0 for step in found)
    assert added == (last.denominator or 0) - (then.denominator or 0)
    assert [step.after for step in found] == [state.ratio for state in states]


def test_who_is_behind_a_step() -> None:
    first = State(FACTS, Ratio(1, None), {"a": Ratio(1, None)})
    then = {"b": Ratio(1, None), "a": Ratio(0, None)}
    facts, clock, same = steps(
        Ratio(1, None),
        [first, State(CLOCK, Ratio(1, None), then), State(CLOCK, Ratio(1, None), then)],
    )
    assert facts.contacts is None
    assert clock.contacts == [
        Moved(contact="a", before=Ratio(1, None), after=Ratio(0, None)),
        Moved(contact="b", before=None, after=Ratio(1, None)),
    ]
    assert (clock.numerator, clock.denominator, same.contacts) == (0, None, [])


def _call(name: str, at: int, answered: int | None, **data: str) -> Folded:
    """A call at a minute, answered or abandoned some minutes later."""
    facts = {"department": "ircc", **data}
    told = [
        raw("contact.arrived", at * 60, name, **facts),
        raw("queue.entered", at * 60 + 1, name, queue="q"),
    ]
    if answered is None:
        told.append(raw("contact.ended", at * 60 + 600, name, by="customer"))
    else:
        told.append(raw("agent.connected", (at + answered) * 60, name))
        told.append(raw("contact.ended", (at + answered) * 60 + 60, name, by="customer"))
    found = fold(told, AS_OF)
    assert isinstance(found, ContactRecord)
    return found


DECLARED = Declaration(
    subject="d",
    of="arrived",
    count=1,
    start_ms=START,
    end_ms=START + MINUTE,
    attribution="",
    authority="",
)
CALLS: list[Folded] = [
    _call("a", 0, 1, caller="x"),
    _call("b", 1, None, caller="y"),
    _call("c", 30, 3, caller="x"),
    _call("e", 31, 9, department="vac"),
    DECLARED,
]


def _state(measure: str, folded: Sequence[Folded]) -> State:
    counting = Counting(QUESTION, MEASURES[measure], GROUP, AS_OF)
    for one in folded:
        counting.add([one])
    return counting.state(RULES)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("funnel.asked", Ratio(3, None)),
        ("abandon.rate", Ratio(1, 3)),
        ("repeat.served", Ratio(2, None)),
        ("repeat.rate", None),
    ],
)
def test_what_is_counted_again(measure: str, expected: Ratio | None) -> None:
    found = _state(measure, CALLS)
    assert expected is None or found.ratio == expected
    assert found.parts is not None
    assert "e" not in found.parts


@pytest.mark.parametrize("measure", [m for m in MEASURES if MEASURES[m].kind is not Kind.REMAINDER])
def test_contacts_add_up_to_the_figure(measure: str) -> None:
    found = _state(measure, CALLS)
    assert found.parts is not None
    if MEASURES[measure].kind is Kind.PERCENTILE:
        ranked = sum(part.denominator or 0 for part in found.parts.values())
        assert ranked == (found.ratio.denominator or 0)
        return
    for place in (0, 1):
        added = sum(part[place] or 0 for part in found.parts.values())
        assert added == (found.ratio[place] or 0)


def test_nothing_is_unknown_and_not_zero() -> None:
    found = _state("funnel.asked", [])
    assert (found.ratio, found.parts) == (Ratio(None, None), {})
    across = next(name for name in MEASURES if RELATIONS[relation_of(MEASURES[name])].across)
    assert _state(across, [DECLARED]).ratio == Ratio(None, None)


def test_a_shift_is_behind_agents_time_and_behind_nothing_that_callers_did() -> None:
    told = [
        raw("agent.state_changed", 0, "s", agent="a", state="talking", department="ircc"),
        raw("agent.state_changed", 60, "s", agent="a", state="ready"),
        raw("agent.state_changed", 180, "s", agent="a", state="offline"),
    ]
    shift = fold(told, AS_OF)
    assert isinstance(shift, Shift)
    occupied = Ratio(MINUTE, 3 * MINUTE)
    assert _state("agent.occupancy", [shift, *CALLS]) == State(RULES, occupied, {"s": occupied})
    assert _state("repeat.served", [shift]) == State(RULES, Ratio(None, None), {})
    assert _state("repeat.served", [shift, *CALLS]) == _state("repeat.served", CALLS)


@pytest.mark.parametrize(("measure", "glimpses"), [("abandon.rate", 0), ("repeat.served", 4)])
def test_only_those_behind_the_figure_are_kept(measure: str, glimpses: int) -> None:
    """Nothing stays of a contact that is in no row of it; of those that bear on others, little."""
    counting = Counting(QUESTION, MEASURES[measure], GROUP, AS_OF)
    counting.add(CALLS)
    assert [type(one) for one in counting._glimpses] == [Glimpse] * glimpses
    assert counting.parts().keys() <= {"a", "b", "c"}
    assert {kind for kind, _, _ in counting._counted} == {
        f"{relation_of(MEASURES[measure])}.cohort"
    }
    assert {dims[0] for _, _, dims in counting._counted} == {"ircc"}
    assert not counting._glimpses
