"""Every version of every type of event that a log can hold is still read, as it always was."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from schemas.admission import admit
from schemas.event import Data, Event, encode, schema_id, version_of
from schemas.versions import RETIRED, STEPS, is_old, read, upcast
from schemas.vocabulary import EVOLVED, VOCABULARY
from tests.schemas.fixtures import EVENTS, NOW, event_files, expected, version_named

FILES = event_files()
EXPECTED = expected(EVENTS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_frozen_event_is_admitted_and_read_as_expected(path: Path) -> None:
    raw = path.read_bytes()
    event, kept = admit(raw, NOW)
    assert kept == raw
    assert msgspec.to_builtins(event) == EXPECTED[path.stem]
    assert msgspec.to_builtins(read(raw)) == EXPECTED[path.stem]


def test_every_version_of_every_type_is_frozen() -> None:
    versions = {
        f"{row.name}.v{version}"
        for row in VOCABULARY.values()
        for version in range(1, row.version + 1)
    }
    assert {version_named(path) for path in FILES} == versions
    assert {path.stem for path in FILES} == set(EXPECTED)
    for path in FILES:
        event = msgspec.json.decode(path.read_bytes(), type=Event)
        assert version_named(path) == f"{event.type}.v{version_of(event.dataschema)}"


def test_frozen_files_are_not_edited() -> None:
    """A changed fixture hides a broken promise: add a new version instead."""
    recorded = (EVENTS / "SHA256SUMS").read_text(encoding="utf-8")
    assert recorded == "".join(
        f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(EVENTS.glob("*.json"))
    )


def test_fixtures_carry_every_fact_of_their_type() -> None:
    for row in VOCABULARY.values():
        files = [p for p in FILES if version_named(p) == f"{row.name}.v{row.version}"]
        events = [read(path.read_bytes()) for path in files]
        carried = {
            name
            for event in events
            for name, value in structs.asdict(event.data).items()
            if value is not None
        }
        assert {*row.required, *row.optional} <= carried


def test_there_is_a_step_from_every_old_version() -> None:
    old = {(name, v) for name in EVOLVED for v in range(1, VOCABULARY[name].version)}
    assert set(STEPS) == old
    assert set(RETIRED) <= old


def accepted(dataschema: str, data: str) -> bytes:
    return (
        '{"specversion":"1.0","id":"1","source":"s","type":"callback.accepted","subject":"c",'
        f'"time":"2026-01-05T14:00:00.000Z","dataschema":"{dataschema}"{data}}}'
    ).encode()


def test_an_old_event_without_a_promise_has_none() -> None:
    for data in ("", ',"data":{}', ',"data":{"promise":null}'):
        event = read(accepted("", data))
        assert (event.data.promise_from, event.data.promise_until) == (None, None)
        assert version_of(event.dataschema) == 2


def test_a_newer_version_is_read_as_it_is() -> None:
    raw = accepted("urn:vouchline:event:callback.accepted:9", ',"data":{"promise":"soon"}')
    event, kept = admit(raw, NOW)
    assert kept == raw
    assert event == read(raw) == upcast(event, raw)
    assert version_of(event.dataschema) == 9


def test_a_version_that_never_was_is_unreadable() -> None:
    with pytest.raises(msgspec.ValidationError, match="version from 1"):
        read(accepted("urn:vouchline:event:callback.accepted:0", ""))


@pytest.mark.parametrize(
    ("dataschema", "version"),
    [("", 1), ("https://example.org/schema", 1), ("urn:x:7", 7), (schema_id("a.b", 3), 3)],
)
def test_the_version_is_the_number_at_the_end(dataschema: str, version: int) -> None:
    assert version_of(dataschema) == version


def test_only_a_type_with_versions_can_be_old() -> None:
    event = Event(time="2026-01-05T14:00:00.000Z", source="s", id="1", type="x", subject="c")
    assert not is_old(event)
    assert upcast(event, encode(event)) is event


def test_encoding_gives_cloudevents_in_one_form() -> None:
    event = Event(
        time="2026-01-05T14:00:00.000Z",
        source="s",
        id="1",
        type="queue.entered",
        subject="c",
        data=Data(queue="q"),
    )
    assert encode(event) == (
        b'{"specversion":"1.0","time":"2026-01-05T14:00:00.000Z","source":"s","id":"1",'
        b'"type":"queue.entered","subject":"c","data":{"queue":"q"}}'
    )
    assert read(encode(event)) == event
