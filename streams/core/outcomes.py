"""Counters of first outcomes: they only ever grow, as rates and error budgets need.

A contact that changes its mind (a late fact turns an abandonment into an answer) counts in
both outcomes, and once in the corrections.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from schemas.record import ContactRecord

PENDING = frozenset({"in_ivr", "waiting"})
CORRECTIONS = "corrections"
_NONE: frozenset[str] = frozenset()


def outcomes(record: ContactRecord) -> frozenset[str]:
    """What has become of a contact so far, each as "outcome|department".

    Of contacts by phone their places, of written messages whether they were answered.
    """
    called_back = record.callback_connected_ms is not None
    message = record.message
    answered = None if message is None else message.responded_ms is not None
    return _named(record.place, called_back, answered, record.department or "")


@lru_cache(maxsize=1_000)
def _named(
    place: str | None, called_back: bool, answered: bool | None, department: str
) -> frozenset[str]:
    found = []
    if place is not None:
        found.append("arrived")
        if place not in PENDING:
            found.append(place)
        if called_back:
            found.append("callback_connected")
    if answered is not None:
        found.append("message_received")
        if answered:
            found.append("message_answered")
    return frozenset(f"{outcome}|{department}" for outcome in found)


def count_outcome(was: object, is_: ContactRecord, counters: Counter[str]) -> None:
    """Count what is new about a contact, and what was taken back."""
    before = outcomes(was) if isinstance(was, ContactRecord) else _NONE
    after = outcomes(is_)
    for outcome in after - before:
        counters[outcome] += 1
    if before - after:
        counters[f"{CORRECTIONS}|{is_.department or ''}"] += 1
