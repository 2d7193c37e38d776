"""Write the view script that stock DuckDB opens (duckdb -init views.sql).

The script holds every definition's SQL over the archive's Parquet files as they are now, at
the newest event. It needs nothing of ours to run.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from schemas.departments import DEPARTMENTS, HEADQUARTERS, zone_of
from sinks.archive.reader import chains, entries, files
from sinks.views import script
from streams.commands.intake import catch_up
from streams.home import Home


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--output", type=Path, help="default: views.sql in the data folder")


def run(args: Namespace) -> int:
    """Write the script, and say how to open it."""
    home = Home(args.data)
    home.check()
    catch_up(home)
    as_of = newest(home)
    zones = {row.id: zone_of(row.id) for row in DEPARTMENTS}
    found = [path.resolve() for path in files(home.archive)]
    path = args.output or home.data / "views.sql"
    path.write_text(script(found, as_of, zones, HEADQUARTERS), encoding="utf-8")
    print(f"duckdb -init {path}")
    return 0


def newest(home: Home) -> int:
    """The time of the newest archived event, in milliseconds; 0 in an empty archive."""
    return max(
        (
            entry.max_time_ms or 0
            for chain in chains(home.archive)
            for entry in entries(home.archive, chain.log_id, chain.topic, chain.partition)
        ),
        default=0,
    )
