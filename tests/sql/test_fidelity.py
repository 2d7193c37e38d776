"""Callbacks and the two calls beside them: `docs/definitions.md` section 4."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.instants import DAY, HOUR, MINUTE, SECOND
from schemas.measures import MEASURES
from tests.sql.events import AS_OF, event, fractions, rows, since

TURN = 30 * MINUTE  # when the caller to be called back entered the queue
ALIKE: dict[str, Any] = {"department": "ircc", "language": "fr", "skill": "a", "priority": 1}


def entered(subject: str, ms: int, **data: Any) -> bytes:
    return event("queue.entered", ms, subject, **{"queue": "q", **ALIKE, **data})


def answered(subject: str, ms: int, wait: int = MINUTE, **data: Any) -> list[bytes]:
    """A call that entered the queue and was answered live."""
    return [entered(subject, ms, **data), event("agent.connected", ms + wait, subject)]


def owed(ms: int = TURN, subject: str = "m", **data: Any) -> list[bytes]:
    """A call that entered the queue and accepted a callback half a minute later."""
    accepted = event("callback.accepted", ms + 30 * SECOND, subject)
    return [entered(subject, ms, **data), accepted]


def rung(ms: int, subject: str = "m") -> bytes:
    return event("callback.attempted", ms, subject, number=1)


def joined(ms: int, subject: str) -> bytes:
    return event("callback.connected", ms, subject)


def bracket(*raws: bytes, as_of: int = AS_OF) -> tuple[Any, ...]:
    (found,) = [row for row in rows(raws, "fidelity", as_of) if row["contact_id"] == "m"]
    return since(found, "bracket", "before_contact", "before_ms", "after_contact", "after_ms")


def test_one_row_for_every_callback_owed_and_its_instants() -> None:
    raws = [
        event("contact.arrived", TURN - MINUTE, "m"),
        *owed(),
        rung(TURN + HOUR),
        rung(TURN + 2 * HOUR),
        event("callback.connected", TURN + 3 * HOUR, "m"),
        *owed(subject="cancelled"),
        event("callback.cancelled", TURN + HOUR, "cancelled", by="customer"),
        *owed(subject="given up"),
        event("callback.cancelled", TURN + HOUR, "given up", by="system"),
        *answered("live", TURN),
        event("callback.accepted", TURN + HOUR, "live"),
        *owed(subject="mail"),
        event("contact.arrived", 0, "mail", channel="email"),
    ]
    found = rows(raws, "fidelity", AS_OF + 4 * HOUR)
    assert [row["contact_id"] for row in found] == ["given up", "live", "m"]
    instants = ("arrived_ms", "accepted_ms", "entered_ms", "attempted_ms", "connected_ms")
    assert since(found[2], *instants) == (
        TURN - MINUTE,
        TURN + 30 * SECOND,
        TURN,
        TURN + HOUR,
        TURN + 3 * HOUR,
    )
    assert found[1]["bracket"] == "none"  # it is no neighbour of its own


def test_the_nearest_answered_on_either_side_stand_beside_it() -> None:
    raws = [
        *answered("far before", TURN - 9 * MINUTE),
        *answered("before", TURN - 5 * MINUTE),
        *answered("after", TURN + 5 * MINUTE),
        *answered("far after", TURN + 9 * MINUTE),
        entered("gave up", TURN - MINUTE),
        event("queue.left", TURN, "gave up", how="abandoned"),
        *owed(TURN - MINUTE, "another"),
        entered("waiting", TURN + MINUTE),
        *owed(),
    ]
    assert bracket(*raws) == (
        "both",
        "before",
        TURN - 4 * MINUTE,
        "after",
        TURN + 6 * MINUTE,
    )


def test_a_late_answered_call_moves_the_brackets_of_others() -> None:
    raws = [*answered("before", TURN - 5 * MINUTE), *owed(), rung(TURN + 20 * MINUTE)]
    near = entered("near", TURN - MINUTE)
    late = event("agent.connected", TURN + 25 * MINUTE, "near")
    assert bracket(*raws, near)[:3] == ("before", "before", TURN - 4 * MINUTE)
    assert bracket(*raws, near, late)[:3] == ("before", "near", TURN + 25 * MINUTE)
    deviations = [
        rows(world, "fidelity")[0]["deviation_ms"] for world in (raws, [*raws, near, late])
    ]
    assert deviations == [0, -5 * MINUTE]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, "before"),
        ({"queue": "r"}, "none"),
        ({"department": "esdc"}, "none"),
        ({"department": None}, "none"),
        ({"language": "en"}, "none"),
        ({"language": None}, "none"),
        ({"skill": None}, "none"),
        ({"skill": "b"}, "none"),
        ({"priority": 2}, "none"),
        ({"priority": None}, "none"),
        ({"line": "another", "program": "another"}, "before"),
    ],
)
def test_neighbours_are_alike(other: dict[str, Any], found: str) -> None:
    assert bracket(*answered("n", TURN - MINUTE, **other), *owed())[0] == found


def test_unknown_is_like_unknown() -> None:
    live = event("agent.connected", TURN - MINUTE, "n")
    call = [event("agent.requested", TURN, "m"), event("callback.accepted", TURN + 1, "m")]
    assert bracket(live, *call)[0] == "before"


@pytest.mark.parametrize(
    ("away", "found"),
    [
        (-30 * MINUTE, "before"),
        (-30 * MINUTE - 1, "none"),
        (30 * MINUTE, "after"),
        (30 * MINUTE + 1, "none"),
    ],
)
def test_thirty_minutes_exactly_is_near(away: int, found: str) -> None:
    assert bracket(*answered("n", TURN + away), *owed(), as_of=AS_OF + HOUR)[0] == found


@pytest.mark.parametrize(("name", "found"), [("l", "before"), ("n", "after")])
def test_of_two_that_entered_at_once_the_id_tells_which_was_first(name: str, found: str) -> None:
    assert bracket(*answered(name, TURN), *owed())[0] == found


def test_of_many_that_entered_at_once_the_two_beside_it_by_id() -> None:
    names = "qwertyuiopasdfghjklzxcvbn"  # and m
    raws = [raw for name in names for raw in answered(name, TURN)]
    assert bracket(*owed(), *raws)[1::2] == ("l", "n")


def test_of_neighbours_that_entered_at_once_the_nearest_by_id() -> None:
    raws = [
        *(raw for name in "ab" for raw in answered(name, TURN - MINUTE)),
        *(raw for name in "xy" for raw in answered(name, TURN + MINUTE)),
    ]
    assert bracket(*raws, *owed())[1::2] == ("b", "x")


def test_neighbours_are_of_one_opening_session() -> None:
    """Phones open at 8:00 in Toronto, 13:00 UTC in winter, an hour before BASE."""
    opening = DAY - HOUR  # on Tuesday
    late = AS_OF + 2 * DAY
    call = owed(opening)
    assert bracket(*answered("n", opening - 1), *call, as_of=late)[0] == "none"
    assert bracket(*answered("n", opening), *owed(opening + 1), as_of=late)[0] == "before"
    assert bracket(*answered("n", opening - 2), *owed(opening - 1), as_of=late)[0] == "before"


def measures(*raws: bytes) -> dict[str, tuple[int | None, int | None]]:
    names = [name for name in MEASURES if name.startswith("fidelity.")]
    found = fractions(raws, *names, as_of=AS_OF + 3 * HOUR)
    return {name.removeprefix("fidelity."): pair for name, pair in found.items()}


#: Answered 5 minutes before the caller's turn, and 7 minutes after it.
BOTH = [*answered("b", TURN - 6 * MINUTE), *answered("z", TURN + 6 * MINUTE)]


@pytest.mark.parametrize(
    ("neighbours", "lower", "upper", "crossed"),
    [
        (BOTH, -5 * MINUTE, 7 * MINUTE, False),
        (BOTH[:2], -5 * MINUTE, None, False),
        (BOTH[2:], None, 7 * MINUTE, False),
        ([], None, None, False),
        ([*answered("b", TURN - MINUTE, 9 * MINUTE), *BOTH[2:]], 7 * MINUTE, 8 * MINUTE, True),
        ([*answered("b", TURN - MINUTE, 8 * MINUTE), *BOTH[2:]], 7 * MINUTE, 7 * MINUTE, False),
    ],
)
def test_deviations(
    neighbours: list[bytes], lower: int | None, upper: int | None, crossed: bool
) -> None:
    for at in (-6 * MINUTE, -5 * MINUTE, 0, 7 * MINUTE, 8 * MINUTE, 9 * MINUTE):
        raws = [*neighbours, entered("m", TURN), rung(TURN + at)]
        raws += [event("callback.accepted", TURN + 10 * MINUTE, "m")]
        raws += [event("callback.connected", TURN + 20 * MINUTE, "m")]
        (row,) = [row for row in rows(raws, "fidelity") if row["contact_id"] == "m"]
        early = min(at - lower, 0) if lower is not None else 0
        late = max(at - upper, 0) if upper is not None else 0
        known = lower is not None or upper is not None
        assert row["deviation_ms"] == (early + late if known else None)
        assert row["deviation_size_ms"] == (abs(early + late) if known else None)
        if upper is not None:
            assert row["connected_deviation_ms"] == 20 * MINUTE - upper
        bounds = [row[name] and row[name] - row["entered_ms"] for name in ("lower_ms", "upper_ms")]
        assert (bounds, row["crossed"]) == ([lower, upper], crossed)


def test_without_an_attempt_there_is_no_deviation() -> None:
    (row,) = rows([*BOTH, *owed()], "fidelity")
    assert (row["deviation_ms"], row["deviation_size_ms"]) == (None, None)
    assert (row["connected_deviation_ms"], row["connected_size_ms"]) == (None, None)


def test_the_measures_of_fidelity() -> None:
    def group(queue: str, *attempts: int | None) -> list[bytes]:
        """A bracket from -5 to 7 minutes in a queue of its own, and callbacks in it.

        An agent joins three minutes after the first ring.
        """
        raws = [*answered(f"b{queue}", TURN - 6 * MINUTE, queue=queue)]
        raws += [*answered(f"z{queue}", TURN + 6 * MINUTE, queue=queue)]
        for number, at in enumerate(attempts):
            name = f"m{queue}{number}"
            raws += owed(subject=name, queue=queue)
            if at is not None:
                raws += [rung(TURN + at, name), joined(TURN + at + 3 * MINUTE, name)]
        return raws

    lone = owed(subject="lone", queue="lone")
    side = [*answered("s", TURN - 6 * MINUTE, queue="side"), *owed(subject="side", queue="side")]
    crossing = [
        *answered("c", TURN - MINUTE, HOUR, queue="crossing"),
        *answered("d", TURN + MINUTE, queue="crossing"),
        *owed(subject="crossing", queue="crossing"),
    ]
    raws = group("q", None, MINUTE, 9 * MINUTE, 9 * MINUTE + 1_999, 40 * MINUTE)
    crossing += [rung(TURN - 8 * MINUTE, "crossing"), joined(TURN + 90 * SECOND, "crossing")]
    found = measures(*raws, *lone, *side, *crossing)
    assert found == {
        "callbacks": (8, None),
        "missed": (3, None),  # one of five, the lone and the side
        "bracketed": (7, None),
        "unbracketed": (1, None),
        "one_sided": (1, None),
        "crossed": (1, None),
        "within_2": (2, 7),
        "within_2.all": (2, 8),
        "within_5": (3, 7),
        "within_5.all": (3, 8),
        "within_15": (4, 7),
        "within_15.all": (4, 8),
        "early_rate": (1, 5),
        "late_rate": (3, 5),
        "size_median": (2 * 60 + 1, 5),
        "size_p90": (33 * 60, 5),
        "connected_within_2": (2, 7),
        "connected_within_2.all": (2, 8),
        "connected_within_5": (3, 7),
        "connected_within_5.all": (3, 8),
        "connected_within_15": (4, 7),
        "connected_within_15.all": (4, 8),
        "connected_early_rate": (1, 5),
        "connected_late_rate": (3, 5),
        "connected_median": (5 * 60, 5),
        "connected_p90": (36 * 60, 5),
    }
