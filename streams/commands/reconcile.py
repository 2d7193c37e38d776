"""Totals that others counted, beside ours, like with like, and the remainder.

Declared by a carrier, a switch or a workforce system, by cohort or by interval. Without a
carrier's totals, calls that were blocked in the network cannot be seen.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from schemas.departments import zone_of
from schemas.periods import local
from streams.commands.intake import catch_up
from streams.commands.options import day
from streams.commands.patience import patiently
from streams.core.reconcile import Line
from streams.embedded import Embedded
from streams.runtimes.asking import clock_of, one_moment
from streams.runtimes.certainty import declared_lines


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, required=True, help="first local day")
    parser.add_argument("--to", dest="end", type=day, required=True, help="the day after the last")
    parser.add_argument("--each", action="store_true", help="every declaration, not their sums")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """Print declared, counted and remainder; exit status 1 where a remainder is not 0."""
    home = Embedded(args.data)
    home.check()
    catch_up(home)
    lines = patiently(lambda: _lines(home, args.start, args.end))
    groups = [(line,) for line in lines] if args.each else _grouped(lines)
    rows = [_row(group) for group in groups]
    if args.format == "json":
        print(json.dumps(rows, indent=2))
    else:
        print("\n".join(map(_words, rows)) or "Nobody declared a total.")
    return 1 if any(row["remainder"] for row in rows) else 0


def _lines(home: Embedded, start: date, end: date) -> list[Line]:
    with home.stores() as stores, one_moment(stores):
        clock_of(stores)
        return declared_lines(stores, start, end)


def _grouped(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    def source(line: Line) -> tuple[str, str, str, str]:
        d = line.declaration
        return d.department or "", d.of, d.attribution, d.authority

    return [tuple(group) for _, group in groupby(sorted(lines, key=source), source)]


def _row(group: Sequence[Line]) -> dict[str, object]:
    d, zone = group[0].declaration, zone_of(group[0].declaration.department)
    return {
        "department": d.department,
        "of": d.of,
        "attribution": d.attribution,
        "authority": d.authority,
        "start": local(zone, min(line.declaration.start_ms for line in group)),
        "end": local(zone, max(line.declaration.end_ms for line in group)),
        "declarations": len(group),
        "declared": sum(line.declaration.count for line in group),
        "counted": sum(line.counted for line in group),
        "remainder": sum(line.remainder for line in group),
        "apart": sum(line.remainder != 0 for line in group),
    }


def _words(row: dict[str, object]) -> str:
    return (
        f"{row['department'] or 'unknown':<6} {row['of']:<9} by {row['attribution']:<8} "
        f"{row['authority']:<9} {row['start']} to {row['end']}: declared {row['declared']:,}, "
        f"counted {row['counted']:,}, unexplained {row['remainder']:,} "
        f"({row['apart']} of {row['declarations']} intervals apart)"
    )
