"""Figures beside others: the period before, last year, a baseline; in every form of output."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from tests.e2e.folder import Folder, call, clock

Row = dict[str, Any]
MEASURES = ("--measure", "funnel.arrived,answer.rate")
WEEK = ("--from", "2026-01-12", "--to", "2026-01-19")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("comparing") / "data"


@pytest.fixture
def folder(data: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Folder:
    """Calls of three winters; on 6 January 2026 there are none."""
    found = Folder(data, capfdbinary)
    if not data.exists():
        calls = {
            "2023-02-28": 1,
            "2023-03-01": 2,
            "2024-02-28": 3,
            "2024-02-29": 4,
            "2024-03-01": 5,
            "2025-04-01": 1,
            "2026-01-05": 2,
            "2026-01-07": 3,
            "2026-01-12": 5,
            "2026-01-13": 1,
            "2026-01-14": 7,
        }
        told = (
            call(f"{day}T15:{n:02d}", f"{day}/{n}", None if n == 1 else 5)
            for day, count in calls.items()
            for n in range(count)
        )
        found.tell(*told, clock("2026-01-20T05:00"))
    return found


def compared(folder: Folder, *words: str) -> dict[tuple[str, str], tuple[Any, Any]]:
    """(First day, measure) of IRCC -> (value, difference)."""
    return {
        (row["period"]["start"][:10], row["measure"]): (
            row["value"],
            row["compared"]["difference"],
        )
        for row in folder.rows("measures", *words, *MEASURES)
        if row["measure"] in {"funnel.arrived", "answer.rate"}
        and row["dimensions"].get("department", "ircc") == "ircc"
        and row["period"]["zone"] == "America/Toronto"
    }


def test_with_the_previous_period_a_quiet_day_moves_no_other(folder: Folder) -> None:
    by_day = compared(folder, *WEEK, "--by", "day,department", "--compare", "previous")
    assert {day: row for (day, measure), row in by_day.items() if measure == "funnel.arrived"} == {
        "2026-01-12": (5, 3),
        "2026-01-13": (1, None),
        "2026-01-14": (7, 4),
    }
    assert by_day["2026-01-12", "answer.rate"] == ("80.00", "30.00")
    assert compared(folder, *WEEK, "--compare", "previous") == {
        ("2026-01-12", "funnel.arrived"): (13, 8),
        ("2026-01-12", "answer.rate"): ("84.62", "24.62"),
    }


def test_with_last_year_across_the_29th_of_february(folder: Folder) -> None:
    asked = ("--by", "day", "--compare", "last-year")
    found = compared(folder, "--from", "2024-02-28", "--to", "2024-03-02", *asked)
    assert {day: row for (day, measure), row in found.items() if measure == "funnel.arrived"} == {
        "2024-02-28": (3, 2),
        "2024-02-29": (4, 3),
        "2024-03-01": (5, 3),
    }
    month = compared(
        folder,
        "--from",
        "2024-02-01",
        "--to",
        "2024-03-01",
        "--by",
        "month",
        "--compare",
        "last-year",
    )
    assert month["2024-02-01", "funnel.arrived"] == (7, 6)


def test_the_fiscal_year_to_date_beside_the_last(folder: Folder) -> None:
    asked = ("--to-date", "--to", "2026-01-19", "--compare", "last-year")
    found = compared(folder, *asked)
    assert found["2025-04-01", "funnel.arrived"] == (19, None)  # nothing in 2024-25
    (row,) = (
        row
        for row in folder.rows("measures", *asked, "--measure", "funnel.arrived")
        if row["period"]["zone"] == "America/Toronto"
    )
    assert row["compared"]["reason"] == "unknown then"
    assert row["compared"]["period"]["start"] == "2024-04-01T00:00:00-04:00"
    assert row["compared"]["period"]["end"] == "2025-01-19T00:00:00-05:00"


def test_every_form_carries_the_comparison(folder: Folder) -> None:
    asked = ("measures", *WEEK, "--by", "day,department", *MEASURES, "--compare", "previous")
    plain = [_flat(row) for row in folder.rows(*asked)]
    by_csv = list(csv.DictReader(io.StringIO(folder.raw(*asked, "--format", "csv").decode())))
    assert by_csv == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in plain
    ]
    parquet = pq.read_table(io.BytesIO(folder.raw(*asked, "--format", "parquet"))).to_pylist()
    mixed = ("value", "compared_value", "difference")
    assert parquet == [
        {k: str(v) if k in mixed and v is not None else v for k, v in row.items()} for row in plain
    ]
    table = " ".join(folder.run(*asked).out.split())
    assert "compared with 2026-01-05T00:00:00-05:00 to 2026-01-06T00:00:00-05:00" in table
    assert "funnel.arrived 5 contacts (was 2, +3)" in table
    assert "answer.rate 80.00 % 4 / 5 (was 50.00, +30.00)" in table
    assert "compared with 2026-01-05 to 2026-01-12 (America/Toronto)" in table
    assert "funnel.arrived 1 contacts (nothing to compare with)" in table


def _flat(row: Row) -> Row:
    other = row["compared"]
    flat = {k: v for k, v in row.items() if k not in {"period", "dimensions", "compared"}}
    return {
        **flat,
        **row["period"],
        **row["dimensions"],
        "compared_start": other["period"]["start"],
        "compared_end": other["period"]["end"],
        **{f"compared_{name}": other[name] for name in ("numerator", "denominator", "value")},
        "difference": other["difference"],
        "not_compared": other["reason"],
        "open": row["open"],
        "why": row["why"],
    }


def test_with_a_baseline_under_a_name(folder: Folder) -> None:
    asked = ("--by", "day,department")
    january = ("--from", "2026-01-05", "--to", "2026-01-12", *asked, *MEASURES)
    folder.raw("measures", *january, "--save", "first-week", "--compare", "previous")
    again = folder.run("measures", *january, "--save", "first-week")
    assert (again.status, "already" in again.err) == (1, True)
    found = compared(folder, *WEEK, *asked, "--compare", "first-week")
    assert found["2026-01-14", "funnel.arrived"] == (7, 4)
    assert found["2026-01-13", "funnel.arrived"] == (1, None)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--by", "week,department", "--compare", "kept"), "was saved by day, department and by"),
        (("--by", "day", "--compare", "kept"), "these figures are by day and by cohort"),
        (
            ("--by", "day,department", "--attribution", "interval", "--compare", "kept"),
            "these figures are by day, department and by interval",
        ),
        (("--compare", "nothing"), "there is no baseline 'nothing'"),
        (("--save", "last-year"), "'last-year' is no name for a baseline"),
        (("--save", "../x"), "'../x' is not a name of letters"),
    ],
)
def test_like_is_compared_with_like(folder: Folder, words: tuple[str, ...], problem: str) -> None:
    if not (folder.path / "baselines" / "kept.json").exists():
        folder.raw("measures", *WEEK, "--by", "day,department", *MEASURES, "--save", "kept")
    said = folder.run("measures", *WEEK, "--measure", "funnel.arrived", *words)
    assert (said.status, said.out) == (1, "")
    assert problem in said.err


def test_a_baseline_of_another_version_is_not_comparable(folder: Folder) -> None:
    folder.raw("measures", *WEEK, *MEASURES, "--save", "old")
    path = folder.path / "baselines" / "old.json"
    kept = msgspec.json.decode(path.read_bytes())
    for row in kept["figures"]:
        row["version"] = 0
    path.write_bytes(msgspec.json.encode(kept))
    rows = folder.rows("measures", *WEEK, *MEASURES, "--compare", "old")
    assert rows
    for row in rows:
        assert row["compared"]["difference"] is None
        assert row["compared"]["reason"] == "not comparable: version 0 of the measure"
    path.write_bytes(b"[]")
    assert "old.json cannot be read" in folder.run("measures", *WEEK, "--compare", "old").err


def test_by_sql_the_comparison_is_the_same(folder: Folder) -> None:
    asked = ("measures", *WEEK, "--by", "week,department", "--compare", "previous")
    live = folder.raw(*asked, "--format", "json")
    assert b'"difference": 8' in live
    assert folder.raw(*asked, "--format", "json", "--engine", "sql") == live
