"""Agents' time in state, cut at the edges of quarter-hours."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.instants import HOUR, MINUTE, QUARTER_HOUR, instant, millis
from schemas.record import SILENCE
from sinks.sql import Recomputation
from tests.sql.events import AS_OF, BASE, event, fractions, rows, since, table

Q = QUARTER_HOUR


def state(ms: int, name: str, subject: str = "s", **data: Any) -> bytes:
    return event("agent.state_changed", ms, subject, agent="a", state=name, **data)


def spells(*raws: bytes, as_of: int = AS_OF) -> list[tuple[Any, ...]]:
    found = [since(row, "from_ms", "spent_ms", "state") for row in rows(raws, "spells", as_of)]
    return sorted(found)


def shift(*raws: bytes, as_of: int = AS_OF) -> dict[str, Any]:
    with Recomputation(table(raws), as_of) as recomputed:
        (found,) = recomputed.shifts()
    return found


def test_a_state_is_cut_at_every_edge() -> None:
    raws = [state(Q - 1, "ready"), state(2 * Q + 1, "talking"), state(3 * Q, "offline")]
    assert spells(*raws) == [
        (Q - 1, 1, "ready"),
        (Q, Q, "ready"),
        (2 * Q, 1, "ready"),
        (2 * Q + 1, Q - 1, "talking"),
    ]


def test_a_state_that_ends_at_once_or_at_an_edge_leaves_no_empty_piece() -> None:
    raws = [
        state(0, "ready"),
        state(Q, "paused", key="1"),
        state(Q, "talking", key="2"),
        state(Q + 5, "ringing", key="3"),
        state(Q + 5, "offline", key="4"),
    ]
    assert spells(*raws) == [(0, Q, "ready"), (Q, 5, "talking")]


def test_offline_is_left_out_wherever_it_stands() -> None:
    raws = [state(0, "offline"), state(5, "ready"), state(9, "offline"), state(20, "wrapup")]
    assert spells(*raws, as_of=BASE + Q + 1) == [(5, 4, "ready"), (20, Q - 20, "wrapup")]


@pytest.mark.parametrize(
    ("as_of", "spent"),
    [
        (BASE + Q - 1, []),
        (BASE + Q, [(1, Q - 1, "ready")]),
        (BASE + 2 * Q - 1, [(1, Q - 1, "ready")]),
        (BASE + 2 * Q, [(1, Q - 1, "ready"), (Q, Q, "ready")]),
    ],
)
def test_the_last_state_goes_on_until_the_last_edge(
    as_of: int, spent: list[tuple[Any, ...]]
) -> None:
    assert spells(state(1, "ready"), as_of=as_of) == spent


def test_the_last_state_of_a_silent_shift_is_unknown() -> None:
    raws = [state(0, "ready"), state(Q, "talking")]
    just = BASE + Q + SILENCE
    assert sum(spell[1] for spell in spells(*raws, as_of=just - 1)) == SILENCE
    assert spells(*raws, as_of=just) == [(0, Q, "ready")]
    facts = ("open", "unended")
    assert since(shift(*raws, as_of=just - 1), *facts) == (True, False)
    assert since(shift(*raws, as_of=just), *facts) == (False, True)
    done = [*raws, state(Q, "offline", key="z")]
    assert since(shift(*done, as_of=just - 1), *facts) == (False, False)
    assert since(shift(*done, as_of=just), *facts) == (False, False)


def test_a_shift_is_known_like_a_contact() -> None:
    raws = [
        state(0, "ready", key="1"),
        state(0, "ready", key="1"),
        state(1, "ready", key="1", department="x"),
        state(Q, "talking", queue="q", department="ircc"),
        event("agent.state_changed", 2 * Q, "s", agent="b", state="offline", queue="r"),
    ]
    found = shift(*raws)
    names = ("shift_id", "revision", "conflicting", "queue", "agent", "last_ms")
    assert since(found, *names) == ("s", 3, 1, "q", "a", 2 * Q)


@pytest.mark.parametrize(
    ("night", "hours"), [("2026-03-08T05:00:00.000Z", 23), ("2026-11-01T04:00:00.000Z", 25)]
)
def test_a_night_when_the_clocks_change_has_its_own_length(night: str, hours: int) -> None:
    midnight = millis(night)  # in Toronto
    start = midnight - BASE
    raws = [state(start - HOUR, "ready"), state(start + hours * HOUR + HOUR, "offline")]
    day = (midnight, midnight + hours * HOUR, "America/Toronto")
    with Recomputation(table(raws), midnight + 48 * HOUR) as recomputed:
        (figure,) = recomputed.figures(["agent.time"], [day], {}, "America/Toronto", [])
        assert figure.numerator == hours * HOUR
        assert len(recomputed.rows("spells")) == 4 * (hours + 2)
    assert instant(midnight) == night


def test_occupancy_and_utilisation() -> None:
    lengths = {"ready": 1, "ringing": 2, "talking": 3, "holding": 4, "wrapup": 5, "paused": 6}
    raws, now = [], 0
    for name, minutes in lengths.items():
        raws.append(state(now, name))
        now += minutes * MINUTE
    raws.append(state(now, "offline"))
    names = [f"agent.time.{name}" for name in lengths]
    found = fractions(raws, *names, "agent.time", "agent.handling")
    assert [found[name][0] for name in names] == [m * MINUTE for m in lengths.values()]
    assert (found["agent.time"], found["agent.handling"]) == (
        (21 * MINUTE, None),
        (12 * MINUTE, None),
    )
    shares = fractions(raws, "agent.occupancy", "agent.utilisation", "agent.spells")
    assert shares["agent.occupancy"] == (12 * MINUTE, 15 * MINUTE)
    assert shares["agent.utilisation"] == (12 * MINUTE, 21 * MINUTE)
    assert shares["agent.spells"] == (6, None)  # the edge lies between two
