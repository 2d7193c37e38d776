"""One contact: its events in event order, and what they were folded to, with its parts.

A shift of an agent is shown likewise, and so is a declared total.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from schemas.admission import EARLIEST
from schemas.departments import zone_of
from schemas.errors import DeadLetter
from schemas.event import Event
from schemas.instants import millis
from schemas.periods import local
from schemas.topics import EVENTS, partition_of
from streams.commands.intake import catch_up
from streams.core.fold import fold, gather
from streams.home import Home
from streams.logs.port import Log

READ = 100_000
EARLIEST_MS = millis(EARLIEST)


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", help="the contact id (the subject of its events)")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """Show the contact."""
    home = Home(args.data)
    home.check()
    catch_up(home)
    values, as_of = _evidence(home, args.id)
    facts, folded = gather(values), fold(values, as_of)
    if facts is None or folded is None:
        msg = f"there is no event of contact {args.id!r} in {args.data}"
        raise DeadLetter(msg)
    if args.format == "json":
        plain = {"events": [msgspec.Raw(value) for value in values], "folded": folded}
        print(msgspec.json.format(msgspec.json.encode(plain)).decode())
        return 0
    zone = zone_of(folded.department)
    print(f"{args.id}: {len(values)} values in the log, {len(facts.events)} distinct events")
    if facts.conflicting:
        print(f"  {facts.conflicting} came with different bytes; the smallest SHA-256 is kept")
    for event in facts.events:
        print(f"  {local(zone, millis(event.time))}  {event.type:<26} {_said(event)}")
    print(f"as of {local(zone, as_of)}")
    print("\n".join(_fields(folded, zone)))
    return 0


def _evidence(home: Home, contact: str) -> tuple[list[bytes], int]:
    """Every value of a contact, archived or still in the log, and the newest event time."""
    log = home.log()
    past = home.past(log)
    number = partition_of(contact, log.partitions)
    archived = past.next(number)
    values = list(past.lookup(number, [contact], archived, sys.maxsize).get(contact, ()))
    values += _logged(log, number, contact, archived)
    with home.stores() as stores:
        clocks = [now for _, now in (store.progress() for store in stores) if now is not None]
    log.close()
    facts = gather(values)
    newest = [millis(facts.events[-1].time)] if facts else [0]
    return values, max(clocks + newest)


def _logged(log: Log, number: int, contact: str, start: int) -> list[bytes]:
    found: list[bytes] = []
    start = max(start, log.bounds(EVENTS, number)[0])
    while rows := log.read(EVENTS, number, start, READ):
        found += [row.value for row in rows if row.key == contact]
        start = rows[-1].offset + 1
    return found


def _said(event: Event) -> str:
    data = event.data
    said = ((name, getattr(data, name)) for name in data.__struct_fields__)
    return " ".join(f"{name}={value}" for name, value in said if value is not None)


def _fields(folded: Struct, zone: str) -> Iterator[str]:
    for name, value in msgspec.structs.asdict(folded).items():
        parts = value if isinstance(value, tuple) else (value,)
        if value is not None and parts:
            yield f"  {name:<28} {_shown(name, parts[0], zone)}"
            yield from (f"  {'':<28} {_shown(name, part, zone)}" for part in parts[1:])


def _shown(name: str, value: object, zone: str) -> str:
    """A value, or a part as its facts: `queue=general entered_ms=…`."""
    if not isinstance(value, Struct):
        return _value(name, value, zone)
    facts = msgspec.structs.asdict(value).items()
    return " ".join(f"{name}={_value(name, v, zone)}" for name, v in facts if v is not None)


def _value(name: str, value: object, zone: str) -> str:
    if not name.endswith("_ms") or not isinstance(value, int):
        return str(value)
    if value > EARLIEST_MS:  # an instant; no duration is as long as since 1990
        return local(zone, value)
    return f"{value / 1000:,.3f} s"
