"""The exported contracts: the committed text is what the code says, and it holds."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import msgspec
import pytest

from schemas.archive import COLUMNS
from schemas.board import Figure, Period
from schemas.export import OLDER, files
from schemas.parts import Shift, Spell
from schemas.record import ContactRecord
from schemas.vocabulary import VOCABULARY
from tests.schemas.fixtures import BAD, event_files, expected, version_named
from tests.tools.write_schemas import FOLDER

FILES = files()
CASES = {name: case["schema"] for name, case in expected(BAD).items() if "schema" in case}
JSONSCHEMA: Any = import_module("jsonschema")  # ships no types


def is_valid(name: str, value: object) -> bool:
    validator = JSONSCHEMA.Draft202012Validator(json.loads(FILES[name]))
    return bool(validator.is_valid(value))


def schema_of(event: object) -> str:
    """The file for an event; what says nothing of its type must fail any of them."""
    kind = event.get("type") if isinstance(event, dict) else None
    old = kind == "callback.accepted" and "promise_from" not in str(event)
    version = VOCABULARY[kind].version - old if kind in VOCABULARY else 1
    return f"{kind}.v{version}.json" if kind in VOCABULARY else "queue.entered.v1.json"


def test_committed_schemas_are_what_the_code_says() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert committed == FILES, "run: python -m tests.tools.write_schemas"


@pytest.mark.parametrize("name", sorted(FILES))
def test_schemas_are_json_schemas(name: str) -> None:
    schema = json.loads(FILES[name])
    JSONSCHEMA.Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:vouchline:")
    assert schema["description"].strip()


def test_every_version_has_a_schema() -> None:
    fixed = {"event.json", "contact-record.json", "shift.json", "figure.json", "archive.json"}
    fixed |= {"interval-figures.json", "dead-letter.json"}
    assert set(FILES) == {f"{version_named(path)}.json" for path in event_files()} | fixed
    assert {(row.name, row.version) for row in OLDER} == {
        (row.name, version) for row in VOCABULARY.values() for version in range(1, row.version)
    }


@pytest.mark.parametrize("path", event_files(), ids=lambda path: path.stem)
def test_frozen_events_keep_their_schema(path: Any) -> None:
    assert is_valid(f"{version_named(path)}.json", json.loads(path.read_bytes()))


@pytest.mark.parametrize("name", sorted(CASES))
def test_bad_events_break_their_schema(name: str) -> None:
    """Except by what JSON Schema cannot say (`schema: false`): a calendar, two fields compared."""
    event = json.loads((BAD / name).read_bytes())
    assert is_valid(schema_of(event), event) != CASES[name]


def test_unknown_fields_are_allowed() -> None:
    for path in event_files():
        event = json.loads(path.read_bytes())
        event |= {"more": 1, "data": {**event["data"], "more": [1]}}
        assert is_valid(f"{version_named(path)}.json", event)


def test_a_promise_of_version_2_is_no_event_of_version_1_unnamed() -> None:
    event = json.loads(next(p for p in event_files() if "accepted.v2" in p.name).read_bytes())
    del event["dataschema"]
    assert not is_valid("callback.accepted.v2.json", event)


def test_a_record_keeps_its_schema() -> None:
    record = ContactRecord(
        contact_id="c-1", revision=3, first_ms=0, last_ms=9, arrived_ms=0, place="in_ivr"
    )
    plain = msgspec.to_builtins(record)
    assert is_valid("contact-record.json", plain)
    assert not is_valid("contact-record.json", {**plain, "place": "elsewhere"})
    assert not is_valid("contact-record.json", {**plain, "wait_ms": "9"})
    schema = json.loads(FILES["contact-record.json"])
    assert list(schema["properties"]) == ["type", *ContactRecord.__struct_fields__]
    assert is_valid("contact-record.json", {**plain, "place": None})
    assert "Event order" in schema["description"]


def test_a_shift_keeps_its_schema() -> None:
    spell = Spell(state="ready", from_ms=0, spent_ms=9)
    shift = Shift(shift_id="s-1", revision=2, first_ms=0, last_ms=9, agent="a", spells=(spell,))
    plain = json.loads(msgspec.json.encode(shift))
    assert is_valid("shift.json", plain)
    assert not is_valid("shift.json", {**plain, "spells": [{"state": "ready"}]})


def test_a_figure_keeps_its_schema() -> None:
    figure = Figure(
        measure="answer.rate",
        version=1,
        status="provisional",
        as_of="2026-01-06T09:00:00-05:00",
        period=Period(
            start="2026-01-05T00:00:00-05:00",
            end="2026-01-06T00:00:00-05:00",
            zone="America/Toronto",
        ),
        dimensions={"department": "ircc", "queue": None},
        numerator=1,
        denominator=2,
        value="50.00",
        unit="%",
    )
    plain = msgspec.to_builtins(figure)
    assert is_valid("figure.json", plain)
    assert is_valid("figure.json", {**plain, "value": None, "numerator": None})
    assert not is_valid("figure.json", {**plain, "value": 50.0001})
    assert not is_valid("figure.json", {**plain, "period": {}})


def test_the_archives_schema_has_its_columns() -> None:
    schema = json.loads(FILES["archive.json"])
    kinds = {name: kind for name, (kind, _) in COLUMNS.items()}
    assert {n: p["x-arrow-type"] for n, p in schema["properties"].items()} == kinds
    assert list(schema["properties"]) == schema["required"] == list(COLUMNS)
    row = dict.fromkeys(COLUMNS) | {"offset": 0, "intake_ms": 0, "subject": "c", "value": ""}
    assert is_valid("archive.json", row)
    assert not is_valid("archive.json", {**row, "offset": None})
