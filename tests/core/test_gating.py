"""Readings to verdicts: whatever is planted in one of three answers is found, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from schemas.measures import MEASURES
from schemas.periods import spans
from schemas.record import DIMENSIONS
from streams.core.figures import Answer, Group, Question, Ratio, collect
from streams.core.gating import ENGINES, apart, compare, is_total, lost, regroup, total
from streams.core.registers import Dims, Register
from streams.core.tally import Tally
from tests.core.examples import START

ZONE = "America/Toronto"
(DAY,) = spans(ZONE, date(2026, 1, 5), date(2026, 1, 6), None)
IRCC, ESDC = Group(DAY, ("ircc",)), Group(DAY, ("esdc",))
NAMES = ("funnel.arrived", "answer.rate", "wait.median")
QUESTION = Question([MEASURES[name] for name in NAMES], [DAY], ("department",), {}, ZONE)
ANSWER: Answer = {
    IRCC: {
        "funnel.arrived": Ratio(3, None),
        "answer.rate": Ratio(2, 3),
        "wait.median": Ratio(None, 0),
    },
    ESDC: {
        "funnel.arrived": Ratio(1, None),
        "answer.rate": Ratio(0, 0),
        "wait.median": Ratio(0, 1),
    },
}


def differing(answers: dict[str, Answer]) -> set[tuple[str, str | None]]:
    rows = compare(QUESTION, answers)
    assert {(one.measure.id, one.group) for one in rows} >= {
        (name, group) for group, found in ANSWER.items() for name in found
    }
    return {(one.measure.id, one.group.dims[0]) for one in rows if not one.agrees}


def planted(engine: str) -> tuple[Answer, dict[str, Answer]]:
    """One engine's answer, to be spoiled, among three that agree."""
    answers = {name: deepcopy(ANSWER) for name in ENGINES}
    return answers[engine], answers


def test_three_that_agree() -> None:
    _, answers = planted("live")
    assert differing(answers) == set()
    assert [(r.group.dims[0], r.measure.id) for r in compare(QUESTION, answers)] == [
        (name, measure) for name in ("esdc", "ircc") for measure in NAMES
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_one_wrong_integer_in_either_place(engine: str) -> None:
    for wrong in (Ratio(3, 3), Ratio(2, 4), Ratio(2, None)):
        spoiled, answers = planted(engine)
        spoiled[IRCC]["answer.rate"] = wrong
        assert differing(answers) == {("answer.rate", "ircc")}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_group_and_one_too_many(engine: str) -> None:
    spoiled, answers = planted(engine)
    del spoiled[ESDC]
    assert differing(answers) == {(name, "esdc") for name in NAMES}
    spoiled, answers = planted(engine)
    spoiled[Group(DAY, (None,))] = {"funnel.arrived": Ratio(0, None)}
    assert differing(answers) == {("funnel.arrived", None)}


@pytest.mark.parametrize("engine", ENGINES)
def test_zero_for_missing_and_missing_for_zero(engine: str) -> None:
    spoiled, answers = planted(engine)
    spoiled[IRCC]["wait.median"] = Ratio(0, 0)
    assert differing(answers) == {("wait.median", "ircc")}
    spoiled, answers = planted(engine)
    spoiled[ESDC]["wait.median"] = Ratio(None, 1)
    assert differing(answers) == {("wait.median", "esdc")}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_without_a_measure(engine: str) -> None:
    spoiled, answers = planted(engine)
    for found in spoiled.values():
        del found["answer.rate"]
    assert differing(answers) == {("answer.rate", "ircc"), ("answer.rate", "esdc")}


def test_an_answer_of_another_zone_is_another_group() -> None:
    spoiled, answers = planted("sql")
    (halifax,) = spans("America/Halifax", date(2026, 1, 5), date(2026, 1, 6), None)
    spoiled[Group(halifax, ("ircc",))] = spoiled.pop(IRCC)
    assert differing(answers) == {(name, "ircc") for name in NAMES}


def _dims(**named: str) -> Dims:
    return tuple(named.get(name) for name in DIMENSIONS)


def test_what_was_counted_finely_adds_up_to_what_is_asked_coarsely() -> None:
    days = spans(ZONE, date(2026, 1, 5), date(2026, 1, 6), "hour")
    counted = [
        (
            START,
            _dims(department="ircc", language="en"),
            Register({"arrived": 2}, {"wait": {3: 1}}),
        ),
        (
            START,
            _dims(department="ircc", language="fr"),
            Register({"arrived": 1}, {"wait": {9: 2}}),
        ),
        (START + 3_600_000, _dims(department="ircc"), Register({"arrived": 4}, {"wait": {3: 1}})),
        (START, _dims(department="esdc"), Register({"arrived": 8})),
    ]
    fine = Question(QUESTION.measures, days, ("language", "department"), {}, ZONE)
    groups = {("contacts", group): row for group, row in collect(fine, counted).items()}
    assert len(groups) == 4
    found = regroup(Tally(groups), fine, QUESTION)
    whole = {("contacts", group): row for group, row in collect(QUESTION, counted).items()}
    assert (
        found.groups
        == whole
        == {
            ("contacts", IRCC): Register({"arrived": 7}, {"wait": {3: 2, 9: 2}}),
            ("contacts", ESDC): Register({"arrived": 8}),
        }
    )
    assert found.answer(QUESTION) == Tally(whole).answer(QUESTION)


def test_what_was_counted_outside_of_what_is_asked_is_left_out() -> None:
    """Before it, after it, and in another zone, of which no span is asked for."""
    before, _, after = spans(ZONE, date(2026, 1, 4), date(2026, 1, 7), "day")
    (halifax,) = spans("America/Halifax", date(2026, 1, 5), date(2026, 1, 6), None)
    hours = spans(ZONE, date(2026, 1, 5), date(2026, 1, 6), "hour")
    groups = {
        ("contacts", Group(span, ("ircc",))): Register({"arrived": 1 << n})
        for n, span in enumerate((hours[0], hours[-1], before, after, halifax))
    }
    fine = Question(QUESTION.measures, [before, *hours, after, halifax], ("department",), {}, ZONE)
    found = regroup(Tally(groups), fine, QUESTION)
    assert found.groups == {("contacts", IRCC): Register({"arrived": 3})}


def test_the_contacts_that_differ_and_nobody_else() -> None:
    same = {"a": Ratio(1, 1), "b": Ratio(0, 1), "c": Ratio(1, 1)}
    assert list(apart([same, dict(same), dict(same)])) == []
    other = {**same, "b": Ratio(1, 1), "d": Ratio(0, 1)}
    del other["c"]
    assert list(apart([same, same, other])) == ["b", "c", "d"]


def test_what_contacts_add_up_to() -> None:
    found = {"a": Ratio(1, 1), "b": Ratio(None, 1), "c": Ratio(1, 2)}
    assert total(MEASURES["answer.rate"], found) == Ratio(2, 4)
    assert total(MEASURES["answer.rate"], {}) == Ratio(0, 0)
    assert total(MEASURES["funnel.arrived"], {"a": Ratio(1, None)}) == Ratio(1, None)
    assert total(MEASURES["wait.median"], found) is None


def test_a_figure_that_is_not_the_sum_of_its_contacts_and_the_partition_that_it_lacks() -> None:
    rate, own = MEASURES["answer.rate"], {f"{n}/{n % 3}": Ratio(n % 2, 1) for n in range(9)}

    def partition(name: str) -> int:
        return int(name.partition("/")[2])

    assert total(rate, own) == Ratio(4, 9)
    for reading, numbers in (
        (Ratio(4, 9), []),  # the sum: nothing is lost
        (Ratio(3, 6), [0, 2]),
        (Ratio(2, 6), [1]),
        (Ratio(3, 8), []),  # one contact less: no partition explains it
        (None, []),
    ):
        assert is_total(rate, reading, own) == (reading == Ratio(4, 9))
        assert lost(rate, reading, own, partition) == numbers
    alone = {"1/7": Ratio(1, 1), "2/7": Ratio(0, 1)}
    assert lost(rate, None, alone, partition) == lost(rate, Ratio(0, 0), alone, partition) == [7]
    assert is_total(rate, None, {})
    assert is_total(MEASURES["wait.median"], Ratio(5, 5), own)
    assert lost(MEASURES["wait.median"], Ratio(5, 5), own, partition) == []
