"""Upcasting: an old event is read as the present version, one small step at a time.

What is stored never changes. A step is a pure function on the `data` of version n that
gives the `data` of version n + 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import convert
from msgspec.json import decode

from schemas.event import Event, decoder, schema_id, version_of
from schemas.vocabulary import EVOLVED, VOCABULARY

Step = Callable[[dict[str, Any]], dict[str, Any]]


def _promise_is_a_window(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 promised an instant; version 2 promises a window, here of no length."""
    promise = data.pop("promise", None)
    return {**data, "promise_from": promise, "promise_until": promise} if promise else data


STEPS: dict[tuple[str, int], Step] = {("callback.accepted", 1): _promise_is_a_window}


def read(raw: bytes) -> Event:
    """Decode one event and bring it to the present version of its type.

    Raises:
        msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError: not a readable event.
    """
    event = decoder.decode(raw)
    return upcast(event, raw) if event.type in EVOLVED else event


def upcast(event: Event, raw: bytes) -> Event:
    """The event at the present version of its type; a newer version is read as it is."""
    version, current = version_of(event.dataschema), VOCABULARY[event.type].version
    if version >= current:
        return event
    fields = decode(raw)
    data = fields.get("data") or {}
    for step in range(version, current):
        data = STEPS[event.type, step](data)
    return convert({**fields, "data": data, "dataschema": schema_id(event.type, current)}, Event)
