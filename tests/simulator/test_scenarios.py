"""What changes from a day on: hours, callbacks line by line, a crisis line, a surge."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from schemas.hours import phones
from schemas.instants import HOUR
from schemas.periods import spans
from streams.simulator import SCENARIOS, simulate
from streams.simulator.briefing import YEARS, briefing
from streams.simulator.demand import wall_hour
from streams.simulator.demonstration import (
    CRISIS_DAYS,
    CRISIS_FROM,
    LONGER_HOURS,
    SURGE,
    SURGE_FROM,
    demonstration,
    surge,
)
from streams.simulator.holidays import is_holiday
from streams.simulator.services import History, Service, changed
from tests.simulator.example import SEED, START, days, of, wall

ECONOMIC, FAMILY = "permanent-residence", "family-sponsorship"


def _rows(department: str, rows: list[Service]) -> History:
    return History([row for row in rows if row.department == department])


@pytest.mark.parametrize("department", ["ircc", "esdc", "vac"])
@pytest.mark.parametrize("around", [START, LONGER_HOURS, date(2026, 4, 3), date(2022, 9, 19)])
def test_phones_are_open_when_the_tables_of_hours_say_so(department: str, around: date) -> None:
    history = _rows(department, demonstration(START))
    opening = phones(department)
    assert opening
    first = around - timedelta(days=3)
    for hour in spans(history.zone, first, first + timedelta(days=7), "hour"):
        day = first + timedelta(
            days=(hour.start_ms - _midnight(first, history.zone)) // (24 * HOUR)
        )
        row = history.on(day)
        ours = row.is_open(day.weekday(), wall_hour(hour)) and not is_holiday(department, day)
        assert ours == opening.opened(hour.start_ms), (day, wall_hour(hour))


def _midnight(day: date, zone: str) -> int:
    return spans(zone, day, day + timedelta(days=1), "day")[0].start_ms


def test_the_hours_of_the_briefing_are_those_of_the_department() -> None:
    shown, briefed = _rows("ircc", demonstration(START)), History(briefing())
    for day in (LONGER_HOURS - timedelta(days=1), LONGER_HOURS):
        assert (shown.on(day).opens, shown.on(day).closes) == (
            briefed.on(day).opens,
            briefed.on(day).closes,
        )


def test_the_crisis_line_opens_and_closes_on_its_days() -> None:
    opens = START + timedelta(days=CRISIS_FROM)
    closes = opens + timedelta(days=CRISIS_DAYS)
    used = [e for e in of(days(), "contact.arrived") if e.data.line == "ircc-crisis"]
    assert {wall(event).date() for event in used} >= {opens, START + timedelta(days=7)}
    assert min(wall(event).date() for event in used) == opens
    queued = [e for e in of(days(), "queue.entered") if e.data.queue == "crisis"]
    assert len(queued) > 50
    rows = demonstration(START)
    last = list(simulate(closes - timedelta(days=1), 4, SEED, rows[:-2]))
    of_line = [e for e in of(last, "contact.arrived") if e.data.line == "ircc-crisis"]
    assert {wall(event).date() for event in of_line} == {closes - timedelta(days=1)}
    at_work = [e for e in of(last, "agent.state_changed") if "crisis" in str(e.data.agent)]
    assert {wall(event).date() for event in at_work} == {closes - timedelta(days=1)}


def test_a_dedicated_line_leads_past_the_menu() -> None:
    used = {e.subject for e in of(days(), "contact.arrived") if e.data.line == "ircc-crisis"}
    assert not used & {event.subject for event in of(days(), "ivr.entered")}
    asked = {event.data.queue for event in of(days(), "agent.requested") if event.subject in used}
    assert asked == {"crisis"}


def test_callback_is_rolled_out_line_by_line() -> None:
    history = History(briefing())

    def covered(year: int, month: int, day: int) -> frozenset[str] | None:
        rule = history.on(date(year, month, day)).callback
        assert rule
        return rule.programs

    assert history.on(date(2019, 3, 31)).callback is None
    assert covered(2019, 4, 1) == covered(2019, 4, 30) == frozenset({ECONOMIC})
    assert covered(2019, 5, 1) == covered(2019, 12, 30) == frozenset({ECONOMIC, FAMILY})
    assert covered(2019, 12, 31) is covered(2021, 6, 1) is None  # all of them


@pytest.mark.parametrize(
    ("start", "offered"),
    [
        (date(2019, 3, 20), set()),
        (date(2019, 4, 8), {ECONOMIC}),
        (date(2019, 6, 3), {ECONOMIC, FAMILY}),
        (date(2020, 1, 6), {ECONOMIC, FAMILY, "citizenship", "temporary-residence"}),
    ],
)
def test_callback_is_offered_only_where_it_has_been_rolled_out(
    start: date, offered: set[str]
) -> None:
    events = simulate(start, 10, SEED, briefing(), 0.02)
    assert {event.data.queue for event in of(events, "callback.offered")} == offered


def test_the_surge_is_60_percent_more_calls_from_a_day_on() -> None:
    def by_day(rows: list[Service]) -> Counter[date]:
        calm = [row for row in rows if row.department == "vac"]
        events = simulate(START, 8, SEED, calm, 3)
        return Counter(wall(event).date() for event in of(events, "contact.arrived"))

    usual, more = by_day(demonstration(START)), by_day(surge(START))
    since = START + timedelta(days=SURGE_FROM)
    assert {day: more[day] for day in more if day < since} == {
        day: usual[day] for day in usual if day < since
    }
    after = [sum(found[day] for day in found if day >= since) for found in (usual, more)]
    assert abs(after[1] / after[0] - SURGE) < 0.1


def test_a_change_comes_on_top_of_what_is_in_force_then_and_later() -> None:
    rows = demonstration(START)
    ircc = [row for row in rows if row.department == "ircc"]
    day = START + timedelta(days=1)
    history = History(changed(ircc, day, lambda row: row.scaled(2)))
    assert history.on(day - timedelta(days=1)).lines == ircc[0].lines
    assert history.on(day).lines == 2 * ircc[0].lines
    crisis = history.on(START + timedelta(days=CRISIS_FROM))
    assert (crisis.lines, len(crisis.teams)) == (2 * ircc[0].lines, 3)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_starts_by_default(name: str) -> None:
    scenario = SCENARIOS[name]
    start = scenario.first or START
    events = simulate(start, 1, SEED, scenario.rows(start), scenario.scale)
    assert next(iter(events)).time[:10] == f"{start}"


def test_what_the_briefing_counts_as_received_is_fixed() -> None:
    """At 1:1000; the last year is nine months."""
    received: Counter[tuple[int, str | None]] = Counter()
    span = (YEARS[-1].until - YEARS[0].since).days
    events = simulate(YEARS[0].since, span, SEED, briefing(), 0.001)
    for event in of(events, "contact.arrived", "email.received"):
        number = next(n for n, year in enumerate(YEARS) if wall(event).date() < year.until)
        received[number, event.data.channel] += 1
    for n, year in enumerate(YEARS):
        assert received[n, "phone"] == round(year.calls / 1000)
        assert received[n, "email"] == round(year.messages / 1000)
        assert received[n, "parliamentary"] == round(year.parliamentary / 1000)
