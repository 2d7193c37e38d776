"""The simulated days of all departments, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from heapq import merge

from schemas.event import Event
from streams.simulator.browsing import Web
from streams.simulator.demonstration import demonstration
from streams.simulator.mailing import MailOffice
from streams.simulator.phone import Phone
from streams.simulator.services import History, Service
from streams.simulator.site import Site


def simulate(
    start: date,
    days: int,
    seed: int,
    services: Sequence[Service] | None = None,
    scale: float = 1.0,
) -> Iterator[Event]:
    """The facts of so many local days of every department, in event order.

    The same arguments give the same events, and a department gives the same ones whichever
    others run beside it. Lazy: memory grows with what is open, not with the days. What is
    still open at the end of the last day has no end. Several rows of one department are its
    history; by default it is the demonstration's. `scale` multiplies callers, agents, lines
    and room.

    Raises:
        Stop: a zone or a date that is not in the zone data.
    """
    rows: dict[str, list[Service]] = {}
    for service in demonstration(start) if services is None else services:
        rows.setdefault(service.department, []).append(service.scaled(scale))
    sites = [site for found in rows.values() for site in _sites(History(found), seed)]
    return merge(*(site.days(start, days) for site in sites))


def _sites(history: History, seed: int) -> Iterator[Site]:
    """Every part of a department tells its own facts, as its own system would."""
    yield Phone(history, seed)
    first = history.rows[0]
    for room in first.mail:
        yield MailOffice(history, seed, room.channel)
    if first.web:
        yield Web(history, seed)
