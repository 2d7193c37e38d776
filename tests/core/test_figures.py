"""From registers to figures: spans, dimensions, unknowns, and what is left unexplained."""

from __future__ import annotations

from datetime import date

from schemas.measures import MEASURES
from schemas.periods import spans
from schemas.record import DIMENSIONS, Declaration
from streams.core.figures import Group, Question, Ratio, answer, figures
from streams.core.registers import Dims, Register
from streams.core.unexplained import unexplained
from tests.core.examples import START

ZONE = "America/Toronto"
(DAY,) = spans(ZONE, date(2026, 1, 5), date(2026, 1, 6), None)
NOON = START  # 9 o'clock in Toronto; a quarter of an hour begins
HOUR = 3_600_000


def _dims(department: str | None = "ircc", queue: str | None = None) -> Dims:
    known = {"department": department, "queue": queue, "channel": "phone"}
    return tuple(known.get(name) for name in DIMENSIONS)


def _question(*measures: str, by: tuple[str, ...] = ()) -> Question:
    return Question([MEASURES[m] for m in measures], [DAY], by, {"vac": "America/Halifax"}, ZONE)


def test_a_register_counts_in_the_span_of_its_zone_and_in_no_other() -> None:
    counted = [
        (NOON, _dims(), Register({"arrived": 2})),
        (NOON, _dims("vac"), Register({"arrived": 5})),  # of another zone
        (DAY.start_ms - 1, _dims(), Register({"arrived": 7})),
        (DAY.end_ms, _dims(), Register({"arrived": 9})),
        (NOON, _dims("esdc"), Register({"arrived": 1})),
    ]
    found = answer(_question("funnel.arrived"), {"contacts": counted}.__getitem__)
    assert {group.dims: f["funnel.arrived"].numerator for group, f in found.items()} == {(): 3}


def test_kinds_of_figures_and_what_is_unknown() -> None:
    register = Register(
        {"arrived": 3, "asked": 3, "answered": 2, "served": 2, "wait": 5_500},
        {"wait": {2: 1, 3: 1, 9: 0}},
    )
    names = (
        "funnel.arrived",
        "answer.rate",
        "wait.mean",
        "wait.p90",
        "talk.mean",
        "callback.wait_p90",
    )
    question = _question(*names, by=("department", "queue"))
    found = figures(question, answer(question, lambda _: [(NOON, _dims(), register)]), NOON)
    assert [(f.numerator, f.denominator, f.value) for f in found] == [
        (3, None, 3),
        (2, 3, "66.67"),
        (5_500, 2, "2.750"),
        (3, 2, 3),
        (0, 0, None),
        (None, 0, None),
    ]
    assert found[0].dimensions == {"department": "ircc", "queue": None}
    assert {figure.status for figure in found} == {"live"}
    assert found[0].period.start == "2026-01-05T00:00:00-05:00"


def test_a_measure_is_answered_where_its_relation_has_rows() -> None:
    gone = Register({"segment.entered": 0, "segment.wait": 0}, {"segment.wait": {3: 0}})
    counted = {
        "contacts": [(NOON, _dims(queue="q1"), Register({"arrived": 1}))],
        "segments": [
            (NOON, _dims(queue="q1"), gone),
            (NOON, _dims(queue="q2"), Register({"segment.entered": 2})),
            (NOON, _dims(queue="q2"), Register({"segment.entered": -1})),
        ],
    }
    question = _question("funnel.arrived", "segment.entered", "funnel.unexplained", by=("queue",))
    found = answer(question, counted.__getitem__)
    assert found == {
        Group(DAY, ("q1",)): {"funnel.arrived": Ratio(1, None)},
        Group(DAY, ("q2",)): {"segment.entered": Ratio(1, None)},
    }


def test_only_relations_that_are_asked_about_are_read() -> None:
    read: list[str] = []

    def counted(relation: str) -> list[tuple[int, Dims, Register]]:
        read.append(relation)
        return []

    assert answer(_question("talk.mean", "funnel.arrived", "funnel.unexplained"), counted) == {}
    assert read == ["contacts"]


def test_a_span_without_contacts_is_unknown_and_never_zero() -> None:
    question = _question("funnel.arrived", "answer.rate", "funnel.unexplained")
    found = figures(question, {}, DAY.end_ms)
    assert [(f.value, f.numerator, f.status) for f in found] == [(None, None, "provisional")] * 3


def test_an_answer_that_lacks_a_measure_says_unknown() -> None:
    question = _question("funnel.arrived", by=("department",))
    found = figures(question, {Group(DAY, ("ircc",)): {}}, NOON)
    assert [figure.value for figure in found] == [None]


def _declared(count: int, authority: str = "switch", **fields: object) -> Declaration:
    known = {
        "subject": f"d{count}",
        "of": "arrived",
        "count": count,
        "start_ms": NOON,
        "end_ms": NOON + HOUR,
        "attribution": "cohort",
        "authority": authority,
        "department": "ircc",
        **fields,
    }
    return Declaration(**known)  # type: ignore[arg-type]


def _left(declarations: list[Declaration], by: tuple[str, ...] = ("department",)) -> object:
    counted = [
        (NOON, _dims(queue="q1"), Register({"arrived": 2})),
        (NOON + HOUR // 2, _dims(queue=None), Register({"arrived": 1})),
        (NOON + HOUR, _dims(queue="q1"), Register({"arrived": 50})),
        (NOON, _dims("esdc"), Register({"arrived": 70})),
    ]
    found = unexplained(_question("funnel.unexplained", by=by), declarations, counted)
    return {group.dims: ratio.numerator for group, ratio in found.items()}


def test_a_declaration_is_compared_with_its_own_interval_and_dimensions() -> None:
    assert _left([_declared(10)]) == {("ircc",): 7}
    assert _left([_declared(10, queue="q1")]) == {("ircc",): 8}
    assert _left([_declared(10, channel="phone")]) == {("ircc",): 7}


def test_the_widest_authority_speaks_and_the_coarsest_of_its_words() -> None:
    both = [_declared(10), _declared(12, "carrier"), _declared(5, "carrier", queue="q1")]
    assert _left(both) == {("ircc",): 9}
    assert _left([_declared(10), _declared(10, start_ms=NOON + HOUR, end_ms=NOON + 2 * HOUR)]) == {
        ("ircc",): -33
    }


def test_what_would_be_added_twice_is_unknown() -> None:
    quarter = _declared(10, end_ms=NOON + HOUR // 4)
    assert _left([_declared(10), quarter]) == {}
    assert _left([_declared(10, queue="q1"), _declared(10, language="fr")]) == {}
    apart = [_declared(3, queue="q1"), _declared(4, queue="q2")]
    assert _left(apart) == {("ircc",): 5}


def test_what_cannot_be_compared_like_with_like_is_passed_over() -> None:
    assert _left([_declared(10)], by=("department", "queue")) == {}
    assert _left([_declared(10, end_ms=DAY.end_ms + HOUR)]) == {}
    assert _left([_declared(10, start_ms=DAY.start_ms - HOUR)]) == {}
    assert _left([_declared(10, of="answered")]) == {}
    assert _left([_declared(10, channel="email")]) == {}
    assert _left([_declared(10, department="vac")]) == {}
    assert _left([]) == {}
    assert _left([_declared(10, "somebody")]) == {}
