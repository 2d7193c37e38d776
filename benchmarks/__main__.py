"""python -m benchmarks NAME [--json]: measure, and hold against the goals.

To add a benchmark, write a module with `run() -> list[Result]`, and add a row here.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from importlib import import_module

from msgspec.json import encode
from rich.console import Console
from rich.table import Table

from benchmarks.result import Result
from streams.garbage import look_seldom

BENCHMARKS = {
    "across": "benchmarks.across",
    "bank": "benchmarks.bank",
    "briefing": "benchmarks.briefing",
    "endurance": "benchmarks.endurance",
    "fold": "benchmarks.fold",
    "gate": "benchmarks.gate",
    "import": "benchmarks.importing",
    "intake": "benchmarks.intake",
    "kafka": "benchmarks.kafka",
    "latency": "benchmarks.latency",
    "lookups": "benchmarks.lookups",
    "memory": "benchmarks.memory",
    "recompute": "benchmarks.recompute",
    "year": "benchmarks.year",
}
_HOLDS = {True: "holds", False: "MISSED", None: ""}


def main() -> int:
    """Run one benchmark; the exit status is 0 whether or not its goals are met."""
    parser = ArgumentParser(prog="python -m benchmarks", description="Measure one thing.")
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="a list of rows, for machines")
    args = parser.parse_args()
    module = import_module(BENCHMARKS[args.name])
    look_seldom()  # as every command does
    results: list[Result] = module.run()
    if args.json:
        print(encode([asdict(result) for result in results]).decode())
    else:
        Console(width=120).print(_table(module.__doc__ or "", results))
    return 0


def _table(words: str, results: list[Result]) -> Table:
    table = Table(title=words.partition("\n")[0])
    for head in ("what", "value", "unit", "goal", ""):
        table.add_column(head, justify="right" if head == "value" else "left", no_wrap=True)
    for row in results:
        value = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:,.2f}"
        table.add_row(row.name, value, row.unit, row.goal or "", _HOLDS[row.holds])
    return table


if __name__ == "__main__":
    sys.exit(main())
