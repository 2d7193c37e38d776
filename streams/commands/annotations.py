"""What happened on days that figures must be read by; a data folder adds its own."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date

from schemas.annotations import Annotation, between
from streams.commands.options import day
from streams.tables.annotations import noted


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, default=date.min, help="first local day")
    parser.add_argument("--to", dest="end", type=day, default=date.max, help="day after the last")
    parser.add_argument("--lang", choices=("en", "fr"), default="en")


def run(args: Namespace) -> int:
    """List them."""
    for row in between(noted(args.data), args.start, args.end):
        print(words(row, args.lang))
    return 0


def words(row: Annotation, lang: str) -> str:
    """One annotation in a line."""
    text: str = getattr(row, lang)
    return f"{row.day}  {row.department or '':<5} {text} [{row.source}]"
