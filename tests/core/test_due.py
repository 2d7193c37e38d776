"""When a subject is looked at again, and how long it stays in memory once nothing is open."""

from __future__ import annotations

import pytest

from schemas.instants import HOUR, MINUTE
from schemas.parts import Shift
from schemas.record import SILENCE, ContactRecord
from streams.core.due import GRACE, Due, due, lingers
from streams.core.fold import fold
from tests.core.examples import START, raw

ARRIVED = raw("contact.arrived", department="ircc", channel="phone")
ACCEPTED = raw(
    "callback.accepted",
    10,
    promise_from="2026-01-05T14:10:00.000Z",
    promise_until="2026-01-05T14:20:00.000Z",
)
ENDED = raw("contact.ended", 60, by="customer")
MINUTE_1 = START + MINUTE


def _due(*values: bytes, after: int = 2 * MINUTE) -> Due:
    folded = fold(values, START + after)
    assert isinstance(folded, ContactRecord | Shift)
    return due(folded, START + after)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([ARRIVED], Due(START + SILENCE, closed=False)),
        ([ARRIVED, ENDED], Due(MINUTE_1 + GRACE, closed=True)),
        # The callback is still to come, and will be soon.
        ([ARRIVED, raw("callback.accepted", 10), ENDED], Due(MINUTE_1 + SILENCE, closed=True)),
        ([ARRIVED, ACCEPTED, ENDED], Due(START + 20 * MINUTE + 1, closed=False)),
        # A promise that is judged needs no clock.
        (
            [ARRIVED, ACCEPTED, ENDED, raw("callback.attempted", 60)],
            Due(MINUTE_1 + SILENCE, closed=True),
        ),
        (
            [ARRIVED, ACCEPTED, raw("callback.cancelled", 60, by="customer")],
            Due(MINUTE_1 + SILENCE, closed=True),
        ),
        ([raw("web.task_completed", 60, tool="status")], Due(MINUTE_1 + SILENCE, closed=True)),
    ],
)
def test_a_contact_is_looked_at_again(values: list[bytes], expected: Due) -> None:
    assert _due(*values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([ARRIVED], False),
        ([ARRIVED, ENDED], True),
        ([ARRIVED, raw("callback.accepted", 10), ENDED], False),  # more is still to come
        ([raw("agent.state_changed", agent="a", state="offline")], True),
    ],
)
def test_what_is_over_lingers(values: list[bytes], expected: bool) -> None:
    folded = fold(values, START + 2 * MINUTE)
    assert isinstance(folded, ContactRecord | Shift)
    assert lingers(folded, _due(*values)) is expected


def test_a_message_that_is_excluded_is_over() -> None:
    received = raw("email.received", department="ircc", intake="mailbox")
    excluded = raw("email.excluded", 60, reason="spam", actor="lead")
    assert not _due(received).closed
    assert _due(received, excluded) == Due(MINUTE_1 + GRACE, closed=True)


def test_an_open_shift_is_looked_at_at_the_next_edge_or_when_it_falls_silent() -> None:
    on = raw("agent.state_changed", 60, agent="a", state="ready")
    off = raw("agent.state_changed", 60, agent="a", state="offline")
    assert _due(on) == Due(START + 15 * MINUTE, closed=False)
    assert _due(on, after=15 * MINUTE) == Due(START + 30 * MINUTE, closed=False)
    assert _due(on, after=12 * HOUR) == Due(MINUTE_1 + SILENCE, closed=False)
    assert _due(on, after=13 * HOUR).closed
    assert _due(off) == Due(MINUTE_1 + GRACE, closed=True)
