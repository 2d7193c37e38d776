"""`schemas/asyncapi.yaml`: what the code says, what AsyncAPI allows, and true of what is sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas.asyncapi import document, names_of
from schemas.board import Figure, Period
from schemas.intervals import interval_figures
from schemas.letters import Letter
from schemas.parts import Shift
from schemas.record import ContactRecord
from schemas.topics import EVENTS, PARTITIONS, TOPICS
from tests.schemas.fixtures import event_files, version_named
from tests.tools.write_schemas import ASYNCAPI, FOLDER, asyncapi

JSONSCHEMA: Any = import_module("jsonschema")  # ships no types
YAML: Any = import_module("yaml")
DOCUMENT: dict[str, Any] = YAML.safe_load(ASYNCAPI.read_text(encoding="utf-8"))
SPECS = "@asyncapi/specs@6.11.1"
SHIFT = Shift(shift_id="s", revision=1, first_ms=0, last_ms=0, agent="a")
PUBLIC = [row for row in TOPICS.values() if row.public]


def test_the_committed_document_is_what_the_rows_say() -> None:
    assert ASYNCAPI.read_text(encoding="utf-8") == asyncapi(), "run: make schemas"
    assert document() == DOCUMENT


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON Schema of AsyncAPI 3.0.0, from its own package."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here: asyncapi.yaml was not held against AsyncAPI's own schema")
    folder = tmp_path_factory.mktemp("asyncapi")
    if problem := fetched(npm, folder):
        if os.environ.get("CI") == "true":
            pytest.fail(f"npm could not fetch {SPECS}: {problem}")
        pytest.skip(f"npm cannot reach its registry: asyncapi.yaml was not held against {SPECS}")
    with tarfile.open(next(folder.glob("*.tgz"))) as package:
        member = package.extractfile("package/schemas/3.0.0-without-$id.json")
        assert member is not None
        found: dict[str, Any] = json.loads(member.read())
    return found


def fetched(npm: str, folder: Path) -> str:
    """Why the package could not be fetched; "" where it was."""
    wait = ("--fetch-retries=0", "--fetch-timeout=10000")
    try:
        done = subprocess.run(
            [npm, "pack", "--silent", *wait, SPECS],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=25,
        )
    except subprocess.TimeoutExpired:
        return "it took too long"
    return (done.stderr or "it failed") if done.returncode else ""


def test_it_is_asyncapi(official: dict[str, Any]) -> None:
    validator = JSONSCHEMA.Draft7Validator(official)
    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(DOCUMENT)] == []
    spoiled = DOCUMENT | {"channels": {"a": {"addres": "a"}}}
    assert not validator.is_valid(spoiled), "the schema finds nothing"


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert len(found) > 40
    for reference in found:
        if reference.startswith("#/"):
            part: Any = DOCUMENT
            for name in reference.removeprefix("#/").split("/"):
                part = part[name]
        else:
            assert (ASYNCAPI.parent / reference).is_file(), reference


def test_every_topic_is_a_channel_with_its_settings() -> None:
    assert list(DOCUMENT["channels"]) == list(TOPICS)
    for name, channel in DOCUMENT["channels"].items():
        row, kafka = TOPICS[name], channel["bindings"]["kafka"]
        assert kafka["partitions"] == (row.partitions or PARTITIONS)
        assert ",".join(kafka["topicConfiguration"]["cleanup.policy"]) == row.cleanup
        assert kafka["topicConfiguration"]["retention.ms"] == (row.retention_ms or -1)


def test_who_sends_and_who_receives() -> None:
    said = {
        (name.partition(".")[0], row["action"], row["channel"]["$ref"].rpartition("/")[2])
        for name, row in DOCUMENT["operations"].items()
    }
    assert said == {
        *((role, "send", row.name) for row in TOPICS.values() for role in row.owners),
        *((role, "receive", row.name) for row in TOPICS.values() for role in row.readers),
    }


def accepted(topic: str, value: object) -> list[str]:
    """The messages of a channel that a value is valid as."""
    found = []
    for name, message in DOCUMENT["channels"][topic]["messages"].items():
        at = message["$ref"].removeprefix("#/components/messages/")
        payload = DOCUMENT["components"]["messages"][at]["payload"]["schema"]["$ref"]
        schema = json.loads((ASYNCAPI.parent / payload).read_bytes())
        if JSONSCHEMA.Draft202012Validator(schema).is_valid(value):
            found.append(name)
    return found


@pytest.mark.parametrize("path", event_files(), ids=lambda path: path.stem)
def test_an_event_is_valid_as_the_message_it_names(path: Path) -> None:
    assert version_named(path) in accepted(EVENTS, json.loads(path.read_bytes()))


def test_an_event_of_another_type_is_valid_too() -> None:
    event = json.loads(event_files()[0].read_bytes()) | {"type": "parrot.spoke", "data": {}}
    assert accepted(EVENTS, event) == ["event"]


def period() -> Period:
    return Period("2026-01-05T09:00:00-05:00", "2026-01-05T09:15:00-05:00", "America/Toronto")


def figure(measure: str, dimensions: dict[str, str | None]) -> Figure:
    return Figure(
        measure=measure,
        version=1,
        status="live",
        as_of="2026-01-05T10:00:00-05:00",
        period=period(),
        dimensions=dimensions,
        numerator=1,
        denominator=None,
        value=1,
        unit="contacts",
    )


def test_figures_of_an_interval_are_one_message() -> None:
    dimensions: dict[str, str | None] = {"department": "ircc", "queue": None}
    key, value = interval_figures([figure(name, dimensions) for name in ("arrived", "asked")])
    assert key == "2026-01-05T09:00:00-05:00|America/Toronto|ircc|"
    assert [row.measure for row in value.figures] == ["arrived", "asked"]
    assert accepted("measure.intervals.v1", plain(value)) == ["interval-figures"]
    final = {**plain(value), "status": "final"}
    assert accepted("measure.intervals.v1", final) == []


def test_no_two_groups_share_a_key() -> None:
    pairs = [("a|b", None), ("a", "b|"), ("a", "b"), ("a%7Cb", None), (None, "a|b")]
    keys = {
        interval_figures([figure("asked", {"department": one, "queue": two})])[0]
        for one, two in pairs
    }
    assert len(keys) == len(pairs)


def plain(value: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode(value))
    return found


@pytest.mark.parametrize(
    ("topic", "value", "name"),
    [
        (
            "contact.records.v1",
            ContactRecord(contact_id="c", revision=1, first_ms=0, last_ms=0, arrived_ms=0),
            "contact-record",
        ),
        ("contact.records.v1", SHIFT, "shift"),
        (
            "dead.letters.v1",
            Letter(
                reason="invalid",
                field="type",
                problem="is empty",
                received_ms=0,
                producer="acd",
                sha256="00",
                size=1,
                head=b"{",
            ),
            "dead-letter",
        ),
    ],
)
def test_a_value_is_valid_as_exactly_one_message(
    topic: str, value: msgspec.Struct, name: str
) -> None:
    assert accepted(topic, plain(value)) == [name]


def test_what_is_public_is_exported() -> None:
    for row in PUBLIC:
        for name in names_of(row):
            assert (FOLDER / f"{name}.json").is_file()
