"""Calendars: what the tables say, where each entry comes from, and what another list says."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from itertools import pairwise

import holidays
import pytest

from schemas.calendars import DEFAULT_SITE, Book, bind, book
from schemas.departments import DEPARTMENTS
from schemas.errors import Malformed
from schemas.weeks import minutes
from tests.tools.write_holidays import YEARS, table

FEDERAL = {"ca-federal-on": "ON", "ca-federal-qc": "QC", "ca-federal-pei": "PE"}
MOURNING = date(2022, 9, 19)
NINE_TO_FIVE = (9 * 60, 17 * 60)


def written() -> str:
    return files("schemas.data").joinpath("holidays.toml").read_text(encoding="utf-8")


def small(*closures: str, hours: str = "") -> Book:
    """A site `s` open from 9 to 17 on weekdays."""
    return bind(
        (
            "small.toml",
            '[[source]]\nid = "a"\nen = "A"\nfr = "À"\n'
            '[[site]]\nid = "s"\nen = "S"\nfr = "S"\n'
            '[[hours]]\nsite = "s"\neffective_from = 1999-01-01\nsource = "a"\n'
            'weekdays = ["mon", "tue", "wed", "thu", "fri"]\nopens = 09:00:00\ncloses = 17:00:00\n'
            + hours
            + "".join(
                f'[[closure]]\nen = "C"\nfr = "C"\nsource = "a"\n{row}\n' for row in closures
            ),
        )
    )


def test_the_holidays_are_what_the_tool_writes() -> None:
    assert written() == table(), (
        "run: python -m tests.tools.write_holidays > schemas/data/holidays.toml"
    )


@pytest.mark.parametrize("site", FEDERAL)
def test_closures_are_whole_in_order_and_on_working_days(site: str) -> None:
    calendar = book().calendar(site)
    rows = list(calendar.closures.values())
    assert all(before.day < after.day for before, after in pairwise(rows))
    assert all(row.en and row.fr and calendar.sources[row.source].fr for row in rows)
    assert [row for row in rows if row.day.weekday() > 4] == []
    assert all(row.moved_from.weekday() > 4 for row in rows if row.moved_from)
    assert {row.day.year for row in rows} == set(YEARS)
    assert (calendar.site.known_from, calendar.site.known_to) == (
        date(YEARS[0], 1, 1),
        date(YEARS[-1], 12, 31),
    )


def elsewhere(province: str, *categories: str) -> dict[date, str]:
    """Another list of the same years: the `holidays` library's."""
    return dict(
        holidays.country_holidays(
            "CA", subdiv=province, years=YEARS, categories=categories, language="en_CA"
        )
    )


#: The library has it among Ontario's optional days only.
EASTER_MONDAYS = {
    day for day, name in elsewhere("ON", "optional").items() if name == "Easter Monday"
}
#: A 24 June on a Saturday is moved by the agreement, and not by the province.
SAINT_JEAN_MOVED = {date(year, 6, 26) for year in (2017, 2023, 2028)}
#: The first Monday of August, by the agreement; it is no province's public holiday here.
CIVIC = {
    day for year in YEARS for day in (date(year, 8, n) for n in range(1, 8)) if day.weekday() == 0
}
OURS_ONLY = {
    "ON": EASTER_MONDAYS | CIVIC | {MOURNING},
    "QC": EASTER_MONDAYS | SAINT_JEAN_MOVED | {MOURNING},
    "PE": EASTER_MONDAYS | CIVIC,
}
#: Provincial days that federal offices do not keep.
THEIRS_ONLY = {"Family Day", "Islander Day"}


@pytest.mark.parametrize(("site", "province"), FEDERAL.items())
def test_the_library_differs_by_a_short_known_list(site: str, province: str) -> None:
    ours = set(book().calendar(site).closures)
    public = elsewhere(province, "public", "government").items()
    theirs = {day for day, name in public if name not in THEIRS_ONLY and day.weekday() < 5}
    assert len(EASTER_MONDAYS) == len(YEARS)
    assert (ours - theirs, theirs - ours) == (OURS_ONLY[province], set())


def test_quebec_alone_keeps_the_24th_of_june_and_not_the_civic_holiday() -> None:
    kept = {site: book().calendar(site).closures for site in FEDERAL}
    june, august = date(2026, 6, 24), date(2026, 8, 3)
    assert {site for site in FEDERAL if june in kept[site]} == {"ca-federal-qc"}
    assert {site for site in FEDERAL if august in kept[site]} == {"ca-federal-on", "ca-federal-pei"}


@pytest.mark.parametrize(
    ("day", "name", "moved_from"),
    [
        (date(2022, 4, 18), "Easter Monday", None),
        (MOURNING, "National Day of Mourning for Queen Elizabeth II", None),
        (date(2021, 9, 30), "National Day for Truth and Reconciliation", None),
        (date(2023, 11, 13), "Remembrance Day", date(2023, 11, 11)),
        (date(2022, 1, 3), "New Year’s Day", date(2022, 1, 1)),
        (date(2021, 12, 27), "Christmas Day", date(2021, 12, 25)),
        (date(2021, 12, 28), "Boxing Day", date(2021, 12, 26)),
        (date(2022, 12, 26), "Boxing Day", None),
        (date(2022, 12, 27), "Christmas Day", date(2022, 12, 25)),
    ],
)
def test_days_that_lists_get_wrong(day: date, name: str, moved_from: date | None) -> None:
    row = book().calendar("ca-federal-on").closures[day]
    assert (row.en, row.moved_from) == (name, moved_from)
    assert book().calendar("ca-federal-on").opening(day) is None


def test_there_was_no_day_for_truth_and_reconciliation_before_2021() -> None:
    assert book().calendar("ca-federal-on").opening(date(2020, 9, 30)) == (8 * 60, 17 * 60)


def test_a_department_keeps_the_calendar_of_its_site() -> None:
    sites = {row.id: book().of(row.id, date(2026, 1, 5)).site.id for row in DEPARTMENTS}
    assert sites == {
        "bank": DEFAULT_SITE,
        "esdc": "ca-federal-on",
        "ircc": "ca-federal-on",
        "vac": "ca-federal-pei",
    }
    assert book().of(None, date(2026, 1, 5)).site.id == DEFAULT_SITE
    assert book().of("ircc", date(1998, 12, 31)).site.id == DEFAULT_SITE


def test_closures_are_known_for_some_years_only() -> None:
    known = book().calendar("ca-federal-on").knows
    days = (date(2014, 12, 31), date(2015, 1, 1), date(2030, 12, 31), date(2031, 1, 1))
    assert [known(day) for day in days] == [False, True, True, False]


def test_a_partial_closure_cuts_the_day_short() -> None:
    calendar = small('day = 2026-01-06\nsites = ["s"]\ncloses = 12:00:00').calendar("s")
    assert calendar.opening(date(2026, 1, 5)) == NINE_TO_FIVE
    assert calendar.opening(date(2026, 1, 6)) == (9 * 60, 12 * 60)


@pytest.mark.parametrize(("closes", "left"), [("18:00:00", NINE_TO_FIVE), ("09:00:00", None)])
def test_a_partial_closure_opens_nothing(closes: str, left: tuple[int, int] | None) -> None:
    calendar = small(f'day = 2026-01-06\nsites = ["s"]\ncloses = {closes}').calendar("s")
    assert calendar.opening(date(2026, 1, 6)) == left


def test_later_hours_replace_the_week() -> None:
    calendar = small(
        hours='[[hours]]\nsite = "s"\neffective_from = 2026-01-07\nsource = "a"\n'
        'weekdays = ["mon"]\nopens = 07:00:00\ncloses = 00:00:00\n'
    ).calendar("s")
    assert calendar.opening(date(1998, 12, 31)) is None
    assert calendar.opening(date(2026, 1, 6)) == NINE_TO_FIVE
    assert calendar.opening(date(2026, 1, 7)) is None
    assert calendar.opening(date(2026, 1, 12)) == (7 * 60, 24 * 60)


DAY = 'day = 2026-01-06\nsites = ["s"]'
HOURS = (
    '[[hours]]\nsite = "s"\neffective_from = 1999-01-01\nsource = "a"\nweekdays = ["sat"]\n'
    "opens = 09:00:00\ncloses = 10:00:00\n"
)
NOWHERE = '[[department]]\ndepartment = "d"\nsite = "x"\neffective_from = 1999-01-01\n'
IDLE = '[[site]]\nid = "t"\nen = "T"\nfr = "T"\n'


@pytest.mark.parametrize(
    ("closures", "more", "told"),
    [
        ((DAY, DAY.replace('"s"', '"x"')), "", "small.toml: closure 2: sites: 'x' is not one of s"),
        ((DAY, DAY), "", "closure of s: day: 2026-01-06 is there twice"),
        ((), HOURS.replace('"a"', '"b"'), "small.toml: hours 2: source: 'b' is not one of a"),
        ((), HOURS.replace("10", "09"), "hours 2: closes: is 09:00:00, not after 09:00:00"),
        ((), HOURS.replace("sat", "fri"), "hours 2: weekdays: has fri again from 1999-01-01"),
        ((), HOURS.replace('"sat"', ""), "small.toml: hours 2: weekdays: is empty"),
        ((), NOWHERE, "small.toml: department 1: site: 'x' is not one of s"),
        ((), IDLE, "site t: has no hours"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(
    closures: tuple[str, ...], more: str, told: str
) -> None:
    with pytest.raises(Malformed) as refused:
        small(*closures, hours=more)
    assert told in str(refused.value)


def test_the_digest_names_what_a_calendar_says_and_nothing_else() -> None:
    plain, others = small(), small("day = 2026-01-06\nsites = []")
    assert plain.calendar("s").digest() == others.calendar("s").digest()
    assert plain.calendar("s").digest() != small(DAY).calendar("s").digest()
    digests = {site: calendar.digest()[:16] for site, calendar in book().calendars.items()}
    assert digests == DIGESTS, "a calendar changed: record its new digest here"


DIGESTS = {
    "ca-federal-on": "1fca15ae8502b97b",
    "ca-federal-qc": "d891ac3fbaa6987b",
    "ca-federal-pei": "fe05effc2dd947c3",
    "mon-fri": "35fac345b7762ea5",
}


def test_an_unknown_site_is_named() -> None:
    with pytest.raises(Malformed, match="'mars' is not one of ca-federal-on, ca-federal-qc"):
        book().calendar("mars")


def test_minutes() -> None:
    row = book().calendar(DEFAULT_SITE).hours[0]
    assert (minutes(row.opens), minutes(row.closes)) == (8 * 60, 17 * 60)
