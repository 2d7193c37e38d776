"""An event whose bytes were disposed of is still the event that it was."""

from __future__ import annotations

from hashlib import sha256
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.event import DISPOSED
from schemas.instants import HOUR
from schemas.record import ContactRecord
from streams.core.fold import fold
from tests.core.examples import START, raw

BEGUN = [
    raw("contact.arrived", 0, department="ircc", channel="phone"),
    raw("queue.entered", 10, queue="q1"),
]
TOLD = [raw("queue.left", 40, how=how) for how in ("abandoned", "timeout", "overflow")]


def disposed(value: bytes) -> bytes:
    """As `sinks.archive.rebuilt` writes it again, where nothing of it was personal."""
    return DISPOSED + sha256(value).hexdigest().encode() + b'",' + value[1:]


@given(st.lists(st.tuples(st.sampled_from(TOLD), st.booleans()), min_size=1, max_size=5))
def test_which_of_several_is_kept_does_not_depend_on_a_disposal(
    told: list[tuple[bytes, bool]],
) -> None:
    before = [value for value, _ in told]
    after = [disposed(value) if gone else value for value, gone in told]
    assert fold([*BEGUN, *after], START + HOUR) == fold([*BEGUN, *before], START + HOUR)


@pytest.mark.parametrize("told", [*combinations(TOLD, 2)])
def test_of_two_the_one_kept_is_the_same_whichever_was_disposed_of(
    told: tuple[bytes, bytes],
) -> None:
    one, other = told
    kept = fold([*BEGUN, min(told, key=lambda value: sha256(value).digest())], START + HOUR)
    for after in ([disposed(one), other], [one, disposed(other)], [*map(disposed, told)]):
        found = fold([*BEGUN, *after], START + HOUR)
        assert isinstance(found, ContactRecord)
        assert isinstance(kept, ContactRecord)
        assert (found.exit_reason, found.place) == (kept.exit_reason, kept.place)
        assert found.conflicting == 1
