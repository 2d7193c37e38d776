"""Versions of measures: which is in force when, and what a table of them must not say."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.definitions import DEFINITIONS, FILE, Definitions, Table, over
from schemas.errors import DeadLetter, Malformed
from schemas.measures import MEASURES
from schemas.tables import read
from tests.schemas.changes import CHANGED, TOML

RATE = "abandon.rate"


def _numbers(found: Definitions, day: date, measure: str = RATE) -> list[int]:
    return [edition.number for edition in found.at(measure, day)]


@pytest.mark.parametrize("measure", MEASURES)
def test_every_packaged_measure_has_a_whole_history(measure: str) -> None:
    history = DEFINITIONS.history(measure)
    assert [edition.number for edition in history] == list(range(1, len(history) + 1))
    assert MEASURES[measure] in [edition.measure for edition in history]


@pytest.mark.parametrize(
    ("day", "numbers"),
    [
        (date(1990, 1, 1), [1]),
        (date(2026, 1, 31), [1]),
        (date(2026, 2, 1), [2, 1]),
        (date(2026, 2, 28), [2, 1]),
        (date(2026, 3, 1), [2]),
    ],
)
def test_the_highest_in_force_and_the_one_before_while_in_parallel(
    day: date, numbers: list[int]
) -> None:
    assert _numbers(CHANGED, day) == numbers
    assert _numbers(CHANGED, day, "answer.rate") == [1]


def test_a_version_that_is_not_packaged_has_a_name_of_its_own() -> None:
    first, second = CHANGED.history(RATE)
    assert (first.name, second.name) == (RATE, "abandon.rate@2")
    assert first.asked == MEASURES[RATE]
    assert (second.asked.id, second.measure.id, second.measure.version) == (second.name, RATE, 2)
    assert CHANGED.texts == {"abandon.rate@2": second.sql}
    assert [*CHANGED.versioned, *CHANGED.breaking] == [RATE, (RATE, 2)]
    assert not DEFINITIONS.texts
    assert not DEFINITIONS.versioned
    assert CHANGED.edition(RATE, 2) == second
    with pytest.raises(DeadLetter, match=r"abandon\.rate has no version 3; it has 1, 2"):
        CHANGED.edition(RATE, 3)


def test_the_days_on_which_something_may_change() -> None:
    start, end = date(2026, 1, 1), date(2026, 4, 1)
    assert CHANGED.days(start, end) == [start, date(2026, 2, 1), date(2026, 3, 1)]
    assert CHANGED.days(date(2026, 2, 1), date(2026, 3, 1)) == [date(2026, 2, 1)]


def test_a_row_replaces_that_of_its_measure_and_number() -> None:
    own = TOML.replace("2026-02-01", "2026-02-15")
    found = over(CHANGED, read(FILE, own, Table))
    assert _numbers(found, date(2026, 2, 14)) == [1]
    assert len(found.history(RATE)) == 2


def _third(**changes: str) -> str:
    """Another version after the second, of which lines can be changed."""
    third = TOML.replace("number = 2", "number = 3").replace("2026-02-01", "2026-03-01")
    third = third.replace("parallel_until = 2026-03-01", "parallel_until = 2026-04-01")
    for name, line in changes.items():
        third = "\n".join(
            f"{name} = {line}" if row.startswith(f"{name} = ") else row
            for row in third.splitlines()
        )
    return TOML + third


def test_versions_follow_each_other() -> None:
    found = over(DEFINITIONS, read(FILE, _third(), Table))
    assert [_numbers(found, date(2026, month, 1)) for month in (1, 2, 3, 4)] == [
        *([1], [2, 1], [3, 2], [3]),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"2026-02-01": "2026-04-01", "2026-03-01": "2026-05-01"}, "effective_from"),
        ({"2026-03-01": "2026-03-02"}, "parallel_until"),
    ],
)
def test_a_row_must_fit_before_those_it_is_laid_over(changes: dict[str, str], field: str) -> None:
    whole = over(DEFINITIONS, read(FILE, _third(), Table))
    own = TOML
    for old, new in changes.items():
        own = own.replace(old, new)
    with pytest.raises(Malformed) as found:
        over(whole, read(FILE, own, Table))
    assert found.value.field == f"{FILE}: version 1: {field}"
    fitting = over(whole, read(FILE, TOML.replace("03-01", "02-15"), Table))
    assert len(fitting.history(RATE)) == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"measure": '"no.such"'}, "measure"),
        ({"measure": '"funnel.unexplained"'}, "measure"),
        ({"number": "0"}, "number"),
        ({"number": "2"}, "number"),
        ({"number": "5"}, "number"),
        ({"effective_from": "2026-02-01"}, "effective_from"),
        ({"effective_from": "2026-02-15"}, "effective_from"),  # two runs in parallel at once
        ({"parallel_until": "2026-03-01"}, "parallel_until"),
        ({"numerator": '"no_such"'}, "numerator"),
        ({"numerator": '"abandoned asked"'}, "numerator"),
        ({"numerator": '"email.open"'}, "numerator"),
        ({"numerator": '""'}, "numerator"),
        ({"denominator": '""'}, "denominator"),
        ({"measure": '"funnel.abandoned"'}, "denominator"),
        ({"breaks": "true\nrank = 50"}, "rank"),
        ({"measure": '"email.open"'}, "numerator"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, str], field: str) -> None:
    with pytest.raises(Malformed) as found:
        over(DEFINITIONS, read(FILE, _third(**changes), Table), "own.toml")
    assert found.value.field == f"own.toml: version 2: {field}"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ("number = 2", "number = 1", "numerator"),  # the packaged one is not changed here
        ("sql = '''", "sql = ''\nrest = '''", ""),
        ('[version.changed]\nen = "Calls abandoned within 10 s are left out."', "", "version 1"),
        ("[version.reason]", "[version.why]", ""),
        ("breaks = true", "breaks = 1", "breaks"),
        ('numerator = "abandoned - abandoned_short"', 'numerator = "waiting + 2*asked"', "numera"),
    ],
)
def test_a_row_must_be_whole(before: str, after: str, field: str) -> None:
    assert before in TOML
    with pytest.raises(Malformed) as found:
        over(DEFINITIONS, read(FILE, TOML.replace(before, after), Table))
    assert field in found.value.field


def _without(section: str) -> str:
    lines = TOML.splitlines()
    place = lines.index(section)
    return "\n".join([*lines[:place], *lines[place + 3 :]])


@pytest.mark.parametrize("field", ["changed", "reason"])
def test_a_change_says_what_and_why(field: str) -> None:
    with pytest.raises(Malformed, match="is missing") as found:
        over(DEFINITIONS, read(FILE, _without(f"[version.{field}]"), Table))
    assert found.value.field == f"{FILE}: version 1: {field}"


def test_words_may_be_added_to_the_packaged_version_and_no_other_day() -> None:
    first = f'[[version]]\nmeasure = "{RATE}"\nnumber = 1\neffective_from = '
    found = over(DEFINITIONS, read(FILE, first + "1999-01-01", Table))
    assert found.history(RATE)[0].asked == MEASURES[RATE]
    with pytest.raises(Malformed, match="in force from 1999-01-01"):
        over(DEFINITIONS, read(FILE, first + "2000-01-01", Table))
    for line, field in (
        ("breaks = true", "breaks"),
        ("parallel_until = 2000-01-01", "parallel_un"),
    ):
        with pytest.raises(Malformed, match="none before the first") as wrong:
            over(DEFINITIONS, read(FILE, f"{first}1999-01-01\n{line}", Table))
        assert field in wrong.value.field


PERCENTILE = """
[[version]]
measure = "callback.wait_p90"
number = 2
effective_from = 2026-02-01
numerator = "{term}"
rank = {rank}
sql = "SELECT 1"
changed = {{en = "a", fr = "b"}}
reason = {{en = "a", fr = "b"}}
"""


@pytest.mark.parametrize(
    ("term", "rank", "field"),
    [
        ("", 95, ""),
        ("", 0, "rank"),
        ("", 101, "rank"),
        ("asked", 90, "numerator"),
        ("asked + asked", 90, "numerator"),
    ],
)
def test_the_rank_of_a_percentile_may_change(term: str, rank: int, field: str) -> None:
    ranked = MEASURES["callback.wait_p90"]
    toml = PERCENTILE.format(term=term or ranked.numerator, rank=rank)
    own = read(FILE, toml, Table)
    if not field:
        assert over(DEFINITIONS, own).history(ranked.id)[1].measure.rank == rank
        return
    with pytest.raises(Malformed) as found:
        over(DEFINITIONS, own)
    assert found.value.field.endswith(field)


def test_a_count_keeps_its_moment() -> None:
    toml = TOML.replace(RATE, "funnel.abandoned").replace(
        'denominator = "asked - abandoned_short"\n', ""
    )
    assert over(DEFINITIONS, read(FILE, toml, Table)).history("funnel.abandoned")[1].number == 2
    other = toml.replace('"abandoned - abandoned_short"', '"abandoned + asked"')
    with pytest.raises(Malformed, match="another moment"):
        over(DEFINITIONS, read(FILE, other, Table))
