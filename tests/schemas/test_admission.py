"""The door: what is refused, in which words, and what nothing can make it do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.admission import AHEAD, DEEPEST, admit
from schemas.errors import Malformed
from schemas.event import Data, Event, encode, schema_id
from schemas.instants import QUARTER_HOUR, instant, millis
from schemas.versions import read
from schemas.vocabulary import PARTIES, VOCABULARY
from tests.schemas.fixtures import BAD, NOW, event_files, expected

EXPECTED = expected(BAD)
GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "sw-1/1",
    "source": "urn:switch:1",
    "type": "queue.entered",
    "time": "2026-01-05T14:00:00.000Z",
    "subject": "c-1",
    "data": {"queue": "pr-en"},
}


def text(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_bad_input_is_refused_by_the_field_and_in_words(name: str) -> None:
    with pytest.raises(Malformed) as refused:
        admit((BAD / name).read_bytes(), NOW)
    assert refused.value.field == EXPECTED[name]["field"]
    assert EXPECTED[name]["says"] in refused.value.problem


def test_every_bad_file_is_expected() -> None:
    assert {path.name for path in BAD.iterdir()} - {"expected.json"} == set(EXPECTED)


@pytest.mark.parametrize("time", ["2026-01-05T14:00:00.000Z", "2026-01-05T14:00:00Z"])
@pytest.mark.parametrize("kind", ["queue.entered", "callback.accepted"])
def test_100_000_brackets_are_refused(kind: str, time: str) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    raw = text(time=time, type=kind, more=0).replace(b'"more": 0', b'"more": ' + deep)
    with pytest.raises(Malformed, match="recursion"):
        admit(raw, NOW)


def test_an_admitted_event_can_be_read_deep_in_a_stack() -> None:
    """What the intake admits with all of the stack before it, a worker must read with less."""
    deepest = b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1)
    raw = text(more=0).replace(b'"more": 0', b'"more": ' + deepest)
    assert admit(raw, NOW)[1] == raw
    with pytest.raises(Malformed, match="nested more than 64 levels deep"):
        admit(raw.replace(b"[]", b"[[]]"), NOW)


def test_many_brackets_side_by_side_or_in_text_are_not_deep() -> None:
    raw = text(more=[{"a": []}] * 100, words='[{"\\' * 100)
    assert admit(raw, NOW)[1] == raw


def test_unknown_types_and_fields_are_kept_as_they_came() -> None:
    raw = text(type="something.else", data={"mood": "fine", "promise": "soon"}, more=1e300)
    event, kept = admit(raw, NOW)
    assert kept == raw
    assert event.type == "something.else"


@pytest.mark.parametrize(
    "value",
    ["1.10", "1e999", "1" + "0" * 400, "0.1000000000000000055", '"\\u00e9"', '"é"', " [ 1 ] "],
)
def test_rewriting_a_time_leaves_every_other_value_as_it_was_written(value: str) -> None:
    raw = text(time="2026-01-05T09:00:00-05:00", more=0, data={"queue": "q", "more": 0})
    raw = raw.replace(b'"more": 0', f'"more": {value}'.encode())
    event, kept = admit(raw, NOW)
    assert event.time == "2026-01-05T14:00:00.000Z"
    assert f'"more":{value.strip()}'.encode() in kept
    assert f'"more": {value}'.encode() in kept  # `data` held no instant: untouched
    assert admit(kept, NOW) == (event, kept)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-01-05T09:00:00-05:00", "2026-01-05T14:00:00.000Z"),
        ("2026-01-05t14:00:00z", "2026-01-05T14:00:00.000Z"),
        ("2026-01-05T14:00:00.9999Z", "2026-01-05T14:00:00.999Z"),
        ("2026-01-05T19:45:00.123456789+05:45", "2026-01-05T14:00:00.123Z"),
    ],
)
def test_times_become_canonical(written: str, kept: str) -> None:
    event, raw = admit(text(time=written), NOW)
    assert event.time == json.loads(raw)["time"] == kept


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("agent.connected", {"reported_start": "2026-01-05T09:00:00-05:00"}),
        ("agent.connected", {"reported_start": "0999-01-05T09:00:00-05:00"}),
        ("callback.accepted", {"promise": "2026-01-05T09:00:00-05:00", "queue": "q"}),
        (
            "control.total_declared",
            {
                "of": "arrived",
                "count": 0,
                "period_start": "2026-01-05T14:00:00Z",
                "period_end": "2026-01-05T15:30:00+01:00",
                "attribution": "cohort",
                "authority": "switch",
            },
        ),
    ],
)
def test_instants_among_the_facts_become_canonical(kind: str, data: dict[str, object]) -> None:
    event, raw = admit(text(type=kind, data=data), NOW)
    kept = json.loads(raw)["data"]
    assert set(kept) == set(data)
    for name, value in data.items():
        if isinstance(value, str) and "T" in value:
            assert kept[name].endswith(":00.000Z")
            assert len(kept[name]) == 24
    assert read(raw) == event
    assert admit(raw, NOW) == (event, raw)


def test_a_canonical_instant_among_the_facts_leaves_the_bytes_alone() -> None:
    raw = text(type="agent.connected", data={"reported_start": "2026-01-05T14:00:00.000Z"})
    assert admit(raw, NOW)[1] == raw
    raw = text(type="agent.connected", data={"reported_start": None, "agent": "a"})
    assert admit(raw, NOW)[1] == raw


def test_an_unknown_type_without_data_may_have_a_time_with_an_offset() -> None:
    fields = {name: value for name, value in GOOD.items() if name != "data"}
    raw = json.dumps({**fields, "type": "x.y", "time": "2026-01-05T14:00:00Z"}).encode()
    assert admit(raw, NOW)[0].time == "2026-01-05T14:00:00.000Z"


def test_a_choice_that_is_optional_may_be_left_open() -> None:
    for data in ({}, {"by": None}, {"by": "machine"}):
        assert admit(text(type="callback.customer_answered", data=data), NOW)


def test_an_event_may_be_five_minutes_ahead_and_no_more() -> None:
    assert admit(text(time=instant(NOW + AHEAD)), NOW)
    with pytest.raises(Malformed, match="300001 ms ahead"):
        admit(text(time=instant(NOW + AHEAD + 1)), NOW)
    assert admit(text(time="1990-01-01T00:00:00.000Z"), NOW)


@pytest.mark.parametrize("name", ["disposed", "\\u0064isposed"])
@pytest.mark.parametrize("space", ["", " "])
def test_no_producer_writes_for_the_archive(name: str, space: str) -> None:
    mark = f'{{{space}"{name}":"{"0" * 64}",'.encode()
    with pytest.raises(Malformed, match="disposed"):
        admit(mark + text()[1:], NOW)


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [
        ("survey.answered", {"questionnaire": "q", "score": 11, "scale": 10}, "score"),
        ("survey.answered", {"questionnaire": "q", "score": 1, "scale": 0}, "score"),
        (
            "callback.accepted",
            {
                "promise_from": "2026-01-05T14:00:00.001Z",
                "promise_until": "2026-01-05T14:00:00.000Z",
            },
            "promise_until",
        ),
        ("agent.requested", {"caller": "+15145550100"}, "caller"),
        ("agent.requested", {"caller_before": "514 555-0100"}, "caller_before"),
    ],
)
def test_facts_that_contradict_each_other_are_refused(
    kind: str, facts: dict[str, object], field: str
) -> None:
    with pytest.raises(Malformed, match=f"data.{field}"):
        admit(text(type=kind, data=facts), NOW)


def test_a_score_at_the_top_of_its_scale_and_a_hash_are_admitted() -> None:
    top = {"questionnaire": "q", "score": 10, "scale": 10}
    assert admit(text(type="survey.answered", data=top), NOW)
    assert admit(text(type="agent.requested", data={"caller": "0123456789012345"}), NOW)


def test_names_may_hold_escapes_that_are_not_controls() -> None:
    raw = text(subject='c/"1"\\2', data={"queue": "français “1”", "seconds": 4})
    event, kept = admit(raw, NOW)
    assert kept == raw
    assert event.subject == 'c/"1"\\2'


def schema_named(event: Event) -> Event:
    version = VOCABULARY[event.type].version if event.type in VOCABULARY else 1
    return Event(
        **{name: getattr(event, name) for name in event.__struct_fields__ if name != "dataschema"},
        dataschema=schema_id(event.type, version),
    )


names = st.text(
    st.characters(codec="utf-8", exclude_characters="\x7f", min_codepoint=32), min_size=1
).map(lambda name: name[:200])
moments = st.integers(millis("1990-01-01T00:00:00.000Z"), NOW).map(instant)
data = st.builds(
    Data,
    department=names,
    channel=st.just("phone"),
    queue=names,
    reason=st.just("full"),
    how=st.just("abandoned"),
    by=st.sampled_from(PARTIES[:1]),
    seconds=st.integers(0, 2**53),
    number=st.integers(1, 9),
    reported_start=st.none() | moments,
    agent=names,
    topic=names,
    kind=names,
    tool=names,
    actor=names,
    questionnaire=names,
    state=st.just("ready"),
    at_first_exchange=st.booleans(),
)
OTHERWISE = {  # what these need is not in `data`
    "control.total_declared",
    "callback.customer_answered",
    "email.received",
}
events = st.builds(
    Event,
    time=moments,
    source=names,
    id=names,
    sequence=names.map(lambda name: name[:40]) | st.just(""),
    type=st.sampled_from(sorted({*VOCABULARY, "else.what"} - OTHERWISE)),
    subject=names,
    data=data,
).map(schema_named)


@given(events)
def test_what_is_canonical_is_admitted_without_a_change(event: Event) -> None:
    raw = encode(event)
    assert admit(raw, NOW) == (event, raw)
    assert read(raw) == event


@given(events, st.integers(-14 * 60, 14 * 60), st.integers(0, 999_999))
def test_admission_is_idempotent(event: Event, offset: int, beyond: int) -> None:
    """Whatever the offset and the digits, once admitted it is admitted as it is."""
    sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    written = f"{event.time[:-1]}{beyond:06d}{sign}{hours:02d}:{minutes:02d}"
    raw = encode(event).replace(event.time.encode(), written.encode(), 1)
    try:
        admitted, kept = admit(raw, NOW)
    except Malformed as refused:
        assert refused.field == "time"
        assert "before 1990" in refused.problem or "ahead" in refused.problem
        return
    assert admit(kept, NOW) == (admitted, kept)
    assert millis(admitted.time) == millis(event.time) - offset * 60_000


quarters = st.integers(NOW // QUARTER_HOUR - 99, NOW // QUARTER_HOUR).map(
    lambda n: n * QUARTER_HOUR
)


@given(quarters, st.integers(1, 96), st.integers(0, 2**53))
def test_declarations_on_the_quarter_hour_are_admitted(start: int, length: int, count: int) -> None:
    facts = {
        "of": "arrived",
        "count": count,
        "period_start": instant(start),
        "period_end": instant(start + length * QUARTER_HOUR),
        "attribution": "interval",
        "authority": "carrier",
    }
    raw = text(type="control.total_declared", data=facts)
    assert admit(raw, NOW)[1] == raw


SEEDS = [path.read_bytes() for path in event_files()] + [
    (BAD / name).read_bytes() for name in sorted(EXPECTED)
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A text with a piece cut out of it, and something else put there."""
    raw = draw(st.sampled_from(SEEDS))
    start = draw(st.integers(0, len(raw)))
    end = draw(st.integers(start, min(start + 12, len(raw))))
    pieces = st.sampled_from((b'"', b"\\", b"\\u", b"null", b"{", b"[", b"1e999", b"\xff", b":0"))
    return raw[:start] + draw(st.binary(max_size=6) | pieces) + raw[end:]


@given(st.binary() | damaged())
@example(b"\xff\xfe")
def test_any_bytes_at_all_are_admitted_or_malformed(raw: bytes) -> None:
    try:
        event, kept = admit(raw, NOW)
    except Malformed as refused:
        assert refused.problem
    else:
        assert read(kept) == event
        json.loads(kept)
