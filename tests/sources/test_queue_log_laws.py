"""Laws that hold for any trace: the funnel closes, and order and repetition change nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.admission import admit
from schemas.event import decoder, encode
from schemas.instants import SECOND
from schemas.record import PLACES
from streams.sources.port import Tally
from tests.sources.queue_lines import (
    NOW,
    T,
    connected,
    entered,
    entries,
    folded,
    found,
    line,
    records,
)

REMOVALS = {
    "EXITWITHTIMEOUT": "timeout",
    "EXITEMPTY": "empty",
    "WITHDRAW": "withdrawn",
    "EXITWITHKEY": "key",
}


@dataclass
class Trace:
    """The lines of one call, and what really happened to it."""

    call: str
    at: int
    lines: list[str] = field(default_factory=list)
    place: str = ""
    reason: str | None = None
    wait: int | None = None
    talk: int = 0
    hows: list[str] = field(default_factory=list)


@st.composite
def traces(draw: st.DrawFn, number: int) -> Trace:
    """A call through up to four queues, each entered in the second the last one was left."""
    start = draw(st.integers(0, 7_200))
    trace = Trace(f"{T + start}.{number}", start)
    for visit in range(draw(st.integers(1, 4))):
        queue = draw(st.sampled_from("abcz")) if visit else "m"
        trace.lines.append(entered(trace.at, queue, draw(st.integers(1, 9))))
        if not draw(_visits(trace, queue)):
            break
    trace.lines = [one.replace(f"{T - 5}.7", trace.call) for one in trace.lines]
    return trace


@st.composite
def _visits(draw: st.DrawFn, trace: Trace, queue: str) -> bool:
    """One visit; whether the call goes on to another queue."""
    waited = draw(st.integers(1, 900))
    for ring in draw(st.lists(st.integers(0, waited), max_size=2)):
        event = draw(st.sampled_from(["RINGNOANSWER", "RINGCANCELED"]))
        trace.lines.append(line(trace.at + waited, event, ring * SECOND, q=queue, who="SIP/2"))
    trace.at += waited
    kind = draw(st.sampled_from([*REMOVALS, "ABANDON", "CONNECT", "CONNECT", "OPEN"]))
    if kind == "CONNECT":
        return draw(_conversations(trace, queue, waited))
    answered = trace.place == "answered"
    if kind == "OPEN":
        trace.hows.append("")
        if not answered:
            trace.place, trace.reason = "other_exit", "lost_sight"
        return False
    key = (1,) if kind == "EXITWITHKEY" else ()
    trace.lines.append(line(trace.at, kind, *key, 1, 1, waited, q=queue))
    trace.hows.append(REMOVALS.get(kind, "abandoned"))
    if not answered:
        trace.place = "abandoned" if kind == "ABANDON" else "other_exit"
        trace.reason = REMOVALS.get(kind)
    return kind != "ABANDON"


@st.composite
def _conversations(draw: st.DrawFn, trace: Trace, queue: str, waited: int) -> bool:
    trace.lines.append(connected(trace.at, waited, queue))
    trace.hows.append("answered")
    if trace.place != "answered":
        trace.wait = trace.at - int(trace.call.split(".")[0]) + T
        trace.place, trace.reason = "answered", None
    talked = draw(st.integers(2, 900))
    trace.at += talked
    trace.talk += talked
    end = draw(st.sampled_from(["COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER"]))
    before = ("620", "inside") if end == "BLINDTRANSFER" else ()
    trace.lines.append(line(trace.at, end, *before, waited, talked, 1, q=queue, who="SIP/1"))
    return end == "BLINDTRANSFER"


@given(st.data())
@settings(deadline=None)
def test_every_call_is_where_it_really_was(data: st.DataObject) -> None:
    calls = [data.draw(traces(number)) for number in range(data.draw(st.integers(1, 3)))]
    lines = [one for call in calls for one in call.lines]
    random.Random(len(lines)).shuffle(lines)
    got = records(lines)
    assert set(got) == {call.call for call in calls}
    for call in calls:
        record = got[call.call]
        assert (record.place, record.exit_reason) == (call.place, call.reason)
        assert [segment.how or "" for segment in record.segments] == call.hows
        assert record.conflicting == 0
        if call.wait is not None:
            assert record.wait_ms == call.wait * SECOND
        if record.talk_ms is not None:
            assert record.talk_ms == call.talk * SECOND


EVENTS = (
    *("ENTERQUEUE", "CONNECT", "COMPLETEAGENT", "COMPLETECALLER", "ABANDON", "EXITWITHKEY"),
    *("EXITWITHTIMEOUT", "EXITEMPTY", "WITHDRAW", "BLINDTRANSFER", "TRANSFER", "ATTENDEDTRANSFER"),
    *("RINGNOANSWER", "RINGCANCELED", "AGENTDUMP", "SYSCOMPAT", "LEAVEEMPTY", "FULL", "JOINEMPTY"),
    *("DID", "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "AGENTLOGIN", "OUTCALL"),
    *("AGENTLOGOFF", "QUEUESTART", "SOMETHING", "Else", "", "no name"),
)
FIELDS = st.one_of(
    st.sampled_from(["", "0", "1", "7", "60", "BRIDGE", "LINK", "APP", "-1", "Zoé", "5145550100"]),
    st.text(max_size=4),
)
LINES = st.builds(
    lambda at, call, queue, agent, event, data: "|".join((at, call, queue, agent, event, *data)),
    st.one_of(
        st.integers(T, T + 3).map(str),
        st.sampled_from(["", "1", "99999999999", "2026-01-05 09:00:01.5", "2026-03-08 02:30:00"]),
    ),
    st.sampled_from([f"{T}.1", f"{T + 2}.2", "pbx-9.1", "NONE", "", "MANAGER"]),
    st.sampled_from(["a", "z", "NONE", "", "file d’attente", "a/05"]),
    st.sampled_from(["SIP/1", "Agent/3001", "NONE", "", "a\x7f"]),
    st.sampled_from(EVENTS),
    st.lists(FIELDS, max_size=7),
)  # fmt: skip
TRACES = st.lists(st.one_of(LINES.map(str.encode), st.binary(max_size=30)), max_size=12)


@given(TRACES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_shuffled_halved_and_repeated_lines_say_the_same(
    lines: list[bytes], chance: random.Random
) -> None:
    once, half = entries(lines), len(lines) // 2
    shuffled = chance.sample(lines, len(lines))
    halves = entries(lines[half:]) + entries(lines[:half])
    assert set(once) == set(entries(shuffled)) == set(halves) == set(entries(lines + lines))
    assert folded(lines) == folded(shuffled) == folded(lines[half:] + lines[:half] + lines)


@given(TRACES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_every_line_is_accounted_for_and_order_changes_no_count(
    lines: list[bytes], chance: random.Random
) -> None:
    tallies = []
    for order in (lines, chance.sample(lines, len(lines))):
        tallies.append(Tally())
        found(order, tallies[-1])
        assert (tallies[-1].read, tallies[-1].unaccounted) == (len(lines), 0)
        tallies[-1].examples = []
        tallies[-1]._seen = {}
    assert tallies[0] == tallies[1]


@given(TRACES)
@settings(deadline=None)
def test_whatever_the_lines_every_contact_has_one_place_and_nothing_conflicts(
    lines: list[bytes],
) -> None:
    for record in records(lines).values():
        assert record.place in PLACES
        assert record.conflicting == 0
        assert record.department == "esdc" or record.place == "left_in_ivr"
        assert record.wait_ms is None or record.wait_ms >= 0


@given(TRACES)
@settings(deadline=None)
def test_every_event_may_enter_the_log_as_it_is(lines: list[bytes]) -> None:
    for subject, value in entries(lines):
        event, admitted = admit(value, NOW)
        assert (event.subject, admitted) == (subject, value)
        assert encode(decoder.decode(value)) == value
