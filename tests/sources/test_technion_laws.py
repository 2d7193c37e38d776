"""Laws that hold for any rows: order and repetition change nothing, and all may enter the log."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.admission import admit
from schemas.event import decoder, encode
from schemas.instants import millis
from schemas.record import ContactRecord
from streams.core.fold import fold
from streams.sources.port import Entry, Rejected, Tally
from streams.sources.technion import STEPS
from tests.sources.calls import HEADER, NOW, QUEUED, SOURCE, entries, line

CLOCKS = st.one_of(
    st.sampled_from(
        ["0:00:00", "0:00:01", "23:59:59", "02:30:00", "1:30:00", "9:00:00", "24:00:00"]
    ),
    st.builds(
        "{}:{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59)
    ),
)
NAMES = st.one_of(
    st.sampled_from(["NO_SERVER", "NOAM", "", 'N"M', "נועם", "\\"]), st.text(max_size=5)
)
COUNTS = st.sampled_from(["0", "1", "50", "-1", "x"])
CALLS = st.fixed_dictionaries(
    {
        "vru+line": st.sampled_from(["BB0301", "BB0302"]),
        "call_id": st.sampled_from(["1", "2", "3", "70001"]),
        "customer_id": st.sampled_from(["0", "7", "0007", "6.02E+11", ""]),
        "priority": st.sampled_from(["0", "1", "2", "?"]),
        "type": st.one_of(st.sampled_from(["PS", "PE", "TT", "AA"]), NAMES),
        # Two ordinary days, and those on which the clock is changed.
        "date": st.sampled_from(["990210", "990211", "990402", "990903", "990230"]),
        **dict.fromkeys(("vru_entry", "vru_exit", "q_start", "q_exit"), CLOCKS),
        **dict.fromkeys(("ser_start", "ser_exit"), CLOCKS),
        **dict.fromkeys(("vru_time", "q_time", "ser_time"), COUNTS),
        "outcome": st.sampled_from(["AGENT", "AGENT", "HANG", "HANG", "PHANTOM", "GONE"]),
        "server": NAMES,
    }
)
#: Rows that differ from a sound one in little, so that calls make sense more often.
NEARLY = st.builds(
    lambda call, kept: {**call, **{name: QUEUED[name] for name in kept}},
    CALLS,
    st.sets(st.sampled_from(sorted(set(QUEUED) - {"outcome", "vru+line", "call_id"})), min_size=9),
)
LINES = st.lists(
    st.one_of(CALLS.map(line), NEARLY.map(line), st.just(HEADER), st.binary(max_size=9))
)


def _folded(found: Sequence[Entry]) -> dict[str, object]:
    values: dict[str, list[bytes]] = {}
    for contact, value in found:
        values.setdefault(contact, []).append(value)
    return {contact: fold(told, NOW) for contact, told in values.items()}


@given(LINES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_shuffled_halved_and_repeated_rows_say_the_same(
    lines: list[bytes], chance: random.Random
) -> None:
    once, half = entries(lines), len(lines) // 2
    shuffled = chance.sample(lines, len(lines))
    halves = entries(lines[half:]) + entries(lines[:half])
    twice = entries(lines + lines)
    assert set(once) == set(entries(shuffled)) == set(halves) == set(twice)
    assert _folded(once) == _folded(entries(shuffled)) == _folded(halves) == _folded(twice)


@given(LINES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_every_line_is_accounted_for_and_order_changes_no_count(
    lines: list[bytes], chance: random.Random
) -> None:
    tallies = []
    for order in (lines, chance.sample(lines, len(lines))):
        tallies.append(Tally())
        found = list(SOURCE.read(order, "f", tallies[-1]))
        assert tallies[-1].unaccounted == 0
        assert tallies[-1].accepted + tallies[-1].rejected.total() == len(found)
        assert tallies[-1].accepted == tallies[-1].contacts + tallies[-1].dirty["repeated id"]
    tallies[0].examples = tallies[1].examples = []
    first, second = tallies
    assert (first.read, first.events, first.rejected) == (
        second.read,
        second.events,
        second.rejected,
    )
    assert (first.contacts, first.left_out) == (second.contacts, second.left_out)
    assert first.dirty["repeated id"] == second.dirty["repeated id"]


@given(st.one_of(CALLS, NEARLY))
@settings(deadline=None)
def test_every_event_may_enter_the_log_as_it_is(call: dict[str, str]) -> None:
    for contact, value in entries([line(call)]):
        event, admitted = admit(value, NOW)
        assert (event.subject, admitted) == (contact, value)
        assert encode(decoder.decode(value)) == value


@given(st.one_of(CALLS, NEARLY))
@settings(deadline=None)
def test_a_call_has_its_place_in_the_funnel_whatever_its_dirt(call: dict[str, str]) -> None:
    for facts in SOURCE.read([line(call)], "f", Tally()):
        if isinstance(facts, Rejected):
            continue
        told = [decoder.decode(value) for _, value in facts]
        assert [event.type for event in told] == [s for s in STEPS if s in {e.type for e in told}]
        assert [event.sequence for event in told] == sorted({event.sequence for event in told})
        folded = fold([value for _, value in facts], NOW)
        assert isinstance(folded, ContactRecord)
        queued = call["q_start"] not in ("0:00:00", "00:00:00")
        expected = {"AGENT": "answered", "HANG": "abandoned" if queued else "left_in_ivr"}
        assert folded.place == expected[call["outcome"]]
        assert folded.arrived_ms == millis(told[0].time)
