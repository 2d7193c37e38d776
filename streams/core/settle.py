"""What the facts add up to at an `as_of`: the contact record, by the words of its docstring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.record import ContactRecord
from streams.core import parts
from streams.core.callbacks import callback_fields
from streams.core.carried import first_of, seldom
from streams.core.funnel import NOWHERE, Place, place_of
from streams.core.gather import Facts
from streams.core.handlers import MAIL, live
from streams.core.life import Life, Seen, at
from streams.core.messages import message
from streams.core.service import interpreter_fields, service_fields

PHONE = frozenset({None, "phone"})
_NOTHING: dict[str, Any] = {}


def settle(facts: Facts, as_of: int) -> ContactRecord:
    """The record of one contact, from its events, none of them after `as_of`."""
    events, life = facts.events, live(facts)
    first_ms, last_ms = facts.times[0], facts.times[-1]
    arrived_ms = first_ms if life.arrived is None else life.arrived.ms
    known = events[0].data  # mostly all there is to know of where a contact belongs
    department = known.department or first_of(events, "department")
    channel = known.channel or first_of(events, "channel") or _implied(life)
    phone = channel in PHONE
    asked_ms = at(life.asked) if phone else None
    place = place_of(life, asked_ms, last_ms, as_of) if phone else NOWHERE
    connected = life.exit if place.name == "answered" else _called_back(life)
    segments = parts.segments(life) if phone else ()
    ended = life.ends[0] if life.ends else None
    unserved = connected is None and life.legs is None and life.after_call is None
    return ContactRecord(
        contact_id=events[0].subject,
        revision=len(events),
        conflicting=facts.conflicting,
        first_ms=first_ms,
        last_ms=last_ms,
        department=department,
        program=known.program or first_of(events, "program"),
        queue=life.queue or first_of(events, "queue"),
        channel=channel,
        language=known.language or first_of(events, "language"),
        line=known.line or first_of(events, "line"),
        caller=known.caller or first_of(events, "caller"),
        arrived_ms=arrived_ms,
        ivr_ms=life.ivr_ms,
        self_served_ms=at(life.self_served),
        left_menu_ms=place.left_menu_ms,
        asked_ms=asked_ms,
        place=place.name,
        exit_ms=place.exit_ms,
        exit_reason=place.exit_reason,
        queued_ms=place.queued_ms,
        queue_ms=place.queue_ms,
        visits=len(segments),
        transfers=life.transfers,
        ended_ms=at(ended),
        ended_by=None if ended is None else ended.data.by,
        segments=segments,
        estimates=parts.estimates(life, place) if phone else (),
        **seldom(events),
        **(_NOTHING if life.turned_away is None else _refusal(life.turned_away, place)),
        **(_NOTHING if unserved else service_fields(life, connected, asked_ms)),
        **(_NOTHING if life.callback is None else callback_fields(life.callback, as_of)),
        **(_NOTHING if life.kept is None else _kept(life.kept, arrived_ms)),
        message=None
        if life.kept is None or MAIL not in life.kept
        else message(life.kept[MAIL], department, channel, first_ms, as_of),
    )


def _implied(life: Life) -> str | None:
    """The channel of a contact that names none."""
    kept = life.kept or _NOTHING
    return "email" if MAIL in kept else "web" if "tasks" in kept else None


def _called_back(life: Life) -> Seen | None:
    return None if life.callback is None else life.callback.connected


def _refusal(turned_away: Seen, place: Place) -> dict[str, Any]:
    if place.name not in {"turned_away", "blocked_before_asking"}:
        return _NOTHING
    return {
        "turned_away_ms": turned_away.ms,
        "turned_away_reason": turned_away.data.reason,
    }


def _kept(kept: Mapping[str, list[Seen]], arrived_ms: int) -> dict[str, Any]:
    """What few contacts have."""
    resolved = kept.get("resolved")
    return {
        **interpreter_fields(kept.get("interpreter", ())),
        "resolved_first": resolved[-1].data.at_first_exchange if resolved else None,
        "surveys": parts.surveys(kept.get("surveys", ()), arrived_ms),
        "topics": parts.topics(kept.get("topics", ())),
        "escalations": parts.escalations(kept.get("escalations", ())),
        "tasks": parts.tasks(kept.get("tasks", ())),
    }
