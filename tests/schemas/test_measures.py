"""Measures as rows of data: whole, in two languages, and right where they divide."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import date
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from schemas.measures import (
    MEASURES,
    MODULES,
    OPEN,
    TERMS,
    Both,
    Kind,
    Measure,
    Term,
    Words,
    combination,
    relation_of,
    service_level,
)
from schemas.measures.kinds import ROUNDING, UNITS, nearest_rank, quotient
from schemas.measures.messages import DEADLINES
from schemas.parts import Message, Segment
from schemas.record import DIMENSIONS, PLACES
from schemas.relations import RELATIONS
from schemas.vocabulary import LEAVINGS, PARTIES, REMOVALS, STATES, TURN_AWAYS

TERM = {term.id: term for term in TERMS}
ROWS = [measure for module in MODULES for measure in module.MEASURES]
COUNTED = {
    *("contacts", "events", "segments", "estimates", "messages", "surveys", "escalations"),
    *("tasks", "spells", "ms", "callbacks"),
}

every_measure = pytest.mark.parametrize("measure", ROWS, ids=lambda measure: measure.id)
every_term = pytest.mark.parametrize("term", TERMS, ids=lambda term: term.id)


def test_ids_are_unique() -> None:
    assert [name for name, n in Counter(row.id for row in ROWS).items() if n > 1] == []
    assert [name for name, n in Counter(term.id for term in TERMS).items() if n > 1] == []
    assert list(MEASURES.values()) == [MEASURES[name] for name in MEASURES]
    assert set(MEASURES) == {row.id for row in ROWS}


@every_measure
def test_a_measure_uses_terms_that_exist(measure: Measure) -> None:
    used = [term for _, term in combination(f"{measure.numerator} + {measure.denominator}")]
    declared = {"declared"} if measure.kind is Kind.REMAINDER else set()  # what others counted
    assert set(used) <= set(TERM) | declared
    assert bool(measure.denominator) == (measure.kind in (Kind.RATIO, Kind.MEAN))


@every_measure
def test_a_measure_has_its_kinds_form(measure: Measure) -> None:
    units = {
        Kind.COUNT: COUNTED,
        Kind.RATIO: {"%"},
        Kind.MEAN: set(UNITS),
        Kind.PERCENTILE: {"s", "whole days", "business days", "attempts"},
        Kind.REMAINDER: {"contacts"},
    }
    assert measure.unit in units[measure.kind]
    assert measure.rounding == ROUNDING[measure.kind]
    assert measure.version >= 1
    assert date.fromisoformat(measure.effective_from) >= date(1999, 1, 1)
    if measure.kind is Kind.PERCENTILE:
        assert 0 < measure.rank <= 100
        assert TERM[measure.numerator].spread == (1_000 if measure.unit == "s" else 1)
    else:
        assert measure.rank == 0


@every_measure
def test_a_measure_speaks_two_languages(measure: Measure) -> None:
    words: list[Words] = [measure.en, measure.fr]
    assert all(part.name.strip() and part.text.strip() for part in words)
    assert measure.en.name != measure.fr.name
    assert measure.en.text != measure.fr.text
    assert measure.en.text.endswith(".")
    assert measure.fr.text.endswith(".")


@every_measure
def test_remarks_are_in_two_languages(measure: Measure) -> None:
    for remark in [measure.rounding, *([measure.exclusions] if measure.exclusions else [])]:
        assert isinstance(remark, Both)
        assert remark.en.strip()
        assert remark.fr.strip()
        assert remark.en != remark.fr


@every_measure
def test_the_terms_of_a_measure_are_of_one_relation(measure: Measure) -> None:
    assert relation_of(measure) in RELATIONS


@every_measure
def test_what_stands_beside_a_measure_is_of_the_same_rows(measure: Measure) -> None:
    assert measure.id not in measure.beside
    assert len(set(measure.beside)) == len(measure.beside)
    for name in measure.beside:
        assert relation_of(MEASURES[name]) == relation_of(measure)


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("answer.rate", {"answer.live_rate", "answer.callback_rate", "access.rate"}),
        ("access.rate", {"answer.rate"}),
        ("email.delay_mean", {"email.open", "email.lower_bound_mean"}),
        ("email.delay_business_mean", {"email.open", "email.lower_bound_business_mean"}),
        ("parliamentary.delay_mean", {"parliamentary.open", "parliamentary.lower_bound_mean"}),
        ("email.within_3", {"email.within_3.all"}),
        ("repeat.rate", {"repeat.coverage"}),
        ("fidelity.within_2", {"fidelity.within_2.all", "fidelity.connected_within_2"}),
        ("fidelity.size_p90", {"fidelity.connected_p90"}),
    ],
)
def test_what_must_not_be_shown_alone(name: str, beside: set[str]) -> None:
    assert set(MEASURES[name].beside) == beside


def test_a_mean_delay_is_beside_the_open_and_the_lower_bound() -> None:
    for measure in ROWS:
        if measure.kind is Kind.MEAN and relation_of(measure) == "messages":
            bounded = "lower_bound" in measure.id or ".age_" in measure.id  # of the open themselves
            assert (len(measure.beside) == 2) is not bounded


def test_a_measure_over_two_relations_is_refused() -> None:
    words = Words("", "")
    mixed = Measure("mixed", Kind.RATIO, words, words, "segment.answered", "asked")
    with pytest.raises(ValueError, match=r"mixed .*'contacts', 'segments'"):
        relation_of(mixed)


@every_measure
def test_a_count_happens_at_one_moment(measure: Measure) -> None:
    """By interval, counts alone are told: each by the moment of its one term."""
    if measure.kind is Kind.COUNT:
        assert measure.numerator in TERM


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_relation_has_a_term_that_counts_all_its_rows(relation: str) -> None:
    whole = [
        term.id
        for term in TERMS
        if term.relation == relation and term.population == "True" and not term.value
    ]
    assert len(whole) == 1


def test_what_is_open_is_counted_by_terms_of_its_relation() -> None:
    for relation, terms in OPEN.items():
        assert {TERM[name].relation for _, name in combination(terms)} == {relation}


@every_term
def test_a_term_reads_fields_of_its_row(term: Term) -> None:
    relation = RELATIONS[term.relation]
    fields = set(relation.row.__struct_fields__)
    tree = ast.parse(term.population, mode="eval")
    assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} <= fields
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Attribute)]
    assert {term.value or relation.cohort, term.moment or relation.cohort} <= fields
    assert term.value or not term.spread
    assert term.value not in DIMENSIONS


@every_term
def test_a_term_compares_with_words_that_can_occur(term: Term) -> None:
    """A misspelt place would count nobody, and nothing else would notice."""
    ended = {f"ended_by_{party}" for party in PARTIES}
    known = {
        "contacts": {*PLACES, *TURN_AWAYS, *REMOVALS, *PARTIES, *ended, "kept", "lost_sight"},
        "segments": {*LEAVINGS, *TURN_AWAYS, *ended},
        "spells": set(STATES) - {"offline"},
        "fidelity": {"both", "before", "after", "none"},
    }
    tree = ast.parse(term.population, mode="eval")
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert {text for text in texts if isinstance(text, str)} <= known.get(term.relation, set())


def test_every_term_is_used() -> None:
    used = {term for row in ROWS for _, term in combination(f"{row.numerator} + {row.denominator}")}
    assert set(TERM) - used == set()


def test_a_combination_is_a_sum_of_signed_terms() -> None:
    assert combination("a") == [(1, "a")]
    assert combination("a + b - c + d") == [(1, "a"), (1, "b"), (-1, "c"), (1, "d")]
    assert combination("- a b") == [(-1, "a"), (1, "b")]
    assert combination("a + 86_400_000 * b - 2 * c + d") == [
        (1, "a"),
        (86_400_000, "b"),
        (-2, "c"),
        (1, "d"),
    ]
    assert combination("") == []


def counts(terms: str, row: Struct) -> int:
    """What one row adds to a sum of terms that count."""
    values = {name: getattr(row, name) for name in row.__struct_fields__}
    return sum(
        times * bool(eval(TERM[name].population, {}, values))  # our own table
        for times, name in combination(terms)
    )


@pytest.mark.parametrize("how", [None, *LEAVINGS, *TURN_AWAYS, "ended_by_agent", "ended_by_system"])
def test_every_pass_through_a_queue_ends_in_one_way(how: str | None) -> None:
    row = Segment(entered_ms=0, left_ms=None if how is None else 5, how=how)
    ways = ("answered", "abandoned", "callback", "flow", "removed", "unended")
    assert [way for way in ways if counts(f"segment.{way}", row)] == [
        "unended" if how is None else how if how in ways else "removed"
    ]


messages = st.builds(
    Message,
    parliamentary=st.booleans(),
    received_ms=st.just(0),
    responded_ms=st.none() | st.just(7),
    excluded_ms=st.none() | st.just(9),
    elapsed_days=st.integers(0, 7),
    elapsed_whole_days=st.integers(0, 10),
).map(
    lambda row: replace(row, open=row.responded_ms is None and row.excluded_ms is None),
)


@given(messages, st.sampled_from(DEADLINES))
def test_a_message_is_due_or_pending_and_what_is_within_is_due(row: Message, days: int) -> None:
    received = counts("email.received", row)
    excluded = counts("email.excluded", row)
    assert counts(f"email.due_{days}.all + email.pending_{days}", row) == received
    assert counts(f"email.due_{days} + email.pending_{days}", row) == received - excluded
    for variant in ("", ".all"):
        within = counts(f"email.within_{days}{variant}", row)
        assert within <= counts(f"email.due_{days}{variant}", row)
    answered = counts("email.answered", row)
    assert counts(f"email.within_{days}.all", row) == (answered and row.elapsed_days <= days)


@given(messages)
def test_a_message_is_of_one_kind_and_answered_excluded_or_open(row: Message) -> None:
    assert counts("message.received", row) == 1
    assert counts("email.received + parliamentary.received", row) == 1
    for kind in ("email", "parliamentary"):
        answered, excluded = counts(f"{kind}.answered", row), counts(f"{kind}.excluded", row)
        settled = answered or excluded
        assert settled + counts(f"{kind}.open", row) == counts(f"{kind}.received", row)


def test_one_word_nine_formulas() -> None:
    """The published worked example: the same calls, 40 % to 67 %."""
    counted = {
        "asked": 1000,
        "turned_away": 200,
        "queued": 800,
        "answered": 600,
        "answered_within": 400,
        "abandoned": 120,
        "abandoned_within": 60,
        "abandoned_short": 30,
        "callback_accepted": 50,
        "callback_within": 50,
        "other_exit": 30,  # F = 80 with the callbacks
    }

    def total(terms: str) -> int:
        return sum(sign * counted[term] for sign, term in combination(terms))

    results = {
        row.id.removeprefix("service_level."): quotient(
            row.kind, row.unit, total(row.numerator), total(row.denominator)
        )
        for row in service_level.MEASURES
    }
    assert results == {
        "answered_only": "66.67",
        "abandons_positive": "63.89",
        "left_queue": "63.75",
        "offered": "55.56",
        "short_excluded": "57.97",
        "exits_included": "50.00",
        "abandons_ignored": "60.61",
        "abandons_negative": "55.56",
        "client_view": "40.00",
    }
    assert [round(Fraction(value or 0), 1) for value in results.values()] == [
        Fraction(tenths, 10) for tenths in (667, 639, 638, 556, 580, 500, 606, 556, 400)
    ]


@pytest.mark.parametrize(
    ("kind", "unit", "numerator", "denominator", "expected"),
    [
        (Kind.RATIO, "%", 1, 0, None),
        (Kind.RATIO, "%", 0, 7, "0.00"),
        (Kind.RATIO, "%", 1, 3, "33.33"),
        (Kind.RATIO, "%", 1, 20_000, "0.01"),  # 0.005: a tie goes up
        (Kind.RATIO, "%", 3, 20_000, "0.02"),  # 0.015
        (Kind.RATIO, "%", 49_999, 1_000_000_000, "0.00"),
        (Kind.MEAN, "s", 1, 2, "0.001"),  # half a millisecond
        (Kind.MEAN, "s", 5, 2, "0.003"),
        (Kind.MEAN, "s", 24_999, 10_000, "0.002"),
        (Kind.MEAN, "s", 90_061_001, 1, "90061.001"),
        (Kind.MEAN, "attempts", 7, 2, "3.500"),
        (Kind.MEAN, "attempts", 0, 0, None),
        (Kind.MEAN, "days", 86_400_000 * 5, 2, "2.500"),
        (Kind.MEAN, "whole days", 5, 2, "2.500"),
        (Kind.MEAN, "working hours", 5_400_000, 1, "1.500"),
    ],
)
def test_one_division(
    kind: Kind, unit: str, numerator: int, denominator: int, expected: str | None
) -> None:
    assert quotient(kind, unit, numerator, denominator) == expected


@given(st.integers(0, 2**53), st.integers(1, 2**53))
@example(1, 20_000)
def test_a_quotient_is_exact_until_it_is_rounded_half_up(numerator: int, denominator: int) -> None:
    hundredths = floor(Fraction(numerator * 10_000, denominator) + Fraction(1, 2))
    assert quotient(Kind.RATIO, "%", numerator, denominator) == (
        f"{hundredths // 100}.{hundredths % 100:02d}"
    )
    ms = floor(Fraction(numerator, denominator) + Fraction(1, 2))
    assert quotient(Kind.MEAN, "s", numerator, denominator) == f"{ms // 1000}.{ms % 1000:03d}"


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
@example([1, 2, 3, 4, 5], 100)
@example([1, 2, 3, 4, 5], 20)
def test_nearest_rank_is_the_one_in_the_sorted_list(seconds: list[int], rank: int) -> None:
    place = ceil(Fraction(len(seconds) * rank, 100))
    assert nearest_rank(dict(Counter(seconds)), rank) == sorted(seconds)[place - 1]


def test_nothing_has_no_percentile() -> None:
    assert nearest_rank({}, 90) is None
