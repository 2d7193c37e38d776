"""Where a contact is in the funnel: exactly one place, by `schemas.record`."""

from __future__ import annotations

from msgspec import Struct

from schemas.record import SILENCE
from streams.core.life import Life, Seen


class Place(Struct, frozen=True, gc=False):
    """A place in the funnel, and when and how the queueing ended; times in milliseconds."""

    name: str | None
    exit_ms: int | None = None
    exit_reason: str | None = None
    queued_ms: int | None = None
    queue_ms: int | None = None
    left_menu_ms: int | None = None


#: Of a contact that is not by phone.
NOWHERE = Place(None)


def place_of(life: Life, asked_ms: int | None, last_ms: int, as_of: int) -> Place:
    """The place of a contact that asked at `asked_ms`, and whose last event was at `last_ms`."""
    silent = as_of - last_ms >= SILENCE
    if asked_ms is None:
        return _never_asked(life, last_ms, silent)
    if life.turned_away is not None and not life.entered_queueing:
        return Place("turned_away")
    exit_event = _first_exit(life)
    queued_ms = _queued_ms(life, asked_ms, exit_event)
    if exit_event is not None:
        exit_ms = exit_event.ms
        name, reason = _name(exit_event)
        return Place(name, exit_ms, reason, queued_ms, exit_ms - queued_ms)
    if silent:
        return Place("other_exit", last_ms + SILENCE, "lost_sight", queued_ms)
    return Place("waiting", queued_ms=queued_ms)


def _never_asked(life: Life, last_ms: int, silent: bool) -> Place:
    if life.turned_away is not None:
        return Place("blocked_before_asking")
    if life.self_served is not None:
        return Place("self_served")
    if life.ends:
        return Place("left_in_ivr", left_menu_ms=life.ends[0].ms)
    return Place("left_in_ivr", left_menu_ms=last_ms + SILENCE) if silent else Place("in_ivr")


def _first_exit(life: Life) -> Seen | None:
    if life.exit is None or life.removal is None:
        return life.exit or life.removal
    return min(life.exit, life.removal)


def _queued_ms(life: Life, asked_ms: int, exit_event: Seen | None) -> int:
    entry = life.first_queued
    if entry is None or (exit_event is not None and entry > exit_event):
        return asked_ms
    return entry.ms


def _name(event: Seen) -> tuple[str, str | None]:
    """The place that an exit leads to, and the reason if it is another exit."""
    data = event.data
    if event.type == "agent.connected":
        return "answered", None
    if event.type == "callback.accepted":
        return "callback_accepted", None
    if event.type == "contact.ended":
        by_customer = data.by == "customer"
        return ("abandoned", None) if by_customer else ("other_exit", f"ended_by_{data.by}")
    if event.type == "queue.left" and data.how == "abandoned":
        return "abandoned", None
    return "other_exit", data.how or data.reason
