"""Totals that others counted, beside ours, like with like, and the remainder.

Declared by a carrier, a switch or a workforce system, by cohort or by interval. Exit status 1
where a switch or a workforce system counted otherwise. A carrier sees calls that never reached
us: its remainder is shown, and cannot be reconciled.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

import msgspec

from schemas.departments import zone_of
from schemas.errors import DeadLetter
from schemas.periods import local
from schemas.record import DIMENSIONS
from streams.commands.intake import catch_up
from streams.commands.options import day
from streams.commands.patience import patiently
from streams.core.reconcile import SAME_VIEW, Line, declared_dims
from streams.home import Home
from streams.runtimes.asking import clock_of, one_moment
from streams.runtimes.certainty import declared_lines

_UNSEEN = "No carrier declared a total: calls blocked in the network cannot be seen."


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Declarations of one thing, place and authority, beside what was counted.

    Attributes:
        dimensions: those that the declarations name.
        start, end: local time, from the first to the last of them.
        declarations: how many they are, and `apart` how many of them differ from ours.
        remainder: declared less counted.
    """

    of: str
    dimensions: dict[str, str]
    attribution: str
    authority: str
    start: str
    end: str
    declarations: int
    declared: int
    counted: int
    remainder: int
    apart: int


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, required=True, help="first local day")
    parser.add_argument("--to", dest="end", type=day, required=True, help="the day after the last")
    parser.add_argument("--each", action="store_true", help="every declaration, not their sums")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """Print declared, counted and remainder."""
    if args.end <= args.start:
        msg = f"--to {args.end} must be after --from {args.start}"
        raise DeadLetter(msg)
    home = Home(args.data)
    home.check()
    catch_up(home)
    lines = patiently(lambda: _lines(home, args.start, args.end))
    rows = [_row(group) for group in ([[line] for line in lines] if args.each else _sums(lines))]
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())
    else:
        print("\n".join(_words(rows)))
    return 1 if any(row.apart for row in rows if row.authority in SAME_VIEW) else 0


def _lines(home: Home, start: date, end: date) -> list[Line]:
    with home.stores() as stores, one_moment(stores):
        clock_of(stores)
        return declared_lines(stores, start, end)


def _sums(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Declarations that may be added: of the same thing, place and authority, none in another."""
    for _, group in groupby(sorted(lines, key=_order), _of):
        chains: list[list[Line]] = []
        for line in group:
            fits = (c for c in chains if c[-1].declaration.end_ms <= line.declaration.start_ms)
            chain = next(fits, None)
            if chain is None:
                chains.append([line])
            else:
                chain.append(line)
        yield from chains


def _of(line: Line) -> tuple[str, ...]:
    d = line.declaration
    return (*(name or "" for name in declared_dims(d)), d.of, d.attribution, d.authority)


def _order(line: Line) -> tuple[object, ...]:
    d = line.declaration
    return (*_of(line), d.start_ms, -d.end_ms)


def _row(group: Sequence[Line]) -> Row:
    d, zone = group[0].declaration, zone_of(group[0].declaration.department)
    named = zip(DIMENSIONS, declared_dims(d), strict=True)
    return Row(
        of=d.of,
        dimensions={name: value for name, value in named if value is not None},
        attribution=d.attribution,
        authority=d.authority,
        start=local(zone, d.start_ms),
        end=local(zone, group[-1].declaration.end_ms),
        declarations=len(group),
        declared=sum(line.declaration.count for line in group),
        counted=sum(line.counted for line in group),
        remainder=sum(line.remainder for line in group),
        apart=sum(line.remainder != 0 for line in group),
    )


def _words(rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield f"{'declared':>12} {'counted':>12} {'unexplained':>12}  intervals apart"
    else:
        yield "Nobody declared a total."
    yield from map(_line, rows)
    if all(row.authority != "carrier" for row in rows):
        yield _UNSEEN


def _line(row: Row) -> str:
    place = " ".join(row.dimensions.values()) or "all departments"
    apart = f"{row.apart:,} of {row.declarations:,}"
    remainder = f"{row.remainder:+,}" if row.remainder else "0"
    return (
        f"{row.declared:>12,} {row.counted:>12,} {remainder:>12}  {apart:<15}  {place}: {row.of} "
        f"by {row.attribution}, {row.authority}, {row.start[:16]} to {row.end[:16]}"
    )
