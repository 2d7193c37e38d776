"""Counters of first outcomes: they only ever grow, as rates and error budgets need.

A contact that changes its mind (a late fact turns an abandonment into an answer) counts in
both outcomes, and once in the corrections.
"""

from __future__ import annotations

from collections import Counter

from schemas.record import ContactRecord

PENDING = frozenset({"in_ivr", "waiting"})
CORRECTIONS = "corrections"


def outcomes(record: ContactRecord) -> set[str]:
    """What has become of a contact so far, each as "outcome|department"."""
    found = ["arrived"]
    if record.place not in PENDING:
        found.append(record.place)
    if record.callback_connected_ms is not None:
        found.append("callback_connected")
    return {f"{outcome}|{record.department or ''}" for outcome in found}


def count_outcome(was: object, is_: ContactRecord, counters: Counter[str]) -> None:
    """Count what is new about a contact, and what was taken back."""
    before = outcomes(was) if isinstance(was, ContactRecord) else set()
    after = outcomes(is_)
    counters.update(after - before)
    if before - after:
        counters[f"{CORRECTIONS}|{is_.department or ''}"] += len(before - after)
