"""What becomes of a callback: noted event by event, then settled by the words of the record."""

from __future__ import annotations

from typing import Any

from schemas.instants import millis
from streams.core.life import Callback, Handler, Life, Seen, at


def _callback(life: Life) -> Callback:
    if life.callback is None:
        life.callback = Callback()
    return life.callback


def _offered(life: Life, event: Seen) -> None:
    callback = _callback(life)
    callback.offered = callback.offered or event


def _accepted(life: Life, event: Seen) -> None:
    if life.asked is None:
        life.asked = event
    life.entered_queueing = True
    life.removal = None
    life.leave(event)
    if life.inside is not None:
        life.pass_on(event, life.inside)
    callback = _callback(life)
    callback.accepted = callback.accepted or event


def _declined(life: Life, event: Seen) -> None:
    callback = _callback(life)
    callback.declined = callback.declined or event


def _attempted(life: Life, event: Seen) -> None:
    callback = _callback(life)
    callback.attempted = callback.attempted or event
    callback.attempts += 1


def _connected(life: Life, event: Seen) -> None:
    callback = life.callback
    if callback is not None and callback.accepted is not None and callback.connected is None:
        callback.connected = event
        callback.connected_attempt = callback.attempts
    life.start_leg(event)


def _cancelled(life: Life, event: Seen) -> None:
    callback = _callback(life)
    callback.cancelled = callback.cancelled or event


def _expired(life: Life, event: Seen) -> None:
    callback = _callback(life)
    callback.expired = callback.expired or event


HANDLERS: dict[str, Handler] = {
    "callback.offered": _offered,
    "callback.accepted": _accepted,
    "callback.declined": _declined,
    "callback.attempted": _attempted,
    "callback.connected": _connected,
    "callback.cancelled": _cancelled,
    "callback.expired": _expired,
}


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
    """Whether it was kept, which the first attempt decides; null while nobody knows."""
    if callback.cancelled is not None and callback.cancelled.data.by == "customer":
        return None
    attempted_ms = at(callback.attempted)
    if attempted_ms is not None:
        return "kept" if start <= attempted_ms <= until else "broken"
    return "broken" if callback.expired is not None or as_of > until else None


def _instant(text: str | None) -> int | None:
    return None if text is None else millis(text)
