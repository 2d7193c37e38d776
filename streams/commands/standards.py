"""Service standards and commitments: met, not met, or not applicable, with the reason.

A standard is judged over the whole period asked for (by default, the fiscal year to date). A
commitment is judged over the year that ends when it falls due. That something was done and that
a result was reached are shown apart. Where no standard was set, that is said. A data folder adds
its own in `standards.toml`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

import msgspec

from schemas.departments import zone_of
from schemas.errors import DeadLetter
from schemas.measures import MEASURES
from schemas.periods import day_of, local
from schemas.statuses import STATUSES, said
from streams.commands.options import day
from streams.commands.questions import clock
from streams.commands.standards_judged import Row, judged
from streams.commands.standards_words import WORDS, quantity, say
from streams.core.comparing import fiscal_year_start
from streams.gateway.typography import LANGUAGES, Language, number
from streams.home import Home
from streams.tables.standards import in_force

_KINDS = ("standard", "commitment", "action")
_IN_MARGIN = ("NA", *(f"{kind} {word}" for kind in _KINDS for word in ("met", "not met")))


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--from", dest="start", type=day, help="first local day (1 April)")
    parser.add_argument("--to", dest="end", type=day, help="the day after the last (tomorrow)")
    parser.add_argument("--department", help="only of this one")
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument("--format", choices=("table", "json"), default="table")


def run(args: Namespace) -> int:
    """Judge, and print. Today is the day of the newest event."""
    home, zone = Home(args.data), zone_of(None)
    table, as_of = in_force(home.data), clock(home)
    if as_of is None:
        msg = "nothing was counted yet"
        raise DeadLetter(msg)
    end = args.end or day_of(zone, as_of) + timedelta(days=1)
    start = args.start or fiscal_year_start(end - timedelta(days=1))
    if end <= start:
        msg = f"--to {end} must be after --from {start}"
        raise DeadLetter(msg)
    found = judged(home, table, start, end, args.lang)
    rows = [row for row in found if args.department in (None, row.department)]
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())
    else:
        print(_told(rows, start, end, local(zone, as_of), args.lang))
    return 0


def rows_of(home: Home, start: date, end: date, lang: Language = "en") -> list[Row]:
    """Every standard of a data folder over [start, end), and every commitment and action."""
    return judged(home, in_force(home.data), start, end, lang)


def _told(rows: Sequence[Row], start: date, end: date, as_of: str, lang: Language) -> str:
    if not rows:
        return say(lang, "nothing")
    last = end - timedelta(days=1)
    period = {"since": str(start), "until": str(last), "as_of": as_of}
    parts = [
        "\n\n".join([say(lang, section, **period), *(_row(row, lang) for row in found)])
        for section, found in groupby(rows, _section)
    ]
    return "\n\n\n".join(parts)


def _section(row: Row) -> str:
    return "standard" if row.kind == "none" else row.kind


def _row(row: Row, lang: Language) -> str:
    """The result in the margin, then the name, the reason, and the figure that it rests on."""
    margin = max(len(word) for key, word in WORDS[lang].items() if key in _IN_MARGIN) + 2
    result = say(lang, "NA" if row.result == "NA" else f"{row.kind} {row.result}")
    lines = [_name(row, lang), row.reason, *_figure(row, lang), *_held(row)]
    return f"{result:<{margin}}" + f"\n{'':<{margin}}".join(lines)


def _name(row: Row, lang: Language) -> str:
    if row.kind != "commitment":
        return say(lang, "place", name=row.name, id=row.id)
    since, until = str(row.start), str(row.end - timedelta(days=1))
    return say(lang, "year", name=row.name, id=row.id, since=since, until=until)


def _held(row: Row) -> Iterator[str]:
    """Which version of a standard it is, and when it holds; the same in both languages."""
    if row.effective_from is not None:
        yield f"version {row.revision}, {row.effective_from}/{row.effective_to or '..'}"  # ISO 8601


def _figure(row: Row, lang: Language) -> Iterator[str]:
    if row.value is None or row.status is None or row.unit is None:
        return
    if row.result == "NA":
        yield say(lang, "so_far", value=quantity(row.value, row.unit, lang))
    yield say(
        lang,
        "standing",
        above=number(row.numerator or 0, lang),
        below=number(row.denominator or 0, lang),
        status=said(STATUSES[row.status], lang),
        why=say(lang, "why", why=row.why) if row.why else "",
    )
    yield from (_beside(name, value, lang) for name, value in row.beside.items())


def _beside(measure: str, value: str | None, lang: Language) -> str:
    """A measure without which the one above must not be shown."""
    definition = MEASURES[measure]
    words = definition.en if lang == "en" else definition.fr
    known = say(lang, "unknown") if value is None else quantity(value, definition.unit, lang)
    return say(lang, "beside", name=words.name, value=known)
