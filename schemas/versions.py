"""Upcasting: an old event is read as the present version, one small step at a time.

What is stored never changes. A step is a pure function on the `data` of version n that
gives the `data` of version n + 1.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw, ValidationError
from msgspec.json import Decoder
from msgspec.json import encode as to_json

from schemas.event import Event, decoder, schema_id, version_of
from schemas.vocabulary import EVOLVED, VOCABULARY

Fields = dict[str, Raw]
Step = Callable[[Fields], Fields]

#: An object whose values stay as they were written, so that nothing unknown is interpreted.
fields_of: Decoder[Fields] = Decoder(Fields)


def _promise_is_a_window(data: Fields) -> Fields:
    """Version 1 promised an instant; version 2 promises a window, here of no length."""
    promise = data.pop("promise", None)
    return data if promise is None else {**data, "promise_from": promise, "promise_until": promise}


STEPS: dict[tuple[str, int], Step] = {("callback.accepted", 1): _promise_is_a_window}

#: The instants that an old version has and the present one has not.
RETIRED: dict[tuple[str, int], tuple[str, ...]] = {("callback.accepted", 1): ("promise",)}


def read(raw: bytes) -> Event:
    """Decode one event and bring it to the present version of its type.

    Raises:
        msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError: not a readable event.
    """
    event = decoder.decode(raw)
    return upcast(event, raw) if event.type in EVOLVED else event


def is_old(event: Event) -> bool:
    """Whether its type has a newer version; an event of a version yet to come is not old."""
    return event.type in EVOLVED and version_of(event.dataschema) < VOCABULARY[event.type].version


def upcast(event: Event, raw: bytes) -> Event:
    """The event at the present version of its type; a newer version is read as it is.

    Raises:
        msgspec.ValidationError: no such version, or a fact that the present version refuses.
    """
    if not is_old(event):
        return event
    version, current = version_of(event.dataschema), VOCABULARY[event.type].version
    if version < 1:
        msg = f"Expected a version from 1, got `{version}` - at `$.dataschema`"
        raise ValidationError(msg)
    fields = fields_of.decode(raw)
    data = fields_of.decode(fields.get("data", b"{}"))
    for step in range(version, current):
        data = STEPS[event.type, step](data)
    present = schema_id(event.type, current)
    return decoder.decode(to_json({**fields, "data": data, "dataschema": present}))
