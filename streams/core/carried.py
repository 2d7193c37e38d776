"""What to look for among events: the first of a type, and facts that any of them may carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.event import Event
from schemas.instants import millis

_SELDOM = ("origin", "caller_before", "skill", "priority")


def at(event: Event | None) -> int | None:
    """When it happened, in milliseconds; null if it did not."""
    return None if event is None else millis(event.time)


def first(events: Iterable[Event], kind: str) -> Event | None:
    """The first of a type, of events in event order."""
    return next((event for event in events if event.type == kind), None)


def first_of(events: Iterable[Event], field: str) -> str | None:
    """What the first event that carries the field says of it."""
    for event in events:
        value: str | None = getattr(event.data, field)
        if value is not None:
            return value
    return None


def seldom(events: Iterable[Event]) -> dict[str, Any]:
    """Of the fields that few events carry, those that any does, in one pass: this is a hot path.

    The first event that carries one says it, and of `topic` the last.
    """
    found: dict[str, Any] = {}
    for event in events:
        data = event.data
        if data.topic is not None:
            found["topic"] = data.topic
        if (
            data.origin is not None
            or data.skill is not None
            or data.priority is not None
            or data.caller_before is not None
        ):
            for name in _SELDOM:
                value = getattr(data, name)
                if value is not None:
                    found.setdefault(name, value)
    return found
