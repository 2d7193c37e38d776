"""A seeded phone service of three departments, told to a gateway or straight to the log.

Without --url, the events pass the same admission as at the gateway, then into the log.
"""

from __future__ import annotations

import asyncio
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date, timedelta

from schemas.admission import admit
from schemas.event import Event, encode
from schemas.instants import instant
from schemas.topics import EVENTS
from streams.clock import now_ms
from streams.commands.intake import Intake, archiving, finish
from streams.commands.options import count, day, positive
from streams.commands.progress import bar
from streams.embedded import Embedded
from streams.producer import produce
from streams.server import token_of
from streams.simulator import deliver, pace, simulate


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--days", type=count, default=8, help="local days (default 8)")
    parser.add_argument("--start", type=day, help="first local day (default: so that all is past)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same service")
    parser.add_argument("--scale", type=positive, default=1.0, help="times the callers and agents")
    parser.add_argument("--clean", action="store_true", help="no repeats, nothing late or lost")
    parser.add_argument("--url", help="a gateway, such as http://127.0.0.1:8780")
    parser.add_argument("--token", help="its token (default: the data folder's)")
    parser.add_argument(
        "--speed", type=positive, help="simulated seconds a second; 1: real time (default: no wait)"
    )


def run(args: Namespace) -> int:
    """Simulate, and send every event."""
    home = Embedded(args.data)
    if args.url:
        token = args.token or token_of(home)
        with bar("simulating", None) as advance:
            sent = asyncio.run(produce(args.url, token, map(encode, events_of(args)), advance))
    else:
        sent = _store(home, events_of(args))
    print(f"{sent:,} events sent")
    return 0


def events_of(args: Namespace) -> Iterator[Event]:
    """The simulated events in the order of their delivery, at the chosen speed."""
    today = date.fromisoformat(instant(now_ms())[:10])
    start = args.start or today - timedelta(days=args.days + 1)
    events = simulate(start, args.days, args.seed, scale=args.scale)
    delivered = events if args.clean else deliver(events, args.seed)
    return pace(delivered, args.speed, time.sleep, now_ms)


def _store(home: Embedded, events: Iterator[Event]) -> int:
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
    if not ours:
        finish(home)
    return total
