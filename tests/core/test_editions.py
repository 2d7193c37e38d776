"""Which versions of a measure a period is given by, in what order, and what breaks a series."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from msgspec.structs import replace

from schemas.board import Figure
from schemas.definitions import DEFINITIONS, Definitions
from schemas.instants import millis
from schemas.measures import MEASURES
from schemas.periods import Span, spans
from streams.core.comparing import baseline, compare, previous
from streams.core.editions import versions_at, worded
from streams.core.figures import Answer, Group, Question, Ratio, figures
from streams.core.standing import NOTHING_KNOWN, Certainty, Recorded, key_of
from tests.schemas.changes import CHANGED

ZONE = "America/Toronto"
AS_OF = millis("2026-06-01T04:00:00.000Z")
RATE, ASKED = "abandon.rate", "funnel.asked"
JANUARY, APRIL = date(2026, 1, 1), date(2026, 4, 1)
RATIOS = {RATE: Ratio(3, 10), "abandon.rate@2": Ratio(1, 8), ASKED: Ratio(10, None)}


def _question(found: list[Span], names: list[str], by: list[str] | None = None) -> Question:
    editions = [CHANGED.history(name) for name in names]
    measures = [edition.asked for history in editions for edition in history]
    return Question(measures, found, by or [], {}, ZONE)


def _given(
    grain: str | None,
    start: date = JANUARY,
    end: date = APRIL,
    names: tuple[str, ...] = (ASKED, RATE),
    definitions: Definitions = CHANGED,
    certainty: Certainty = NOTHING_KNOWN,
) -> list[Figure]:
    found = spans(ZONE, start, end, grain)
    answers: Answer = {Group(span, ()): dict(RATIOS) for span in found}
    question = _question(found, [ASKED, RATE])
    return worded(question, answers, AS_OF, certainty, definitions, names)


def _said(found: list[Figure]) -> list[tuple[str, str, int, bool, bool]]:
    return [
        (f.period.start[:10], f.measure, f.version, f.in_force, f.breaks)
        for f in found
        if f.measure == RATE
    ]


def test_by_month_each_has_its_version_and_the_trial_has_both() -> None:
    found = _given("month")
    assert _said(found) == [
        ("2026-01-01", RATE, 1, True, False),
        ("2026-02-01", RATE, 2, True, True),
        ("2026-02-01", RATE, 1, False, False),
        ("2026-03-01", RATE, 2, True, False),
    ]
    assert [f.measure for f in found] == [ASKED, RATE, ASKED, RATE, RATE, ASKED, RATE]
    values = {(f.version, f.numerator, f.denominator) for f in found if f.measure == RATE}
    assert values == {(1, 3, 10), (2, 1, 8)}


@pytest.mark.parametrize(
    ("grain", "start", "first"),
    [
        (None, date(2026, 2, 1), ["2026-02-01"]),
        (None, date(2026, 2, 2), ["2026-02-02"]),
        (None, date(2026, 3, 30), []),
        ("week", date(2026, 1, 26), ["2026-02-02"]),
        ("day", JANUARY, ["2026-02-01"]),
        ("quarter", JANUARY, []),
        ("month", date(2026, 3, 1), []),
    ],
)
def test_the_first_period_of_a_version_breaks_the_series(
    grain: str | None, start: date, first: list[str]
) -> None:
    assert [f[0] for f in _said(_given(grain, start)) if f[-1]] == first


def test_a_period_across_the_change_has_the_version_at_its_start() -> None:
    assert _said(_given(None)) == [("2026-01-01", RATE, 1, True, False)]
    assert _said(_given("hour", date(2026, 1, 31), date(2026, 2, 2)))[23:26] == [
        ("2026-01-31", RATE, 1, True, False),
        ("2026-02-01", RATE, 2, True, True),
        ("2026-02-01", RATE, 1, False, False),
    ]


def test_a_version_can_be_asked_for_by_its_number() -> None:
    assert _said(_given("month", names=("abandon.rate@2",))) == [
        ("2026-01-01", RATE, 2, False, False),
        ("2026-02-01", RATE, 2, True, True),
        ("2026-03-01", RATE, 2, True, False),
    ]
    (edition,) = versions_at(CHANGED, "abandon.rate@1", APRIL)
    assert edition.asked == MEASURES[RATE]


def test_both_names_of_a_version_give_it_once() -> None:
    assert len(_said(_given("month", names=(RATE, "abandon.rate@1")))) == 5


def test_without_versions_nothing_is_other_than_the_figures_themselves() -> None:
    found = spans(ZONE, JANUARY, APRIL, "day")
    question = Question([MEASURES[ASKED], MEASURES[RATE]], found, ["queue"], {}, ZONE)
    answers: Answer = {
        Group(span, (queue,)): {RATE: Ratio(1, 2)} for span in found for queue in ("b", None, "a")
    }
    plain = figures(question, answers, AS_OF)
    assert worded(question, answers, AS_OF, NOTHING_KNOWN, DEFINITIONS, [ASKED, RATE]) == plain


def test_with_versions_the_order_is_the_same() -> None:
    found = [
        span for zone in ("America/Halifax", ZONE) for span in spans(zone, JANUARY, APRIL, "day")
    ]
    question = _question(found, [ASKED], ["queue"])
    answers: Answer = {
        Group(span, (queue,)): {ASKED: Ratio(2, None)}
        for span in found
        for queue in ("b", None, "a")
    }
    plain = figures(question, answers, AS_OF)
    assert worded(question, answers, AS_OF, NOTHING_KNOWN, CHANGED, [ASKED]) == plain
    both = _question(found, [ASKED, RATE], ["queue"])
    rows = worded(both, answers, AS_OF, NOTHING_KNOWN, CHANGED, [ASKED, RATE])
    assert [f for f in rows if f.measure == ASKED] == plain
    assert len({id(f) for f in rows}) == len(plain) + len([f for f in rows if f.measure == RATE])


def test_a_recorded_figure_of_a_group_that_is_gone_comes_last() -> None:
    one = _given("month")[0]
    gone = next(f for f in _given("month") if f.measure == RATE and f.version == 1)
    kept = {key_of(f, "cohort"): Recorded(f, "final") for f in (one, gone)}
    found = spans(ZONE, JANUARY, APRIL, "month")
    question = _question(found, [ASKED, RATE], ["queue"])
    certainty = Certainty(recorded={})
    assert worded(question, {}, AS_OF, certainty, CHANGED, [ASKED, RATE]) == []
    by_queue = {
        key_of(f, "cohort"): Recorded(f, "final")
        for row in kept.values()
        for f in [_of_queue(row.figure)]
    }
    certainty = Certainty(recorded=by_queue)
    vanished = worded(question, {}, AS_OF, certainty, CHANGED, [ASKED, RATE])
    assert [(f.measure, f.status, f.numerator) for f in vanished] == [
        (ASKED, "restated", None),
        (RATE, "restated", None),
    ]


def _of_queue(figure: Figure) -> Figure:
    return replace(figure, dimensions={"queue": "q"})


def _beside(start: date, end: date) -> list[tuple[int, object, str, bool]]:
    beside = previous(start, end, "month")
    now, then = _given("month", start, end), _given("month", beside.start, beside.end)
    return [
        (f.version, f.compared.difference, f.compared.reason, f.breaks)
        for f in compare(now, then, beside, CHANGED.breaking)
        if f.measure == RATE and f.compared
    ]


def test_like_is_compared_with_like_where_both_were_computed() -> None:
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    assert _beside(february, march) == [
        (2, None, "not comparable: version 1 of the measure", True),
        (1, "0.00", "", False),
    ]
    assert _beside(march, APRIL) == [(2, "0.00", "", False)]
    assert _beside(APRIL, date(2026, 5, 1)) == [(2, "0.00", "", False)]


def test_each_version_has_its_partner_where_both_sides_have_both() -> None:
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    both = _given("month", february, march)
    other = [replace(f, value="0.00" if f.version == 1 else f.value) for f in both]
    found = compare(both, other, baseline(february, february, march), CHANGED.breaking)
    differences = {f.version: f.compared.difference for f in found if f.compared}
    assert differences == {2: "0.00", 1: "30.00"}


def test_what_is_compared_across_a_break_says_so() -> None:
    now = _given("month", APRIL, date(2026, 5, 1), ("abandon.rate@2",))
    then = _given("month", JANUARY, date(2026, 2, 1))
    beside = previous(APRIL, date(2026, 7, 1))
    (found,) = compare(now, then, beside, CHANGED.breaking)
    assert found.breaks
    (without,) = compare(now, then, beside)
    assert not without.breaks


def test_figures_come_in_order_of_time() -> None:
    starts = [f.period.start for f in _given("day")]
    assert all(one <= other for one, other in pairwise(starts))
