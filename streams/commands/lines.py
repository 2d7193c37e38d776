"""Telephone lines: when each opened and closed, for what event, and whether it is open on a day.

A `lines.toml` in the data folder adds lines or replaces those that come with the package; see
`schemas/data/lines.toml` for how a row is written. Nothing needs to be stopped for it.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date

import msgspec

from schemas.departments import zone_of
from schemas.lines import Line
from schemas.periods import day_of
from streams.clock import now_ms
from streams.commands.options import day
from streams.tables.lines import Lines


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--on", type=day, help="the local day to tell by who is open, 2026-01-05 (default: today)"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """List the lines."""
    lines, now = Lines(args.data), now_ms()
    found = lines.current()
    if lines.problem:
        raise lines.problem
    rows = [(row, args.on or day_of(zone_of(row.department), now)) for row in found]
    if args.format == "json":
        told = [{**msgspec.to_builtins(row), "on": on, "open": row.open_on(on)} for row, on in rows]
        print(msgspec.json.format(msgspec.json.encode(told)).decode())
        return 0
    width = max(len(row.id) for row in found)
    for row, on in rows:
        print("\n".join(_described(row, on, width)))
    return 0


def _described(row: Line, on: date, width: int) -> list[str]:
    state = f"{'open' if row.open_on(on) else 'closed'} on {on}"
    dates = f"{row.effective_from} to {row.effective_to or '…'!s:<10}"
    indent = f"{'':<{width}}  "
    event = [f"{indent}for: {row.event.en} / {row.event.fr}"] if row.event else []
    return [f"{row.id:<{width}}  {dates}  {state}", f"{indent}{row.en} / {row.fr}", *event]
