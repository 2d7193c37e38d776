from __future__ import annotations

from datetime import date

import pytest

from schemas.errors import DeadLetter
from schemas.reference import period, reference


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-01-05", date(2026, 1, 5), date(2026, 1, 6)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 5)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("FY2025-26", date(2025, 4, 1), date(2026, 4, 1)),
        ("FY1999-00", date(1999, 4, 1), date(2000, 4, 1)),
        ("2026-01-05..2026-02-01", date(2026, 1, 5), date(2026, 2, 1)),
    ],
)
def test_a_period_is_half_open_local_days(text: str, start: date, end: date) -> None:
    assert period(text) == (start, end)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a period such as"),
        ("2026", "is not a period such as"),
        ("2026-13", "month must be in 1..12"),
        ("2026-02-30", "day is out of range"),
        ("2026-W54", "week"),
        ("FY2025-27", "names the next one"),
        ("2026-01-05..2026-01-05", "ends before it begins"),
        ("٢٠٢٦-01", "is not a period such as"),
    ],
)
def test_what_is_no_period_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(DeadLetter, match=words):
        period(text)


def test_a_reference_names_one_figure_and_is_written_as_it_was_read() -> None:
    text = "answer.rate@1/2026-01/department=ircc,queue="
    found = reference(text)
    assert (found.measure, found.version) == ("answer.rate", 1)
    assert (found.start, found.end) == (date(2026, 1, 1), date(2026, 2, 1))
    assert found.dims == {"department": "ircc", "queue": None}
    assert str(found) == text
    assert str(reference("answer.rate/2026-01")) == "answer.rate/2026-01"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("answer.rat/2026-01", "no such measure"),
        ("answer.rate@0/2026-01", "a version is a whole number"),
        ("answer.rate", "is not a period"),
        ("answer.rate/2026-01/department", "not DIMENSION=VALUE"),
        ("answer.rate/2026-01/town=x", "not DIMENSION=VALUE"),
        ("answer.rate/2026-01/queue=a,queue=b", "named twice"),
    ],
)
def test_what_is_no_figure_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(DeadLetter, match=words):
        reference(text)
