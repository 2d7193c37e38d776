"""Where a contact or a shift belongs: the facts that any of its events may carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.event import Event

_SELDOM = ("origin", "caller_before", "skill", "priority")


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
