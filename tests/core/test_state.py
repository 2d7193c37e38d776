"""Deadlines of contacts, against a plain search through all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from schemas.record import ContactRecord
from streams.core.due import Due
from streams.core.state import Open, State, resume

KEYS, TIMES = st.sampled_from("abcde"), st.integers(0, 9)
STEPS = st.lists(st.tuples(st.sampled_from(["keep", "forget", "pass"]), KEYS, TIMES), max_size=60)


def contact(at: int) -> Open:
    record = ContactRecord(contact_id="c", revision=1, first_ms=0, last_ms=0, arrived_ms=0)
    return Open([], record, Due(at, closed=False))


@given(STEPS)
def test_deadlines_are_those_of_a_plain_search(steps: list[tuple[str, str, int]]) -> None:
    state, due = State(), dict[str, int]()
    for what, key, at in steps:
        if what == "keep":
            state.keep(key, contact(at))
            due[key] = at
        elif what == "forget" and key in due:
            state.forget(key)
            del due[key]
        elif what == "pass":
            passed = state.passed(at)
            assert sorted(passed) == sorted(name for name, when in due.items() if when <= at)
            for name in passed:
                state.forget(name)
                del due[name]
        assert state.next_due == min(due.values(), default=None)
    assert resume(0, state.contacts).next_due == state.next_due


def test_what_was_looked_at_again_and_again_leaves_little_behind() -> None:
    state = State()
    state.keep("other", contact(10**6))
    for at in range(10_000, 0, -1):
        state.keep("c", contact(at))
    assert len(state._deadlines) < 2_000
    assert (state.passed(0), state.passed(1), state.passed(10**6)) == ([], ["c"], ["other"])
