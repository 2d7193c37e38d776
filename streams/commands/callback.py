"""Callbacks beside the calls that came before and after: was the caller rung at the right moment?

With an id, that callback is explained in words. Without one, the callbacks that were accepted and
never attempted are listed, then those whose first attempt was furthest from the moment at which
the caller would have been answered.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from schemas.across import Fidelity
from schemas.departments import zone_of
from schemas.errors import DeadLetter
from schemas.periods import day_of
from schemas.record import ContactRecord
from streams.commands.callback_list import Row, listed
from streams.commands.callback_story import Callback, told
from streams.commands.intake import catch_up
from streams.commands.options import count, day
from streams.commands.patience import patiently
from streams.core.fidelity import fidelity, line_of
from streams.core.glimpse import Glimpse
from streams.home import Home
from streams.runtimes.asking import clock_of, one_moment
from streams.runtimes.contacts import contact, contacts
from streams.runtimes.store import StateStore

Judged = tuple[Glimpse, Fidelity]


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("id", nargs="?", help="the contact id of one callback")
    parser.add_argument("--from", dest="start", type=day, help="first local day of arrival")
    parser.add_argument("--to", dest="end", type=day, help="the day after the last")
    parser.add_argument(
        "--worst", type=count, default=20, metavar="N", help="how many deviations (default: 20)"
    )
    parser.add_argument("--lang", choices=("en", "fr"), default="en")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """Explain one callback, or list those that went wrong."""
    home = Home(args.data)
    home.check()
    catch_up(home)
    if args.id is not None:
        found = explained(home, args.id)
        print(_json(_plain(found)) if args.format == "json" else told(found, args.lang))
        return 0
    rows, judged = wrong(home, args.worst, args.start, args.end)
    print(_json(rows) if args.format == "json" else listed(rows, judged, args.lang))
    return 0


def explained(home: Home, name: str) -> Callback:
    """One callback, and all that is known of it.

    Raises:
        DeadLetter: there is no such contact, or it accepted no callback.
    """
    return patiently(lambda: _explained(home, name))


def wrong(
    home: Home, worst: int, start: date | None = None, end: date | None = None
) -> tuple[list[Row], int]:
    """Those never attempted and the `worst` deviations, and how many callbacks were judged."""
    return patiently(lambda: _wrong(home, start, end, worst))


def _explained(home: Home, name: str) -> Callback:
    with home.stores() as stores, one_moment(stores):
        as_of = clock_of(stores) or 0
        record = contact(stores, name, as_of)
        if record is None:
            msg = f"there is no contact {name!r} in {home.data}"
            raise DeadLetter(msg)
        if record.callback_accepted_ms is None:
            msg = f"contact {name!r} accepted no callback (vouch contact shows what it did)"
            raise DeadLetter(msg)
        row = _fidelity(stores, record, as_of)
        before = row and row.before_contact and contact(stores, row.before_contact, as_of)
        after = row and row.after_contact and contact(stores, row.after_contact, as_of)
        return Callback(record, row, before or None, after or None, as_of)


def _fidelity(stores: Sequence[StateStore], record: ContactRecord, as_of: int) -> Fidelity | None:
    """The row of one contact: only calls that could be its neighbours are kept in memory."""
    line = [found for found in contacts(stores, as_of) if line_of(found) == line_of(record)]
    return next(
        (row for found, row in fidelity(line, as_of) if found.contact_id == record.contact_id),
        None,
    )


def _wrong(home: Home, start: date | None, end: date | None, worst: int) -> tuple[list[Row], int]:
    """The rows of a list, and how many callbacks were judged."""
    with home.stores() as stores, one_moment(stores):
        as_of = clock_of(stores) or 0
        judged = [
            (record, row)
            for record, row in fidelity(contacts(stores, as_of), as_of)
            if _within(record, start, end)
        ]
    return [Row.of(*found) for found in (*_orphaned(judged), *_worst(judged)[:worst])], len(judged)


def _within(record: Glimpse, start: date | None, end: date | None) -> bool:
    arrived = day_of(zone_of(record.department), record.arrived_ms)
    return (start is None or start <= arrived) and (end is None or arrived < end)


def _orphaned(judged: Sequence[Judged]) -> Iterator[Judged]:
    """Accepted and never attempted, the oldest first."""
    found = (pair for pair in judged if pair[1].attempted_ms is None)
    yield from sorted(found, key=lambda pair: (pair[1].accepted_ms, pair[1].contact_id))


def _worst(judged: Sequence[Judged]) -> list[Judged]:
    found = (pair for pair in judged if pair[1].deviation_size_ms)
    return sorted(found, key=lambda pair: (-(pair[1].deviation_size_ms or 0), pair[1].contact_id))


def _plain(found: Callback) -> dict[str, object]:
    return {
        "as_of_ms": found.as_of,
        "contact": found.record,
        "fidelity": found.fidelity,
        "before": found.before,
        "after": found.after,
        "words": {language: told(found, language).splitlines() for language in ("en", "fr")},
    }


def _json(plain: object) -> str:
    return msgspec.json.format(msgspec.json.encode(plain)).decode()
