"""Close the days of intake that are over: record how far every partition was, make files large.

    vouch seal                 what is due; a server does the same once a day
    vouch seal --month-end     also what there is of the month that runs

Small files are replaced by one of about a million rows, which is proved to hold the same records
before it counts. `vouch verify archive` proves it again. Nobody who reads meanwhile sees a row
twice, or not at all. Status 1: something was left for the next time; it says what, and why.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from sinks.archive.days import Day
from sinks.archive.upkeep import Upkeep, upkeep
from streams.clock import now_ms
from streams.commands.intake import settle
from streams.commands.progress import bar
from streams.home import Home

_SHOWN = 20


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--month-end",
        action="store_true",
        help="make files of what there is, though they are small and the month runs on",
    )


def run(args: Namespace) -> int:
    """Archive what is in the log, then do what is due, and say so."""
    home = Home(args.data)
    home.check()
    with home.lock():
        settle(home)
        with bar("sealing", None) as advance:
            done = upkeep(
                home.archive,
                now_ms(),
                home.keys(),
                month_end=args.month_end,
                told=lambda _: advance(),
            )
    print("\n".join(_said(done)))
    return 1 if done.waits else 0


def _said(done: Upkeep) -> list[str]:
    rows = sum(seal.rows for seal in done.seals)
    replaced = sum(seal.last - seal.first + 1 for seal in done.seals)
    return [
        *map(_day, done.days[-_SHOWN:]),
        f"{len(done.days):,} days recorded; files: {done.before:,} before, {done.after:,} after",
        f"{replaced:,} files replaced by {len(done.seals):,}, with the same {rows:,} rows",
        *(f"left for the next time: {why}" for why in done.waits),
    ]


def _day(day: Day) -> str:
    partitions = len(day.chains)
    late = f"  LATE, of {partitions} partition(s)" if day.late else ""
    return f"{day.day}  {day.rows:>12,} rows{late}"
