"""Missing sequence numbers, by source: facts that were sent and never came.

Exit status 1 if there are any.
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
from sinks.gaps import Gap, gaps
from streams.embedded import Embedded
from streams.evidence import evidence

_SHOWN = 20


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """List the gaps of everything that has come: the archive and the log."""
    home = Embedded(args.data)
    home.check()
    with closing(home.log()) as log:
        ends = [log.bounds(EVENTS, number)[1] for number in range(log.partitions)]
    with evidence(home, ends) as files:
        found = gaps(files)
    missing = [gap for gap in found if gap.counts]
    print(
        json.dumps([asdict(gap) for gap in found], indent=2)
        if args.format == "json"
        else _words(found)
    )
    return 1 if missing else 0


def _words(found: Sequence[Gap]) -> str:
    lines = [
        line
        for source, of in groupby(found, attrgetter("source"))
        for line in _source(source, list(of))
    ]
    return "\n".join(lines) or "No sequence number is missing."


def _source(source: str, found: Sequence[Gap]) -> list[str]:
    if not found[0].counts:
        return [f"{source}: gives one number to several events; it is no counter"]
    total = sum(gap.missing or 0 for gap in found)
    head = f"{source}: {total:,} missing beside {found[0].numbers:,} that came"
    spans = [
        f"  {gap.first}" + (f" to {gap.last}" if gap.last != gap.first else "")
        for gap in found[:_SHOWN]
    ]
    more = len(found) - _SHOWN
    return [head, *spans, *([f"  and {more:,} more"] if more > 0 else [])]
