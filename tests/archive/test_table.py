from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import MsgspecError, convert

from schemas import versions
from schemas.archive import COLUMNS, FACTS
from schemas.event import CANONICAL, Data, Event, encode, schema_id
from schemas.instants import millis
from schemas.rows import Row
from sinks.archive.table import SCHEMA, counts, sums, table
from sinks.archive.table import encode as to_parquet
from tests.archive.world import row, rows

GOOD = row(0).value
ACCEPTED = (
    b'{"specversion":"1.0","time":"2026-01-05T14:00:00.000Z","source":"s","id":"i",'
    b'"type":"callback.accepted","subject":"c","dataschema":"urn:vouchline:event:'
    b'callback.accepted:%b","data":{"queue":"q","promise":"2026-01-05T15:00:00.000Z"}}'
)


def of(*values: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table(
        [Row(n, n, "key", value) for n, value in enumerate(values)]
    ).to_pylist()
    return found


def test_the_columns_are_those_of_the_schema() -> None:
    assert table(rows(0, 3)).schema == SCHEMA
    assert SCHEMA.names == list(COLUMNS)


def test_an_event_fills_its_columns() -> None:
    (found,) = of(GOOD)
    assert {name: value for name, value in found.items() if value is not None} == {
        "offset": 0,
        "intake_ms": 0,
        "time_ms": millis("2024-10-04T12:00:00.000Z"),
        "id": "e-0",
        "source": "//switch.example",
        "type": "contact.arrived",
        "subject": "key",
        "sequence": "",
        "dataschema": schema_id("contact.arrived", 1),
        "department": "ircc",
        "channel": "phone",
        "priority": 3,
        "value": GOOD,
    }


def test_an_old_event_has_the_facts_of_today_and_the_schema_it_came_with() -> None:
    (found,) = of(ACCEPTED % b"1")
    assert found["promise_from"] == found["promise_until"] == "2026-01-05T15:00:00.000Z"
    assert found["dataschema"] == schema_id("callback.accepted", 1)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" ",
        b"{",
        b"{}",
        b"1",
        b"\xff",
        b'{"x":' * 5_000,
        GOOD[:-1],
        GOOD + GOOD,
        ACCEPTED % b"0",
    ],
)
def test_a_value_that_is_no_event_keeps_its_bytes_and_says_nothing(value: bytes) -> None:
    found = of(GOOD, value, GOOD)[1]
    assert {name for name, known in found.items() if known is not None} == {
        "offset",
        "intake_ms",
        "subject",
        "value",
    }
    assert (found["subject"], found["value"]) == ("key", value)
    assert of(GOOD, value, GOOD)[2]["id"] == "e-0"


SPLIT = b'{"data":{},' + GOOD[1:].replace(b'"data":', b'"extra":')
#: Fragments that are events together and none alone, many events in one, events on many lines.
TRICKS = [
    GOOD,
    GOOD + GOOD,
    GOOD + b"\n" + GOOD,
    GOOD.replace(b",", b",\n"),
    b"",
    b" ",
    b"{",
    GOOD[1:],
    GOOD[:-1],
    b"}",
    SPLIT[:8],
    SPLIT[8:],
]


def test_every_value_is_read_alone() -> None:
    for values in product(TRICKS, repeat=3):
        assert [found["id"] for found in of(*values)] == [id_of(value) for value in values], values


def id_of(value: bytes) -> str | None:
    try:
        return versions.read(value).id
    except (MsgspecError, UnicodeDecodeError):
        return None


KINDS: dict[str, st.SearchStrategy[object]] = {
    "string": st.text(min_size=1, max_size=5),
    "int64": st.integers(0, 2**53),
    "bool": st.booleans(),
}
DATA = st.fixed_dictionaries(
    {name: st.one_of(st.none(), KINDS[kind]) for name, (kind, _) in FACTS.items()}
)
EVENTS = st.builds(
    Event,
    time=st.one_of(
        st.just("2026-02-28T23:59:59.999Z"),
        st.sampled_from(["2026-02-30T00:00:00.000Z", "2026-01-05 14:00:00.000Z", "now"]),
        st.from_regex(CANONICAL, fullmatch=True),
    ),
    source=st.text(min_size=1, max_size=5),
    id=st.text(min_size=1, max_size=5),
    type=st.sampled_from(["contact.arrived", "callback.accepted", "of.tomorrow"]),
    subject=st.just("c"),
    sequence=st.text(max_size=5),
    data=DATA.map(lambda facts: convert(facts, Data)),
)
VALUES = st.lists(st.one_of(EVENTS.map(encode), st.binary(max_size=9)), min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(VALUES)
@example([encode(Event(time="t", source="s", id="i", type="t", subject="c"))])
def test_the_columns_say_what_the_present_reader_of_an_event_says(values: list[bytes]) -> None:
    columns = table([Row(n, n, "c", value) for n, value in enumerate(values)])
    for value, found in zip(values, columns.to_pylist(), strict=True):
        try:
            event = versions.read(value)
        except (MsgspecError, UnicodeDecodeError):
            assert found["id"] is None
            continue
        assert [found[name] for name in ("id", "source", "type", "sequence")] == [
            event.id,
            event.source,
            event.type,
            event.sequence,
        ]
        assert {name: found[name] for name in FACTS} == {
            name: getattr(event.data, name) for name in FACTS
        }
    assert sum(counts(columns).values()) == len(values)
    assert to_parquet(columns).size > 0


@pytest.mark.parametrize(
    ("time", "known"),
    [
        ("2026-01-05T14:00:00.123Z", True),
        ("2026-02-30T14:00:00.123Z", False),
        ("2026-01-05 14:00:00.123Z", False),
        ("2026-01-05T14:00:00.123+05:00", False),
        ("2026-01-05T14:00:00.123456Z", False),
        ("2026-01-05T14:00:00Z", False),
        ("yesterday", False),
    ],
)
def test_only_a_canonical_time_is_a_time(time: str, known: bool) -> None:
    odd = encode(Event(time=time, source="s", id="i", type="t", subject="c"))
    found = of(GOOD, odd)
    assert found[1]["time_ms"] == (millis(time) if known else None)
    assert found[1]["id"] == "i"
    assert found[0]["time_ms"] is not None


def test_totals() -> None:
    values = [row(n).value for n in range(8)] + [b"?", GOOD.replace(b"contact.arr", b"x.arr")]
    columns = table([Row(n, n, "c", value) for n, value in enumerate(values)])
    assert counts(columns) == {
        "contact.arrived": 2,
        "queue.entered": 2,
        "estimate.announced": 2,
        "contact.ended": 2,
        "": 1,
        "x.arrived": 1,
    }
    assert sums(columns) == {"priority": "9", "position": "4", "seconds": "600"}


def test_a_sum_may_be_larger_than_an_integer_of_the_file() -> None:
    huge = encode(
        Event(time="t", source="s", id="i", type="t", subject="c", data=Data(count=2**53))
    )
    assert sums(table([Row(n, n, "c", huge) for n in range(1_100)])) == {"count": str(1_100 << 53)}
