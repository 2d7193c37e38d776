"""Being connected, talking, holding and working afterwards; null where not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.core.life import Life, Seen, Stopwatch, at, first


def service_fields(life: Life, connected: Seen | None, asked_ms: int | None) -> dict[str, Any]:
    """The fields of the record that tell how a contact was served.

    `connected` is the event by which it was, live or by callback.
    """
    connected_ms = at(connected)
    talk_ms, hold_ms = _conversation(life)
    after_call_ms = _total(life.after_call)
    unknown = talk_ms is None or (life.after_call is not None and after_call_ms is None)
    return {
        "connected_ms": connected_ms,
        "wait_ms": None if connected_ms is None or asked_ms is None else connected_ms - asked_ms,
        "talk_ms": talk_ms,
        "hold_ms": hold_ms,
        "after_call_ms": after_call_ms,
        "handle_ms": None if unknown else (talk_ms or 0) + (hold_ms or 0) + (after_call_ms or 0),
        "finished_ms": None if connected is None else _finished(life.ends, connected),
    }


def _conversation(life: Life) -> tuple[int | None, int | None]:
    legs = _total(life.legs)
    hold_ms = 0 if life.holds is None else _total(life.holds)
    if legs is None or hold_ms is None:
        return None, None
    return max(legs - hold_ms, 0), hold_ms


def _total(watch: Stopwatch | None) -> int | None:
    return None if watch is None or watch.since is not None else watch.total


def _finished(ends: list[Seen], connected: Seen) -> int | None:
    for end in ends:
        if end > connected:
            return end.ms
    return None


def interpreter_fields(events: Sequence[Seen]) -> dict[str, Any]:
    """The fields of the record that tell of an interpreter, from the events that name one."""
    requested = first(events, "interpreter.requested")
    if requested is None:
        return {}
    joined = first(events[events.index(requested) :], "interpreter.joined")
    requested_ms, joined_ms = requested.ms, at(joined)
    return {
        "interpreter_requested_ms": requested_ms,
        "interpreter_joined_ms": joined_ms,
        "interpreter_wait_ms": None if joined_ms is None else joined_ms - requested_ms,
    }
