"""Declared totals against what was counted, like with like."""

from __future__ import annotations

from typing import Any

from schemas.instants import HOUR, QUARTER_HOUR
from sinks.sql import Recomputation
from tests.sql.events import AS_OF, BASE, at, event, figures, table


def declared(subject: str, count: int, ms: int = 0, **data: Any) -> bytes:
    facts = {
        "of": "arrived",
        "period_start": at(0),
        "period_end": at(HOUR),
        "attribution": "cohort",
        "authority": "switch",
    }
    return event("control.total_declared", ms, subject, count=count, **{**facts, **data})


def arrived(ms: int, **data: Any) -> bytes:
    name = "-".join(map(str, (ms, *data.values())))
    return event("contact.arrived", ms, name, **{"channel": "phone", **data})


def unexplained(
    raws: list[bytes], *dimensions: str, measure: str = "funnel.unexplained"
) -> dict[tuple[str | None, ...], int | None]:
    return {
        figure.dims: figure.numerator
        for figure in figures(raws, [measure], dimensions, as_of=AS_OF + HOUR)
    }


def test_nobody_declared_is_not_zero() -> None:
    assert unexplained([arrived(0)]) == {}


def test_declared_less_counted_in_the_same_interval() -> None:
    raws = [arrived(-1), arrived(0), arrived(HOUR - 1), arrived(HOUR), declared("d", 5)]
    assert unexplained(raws) == {(): 3}
    assert unexplained([declared("d", 0)]) == {(): 0}


def test_contacts_of_other_channels_are_not_counted_and_no_channel_is_phone() -> None:
    raws = [arrived(0), arrived(1, channel="email"), event("queue.entered", 2, "none", queue="q")]
    assert unexplained([*raws, declared("d", 5)]) == {(): 3}
    assert unexplained([*raws, declared("d", 5, channel="phone")]) == {(): 3}
    assert unexplained([*raws, declared("d", 5, channel="email")]) == {}


def test_the_last_declaration_of_a_subject_holds() -> None:
    raws = [declared("d", 9, 2), declared("d", 5, 1)]
    assert unexplained(raws) == {(): 9}
    tied = [declared("d", 9, 2, line="x"), declared("d", 5, 1)]
    with Recomputation(table(tied), AS_OF) as recomputed:
        (found,) = recomputed.declarations()
    assert (found["count"], found["start_ms"], found["end_ms"]) == (9, BASE, BASE + HOUR)
    assert (found["line"], found["authority"], found["subject"]) == ("x", "switch", "d")


def test_an_interval_that_crosses_the_period_is_left_out() -> None:
    assert unexplained([declared("d", 5, period_end=at(11 * HOUR))]) == {}
    assert unexplained([declared("d", 5, period_start=at(-15 * HOUR))]) == {}


def test_only_totals_of_arrivals_are_compared() -> None:
    assert unexplained([declared("d", 5, of="answered")]) == {}


def test_the_widest_authority_speaks() -> None:
    raws = [
        declared("w", 1, authority="workforce"),
        declared("s", 2, authority="switch"),
        declared("c", 3, authority="carrier"),
    ]
    assert [unexplained(raws[:number]) for number in (1, 2, 3)] == [{(): 1}, {(): 2}, {(): 3}]


def test_intervals_add_up() -> None:
    quarters = [
        declared(
            f"d{quarter}",
            10,
            period_start=at(quarter * QUARTER_HOUR),
            period_end=at((quarter + 1) * QUARTER_HOUR),
        )
        for quarter in range(4)
    ]
    assert unexplained([*quarters, arrived(0), arrived(QUARTER_HOUR)]) == {(): 38}


def test_dimensions_match_what_the_declaration_names() -> None:
    raws = [
        arrived(0, department="A", queue="q"),
        arrived(1, department="A", queue="r"),
        arrived(2, department="B"),
        declared("all", 100),
        declared("a", 10, department="A"),
        declared("b", 10, department="B"),
        declared("aq", 5, department="A", queue="q"),
    ]
    assert unexplained(raws) == {(): 97}
    assert unexplained(raws, "department") == {("A",): 8, ("B",): 9}
    assert unexplained(raws, "department", "queue") == {("A", "q"): 4}
    assert unexplained(raws, "language") == {}


def test_finer_declarations_of_the_same_authority_are_not_added() -> None:
    fine = [
        declared("q", 5, department="A", queue="q"),
        declared("r", 6, department="A", queue="r"),
    ]
    assert unexplained(fine) == {(): 11}
    assert unexplained([*fine, declared("a", 12, department="A")]) == {(): 12}
    finer_but_wider = declared("c", 7, authority="carrier", department="A", queue="q")
    assert unexplained([declared("a", 12, department="A"), finer_but_wider]) == {(): 7}
