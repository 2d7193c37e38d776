"""Missing sequence numbers, by source: facts that were sent and never came.

On Kafka also what had come, and was gone before it was archived: positions of the log, after the
sources. Exit status 1 if there is any of either.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter

from schemas.topics import EVENTS
from sinks.archive.lost import losses
from sinks.gaps import Gap, gaps
from streams.commands.patience import patiently
from streams.home import Home
from streams.recounting.evidence import evidence

_SHOWN = 20


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """List the gaps of everything that has come: the archive and the log."""
    home = Home(args.data)
    home.check()
    found = patiently(lambda: _gaps(home))
    gone = losses(home.archive)
    if args.format == "json":
        print(json.dumps([*map(asdict, found), *map(asdict, gone)], indent=2))
    else:
        print("\n".join(_words(found)) or "Nothing has come yet.")
        print("".join(f"never archived: {lost}\n" for lost in gone), end="")
    return 1 if gone or any(gap.missing for gap in found) else 0


def _gaps(home: Home) -> list[Gap]:
    with closing(home.log()) as log:
        ends = [log.bounds(EVENTS, number)[1] for number in range(log.partitions)]
    with evidence(home, ends) as found:
        return gaps(found.files)


def _words(found: Sequence[Gap]) -> list[str]:
    sources = (list(of) for _, of in groupby(found, attrgetter("source")))
    return [line for of in sources for line in (_head(of), *_spans(of))]


def _head(found: Sequence[Gap]) -> str:
    one, total = found[0], sum(gap.missing or 0 for gap in found)
    if not one.numbers:
        return f"{one.source}: cannot be checked, its events carry no number"
    if not one.counts:
        return f"{one.source}: cannot be checked, {several(one.shared, one.numbers)}"
    missing = f"{total:,} missing" if total else "none missing"
    rest = f"; {one.unnumbered:,} events carry none" if one.unnumbered else ""
    return f"{one.source}: {missing} beside {one.numbers:,} that came{rest}"


def several(shared: int, numbers: int) -> str:
    """Why the numbers of a source cannot be checked."""
    return f"{shared:,} of its {numbers:,} numbers stand for several events"


def _spans(found: Sequence[Gap]) -> list[str]:
    spans = [
        f"  {gap.first}" + (f" to {gap.last}" if gap.last != gap.first else "")
        for gap in found
        if gap.missing
    ]
    more = len(spans) - _SHOWN
    return [*spans[:_SHOWN], *([f"  and {more:,} more"] if more > 0 else [])]
