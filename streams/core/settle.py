"""What the facts add up to at an `as_of`: the contact record, by the words of its docstring."""

from __future__ import annotations

from typing import Any

from schemas.event import Event
from schemas.instants import millis
from schemas.record import ContactRecord
from streams.core.funnel import Place, place_of
from streams.core.life import Life, Stopwatch

_NOTHING: dict[str, Any] = {}
_CALLBACK = frozenset({"offered", "accepted", "declined", "attempted", "cancelled", "expired"})


def settle(
    events: list[Event], life: Life, as_of: int, *, revision: int, conflicting: int
) -> ContactRecord:
    """The record of one contact.

    `events` are its distinct events in event order, at least one, none after `as_of`;
    `life` is what was gathered from them.
    """
    first_ms, last_ms = millis(events[0].time), millis(events[-1].time)
    asked_ms = _at(life.asked)
    place = place_of(life, asked_ms, last_ms, as_of)
    facts = events[0].data  # mostly all there is to know of where a contact belongs
    return ContactRecord(
        contact_id=events[0].subject,
        revision=revision,
        conflicting=conflicting,
        first_ms=first_ms,
        last_ms=last_ms,
        department=facts.department or _first(events, "department"),
        program=facts.program or _first(events, "program"),
        queue=life.queue or _first(events, "queue"),
        channel=facts.channel or _first(events, "channel"),
        language=facts.language or _first(events, "language"),
        line=facts.line or _first(events, "line"),
        caller=facts.caller or _first(events, "caller"),
        arrived_ms=first_ms if life.arrived is None else millis(life.arrived.time),
        ivr_ms=life.ivr_ms,
        self_served_ms=_at(life.self_served),
        left_menu_ms=place.left_menu_ms,
        asked_ms=asked_ms,
        place=place.name,
        exit_ms=place.exit_ms,
        exit_reason=place.exit_reason,
        queued_ms=place.queued_ms,
        queue_ms=place.queue_ms,
        visits=life.visits,
        transfers=life.transfers,
        ended_ms=_at(life.ended),
        ended_by=None if life.ended is None else life.ended.data.by,
        **(_NOTHING if life.turned_away is None else _refusal(life, place)),
        **_service(life, place, asked_ms),
        **(_NOTHING if _CALLBACK.isdisjoint(life.__dict__) else _callback(life, as_of)),
    )


def _first(events: list[Event], field: str) -> str | None:
    for event in events:
        value: str | None = getattr(event.data, field)
        if value is not None:
            return value
    return None


def _at(event: Event | None) -> int | None:
    return None if event is None else millis(event.time)


def _refusal(life: Life, place: Place) -> dict[str, Any]:
    if place.name not in {"turned_away", "blocked_before_asking"} or life.turned_away is None:
        return _NOTHING
    return {
        "turned_away_ms": _at(life.turned_away),
        "turned_away_reason": life.turned_away.data.reason,
    }


def _service(life: Life, place: Place, asked_ms: int | None) -> dict[str, Any]:
    """Being connected, talking, holding and working afterwards; null where not known."""
    connected_ms = place.exit_ms if place.name == "answered" else _at(life.called_back)
    if connected_ms is None and life.legs is None and life.after_call is None:
        return _NOTHING
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
    }


def _conversation(life: Life) -> tuple[int | None, int | None]:
    legs = _total(life.legs)
    hold_ms = 0 if life.holds is None else _total(life.holds)
    if legs is None or hold_ms is None:
        return None, None
    return max(legs - hold_ms, 0), hold_ms


def _total(watch: Stopwatch | None) -> int | None:
    return None if watch is None or watch.since is not None else watch.total


def _callback(life: Life, as_of: int) -> dict[str, Any]:
    """What became of a callback; a promise is judged by the first attempt."""
    accepted = life.accepted
    start = None if accepted is None else _instant(accepted.data.promise_from)
    until = None if accepted is None else _instant(accepted.data.promise_until)
    over = (life.called_back, life.cancelled, life.expired)
    return {
        "callback_offered_ms": _at(life.offered),
        "callback_accepted_ms": _at(accepted),
        "callback_declined_ms": _at(life.declined),
        "callback_attempted_ms": _at(life.attempted),
        "callback_cancelled_ms": _at(life.cancelled),
        "callback_cancelled_by": None if life.cancelled is None else life.cancelled.data.by,
        "callback_expired_ms": _at(life.expired),
        "callback_attempts": life.attempts,
        "callback_connected_ms": _at(life.called_back),
        "callback_connected_attempt": life.called_back_attempt,
        "promise_from_ms": start,
        "promise_until_ms": until,
        "callback_pending": accepted is not None and all(event is None for event in over),
        "promise": None if start is None or until is None else _promise(life, start, until, as_of),
    }


def _promise(life: Life, start: int, until: int, as_of: int) -> str | None:
    if life.cancelled is not None and life.cancelled.data.by == "customer":
        return None
    attempted_ms = _at(life.attempted)
    if attempted_ms is not None:
        return "kept" if start <= attempted_ms <= until else "broken"
    return "broken" if life.expired is not None or as_of > until else None


def _instant(text: str | None) -> int | None:
    return None if text is None else millis(text)
