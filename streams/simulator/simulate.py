"""The simulated days, hour by hour, over all departments in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from heapq import merge

from schemas.event import Data, Event
from schemas.instants import HOUR, MINUTE, instant
from schemas.periods import Span, spans
from schemas.zones import offset_minutes
from streams.simulator.arriving import arrive
from streams.simulator.queueing import dispatch, send_away
from streams.simulator.services import SERVICES, Service
from streams.simulator.site import Site


def simulate(
    start: date,
    days: int,
    seed: int,
    services: Sequence[Service] = SERVICES,
    scale: float = 1.0,
) -> Iterator[Event]:
    """The facts of so many local days of every department, in event order.

    The same arguments give the same events, and a department gives the same ones whichever
    others run beside it. Lazy: memory does not grow with the days. What is still open at the
    end of the last day has no end. `scale` multiplies callers, agents, lines and room.

    Raises:
        Stop: a zone or a date that is not in the zone data.
    """
    return merge(*(_department(service.scaled(scale), start, days, seed) for service in services))


def _department(service: Service, start: date, days: int, seed: int) -> Iterator[Event]:
    site = Site(service, seed, arrive)
    for n in range(days):
        today = start + timedelta(days=n)
        site.begin_day(f"{today:%Y%m%d}")
        for hour in spans(service.zone, today, today + timedelta(days=1), "hour"):
            _begin(site, hour, today.weekday())
            yield from site.told()
            yield from site.run(hour.end_ms)
            _declare(site, hour)
            yield from site.told()


def _begin(site: Site, span: Span, weekday: int) -> None:
    """Shifts change, doors open or close, and the hour's callers make up their minds."""
    service = site.service
    site.now, site.hour = span.start_ms, _wall_hour(span)
    site.open = service.is_open(weekday, site.hour)
    for desk in site.desks:
        desk.staff = int(desk.team.staff[site.hour]) if weekday in service.weekdays else 0
        if not (desk.staff or site.open):
            send_away(site, desk)
        dispatch(site, desk)
    _summon(site, span, service.hourly[site.hour] * service.weekly[weekday])


def _wall_hour(span: Span) -> int:
    return (span.start_ms + offset_minutes(span.zone, span.start_ms) * MINUTE) // HOUR % 24


def _summon(site: Site, span: Span, mean: float) -> None:
    """Arrivals of one hour: a Poisson process, so that the gaps are exponential."""
    moment = span.start_ms + _gap(site, mean)
    while moment < span.end_ms:
        site.at(int(moment), arrive)
        moment += _gap(site, mean)


def _gap(site: Site, mean: float) -> float:
    return site.rng.expovariate(mean / HOUR) if mean else float("inf")


def _declare(site: Site, span: Span) -> None:
    """The switch, or the carrier, says how many it counted in the hour that ends."""
    service = site.service
    by_carrier = service.authority == "carrier"
    subject = f"declared-{service.department}-{instant(span.start_ms)[:13]}"
    site.declare(
        subject,
        subject,
        "control.total_declared",
        Data(
            department=service.department,
            channel="phone",
            of="arrived",
            count=site.attempts if by_carrier else site.arrivals,
            period_start=instant(span.start_ms),
            period_end=instant(span.end_ms),
            attribution="cohort",
            authority=service.authority,
        ),
    )
    site.arrivals = site.attempts = 0
