"""The contracts as JSON Schema (2020-12), for those who read or write without our code.

`schemas/json/` holds these texts (`python -m tests.tools.write_schemas` writes them). Fields
that a schema does not name are allowed, and kept: producers may say more than we read.
Instants are described as the log keeps them; the intake takes any RFC 3339 offset.
"""

from __future__ import annotations

from dataclasses import replace
from inspect import cleandoc
from typing import Any

from msgspec import Struct, json

from schemas import record
from schemas.archive import COLUMNS
from schemas.board import Figure
from schemas.event import Data, Event, Instant, schema_id
from schemas.intervals import IntervalFigures
from schemas.letters import Letter
from schemas.parts import Shift
from schemas.vocabulary import VOCABULARY, EventType

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NO_CONTROL = r"^[^\u0000-\u001f\u007f]*$"
OLDER = (
    replace(
        VOCABULARY["callback.accepted"],
        meaning="The caller accepted a callback; the promise is an instant, or absent.",
        optional=("queue", "promise"),
        version=1,
    ),
)
_NEVER_NULL = ("offset", "intake_ms", "subject", "value")  # of the archive's columns
_JSON: dict[str, Schema] = {
    "int64": {"type": "integer"},
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "binary": {"type": "string", "contentEncoding": "base64"},
}


def files() -> dict[str, str]:
    """File name -> text: every version of every type of event, and whatever we hand out."""
    rows = (*VOCABULARY.values(), *OLDER)
    schemas = {
        **{f"{row.name}.v{row.version}.json": event(row) for row in rows},
        "event.json": any_event(),
        "contact-record.json": contact_record(),
        "shift.json": _struct("shift", Shift),
        "figure.json": _struct("figure", Figure),
        "interval-figures.json": interval_figures(),
        "dead-letter.json": _struct("dead-letter", Letter),
        "archive.json": archive(),
    }
    return {name: _text(schemas[name]) for name in sorted(schemas)}


def event(row: EventType) -> Schema:
    """One version of one type of event, as it stands in the log."""
    name = schema_id(row.name, row.version)
    fields = {**_properties(Event), "type": {"const": row.name}, "data": _data(row)}
    needed = ["specversion", "time", "source", "id", "type", "subject"]
    needed += ["data"] if row.required else []
    if row.version > 1:  # an event that names no version is of version 1
        fields["dataschema"] = {"const": name}
        needed.append("dataschema")
    return {
        **_header(name, row.name, row.meaning),
        "type": "object",
        "properties": {"specversion": {"const": "1.0"}, **fields},
        "required": needed,
    }


def any_event() -> Schema:
    """An event of a type that this version does not know: it is archived, and counted as such."""
    meaning = "An event of any type that is not in the vocabulary; kept, and counted apart."
    return {
        **_header("urn:vouchline:event", "event", meaning),
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            **_properties(Event),
            "type": {"type": "string", "minLength": 1, "not": {"enum": [*VOCABULARY]}},
            "data": {"type": "object", "properties": _properties(Data)},
        },
        "required": ["specversion", "time", "source", "id", "type", "subject"],
    }


def _data(row: EventType) -> Schema:
    known = {**_properties(Data), "promise": {"anyOf": [json.schema(Instant), {"type": "null"}]}}
    facts = {name: _fact(known[name], row, name) for name in (*row.required, *row.optional)}
    return {"type": "object", "properties": facts, "required": list(row.required)}


def _fact(optional: Schema, row: EventType, name: str) -> Schema:
    """A fact: one of its choices, if it has some; null only where the type can do without it."""
    value, null = optional["anyOf"]
    if name in row.choices:
        value = {"enum": list(row.choices[name])}
    return value if name in row.required else {"anyOf": [value, null]}


def contact_record() -> Schema:
    """The contact record, with the words that define it."""
    schema = _struct("contact-record", record.ContactRecord)
    schema["description"] = f"{cleandoc(record.__doc__ or '')}\n\n{schema['description']}"
    schema["properties"]["place"] = {"enum": [*record.PLACES, None]}
    return schema


def interval_figures() -> Schema:
    """The figures of an interval, which are live, whatever else a figure may be."""
    schema = _struct("interval-figures", IntervalFigures)
    schema["properties"]["status"] = {"const": "live"}
    return schema


def archive() -> Schema:
    """A row of the archive; `x-arrow-type` is the column's type in the Parquet files."""
    columns = {
        name: {**_nullable(_JSON[kind], name), "description": meaning, "x-arrow-type": kind}
        for name, (kind, meaning) in COLUMNS.items()
    }
    return {
        **_header("urn:vouchline:archive", "archive", "A row of the archive."),
        "type": "object",
        "properties": columns,
        "required": list(COLUMNS),
    }


def _nullable(schema: Schema, name: str) -> Schema:
    return schema if name in _NEVER_NULL else {**schema, "type": [schema["type"], "null"]}


def _struct(name: str, kind: type[Struct]) -> Schema:
    parts = json.schema(kind)["$defs"]
    for part in parts.values():
        part["description"] = cleandoc(part["description"])
    whole = parts.pop(kind.__name__)
    header = _header(f"urn:vouchline:{name}", name, whole["description"])
    return {**header, **whole, **header, "$defs": parts}


def _properties(kind: type[Struct]) -> Schema:
    """The fields of an event; text that is no instant holds no control character."""
    found = json.schema(kind)["$defs"][kind.__name__]["properties"]
    for field in found.values():
        for part in field.get("anyOf", [field]):
            if part.get("type") == "string":
                part.setdefault("pattern", NO_CONTROL)
    return dict(found)


def _header(name: str, title: str, description: str) -> Schema:
    return {"$schema": DIALECT, "$id": name, "title": title, "description": description}


def _text(schema: Schema) -> str:
    return json.format(json.encode(schema), indent=2).decode() + "\n"
