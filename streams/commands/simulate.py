"""A seeded contact centre, told to a gateway or straight to the log.

By default three departments on the days before today. Without --url, the events pass the same
admission as at the gateway, then into the log.
"""

from __future__ import annotations

import asyncio
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from datetime import date, timedelta

from schemas.admission import admit
from schemas.errors import DeadLetter
from schemas.event import Event, encode
from schemas.instants import instant
from schemas.topics import EVENTS
from streams.clock import now_ms
from streams.commands.intake import Intake, archiving, elsewhere, finish
from streams.commands.options import count, day, positive
from streams.commands.progress import bar
from streams.home import Home
from streams.producer import produce
from streams.server import token_of
from streams.simulator import SCENARIOS, Scenario, deliver, pace, simulate

DAYS = 8


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    told = "; ".join(f"{name}: {row.words}" for name, row in SCENARIOS.items())
    parser.add_argument(
        "--scenario",
        choices=SCENARIOS,
        default="demonstration",
        help=told.replace("%", "%%"),  # argparse formats it
    )
    parser.add_argument("--days", type=count, help=f"local days (default {DAYS}, or all there are)")
    parser.add_argument("--start", type=day, help="first local day (default: so that all is past)")
    parser.add_argument(
        "--from-year", type=_april, metavar="YEAR", help="start with a fiscal year: on 1 April"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same service")
    parser.add_argument("--scale", type=positive, help="times the callers and agents")
    parser.add_argument("--clean", action="store_true", help="no repeats, nothing late or lost")
    parser.add_argument("--url", help="a gateway, such as http://127.0.0.1:8780")
    parser.add_argument("--token", help="its token (default: the data folder's)")
    parser.add_argument(
        "--speed", type=positive, help="simulated seconds a second; 1: real time (default: no wait)"
    )


def run(args: Namespace) -> int:
    """Simulate, and send every event."""
    home = Home(args.data)
    events = events_of(args)
    if args.url:
        token = args.token or token_of(home)
        with bar("simulating", None) as advance:
            sent = asyncio.run(produce(args.url, token, map(encode, events), advance))
    else:
        sent, done = _store(home, events)
        if not done:
            print(elsewhere(home))
    print(f"{sent:,} events sent")
    return 0


def events_of(args: Namespace) -> Iterator[Event]:
    """The simulated events in the order of their delivery, at the chosen speed.

    Raises:
        DeadLetter: two first days, or one that the scenario does not know.
    """
    scenario = SCENARIOS[args.scenario]
    start, days = _when(args, scenario)
    events = simulate(start, days, args.seed, scenario.rows(start), args.scale or scenario.scale)
    delivered = events if args.clean else deliver(events, args.seed)
    return pace(delivered, args.speed, time.sleep, now_ms)


def _when(args: Namespace, scenario: Scenario) -> tuple[date, int]:
    """The first local day, and how many."""
    start = _first(args, scenario)
    if scenario.first and scenario.until:
        if not scenario.first <= start < scenario.until:
            msg = f"{start} is not a day of the scenario: {scenario.first} until {scenario.until}"
            raise DeadLetter(msg)
        rest = (scenario.until - start).days
        return start, min(args.days or rest, rest)
    return start, args.days or DAYS


def _first(args: Namespace, scenario: Scenario) -> date:
    if args.start and args.from_year:
        msg = "--start and --from-year: one first day at a time"
        raise DeadLetter(msg)
    today = date.fromisoformat(instant(now_ms())[:10])
    past = today - timedelta(days=(args.days or DAYS) + 1)
    found: date = args.start or args.from_year or scenario.first or past
    return found


def _april(text: str) -> date:
    try:
        return date(int(text), 4, 1)
    except ValueError as error:
        msg = f"{text!r} is not a year"
        raise ArgumentTypeError(msg) from error


def _store(home: Home, events: Iterator[Event]) -> tuple[int, bool]:
    """How many events there were, and whether they are archived and counted already."""
    total, log = 0, home.log()
    with archiving(home) as ours:
        intake = Intake(log)
        with bar("simulating", None) as advance:
            for event in events:
                admitted, value = admit(encode(event), now_ms())
                intake.add(EVENTS, [(admitted.subject, value)])
                advance()
                total += 1
        intake.flush()
        log.close()
    return total, ours or finish(home)
