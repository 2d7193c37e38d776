"""`vouch calendar`: entries with their sources, and what falls due when."""

from __future__ import annotations

import pytest

from schemas.calendars import book
from streams.cli import main


def told(capture: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["calendar", *words]) == 0
    return capture.readouterr().out


def test_every_site_is_shown_with_its_digest(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys)
    for site, calendar in book().calendars.items():
        assert f"{site}: {calendar.site.en} / {calendar.site.fr}" in text
        assert calendar.digest() in text


def test_a_year_of_a_site_is_every_entry_and_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "ca-federal-qc", "--year", "2022")
    rows = [
        row for row in book().calendar("ca-federal-qc").closures.values() if row.day.year == 2022
    ]
    assert len(rows) == 13
    assert [line[:10] for line in text.splitlines() if line.startswith("20")] == [
        str(row.day) for row in rows
    ]
    assert "2022-06-24 Fri  Saint-Jean-Baptiste Day / Saint-Jean-Baptiste\n" in text
    assert "2022-12-27 Tue  Christmas Day / Noël, for 2022-12-25\n" in text
    assert "Secrétariat du Conseil du Trésor du Canada, avis d’information du 16 septembre" in text
    assert "are not known" not in text


def test_a_year_without_a_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "closures of 2031 are not known" in told(capsys, "ca-federal-on", "--year", "2031")
    assert "closures of 2026 are not known" in told(capsys, "mon-fri", "--year", "2026")


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("--department ircc --after 2026-01-09T16:00 --hours 4", "2026-01-12T11:00:00-05:00"),
        ("--department ircc --after 2026-01-09T16:00 --days 3", "2026-01-14T17:00:00-05:00"),
        ("--department ircc --after 2026-01-09T17:00 --days 3", "2026-01-15T17:00:00-05:00"),
        ("--department ircc --after 2026-04-02T17:00:00.5 --days 0", "2026-04-07T17:00:00-04:00"),
        ("--department vac --after 2026-01-09T21:00Z --hours 0.5", "2026-01-12T08:30:00-04:00"),
        (
            "--after 2026-01-09T16:00 --days 1",
            "2026-01-12T17:00:00-05:00  (weekdays only: closures are not known)",
        ),
        (
            "--department ircc --after 2030-12-31T16:00 --hours 2",
            "2031-01-01T09:00:00-05:00  (weekdays only: closures are not known)",
        ),
    ],
)
def test_what_falls_due(capsys: pytest.CaptureFixture[str], words: str, due: str) -> None:
    assert told(capsys, *words.split()) == f"{due}\n"


@pytest.mark.parametrize(
    ("words", "status", "problem"),
    [
        ("mars", 1, "site: 'mars' is not one of ca-federal-on"),
        ("--department ircc", 1, "needs --after, and --hours or --days"),
        ("--after 2026-01-09T16:00", 1, "needs --after, and --hours or --days"),
        ("--days 0", 1, "needs --after, and --hours or --days"),
        ("mon-fri --after 2026-01-09 --days 1", 1, "and no site or year"),
        ("--after 1998-12-31T12:00 --days 1", 1, "business days are known from 1999 to 2040"),
        ("--after 2040-12-31T12:00 --hours 1e308", 1, "business days are known from 1999"),
        ("--after 2041-06-01T12:00 --hours 1", 1, "2041-06-01 is outside the zone data"),
        ("--after 2026-13-01 --days 1", 2, "'2026-13-01' is not a moment such as"),
        ("--after 2026-01-09 --days -1", 2, "'-1' is not a whole number of days"),
        ("--after 2026-01-09 --days 1.5", 2, "'1.5' is not a whole number of days"),
        ("--after 2026-01-09 --days 1 --hours 1", 2, "not allowed with"),
        ("mon-fri --year 0", 2, "'0' is not a year such as 2026"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_words(
    capsys: pytest.CaptureFixture[str], words: str, status: int, problem: str
) -> None:
    try:
        ended = main(["calendar", *words.split()])
    except SystemExit as stopped:
        ended = int(str(stopped.code))
    output = capsys.readouterr()
    assert (ended, output.out) == (status, "")
    assert problem in output.err
