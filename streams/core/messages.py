"""The written message that a contact is, by the words of `schemas.parts.Message`."""

from __future__ import annotations

from schemas import business
from schemas.instants import DAY
from schemas.parts import Message
from streams.core.life import Seen, at, first


def message(
    events: list[Seen], department: str | None, channel: str | None, first_ms: int, as_of: int
) -> Message:
    """The message, from its `email.…` events in event order, at least one, none after `as_of`.

    `department`, `channel` and `first_ms` are the contact's.
    """
    received = first(events, "email.received")
    received_ms = first_ms if received is None else received.ms
    responded_ms = at(_response(events, received))
    excluded = first(events, "email.excluded")
    until_ms = max(received_ms, _known(responded_ms, at(excluded), as_of))
    return Message(
        parliamentary=channel == "parliamentary",
        received_ms=received_ms,
        intake=None if received is None else received.data.intake,
        acknowledged_ms=at(first(events, "email.acknowledged")),
        responded_ms=responded_ms,
        responses=_count(events, "email.responded"),
        reopened=_count(events, "email.reopened"),
        excluded_ms=at(excluded),
        excluded_reason=None if excluded is None else excluded.data.reason,
        excluded_actor=None if excluded is None else excluded.data.actor,
        open=responded_ms is None and excluded is None,
        delay_ms=None if responded_ms is None else responded_ms - received_ms,
        elapsed_days=business.number(department, until_ms)
        - business.number(department, received_ms),
        elapsed_whole_days=(until_ms - received_ms) // DAY,
        worked_ms=None
        if responded_ms is None
        else business.worked(department, responded_ms) - business.worked(department, received_ms),
    )


def _response(events: list[Seen], received: Seen | None) -> Seen | None:
    """The first reply after receipt; what came before it replied to something else."""
    if received is None:
        return None
    return first(events[events.index(received) :], "email.responded")


def _count(events: list[Seen], kind: str) -> int:
    return sum(event.type == kind for event in events)


def _known(*instants: int | None) -> int:
    """The first instant that is known."""
    return next(ms for ms in instants if ms is not None)
