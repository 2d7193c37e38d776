"""What became of a callback; a promise is judged by the first attempt."""

from __future__ import annotations

from typing import Any

from schemas.instants import millis
from streams.core.carried import at
from streams.core.life import Callback


def callback_fields(callback: Callback, as_of: int) -> dict[str, Any]:
    """The fields of the record that tell of a callback, at `as_of`."""
    accepted, cancelled = callback.accepted, callback.cancelled
    start = None if accepted is None else _instant(accepted.data.promise_from)
    until = None if accepted is None else _instant(accepted.data.promise_until)
    over = (callback.connected, cancelled, callback.expired)
    return {
        "callback_offered_ms": at(callback.offered),
        "callback_accepted_ms": at(accepted),
        "callback_declined_ms": at(callback.declined),
        "callback_attempted_ms": at(callback.attempted),
        "callback_cancelled_ms": at(cancelled),
        "callback_cancelled_by": None if cancelled is None else cancelled.data.by,
        "callback_expired_ms": at(callback.expired),
        "callback_attempts": callback.attempts,
        "callback_connected_ms": at(callback.connected),
        "callback_connected_attempt": callback.connected_attempt,
        "promise_from_ms": start,
        "promise_until_ms": until,
        "callback_pending": accepted is not None and all(event is None for event in over),
        "promise": None
        if start is None or until is None
        else _promise(callback, start, until, as_of),
    }


def _promise(callback: Callback, start: int, until: int, as_of: int) -> str | None:
    if callback.cancelled is not None and callback.cancelled.data.by == "customer":
        return None
    attempted_ms = at(callback.attempted)
    if attempted_ms is not None:
        return "kept" if start <= attempted_ms <= until else "broken"
    return "broken" if callback.expired is not None or as_of > until else None


def _instant(text: str | None) -> int | None:
    return None if text is None else millis(text)
